"""What one unit of input says: plain data, computed from the unit alone, linked with the others later."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rolecall.problem import Problem, Unevaluated
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.model import Entity
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Suppression:
    """The user's word that findings of some rules are accepted in a stretch of a file.

    `rules` empty: every rule. `span` is what it covers; `at` where it is written.
    """

    rules: tuple[str, ...]
    reason: str
    span: Span
    at: Span


@dataclass(frozen=True, slots=True)
class Facts:
    """The entities of a unit (a file; for Terraform a directory), and what went wrong or was left out reading it."""

    unit: str
    entities: tuple[Entity, ...] = ()
    problems: tuple[Problem, ...] = ()
    unevaluated: tuple[Unevaluated, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    files: tuple[str, ...] = ()


Said: TypeAlias = "Entity | Problem | Suppression | Unevaluated"
"""What an adapter, which is a generator, says about its input."""


def collect(unit: str, said: Iterable[Said], files: tuple[str, ...]) -> Facts:
    """The facts of a unit from what its adapters said, in order."""
    entities: list[Entity] = []
    problems: list[Problem] = []
    unevaluated: list[Unevaluated] = []
    suppressions: list[Suppression] = []
    for thing in said:
        if isinstance(thing, Problem):
            problems.append(thing)
        elif isinstance(thing, Unevaluated):
            unevaluated.append(thing)
        elif isinstance(thing, Suppression):
            suppressions.append(thing)
        else:
            entities.append(thing)
    return Facts(unit, tuple(entities), tuple(problems), tuple(unevaluated), tuple(suppressions), files)
