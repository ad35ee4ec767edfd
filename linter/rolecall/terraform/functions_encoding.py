"""Terraform's encoding, hash and file functions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import posixpath
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from rolecall.terraform.values import (
    Failure,
    decimal,
    is_known,
    null,
    number,
    opaque,
    ordered,
    pieces_of,
    spelled,
    string,
    the_hole,
    truth,
)
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

_DEEPEST = 60
# Go's encoder, which Terraform uses, writes these so that JSON can stand in HTML.
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def _jsonencode(call: Call) -> Node:
    if the_hole(call.arguments[0]) is not None:
        return call.opaque(plain=True)
    return string(_encoded(call.arguments[0], 0), call.span)


def _encoded(node: Node, depth: int) -> Iterator[tuple[str | Hole, Span]]:  # noqa: C901, PLR0912 - one branch a case
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
            yield from _encoded(item, depth + 1)
        if node.rest is not None:
            if node.items:
                yield ",", node.span
            yield node.rest, node.span
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
            yield from _encoded(entry.value, depth + 1)
        if node.rest is not None:
            if entries:
                yield ",", node.span
            # An entry of which neither key nor value is known: what is written stays JSON.
            yield from (('"', node.span), (node.rest, node.span), ('":', node.span), (node.rest, node.span))
        yield "}", node.span


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
        if isinstance(part, str):
            yield json.dumps(part, ensure_ascii=False)[1:-1].translate(_HTML), place
        else:
            yield part, place
    yield '"', scalar.span


def _jsondecode(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return call.opaque(plain=True)
    try:
        value = json.loads(text, parse_float=Decimal, object_pairs_hook=tuple, parse_constant=_refused)
        return _decoded(value, call.span, 0)
    except (ValueError, RecursionError) as error:
        raise Failure("text that is not JSON") from error


def _refused(_: str) -> None:
    raise ValueError


def _decoded(value: object, span: Span, depth: int) -> Node:  # noqa: PLR0911 - one branch a case
    if depth > _DEEPEST:
        return unknown(Hole("a value that is nested too deeply"), span)
    match value:
        case None:
            return null(span)
        case bool():
            return truth(value, span)
        case int() | Decimal():
            return number(value, span)
        case str():
            return known(value, span)
        case list():
            return Sequence(tuple(_decoded(item, span, depth + 1) for item in value), span)
        case tuple():
            entries = (Entry(known(str(key), span), _decoded(item, span, depth + 1)) for key, item in value)
            return Mapping(tuple(entries), span)
    return unknown(Hole("a value that is not understood"), span)


def _base64decode(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return call.opaque(plain=True)
    try:
        return known(base64.b64decode(text, validate=True).decode("utf-8"), call.span)
    except (binascii.Error, ValueError) as error:
        raise Failure("text that is not base64 of text") from error


def _by_bytes(change: Callable[[bytes], str]) -> Function:
    def function(call: Call) -> Node:
        text = call.text(0)
        if text is None:
            return call.opaque(plain=True)
        return known(change(text.encode("utf-8", "replace")), call.span)

    return function


def _by_path(change: Callable[[str], str]) -> Function:
    def function(call: Call) -> Node:
        text = call.text(0)
        return call.opaque(plain=True) if text is None else known(change(text) or ".", call.span)

    return function


def _file(call: Call) -> Node:
    path = call.text(0)
    if path is None:
        return call.opaque(plain=True)
    text, hole = call.files.read(path, call.span)
    return text.passed(call.span) if text is not None else unknown(hole or Hole("an unreadable file"), call.span)


def _filebase64(call: Call) -> Node:
    content = _file(call)
    text = content.known if isinstance(content, Scalar) else None
    if text is None:
        return opaque(call.name, (content,), call.span, plain=True)
    return known(base64.b64encode(text.encode()).decode(), call.span)


def _fileexists(call: Call) -> Node:
    path = call.text(0)
    if path is None:
        return call.opaque(plain=True)
    text, hole = call.files.read(path, call.span)
    return truth(value=True, span=call.span) if text is not None else unknown(hole or Hole("a file"), call.span)


def _templatefile(call: Call) -> Node:
    path = call.text(0)
    mapping = call.mapping(1)
    if path is None or mapping is None:
        return call.opaque()
    # Named in the template but not given, a variable may come from what is not known of the arguments.
    scope = {entry.key.known: entry.value for entry in mapping.entries if entry.key.known is not None}
    if mapping.rest is not None or (len(scope) < len(mapping.entries) and not is_known(mapping)):
        return call.opaque()
    return call.files.render(path, scope, call.span)


ENCODING: Table[str, Function] = {
    "base64decode": _base64decode,
    "base64encode": _by_bytes(lambda data: base64.b64encode(data).decode()),
    "base64sha256": _by_bytes(lambda data: base64.b64encode(hashlib.sha256(data).digest()).decode()),
    "basename": _by_path(lambda path: posixpath.basename(path.rstrip("/")) or path[:1]),
    "dirname": _by_path(lambda path: posixpath.normpath(posixpath.dirname(path) or ".")),
    "file": _file,
    "filebase64": _filebase64,
    "fileexists": _fileexists,
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "md5": _by_bytes(lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest()),
    "sha1": _by_bytes(lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest()),
    "sha256": _by_bytes(lambda data: hashlib.sha256(data).hexdigest()),
    "sha512": _by_bytes(lambda data: hashlib.sha512(data).hexdigest()),
    "templatefile": _templatefile,
    "urlencode": _by_bytes(quote_plus),
}
