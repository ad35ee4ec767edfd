"""User data in Terraform: the texts that an instance starts with, as they are before they are encoded and joined."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from rolecall.adapt import user_data as scripts
from rolecall.adapt.terraform import blocks
from rolecall.model import UserData
from rolecall.problem import Unevaluated
from rolecall.terraform import parser_nodes as hcl
from rolecall.tree import Kind, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Context
    from rolecall.facts import Said
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Block

_ARGUMENTS = ("user_data", "user_data_base64")
_ENCODERS = frozenset({"base64encode", "base64gzip"})
_MULTIPART = frozenset({"cloudinit_config", "template_cloudinit_config"})
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]++={0,2}")
_LONGEST = 100_000
_DEEPEST = 4
_LONGEST_WAY = 40


def user_data(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The credentials in the user data of an instance, launch template or launch configuration."""
    found = texts(context, block, body)
    configuration = context.module.configuration
    paths = sorted(path for path in configuration.texts if not configuration.is_foreign(path))
    settings = tuple(one for text in found for one in scripts.settings(text, context.documents.text_of, paths))
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
        for text in _texts(context, _decoded(_plain(block, argument, value)), _DEEPEST)
    )


def _plain(block: Block, argument: str, value: Scalar) -> Scalar:
    """The value of an argument before it is put in base64, where the configuration does that."""
    module = block.module
    body = module.parsed(block.declared)
    written = body.argument(argument) if body else None
    expression = written.value if written else None
    scope: Scope = dict(block.instance)
    encoded = False
    for _ in range(_LONGEST_WAY):
        if isinstance(expression, hcl.Call) and expression.name in _ENCODERS and len(expression.arguments) == 1:
            expression, encoded = expression.arguments[0], True
        elif isinstance(expression, hcl.Template) and expression.bare and len(expression.pieces) == 1:
            piece = expression.pieces[0]
            expression = piece.value if isinstance(piece, hcl.Interpolation) else None
        elif (name := _named("local", expression)) is not None and (local := module.local(name)) is not None:
            expression, scope = local.value, {}
        elif (name := _named("var", expression)) is not None and (given := module.given(name)) is not None:
            expression, scope = given.value, dict(module.call.instance) if module.call else {}
            module = module.caller or module
        else:
            break
    if expression is None or not encoded:
        return value
    plain = module.evaluator.apart(expression, scope)
    return plain if isinstance(plain, Scalar) and not plain.is_null else value


def _named(root: str, expression: hcl.Expression | None) -> str | None:
    """The local or variable that an expression names, if it is nothing but that."""
    if not isinstance(expression, hcl.Traversal) or not isinstance(expression.root, hcl.Variable):
        return None
    step = expression.steps[0]
    alone = expression.root.name == root and len(expression.steps) == 1
    return step.name if alone and isinstance(step, hcl.Attribute) else None


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
