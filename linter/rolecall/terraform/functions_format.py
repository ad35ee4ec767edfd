"""Terraform's `format`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from rolecall.terraform.values import Failure, number_of, text_of
from rolecall.tree import Hole, Kind, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.span import Span

_VERB = re.compile(r"%(?:%|(?P<flags>[-0]*)(?P<width>\d{0,3})(?:\[(?P<index>\d{1,3})\])?(?P<verb>[a-zA-Z]))")
_WIDEST = 200


def formatted(template: str, arguments: tuple[Node, ...], span: Span) -> Iterable[tuple[str | Hole, Span]] | None:
    """The pieces of the text, or None where a verb needs what is not known. Raises `Failure`."""
    pieces: list[tuple[str | Hole, Span]] = []
    at = following = 0
    for match in _VERB.finditer(template):
        pieces.append((template[at : match.start()], span))
        at = match.end()
        if match[0] == "%%":
            pieces.append(("%", span))
            continue
        index = int(match["index"]) - 1 if match["index"] else following
        following = index + 1
        if not 0 <= index < len(arguments):
            raise Failure("a format with too few values")
        parts = _one(match["verb"], match["flags"], int(match["width"] or 0), arguments[index])
        if parts is None:
            return None
        pieces.extend((part, span) for part in parts)
    if "%" in _VERB.sub("", template):
        return None
    pieces.append((template[at:], span))
    return pieces


def _one(verb: str, flags: str, width: int, value: Node) -> tuple[str | Hole, ...] | None:  # noqa: C901, PLR0911, PLR0912 - one branch a case
    if width > _WIDEST or not isinstance(value, Scalar) or value.is_null:
        return None
    text = text_of(value)
    if verb == "v" and value.kind is Kind.NUMBER and text is not None and not text.isdecimal():
        return None
    if verb == "v" and value.kind is Kind.NUMBER and len(text or "") > 6:
        return None
    if verb in ("s", "v") and (text is None or not width):
        return value.parts if not width else None
    if text is None:
        return None
    match verb:
        case "s" | "v":
            done = text
        case "d":
            amount = number_of(value)
            if amount is None or amount != int(amount):
                return None
            done = str(int(amount))
        case "q":
            if not text.isascii():
                return None
            done = json.dumps(text)
        case "t" if text in ("true", "false"):
            done = text
        case _:
            return None
    if "-" in flags:
        return (done.ljust(width),)
    return (done.zfill(width) if "0" in flags and verb == "d" else done.rjust(width),)
