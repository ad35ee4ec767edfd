"""User data in Terraform: the texts that an instance starts with, as they are before they are encoded and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import user_data as scripts
from rolecall.adapt.terraform import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.tree import Mapping, Scalar

_ARGUMENTS = ("user_data", "user_data_base64")
_MULTIPART = frozenset({"cloudinit_config", "template_cloudinit_config"})
_DEEPEST = 4


def user_data(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The credentials in the user data of an instance, launch template or launch configuration."""
    found = texts(context, block, body)
    yield from scripts.user_data(context.origin(block), found, context.documents.text_of, context.module.paths)


def texts(context: Context, block: Block, body: Mapping) -> tuple[Scalar, ...]:
    """The texts of a block's user data; in base64 one unknown part would hide all the rest."""
    return tuple(
        text
        for argument in _ARGUMENTS
        if (value := body.scalar(argument)) is not None
        for text in _texts(context, scripts.decoded(block.unencoded(argument, value)), _DEEPEST)
    )


def _texts(context: Context, value: Scalar, depth: int) -> Iterator[Scalar]:
    """A text, or what the data source that makes it is given."""
    source = context.target(value) if depth else None
    kind = source.labels[0] if source is not None and source.kind == "data" else ""
    body = source.body() if source is not None else None
    if body is not None and kind in _MULTIPART:
        for part in blocks(body, "part"):
            content = part.scalar("content")
            if content is not None:
                yield from _texts(context, content, depth - 1)
    else:
        yield value
