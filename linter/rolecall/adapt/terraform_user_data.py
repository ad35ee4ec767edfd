"""User data in Terraform: the texts that an instance starts with, as they are before they are encoded and joined."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt import user_data as scripts
from rolecall.adapt.terraform import blocks
from rolecall.model import UserData
from rolecall.problem import Unevaluated
from rolecall.tree import Kind, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said

_ARGUMENTS = ("user_data", "user_data_base64")
_MULTIPART = frozenset({"cloudinit_config", "template_cloudinit_config"})
_BASE64 = regex.compile(r"[A-Za-z0-9+/\r\n]++={0,2}")
_LONGEST = 100_000
_DEEPEST = 4


def user_data(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The credentials in the user data of an instance, launch template or launch configuration."""
    found = texts(context, block, body)
    settings = tuple(
        one for text in found for one in scripts.settings(text, context.documents.text_of, context.module.paths)
    )
    if settings:
        yield UserData(context.origin(block), settings, any(map(scripts.names_other_store, found)))
    for text in found:
        if text.kind is Kind.UNKNOWN:
            yield Unevaluated(f"user data of {block.address}", text.hole.why, text.span)


def texts(context: Context, block: Block, body: Mapping) -> tuple[Scalar, ...]:
    """The texts of a block's user data; in base64 one unknown part would hide all the rest."""
    return tuple(
        text
        for argument in _ARGUMENTS
        if (value := body.scalar(argument)) is not None
        for text in _texts(context, _decoded(block.unencoded(argument, value)), _DEEPEST)
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


def _decoded(value: Scalar) -> Scalar:
    """A text that is written in base64, as the text that it stands for."""
    text = value.known
    if text is None or not 16 <= len(text) <= _LONGEST or not _BASE64.fullmatch(text.strip()):
        return value
    try:
        plain = base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value
    return Scalar((plain,), Kind.STRING, value.span, value.via)
