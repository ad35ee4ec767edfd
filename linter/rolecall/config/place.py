"""Where a key of a TOML file is written: tomllib does not tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span

_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\r\n]|\\.)*\"|'[^'\r\n]*')"
_PATH = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_LINE = regex.compile(
    rf"^[ \t]*(?:\[\[?[ \t]*(?P<table>{_PATH})[ \t]*\]\]?|(?P<key>{_PATH})[ \t]*=)",
    re.MULTILINE,
)


def place(source: Source, path: tuple[str | int, ...], value: str | None = None) -> Span:
    """The span of the deepest part of a path that can be found; with a `value`, that of the value below it.

    A search, not a parser: it reads the lines that look like a table's header or a key, which is enough to point.
    """
    wanted = [part for part in path if isinstance(part, str)]
    table: list[str] = []
    best, depth = source.span(0, 0), 0
    for match in _LINE.finditer(source.text):
        if match["table"] is not None:
            table = _parts(match["table"])
            here, name = table, "table"
        else:
            here, name = table + _parts(match["key"]), "key"
        if len(here) > depth and here == wanted[: len(here)]:
            best, depth = source.span(match.start(name), match.end(name)), len(here)
    for part in wanted[depth:]:
        best = _after(source, best, part) or best
    return (_after(source, best, value) if value is not None else None) or best


def _parts(path: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_KEY, path)]


def _after(source: Source, span: Span, text: str) -> Span | None:
    """The next place at which a text stands, in quotes or as a key."""
    found = re.compile(rf"([\"']){re.escape(text)}\1|(?<![\w-]){re.escape(text)}(?=[ \t]*=)").search(
        source.text, span.end
    )
    return source.span(found.start(), found.end()) if found else None
