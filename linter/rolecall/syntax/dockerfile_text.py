"""Text put together from stretches of a file, each character of which knows where it stands."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span


class Text:
    """A logical line: the file's text without continuations and the comments between them."""

    __slots__ = ("_pieces", "_places", "_starts", "_text", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._places: list[int] = []
        self._text: str | None = None

    def add(self, text: str, place: int) -> None:
        """Append characters that stand at an offset of the file."""
        if text:
            self._starts.append(self._starts[-1] + len(self._pieces[-1]) if self._starts else 0)
            self._places.append(place)
            self._pieces.append(text)
            self._text = None

    @property
    def text(self) -> str:
        """All of it."""
        if self._text is None:
            self._text = "".join(self._pieces)
        return self._text

    def place(self, index: int) -> int:
        """The offset in the file of a character; one past the last for the end."""
        if not self._starts:
            return 0
        at = max(bisect_right(self._starts, index) - 1, 0)
        return self._places[at] + index - self._starts[at]

    def span(self, start: int, end: int) -> Span:
        """The stretch of the file from one character to before another."""
        if start >= end:
            place = self.place(start)
            return self.source.span(place, place)
        return self.source.span(self.place(start), self.place(end - 1) + 1)

    def cut(self, start: int, end: int) -> Text:
        """A stretch of it."""
        found = Text(self.source)
        for first, place, piece in zip(self._starts, self._places, self._pieces, strict=True):
            low, high = max(start - first, 0), min(end - first, len(piece))
            if low < high:
                found.add(piece[low:high], place + low)
        return found
