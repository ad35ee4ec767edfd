"""The text of one file, with offsets turned into spans."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from rolecall import regex
from rolecall.span import Span

_BREAK = regex.compile(r"\r\n?|\n")


class Source:
    """A decoded file: its path as shown to the user (POSIX), and its text without a byte-order mark."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset at which each line starts. Lines end in LF, CRLF or a lone CR, as in YAML and for editors."""
        if self._starts is None:
            self._starts = _line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        starts = self._starts or self.starts
        line = end_line = bisect_right(starts, start)
        # Most stretches end in the line in which they begin.
        if end < start or (line < len(starts) and end >= starts[line]):
            end_line = bisect_right(starts, end)
        return Span(self.path, start, end, line, start - starts[line - 1] + 1, end_line, end - starts[end_line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a 1-based line without its line end; empty past the end of the file."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def whole(self) -> Span:
        """The span of the whole text."""
        return self.span(0, len(self.text))


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in _BREAK.finditer(text))]
    lengths = map(len, text.split("\n"))
    return list(accumulate(lengths, lambda start, length: start + length + 1, initial=0))[:-1]
