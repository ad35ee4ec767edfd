"""Terraform's `yamlencode` and `yamldecode`, over partly known values too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.span import Span
from rolecall.syntax.json import HOLE
from rolecall.terraform.functions_call import takes
from rolecall.terraform.functions_json import rest_read
from rolecall.terraform.functions_yaml_encode import YamlEncoder
from rolecall.terraform.values import (
    Failure,
    OutOfBounds,
    decimal,
    null,
    number,
    opaque,
    spelled,
    string,
    the_hole,
    truth,
)
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

_LONGEST = 500_000
# What the reader takes for expressions of a template.
_TEMPLATE = regex.compile(r"\$\{|\{\{")
# Tags, directives, and merges of lists (which Terraform refuses); in a string in quotes there are none.
_NOT_READ = regex.compile(r"(?:\A|[\s\[{,])!|^%|<<\s*:\s*(?:\[|-)", re.MULTILINE)
_QUOTED = regex.compile(r'(?:\A|(?<=[\s\[{,]))"(?:[^"\\\n]|\\.)*+"')
_MARKER = regex.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
# go-cty-yaml's `resolve.go`: the schema of YAML 1.2 with the booleans of YAML 1.1, and times.
_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = regex.compile(r"0x([0-9a-fA-F]+)|0o([0-7]+)")
_FLOAT = regex.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = regex.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# Longer than `false`, and with a letter that no number and no time has.
_LONGEST_WORD = 5
_ONLY_TEXT = regex.compile(r"[^0-9A-Fa-f.+\-_:TtZzxXoO ~]")
_TIME = regex.compile(r"\d{4}-\d\d?-\d\d?.*", re.DOTALL | re.ASCII)
_DATE = regex.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)


def _yamlencode(call: Call) -> Node:
    """The text. What is unknown is written where it stands: read as YAML, this is the value itself again."""
    if the_hole(call.arguments[0]) is not None:
        return call.opaque(plain=True)
    encoder = YamlEncoder()
    encoder.document(call.arguments[0])
    return string(encoder.pieces, call.span)


def _yamldecode(call: Call) -> Node:
    """The value; in partly known text, holes are taken to hold no marks of YAML, as in every document with holes."""
    from rolecall.syntax.yaml_tree import YamlError, compose  # noqa: PLC0415 - few modules need it

    scalar = call.scalar(0)
    texts = [part for part in scalar.parts if isinstance(part, str)]
    if not texts or scalar.kind is Kind.UNKNOWN:
        return call.opaque(plain=True)
    if any(_TEMPLATE.search(text) or HOLE in text for text in texts):
        return call.opaque()
    text = "".join(part if isinstance(part, str) else HOLE for part in scalar.parts)
    if _NOT_READ.search(_QUOTED.sub('""', text)):
        return call.opaque()
    if len(text) > _LONGEST:
        raise OutOfBounds("a value that is too large")
    try:
        # A span of offsets into the text, by which a plain scalar is told from a quoted one.
        documents = list(compose(text, lambda start, end: Span("", start, end, 1, 1, 1, 1), scalar.holes))
    except YamlError as error:
        if error.unsafe:
            raise OutOfBounds("a value that is too large") from error
        if scalar.holes:
            return call.opaque()
        raise Failure("text that is not YAML") from error
    if len(documents) != 1 or len(_MARKER.findall(text)) > 1 + text.count("\n..."):
        raise Failure("text that is not one YAML document")
    return _Reader(call, text).value(documents[0])


class _Reader:
    """Turns the tree of a YAML text into the value that Terraform has of it."""

    def __init__(self, call: Call, text: str) -> None:
        self._call = call
        self._text = text
        self._made: dict[int, Node] = {}

    def value(self, node: Node) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node)
        found = self._made.get(id(node))
        if found is None:
            # What an alias stands for is made once.
            found = self._made[id(node)] = self._collection(node)
        return found

    def _collection(self, node: Sequence | Mapping) -> Node:
        rest: Hole | None = None
        if isinstance(node, Sequence):
            rest = next((hole for item in node.items if (hole := rest_read(item)) is not None), None)
            items = tuple(self.value(item) for item in node.items if rest_read(item) is None)
            return Sequence(items, self._call.span, rest)
        entries: dict[object, Entry] = {}
        for entry in node.entries:
            if (hole := rest_read(entry.key)) is not None:
                rest = hole
                continue
            key = self._scalar(entry.key)
            if key.is_null:
                raise Failure("a key of YAML that is null")
            if key.kind is Kind.UNKNOWN or (entry.key.known == "<<" and not self._is_quoted(entry.key)):
                raise OutOfBounds("YAML with a key that is not understood")
            parts = (spelled(decimal(key.known)),) if key.kind is Kind.NUMBER and key.known else key.parts
            entries[parts] = Entry(Scalar(parts, Kind.STRING, self._call.span), self.value(entry.value))
        return Mapping(tuple(entries.values()), self._call.span, rest)

    def _is_quoted(self, scalar: Scalar) -> bool:
        return self._text[scalar.span.start : scalar.span.start + 1] in ('"', "'", "|", ">")

    def _scalar(self, scalar: Scalar) -> Scalar:  # noqa: PLR0911 - one return a kind
        span = self._call.span
        text = scalar.known if not scalar.is_null else scalar.parts[0] if isinstance(scalar.parts[0], str) else ""
        quoted = self._is_quoted(scalar)
        if text is None:
            return self._partly_known(scalar, quoted=quoted)
        if quoted and scalar.span.end > scalar.span.start:
            return known(text, span)
        if text in _NULL:
            return null(span)
        if text in _TRUE or text in _FALSE:
            return truth(text in _TRUE, span)
        whole = _INTEGER.fullmatch(text)
        if whole is not None:
            return number(int(whole[1], 16) if whole[1] else int(whole[2], 8), span)
        if _FLOAT.fullmatch(text):
            return number(decimal(text), span)
        if _NOT_FINITE.fullmatch(text):
            raise Failure("a number that Terraform does not have")
        if _TIME.fullmatch(text):
            return self._time(text)
        return known(text, span)

    def _partly_known(self, scalar: Scalar, *, quoted: bool) -> Scalar:
        """A scalar with holes: a string if it is in quotes, or if nothing else can be written with its letters."""
        text = "".join(part for part in scalar.parts if isinstance(part, str))
        if quoted or (len(text) > _LONGEST_WORD and _ONLY_TEXT.search(text)):
            return Scalar(scalar.parts, Kind.STRING, self._call.span)
        return opaque(self._call.name, (scalar,), self._call.span, plain=len(scalar.parts) == 1)

    def _time(self, text: str) -> Scalar:
        """A plain time becomes one as RFC 3339 writes it."""
        date = _DATE.fullmatch(text)
        if date is None:
            raise OutOfBounds("a time in YAML that is not worked out")
        year, month, day = (int(part) for part in date.groups())
        if not 1 <= month <= 12 or not 1 <= day <= 28:
            raise OutOfBounds("a time in YAML that is not worked out")
        return known(f"{year:04}-{month:02}-{day:02}T00:00:00Z", self._call.span)


YAML: Table[str, Function] = {
    "yamldecode": takes(_yamldecode, 1),
    "yamlencode": takes(_yamlencode, 1),
}
