"""Environment files: `KEY=value` a line, comments and empty lines left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.tree import Hole, Kind, Scalar, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source

_MOST_LINES = 10_000
_OUTSIDE = Hole("the environment of who builds it")


def pairs(source: Source) -> Iterator[tuple[Scalar, Scalar]]:
    """Names and values. A name alone takes its value from the environment of whoever runs the tool."""
    start = 0
    for count, line in enumerate(source.text.splitlines(keepends=True)):
        begin, start = start, start + len(line)
        written = line.strip()
        if count > _MOST_LINES or not written or written.startswith("#"):
            continue
        key, equals, value = written.partition("=")
        at = begin + line.index(written)
        where = source.span(at, at + len(key))
        name = Scalar((key,), Kind.STRING, where)
        if not equals:
            yield name, unknown(_OUTSIDE, where)
        else:
            yield name, Scalar((value,), Kind.STRING, source.span(at + len(key) + 1, at + len(written)))
