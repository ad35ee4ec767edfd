"""From positions in a decoded string back to the places in the file where its characters are written."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rolecall.tree import Hole, Scalar

_SPACE = frozenset(" \t\r\n\x85\u2028\u2029")
_SIMPLE = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES = {"x": 2, "u": 4, "U": 8}
_HEADER = regex.compile(r"(?:[|>][^\n\r]*|<<[-~]?\s*[\"']?\w+[\"']?[^\n\r]*)(?:\r\n|\n|\r)")
_BREAK = regex.compile(r"\r\n|\n|\r")


class Places:
    """A stretch of a file's text with the decoded text that it stands for."""

    __slots__ = ("_breaks", "_offsets", "_span")

    def __init__(self, span: Span, raw: str, text: str) -> None:
        self._span = span
        self._offsets = align(raw, text)
        several = self._offsets is not None and ("\n" in raw or "\r" in raw)
        self._breaks = [match.end() for match in _BREAK.finditer(raw)] if several else []

    @property
    def exact(self) -> bool:
        """Whether the decoded text could be laid beside the file's text."""
        return self._offsets is not None

    def span(self, start: int, end: int) -> Span:
        """The span of a slice of the decoded text; of all of it where that is the best that can be said."""
        if self._offsets is None:
            return self._span
        first = self._offsets[start]
        last = self._offsets[end - 1] + 1 if end > start else first
        if end > start and end < len(self._offsets):
            # An escape is more than one character long; white space after the slice is not part of it.
            last = max(last, self._escape_end(end))
        line, column = self._position(first)
        end_line, end_column = self._position(last)
        base = self._span.start
        return Span(self._span.path, base + first, base + last, line, column, end_line, end_column)

    def _escape_end(self, end: int) -> int:
        offsets = self._offsets or ()
        return offsets[end] if offsets[end] - offsets[end - 1] in (2, 4, 6, 10, 12) else 0

    def _position(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._breaks, offset) if self._breaks else 0
        if index == 0:
            return self._span.line, self._span.column + offset
        return self._span.line + index, offset - self._breaks[index - 1] + 1


def align(raw: str, text: str) -> Sequence[int] | None:
    """For each character of a decoded text (and its end) the offset in the raw text; None where they do not fit."""
    if raw == text:
        return range(len(text) + 1)
    if len(raw) == len(text) + 2 and raw[1:-1] == text:
        return range(1, len(text) + 2)
    header = _HEADER.match(raw)
    if header:
        found = _align(raw, header.end(), text, escapes="")
        if found is not None:
            return found
    quote = raw[:1]
    if quote == '"':
        found = _align(raw, 1, text, escapes='"')
    elif quote == "'":
        found = _align(raw, 1, text, escapes="'")
    else:
        found = _align(raw, 0, text, escapes="")
    return found if found is not None else _align(raw, 0, text, escapes='"')


def _align(raw: str, at: int, text: str, *, escapes: str) -> list[int] | None:  # noqa: C901 - one pass
    """Greedy: equal characters match, white space matches any white space, and more of it in the file is skipped."""
    offsets: list[int] = []
    size = len(raw)
    for character in text:
        while True:
            if at >= size:
                if character not in _SPACE:
                    return None
                # A block scalar's last line end, which its span leaves out.
                offsets.append(size)
                break
            here = raw[at]
            if escapes == '"' and here == "\\":
                value, length = _escape(raw, at)
                if value == "":
                    at += length
                    continue
                if value != character:
                    return None
                offsets.append(at)
                at += length
                break
            if here == character:
                offsets.append(at)
                at += 2 if here == escapes == "'" else 1
                break
            if here in _SPACE:
                if character in _SPACE:
                    offsets.append(at)
                    at += 1
                    break
                at += 1
                continue
            if escapes == '"' and here in "$%" and raw[at + 1 : at + 2] == here:
                at += 1
                continue
            return None
    offsets.append(at)
    return offsets


def _escape(raw: str, at: int) -> tuple[str, int]:  # noqa: PLR0911 - one return a form
    """The character an escape stands for, and the escape's length; an empty one for a continued line."""
    letter = raw[at + 1 : at + 2]
    if letter in _CODES:
        digits = raw[at + 2 : at + 2 + _CODES[letter]]
        try:
            code = int(digits, 16)
        except ValueError:
            return "\\", 1
        length = 2 + len(digits)
        if 0xD800 <= code < 0xDC00 and raw[at + length : at + length + 2] == "\\u":
            try:
                low = int(raw[at + length + 2 : at + length + 6], 16)
            except ValueError:
                return "\ufffd", length
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00), length + 6
        return (chr(code), length) if code < 0x110000 else ("\ufffd", length)
    if letter in ("\n", "\r"):
        return "", 2
    if letter in _SIMPLE:
        return _SIMPLE[letter], 2
    return "\\", 1


def substring(scalar: Scalar, start: int, end: int, text_of: Callable[[str], str | None]) -> Span:
    """The place of a slice of a scalar's decoded text, in which every hole counts as one character."""
    return mapper(scalar, text_of)(start, end)


def mapper(scalar: Scalar, text_of: Callable[[str], str | None]) -> Callable[[int, int], Span]:
    """A function that gives the place of any slice of a scalar's decoded text."""
    spans = scalar.places if len(scalar.places) == len(scalar.parts) else ()
    if not spans and len(scalar.parts) == 1:
        spans = (scalar.span,)
    if not spans:
        return lambda _start, _end: scalar.span
    return _Parts(scalar, spans, text_of).span


class _Parts:
    """The parts of a scalar, each laid beside its file's text when a slice of it is first asked for."""

    __slots__ = ("_laid", "_scalar", "_spans", "_starts", "_text_of")

    def __init__(self, scalar: Scalar, spans: tuple[Span, ...], text_of: Callable[[str], str | None]) -> None:
        self._scalar = scalar
        self._spans = spans
        self._text_of = text_of
        sizes = (len(part) if isinstance(part, str) else 1 for part in scalar.parts)
        self._starts = list(accumulate(sizes, initial=0))
        self._laid: list[Places | None] = [None] * len(spans)

    def span(self, start: int, end: int) -> Span:
        """The place of a slice of the whole text, in which every hole counts as one character."""
        starts = self._starts
        first = min(bisect_right(starts, start) - 1, len(self._spans) - 1)
        last = min(max(bisect_right(starts, max(end - 1, start)) - 1, first), len(self._spans) - 1)
        if first == last:
            return self._places(first).span(start - starts[first], end - starts[first])
        if last - first > 1 and self._written(first) == self._written(last):
            # A string that `jsonencode` made: its quotes have the place of the value, its text a place of its own.
            first, last, start, end = first + 1, last - 1, starts[first + 1], starts[last]
        head = self._places(first).span(start - starts[first], starts[first + 1] - starts[first])
        tail = head if first == last else self._places(last).span(0, end - starts[last])
        if head.path != tail.path or head.start > tail.end:
            return self._scalar.span
        return Span(head.path, head.start, tail.end, head.line, head.column, tail.end_line, tail.end_column)

    def _written(self, number: int) -> tuple[str | Hole, Span]:
        return self._scalar.parts[number], self._spans[number]

    def _places(self, number: int) -> Places:
        found = self._laid[number]
        if found is None:
            part, span = self._scalar.parts[number], self._spans[number]
            text = part if isinstance(part, str) else ""
            source = self._text_of(span.path) if text else None
            # A hole's place, and one whose file is not at hand, can only be named as a whole.
            raw = source[span.start : span.end] if source is not None else ""
            found = self._laid[number] = Places(span, raw, text or "\0")
        return found
