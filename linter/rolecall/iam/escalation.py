"""Which escalation paths a role's permissions open: wildcards expanded, Deny, boundary and conditions honoured."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rolecall.answer import Answer
from rolecall.iam.escalation_paths import PATHS, Path, Reach, Step
from rolecall.iam.globs import is_wild, matcher
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.resources import Scope
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.iam.permissions import Holding, Permissions

__all__ = ["PATHS", "Escalation", "Path", "Reach", "Step", "paths"]


@dataclass(frozen=True, slots=True)
class Escalation:
    """A path that is open. `holdings` are what gives each of its steps, in their order; `actions` those that it takes.

    `answer` is yes, or unknown: a condition or the permissions boundary may close it, or a resource is not known.
    """

    path: Path
    answer: Answer
    actions: tuple[str, ...]
    holdings: tuple[Holding, ...]


_ACTIONS: Final = {
    action.lower(): action
    for action in dict.fromkeys(each for path in PATHS for step in path.steps for each in step.actions)
}


def paths(may: Permissions) -> tuple[Escalation, ...]:
    """The paths that are open to a role, in the table's order. Narrow resources close a path, as does a sure Deny.

    Of two paths of which one holds the other, the shorter stays where it is as open, but for those that say otherwise.
    """
    given = _given(may)
    if not given:
        return ()
    found: list[Escalation] = []
    for path in PATHS:
        if all(any(action in given for action in step.actions) for step in path.steps):
            escalation = _evaluated(may, path, given)
            if escalation is not None:
                found.append(escalation)
    return tuple(each for each in found if not any(_holds(each, other) for other in found))


def _holds(longer: Escalation, shorter: Escalation) -> bool:
    if longer.path.instead_of == shorter.path.name:
        return False
    if shorter.path.instead_of == longer.path.name and shorter.answer is longer.answer:
        return True
    return (
        len(shorter.actions) < len(longer.actions)
        and set(shorter.actions) < set(longer.actions)
        and (shorter.answer is Answer.YES or longer.answer is Answer.UNKNOWN)
    )


def _given(may: Permissions) -> frozenset[str]:
    """The actions of all paths that an Allow names, before anything else is asked of it."""
    found: set[str] = set()
    for clause in may.clauses:
        if clause.excludes:
            found.update(action for action in _ACTIONS.values() if action not in found and may.mentions(action))
        for _, text in clause.actions:
            if text is None:
                continue
            if text in _ACTIONS:
                found.add(_ACTIONS[text])
            elif is_wild(text):
                found.update(_named(text))
    return frozenset(found)


@lru_cache(maxsize=8192)
def _named(pattern: str) -> tuple[str, ...]:
    """The actions of all paths that a pattern takes in."""
    fits = matcher(pattern)
    return tuple(action for name, action in _ACTIONS.items() if fits(name))


def _evaluated(may: Permissions, path: Path, given: frozenset[str]) -> Escalation | None:
    taken: list[tuple[Answer, str, Holding]] = []
    for step in path.steps:
        best = _best(may, step, (action for action in step.actions if action in given))
        if best is None:
            return None
        taken.append(best)
    sure = all(answer is Answer.YES for answer, _, _ in taken)
    return Escalation(
        path,
        Answer.YES if sure else Answer.UNKNOWN,
        tuple(action for _, action, _ in taken),
        tuple(holding for _, _, holding in taken),
    )


def _best(may: Permissions, step: Step, actions: Iterable[str]) -> tuple[Answer, str, Holding] | None:
    """The holding that gives a step most surely, and the action it gives."""
    possible = None
    for action in actions:
        for service in step.passed_to or (None,):
            context = {"iam:passedtoservice": service} if service else None
            for holding in may.holdings(action, context):
                answer = _reaches(step, holding)
                if answer is Answer.YES:
                    return answer, action, holding
                if answer is Answer.UNKNOWN and possible is None:
                    possible = answer, action, holding
    return possible


def _reaches(step: Step, holding: Holding) -> Answer:
    if step.reach is Reach.EVERYTHING and holding.scope is Scope.PART:
        return Answer.NO
    unsure = holding.scope is Scope.UNKNOWN and step.reach is Reach.EVERYTHING
    if unsure or holding.narrowing is not Narrowing.NONE or holding.cut or not holding.certain:
        return Answer.UNKNOWN
    return Answer.YES
