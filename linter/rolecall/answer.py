"""Three-valued answers, so that two-valued code about partly known input cannot be written by accident."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NoReturn

from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.span import Span
    from rolecall.tree import Hole


class Answer(Enum):
    """Yes, no, or unknown. It has no truth value: ask `is Answer.YES`."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"

    def __bool__(self) -> NoReturn:
        raise TypeError("an Answer has three values; compare it with `is`")

    @staticmethod
    def of(value: bool | None) -> Answer:
        """The answer for a boolean, None being unknown."""
        return Answer.UNKNOWN if value is None else Answer.YES if value else Answer.NO

    def negated(self) -> Answer:
        """Yes for no, no for yes, unknown for unknown."""
        return _NEGATED[self]


_NEGATED = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's conjunction; yes for none."""
    result = Answer.YES
    for answer in answers:
        if answer is Answer.NO:
            return Answer.NO
        if answer is Answer.UNKNOWN:
            result = Answer.UNKNOWN
    return result


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's disjunction; no for none."""
    result = Answer.NO
    for answer in answers:
        if answer is Answer.YES:
            return Answer.YES
        if answer is Answer.UNKNOWN:
            result = Answer.UNKNOWN
    return result


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with the places that made it so and, where it is unknown, the holes that stood in the way."""

    answer: Answer
    evidence: tuple[Span, ...] = ()
    holes: tuple[Hole, ...] = ()
