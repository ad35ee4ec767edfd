"""Known texts with `*` and `?` at the speed of regular expressions: action patterns over names, texts over texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def is_wild(text: str) -> bool:
    """Whether a wildcard is written in it."""
    return "*" in text or "?" in text


@lru_cache(maxsize=8192)
def matcher(pattern: str) -> Callable[[str], object]:
    """What tells whether a text is in a pattern; both in the same case. Takes time in proportion to the two lengths.

    Between the first and the last star each piece may be taken where it first fits: a group that does not give back
    what it took is exact there, and nothing backtracks.
    """
    if not is_wild(pattern):
        return pattern.__eq__
    first, *pieces = (_literal(piece) for piece in pattern.split("*"))
    if not pieces:
        return re.compile(first, re.DOTALL).fullmatch
    last = pieces.pop()
    middle = "".join(f"(?>.*?{piece})" for piece in pieces if piece)
    return re.compile(f"{first}{middle}.*{last}", re.DOTALL).fullmatch


def _literal(piece: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in piece)


def takes_in(outer: str, inner: str) -> bool:
    """Whether a pattern plainly holds all that another one holds: its stars take in letters, stars and unknowns alike.

    Never wrong where it says yes; a `?` stands only for itself here. Takes time in proportion to the text.
    """
    first, *middle = outer.split("*")
    if not middle:
        return outer == inner
    last = middle.pop()
    if len(first) + len(last) > len(inner) or not inner.startswith(first) or not inner.endswith(last):
        return False
    at, end = len(first), len(inner) - len(last)
    for piece in middle:
        found = inner.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
