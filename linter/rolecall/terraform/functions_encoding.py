"""Terraform's encodings of text other than JSON and YAML: base64, URLs, CSV, character sets."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from rolecall import regex
from rolecall.terraform.functions_call import takes
from rolecall.terraform.functions_hashes import by_bytes
from rolecall.terraform.values import Failure, OutOfBounds, opaque, string
from rolecall.tree import Entry, Mapping, Node, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

# Names that Terraform takes (from IANA's list) for which Python's codec of that name is the same.
_CHARACTER_SETS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
}
_MOST_CELLS = 20_000
_CELL = regex.compile(r'"((?:[^"]|"")*+)"(?=,|\n|\Z)|([^",\n]*+)(?=,|\n|\Z)')


def _base64encode(call: Call) -> Node:
    scalar = call.scalar(0)
    text = call.text(0)
    if text is not None:
        return known(base64.b64encode(text.encode("utf-8", "replace")).decode(), call.span)
    first = merged(scalar.parts)[0]
    data = first.encode("utf-8", "replace") if isinstance(first, str) else b""
    whole = len(data) // 3 * 3
    if not whole:
        return call.opaque(plain=True)
    # What is known at the beginning, in groups of three bytes.
    begin = base64.b64encode(data[:whole]).decode()
    return string(((begin, call.span), (opaque(call.name, (scalar,), call.span).hole, call.span)), call.span)


def _bytes(text: str) -> bytes:
    """What base64 stands for; Go passes over line ends. Raises `Failure`."""
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Failure("text that is not base64") from error


def _base64decode(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return call.opaque(plain=True)
    try:
        return known(_bytes(text).decode("utf-8"), call.span)
    except UnicodeDecodeError as error:
        raise Failure("base64 of something that is not text") from error


def _character_set(name: str) -> str:
    codec = _CHARACTER_SETS.get(name.lower())
    if codec is None:
        raise OutOfBounds("a character set that is not known here")
    return codec


def _textencodebase64(call: Call) -> Node:
    text, name = call.text(0), call.text(1)
    if text is None or name is None:
        return call.opaque()
    try:
        return known(base64.b64encode(text.encode(_character_set(name))).decode(), call.span)
    except UnicodeEncodeError as error:
        raise Failure("text that the character set does not have") from error


def _textdecodebase64(call: Call) -> Node:
    text, name = call.text(0), call.text(1)
    if text is None or name is None:
        return call.opaque()
    try:
        return known(_bytes(text).decode(_character_set(name)), call.span)
    except UnicodeDecodeError as error:
        raise Failure("bytes that are not text in the character set") from error


def _csvdecode(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return Sequence((), call.span, call.opaque(plain=True).hole)
    # Go reads `\r\n` as `\n`, in quotes too.
    rows = list(_rows(text.replace("\r\n", "\n")))
    if not rows:
        raise Failure("CSV without a header")
    header = rows[0]
    if len(set(header)) < len(header) or any(len(row) != len(header) for row in rows):
        raise Failure("CSV that is not a table")
    objects = (
        Mapping(
            tuple(Entry(known(key, call.span), known(cell, call.span)) for key, cell in zip(header, row, strict=True)),
            call.span,
        )
        for row in rows[1:]
    )
    return Sequence(tuple(objects), call.span)


def _rows(text: str) -> Iterator[list[str]]:
    row: list[str] = []
    at = cells = 0
    while at < len(text):
        if not row and text[at] == "\n":
            at += 1
            continue
        match = _CELL.match(text, at)
        cells += 1
        if match is None:
            raise Failure("text that is not CSV")
        if cells > _MOST_CELLS:
            raise OutOfBounds("a value that is too large")
        row.append(match[1].replace('""', '"') if match[1] is not None else match[2])
        at = match.end()
        if text[at : at + 1] == ",":
            at += 1
            if at < len(text):
                continue
            row.append("")
        yield row
        row = []
        at += 1


def _base64gzip(call: Call) -> Node:
    return opaque(call.name, call.arguments, call.span, reason="what base64gzip gives is not worked out")


ENCODING: Table[str, Function] = {
    "base64decode": takes(_base64decode, 1),
    "base64encode": takes(_base64encode, 1),
    "base64gzip": takes(_base64gzip, 1),
    "csvdecode": takes(_csvdecode, 1),
    "textdecodebase64": takes(_textdecodebase64, 2),
    "textencodebase64": takes(_textencodebase64, 2),
    "urlencode": takes(by_bytes(quote_plus), 1),
}
