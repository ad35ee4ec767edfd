"""Known texts with `*` and `?`, fast and never backtracking: action patterns over names, texts over texts."""

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
def matcher(pattern: str) -> Callable[[str], bool]:
    """What tells whether a text is in a pattern; both in the same case. Takes time in proportion to the two lengths.

    Between the first and the last star each piece may be taken where it first fits.
    """
    if not is_wild(pattern):
        return pattern.__eq__
    first, *rest = pattern.split("*")
    if not rest:
        return _of_one_length(pattern)
    last = rest.pop()
    if "?" in pattern:
        return _with_places(first, [piece for piece in rest if piece], last)
    return _of_pieces(first, [piece for piece in rest if piece], last)


def _of_one_length(pattern: str) -> Callable[[str], bool]:
    length, fits = len(pattern), _piece(pattern).match
    return lambda text: len(text) == length and fits(text) is not None


def _of_pieces(first: str, middle: list[str], last: str) -> Callable[[str], bool]:
    least = len(first) + sum(map(len, middle)) + len(last)

    def fits(text: str) -> bool:
        if len(text) < least or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return fits


def _with_places(first: str, middle: list[str], last: str) -> Callable[[str], bool]:
    """As `_of_pieces`, where a `?` in a piece stands for any character."""
    least = len(first) + sum(map(len, middle)) + len(last)
    begins, ends = _piece(first).match, _piece(last).match

    def fits(text: str) -> bool:
        end = len(text) - len(last)
        if len(text) < least or begins(text) is None or ends(text, end) is None:
            return False
        at = len(first)
        for piece in middle:
            found = _piece(piece).search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return fits


@lru_cache(maxsize=1024)
def _piece(piece: str) -> re.Pattern[str]:
    return re.compile("".join("." if character == "?" else re.escape(character) for character in piece), re.DOTALL)


def takes_in(outer: str, inner: str) -> bool:
    """Whether a pattern plainly holds all that another one holds: its stars take in letters, stars and unknowns alike.

    Never wrong where it says yes; a `?` stands only for itself here. Takes time in proportion to the text.
    """
    first, *middle = outer.split("*")
    if not middle:
        return outer == inner
    last = middle.pop()
    return _of_pieces(first, [piece for piece in middle if piece], last)(inner)
