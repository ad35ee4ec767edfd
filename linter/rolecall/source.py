"""The text of one file, with offsets turned into spans."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rolecall.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


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
            self._starts = list(_line_starts(self.text))
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.path, start, end, line, column, end_line, end_column)

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


def _line_starts(text: str) -> Iterator[int]:
    yield 0
    if "\r" not in text:
        at = text.find("\n")
        while at != -1:
            yield at + 1
            at = text.find("\n", at + 1)
        return
    for index, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            yield index + 1
