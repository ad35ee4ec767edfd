"""What the conditions of a permission statement leave of it for a pod that asks.

A request's context is mostly unknown. What is known: the keys that a caller chooses or always has, and the values that
a question names (`iam:PassedToService`). Everything else narrows, by as much as nobody here can say.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of
from rolecall.iam.conditions import Family, Presence, Quantifier, holds, key_of, operator_of
from rolecall.iam.patterns import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.model import Condition, Statement


class Narrowing(IntEnum):
    """How conditions bound a permission: not, by a condition that is known, by something unknown, to nothing."""

    NONE = 0
    KNOWN = 1
    UNKNOWN = 2
    NEVER = 3


# Keys that say where a request comes from or goes to, not what it may touch.
_CHOSEN = frozenset({"aws:requestedregion", "aws:securetransport", "aws:currenttime", "aws:epochtime"})
# Credentials of a role that a pod or a node has never come with a second factor, and have no user.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ABSENT = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:username"})


def narrowing(statement: Statement, given: Mapping[str, str]) -> Narrowing:
    """What the conditions of an Allow leave of it. `given`: values of keys, their names in lower case."""
    found = Narrowing.NONE if statement.conditions_rest is None else Narrowing.UNKNOWN
    for condition in statement.conditions:
        found = max(found, _of(condition, given))
    return found


def _of(condition: Condition, given: Mapping[str, str]) -> Narrowing:
    name = key_of(condition.key).name
    if name is None:
        return Narrowing.UNKNOWN
    answer = _known(condition, name, given)
    if answer is not None:
        return _NARROWINGS[answer]
    if name in _CHOSEN or _asks_nothing(condition):
        return Narrowing.NONE
    if operator_of(condition.operator) is None or any(value.holes for value in condition.values):
        return Narrowing.UNKNOWN
    return Narrowing.UNKNOWN if condition.rest is not None else Narrowing.KNOWN


_NARROWINGS = {Answer.YES: Narrowing.NONE, Answer.NO: Narrowing.NEVER, Answer.UNKNOWN: Narrowing.UNKNOWN}


def _known(condition: Condition, name: str, given: Mapping[str, str]) -> Answer | None:
    if name in given:
        return holds(condition, literal(given[name]))
    return holds(condition, Presence.ABSENT) if name in _ABSENT else None


def _asks_nothing(condition: Condition) -> bool:
    """Whether any value will do: `StringLike` of `*`."""
    operator = operator_of(condition.operator)
    if operator is None or not operator.like or operator.negated or operator.quantifier is Quantifier.ANY:
        return False
    return operator.family is Family.STRING and any(
        value.known and not value.known.strip("*") for value in condition.values
    )


def applies(statement: Statement, given: Mapping[str, str]) -> Answer:
    """Whether a Deny keeps a pod from the action: unknown where what decides is not known.

    A Deny under a condition that the caller can stay clear of (another region, TLS) takes nothing away.
    """
    answers = [Answer.UNKNOWN] if statement.conditions_rest is not None else []
    for condition in statement.conditions:
        name = key_of(condition.key).name
        known = _known(condition, name, given) if name is not None else None
        if known is None:
            known = Answer.NO if name in _CHOSEN else Answer.UNKNOWN
        answers.append(known)
    return all_of(answers)
