"""Names that are nearly right: how far two words are apart, and the nearest of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def distance(first: str, second: str, most: int) -> int:
    """How many letters have to be added, left out, changed, or swapped with their neighbour; `most` + 1 for more.

    This is the restricted Damerau-Levenshtein distance.
    """
    # Each change adds or takes away two different letters at most.
    if abs(len(first) - len(second)) > most or len(set(first) ^ set(second)) > 2 * most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for index, letter in enumerate(first, 1):
        older, before, row = before, row, [index]
        for column, other in enumerate(second, 1):
            cost = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (letter != other))
            if index > 1 and column > 1 and letter == second[column - 2] and first[index - 2] == other:
                cost = min(cost, older[column - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1] if row[-1] <= most else most + 1


def is_near(word: str, other: str, most: int = 2) -> bool:
    """Whether another word is at most that far from a word; from a short one it has to be nearer."""
    limit = min(most, len(word) // 4)
    return word != other and distance(word, other, limit) <= limit


def nearest(word: str, words: Iterable[str], most: int = 2) -> str | None:
    """The nearest of some words that is not the word itself, if it is at most that far; short words have to be nearer.

    None also where two are equally near.
    """
    found = sorted((distance(word, other, most), other) for other in set(words) if is_near(word, other, most))
    if not found or (len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1]
