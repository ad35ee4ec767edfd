"""Terraform's `jsonencode` and `jsondecode`, over partly known values too."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from rolecall.syntax.json import HOLE, JsonError
from rolecall.syntax.json import parse as parse_json
from rolecall.terraform.functions_call import takes
from rolecall.terraform.values import (
    LARGEST,
    Failure,
    decimal,
    null,
    number,
    ordered,
    pieces_of,
    spelled,
    string,
    the_hole,
    truth,
)
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

_DEEPEST = 60
_REST = "…"
# Go's encoder, which Terraform uses, writes these so that JSON can stand in HTML.
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def _jsonencode(call: Call) -> Node:
    if the_hole(call.arguments[0]) is not None:
        return call.opaque(plain=True)
    return string(encoded(call.arguments[0]), call.span)


def encoded(node: Node, depth: int = 0) -> Iterator[tuple[str | Hole, Span]]:  # noqa: C901, PLR0912 - one branch a case
    """JSON text in pieces, each with the place of the value that it spells."""
    if depth > _DEEPEST:
        yield Hole("a value that is nested too deeply"), node.span
    elif isinstance(node, Scalar):
        yield from _encoded_scalar(node)
    elif isinstance(node, Sequence):
        yield "[", node.span
        for place, item in enumerate(node.items):
            if place:
                yield ",", node.span
            yield from encoded(item, depth + 1)
        if node.rest is not None:
            if node.items:
                yield ",", node.span
            yield rest_written(node.rest), node.span
        yield "]", node.span
    else:
        yield "{", node.span
        # Keys written twice stay, for the reader to see; Terraform keeps the last.
        entries = node.entries
        if len({entry.key.known for entry in entries}) == len(entries):
            entries = tuple(ordered(node))
        for place, entry in enumerate(entries):
            if place:
                yield ",", node.span
            yield from _encoded_text(entry.key)
            yield ":", node.span
            yield from encoded(entry.value, depth + 1)
        if node.rest is not None:
            if entries:
                yield ",", node.span
            # An entry of which neither key nor value is known: what is written stays JSON.
            rest = rest_written(node.rest)
            yield from (('"', node.span), (rest, node.span), ('":', node.span), (rest, node.span))
        yield "}", node.span


def rest_written(hole: Hole) -> Hole:
    """What stands in an encoded text for items, or entries, of which it is not known how many there are."""
    return replace(hole, through=(*hole.through, _REST))


def rest_read(node: Node) -> Hole | None:
    """The hole for unknown items or entries that an encoded text has in the place of one."""
    if isinstance(node, Scalar) and len(node.parts) == 1 and node.holes and node.hole.through[-1:] == (_REST,):
        return replace(node.hole, through=node.hole.through[:-1])
    return None


def _encoded_scalar(scalar: Scalar) -> Iterator[tuple[str | Hole, Span]]:
    if scalar.is_null:
        yield "null", scalar.span
    elif scalar.kind is Kind.UNKNOWN:
        # Its JSON, not its text: where the result is read as JSON, this is the value itself again.
        yield scalar.hole, scalar.span
    elif scalar.kind is Kind.STRING:
        yield from _encoded_text(scalar)
    else:
        text = scalar.known or ""
        yield spelled(decimal(text)) if scalar.kind is Kind.NUMBER else text, scalar.span


def _encoded_text(scalar: Scalar) -> Iterator[tuple[str | Hole, Span]]:
    yield '"', scalar.span
    for part, place in pieces_of(scalar):
        yield (quoted(part)[1:-1] if isinstance(part, str) else part), place
    yield '"', scalar.span


def quoted(text: str) -> str:
    """A text as a JSON string, as Go writes it."""
    return json.dumps(text, ensure_ascii=False).translate(_HTML)


def _jsondecode(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return _decoded_partly(call)
    try:
        value = json.loads(text, parse_float=Decimal, object_pairs_hook=tuple, parse_constant=_refused)
        return _decoded(value, call.span, 0)
    except (ValueError, RecursionError) as error:
        raise Failure("text that is not JSON") from error


def _refused(_: str) -> None:
    raise ValueError


def _decoded_partly(call: Call) -> Node:
    """What is known of JSON with holes, read as every document with holes is: they hold no quotes and no brackets."""
    scalar = call.scalar(0)
    texts = [part for part in scalar.parts if isinstance(part, str)]
    # Braces after `$` and `{{` would be taken for expressions of a template.
    if not texts or any(mark in text for text in texts for mark in (HOLE, "${", "{{")):
        return call.opaque(plain=True)
    text = "".join(part if isinstance(part, str) else HOLE for part in scalar.parts)
    try:
        node = parse_json(text, lambda start, end: call.span, scalar.holes)  # noqa: ARG005 - one place for all
    except JsonError:
        return call.opaque(plain=True)
    return _with_rests(node)


def _with_rests(node: Node) -> Node:
    if isinstance(node, Sequence):
        rests = [rest for item in node.items if (rest := rest_read(item)) is not None]
        items = tuple(_with_rests(item) for item in node.items if rest_read(item) is None)
        return Sequence(items, node.span, next(iter(rests), None))
    if isinstance(node, Mapping):
        rests = [rest for entry in node.entries if (rest := rest_read(entry.key)) is not None]
        entries = (entry for entry in node.entries if rest_read(entry.key) is None)
        found = tuple(Entry(entry.key, _with_rests(entry.value)) for entry in entries)
        return Mapping(found, node.span, next(iter(rests), None))
    return node


def _decoded(value: object, span: Span, depth: int) -> Node:  # noqa: PLR0911 - one branch a case
    if depth > _DEEPEST:
        return unknown(Hole("a value that is nested too deeply"), span)
    match value:
        case None:
            return null(span)
        case bool():
            return truth(value, span)
        case int() | Decimal():
            if abs(Decimal(value).adjusted()) > LARGEST:
                return unknown(Hole("a number out of bounds"), span)
            return number(value, span)
        case str():
            return known(_without_surrogates(value), span)
        case list():
            return Sequence(tuple(_decoded(item, span, depth + 1) for item in value), span)
        case tuple():
            # Of keys that occur twice the last counts.
            found = {_without_surrogates(str(key)): item for key, item in value}
            entries = (Entry(known(key, span), _decoded(item, span, depth + 1)) for key, item in found.items())
            return Mapping(tuple(entries), span)
    return unknown(Hole("a value that is not understood"), span)


def _without_surrogates(text: str) -> str:
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


JSON: Table[str, Function] = {
    "jsondecode": takes(_jsondecode, 1),
    "jsonencode": takes(_jsonencode, 1),
}
