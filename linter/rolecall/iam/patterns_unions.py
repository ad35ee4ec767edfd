"""Texts that are in one pattern of each of several unions and in none of some others: is there one, and which?"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from rolecall.answer import Answer, all_of, any_of
from rolecall.iam.patterns import Pattern, contains, example, glob, intersects, witness
from rolecall.iam.patterns_automaton import STAR, Machine, normal, search
from rolecall.records import dataclass
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPELLED: Final = 600
"""Symbols of two patterns up to which a string that they share is looked for."""


@dataclass(frozen=True, slots=True)
class Union:
    """The strings of any of the patterns. `more`: there may be other patterns, of which nothing is known."""

    patterns: tuple[Pattern, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Common:
    """Whether some string is in all of several sets, and one that is, where it can be told."""

    answer: Answer
    witness: str | None = None


def common(included: Sequence[Union], excluded: Sequence[Union] = ()) -> Common:
    """Whether a string is in each of the included unions and in none of the excluded ones.

    Exact for patterns without holes, unless telling would take too long (unknown then).
    """
    out = [pattern for union in excluded for pattern in union.patterns]
    if any(not union.patterns and not union.more for union in included):
        return Common(Answer.NO)
    certain = _certain(included, excluded, out)
    if certain.answer is Answer.YES or _certain_with_holes(included, excluded, out):
        return Common(Answer.YES, certain.witness)
    if not any(union.more for union in (*included, *excluded)) and not _holes((*included, *excluded)):
        return certain
    widest = [[_widened(pattern) for pattern in union.patterns] for union in included if not union.more]
    possible = _find(widest, [pattern for pattern in out if not pattern.holes])
    return Common(Answer.NO if possible.answer is Answer.NO else Answer.UNKNOWN)


def _certain(included: Sequence[Union], excluded: Sequence[Union], out: Iterable[Pattern]) -> Common:
    """Whether a string is in all sets whatever the holes stand for."""
    if any(union.more for union in excluded):
        return Common(Answer.UNKNOWN)
    known = [[pattern for pattern in union.patterns if not pattern.holes] for union in included]
    return _find(known, [_widened(pattern) for pattern in out])


def _certain_with_holes(included: Sequence[Union], excluded: Sequence[Union], out: Sequence[Pattern]) -> bool:
    """Whether one pattern with holes in it certainly lies within all sets, as one that is written twice does."""
    if any(union.more for union in excluded):
        return False
    return any(
        all(any(contains(other, found) is Answer.YES for other in union.patterns) for union in included)
        and all(intersects(found, other) is Answer.NO for other in out)
        for found in (pattern for union in included for pattern in union.patterns if pattern.holes)
    )


def _holes(unions: Iterable[Union]) -> bool:
    return any(pattern.holes for union in unions for pattern in union.patterns)


def _widened(pattern: Pattern) -> Pattern:
    """The pattern with each hole as a star: every string that could be in the set."""
    if not pattern.holes:
        return pattern
    tokens = normal([STAR if isinstance(token, Hole) else token for token in pattern.tokens])
    return Pattern(tokens, pattern.ignore_case, glob=True)


def _find(included: Sequence[Sequence[Pattern]], excluded: Sequence[Pattern]) -> Common:
    """Whether a string is in one of each of the included and in none of the excluded patterns, none with holes."""
    included = [
        [one for one in union if not any(contains(out, one) is Answer.YES for out in excluded)] for union in included
    ]
    if any(not union for union in included):
        return Common(Answer.NO)
    kept = [one for union in included for one in union]
    excluded = [out for out in excluded if not kept or any(intersects(out, one) is Answer.YES for one in kept)]
    for union in included:
        if all(pattern.text is not None and not pattern.ignore_case for pattern in union):
            return _find_text([pattern.text or "" for pattern in union], included, excluded)
    if excluded or len(included) > 2:
        found, complete = search([_machines(union) for union in included or [[glob("*")]]], _machines(excluded))
        return Common(Answer.YES if found is not None else Answer.NO if complete else Answer.UNKNOWN, found)
    if len(included) < 2:
        return Common(Answer.YES, example(included[0][0]) if included else "")
    # Whether two patterns share a string takes no search; only to name it does.
    for one, other in product(*included):
        if intersects(one, other) is Answer.YES:
            short = len(one.tokens) + len(other.tokens) < _SPELLED
            return Common(Answer.YES, witness((one, other)) if short else None)
    return Common(Answer.NO)


def _find_text(texts: Iterable[str], included: Sequence[Sequence[Pattern]], excluded: Sequence[Pattern]) -> Common:
    for text in texts:
        within = all_of(any_of(pattern.matches(text) for pattern in union) for union in included)
        if within is Answer.YES and any_of(pattern.matches(text) for pattern in excluded) is Answer.NO:
            return Common(Answer.YES, text)
    return Common(Answer.NO)


def _machines(patterns: Iterable[Pattern]) -> list[Machine]:
    return [Machine(found.tokens, ignore_case=found.ignore_case) for found in patterns]


__all__ = ["Common", "Union", "common"]
