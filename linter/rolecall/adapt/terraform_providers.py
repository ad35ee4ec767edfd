"""What is given to Terraform itself: static AWS credentials of `provider "aws"` and the S3 backend, default tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.terraform import blocks, tag_keys
from rolecall.model import DefaultTags, MaterialKind, ProviderCredentials
from rolecall.secrets import classify, redact
from rolecall.tree import Mapping, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said

# The arguments with the environment variables that mean the same.
_ARGUMENTS = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "token": "AWS_SESSION_TOKEN",
}
_ENDPOINTS = ("endpoints", "endpoint", "iam_endpoint", "sts_endpoint", "dynamodb_endpoint")


def provider(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `provider "aws"`."""
    yield from _credentials(context, block, body)
    for written in blocks(body, "default_tags"):
        tags, rest = tag_keys(written.get("tags"))
        yield DefaultTags(context.origin(block), tags, rest)


def backend(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The `backend "s3"` of a `terraform` block."""
    for written in blocks(body, "backend"):
        # A block's labels are keys around its body: backend { s3 { … } }.
        for inner in blocks(written, "s3"):
            yield from _credentials(context, block, inner)


def _credentials(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    arguments = []
    for argument, variable in _ARGUMENTS.items():
        scalar = body.scalar(argument)
        if scalar is None or scalar.known is None:
            continue
        material = classify(variable, scalar.known)
        if material.kind is not MaterialKind.EMPTY:
            arguments.append((redact(scalar, material), material))
    if arguments:
        yield ProviderCredentials(context.origin(block), tuple(arguments), emulator=_is_emulated(body))


def _is_emulated(body: Mapping) -> bool:
    """Whether the provider talks to something other than AWS: endpoints that are not AWS's own (of a VPC, say)."""
    return any(
        isinstance(node, Scalar) and "://" in node.display and ".amazonaws.com" not in node.display
        for argument in _ENDPOINTS
        if (written := body.get(argument)) is not None
        for node in walk((written,))
    )
