"""Places in files, complete in themselves."""

from __future__ import annotations

from rolecall.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text in a file.

    Offsets count code points from the start of the decoded text (without a byte-order mark); lines and columns
    are 1-based, columns count code points, and the end is exclusive.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def covers(self, other: Span) -> bool:
        """Whether `other` lies inside this span."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character, or are the same empty place."""
        if self.path != other.path:
            return False
        return (self.start < other.end and other.start < self.end) or self.start == other.start


def until(first: Span, last: Span) -> Span:
    """The span from the start of one to the end of another of the same file."""
    return Span(first.path, first.start, last.end, first.line, first.column, last.end_line, last.end_column)
