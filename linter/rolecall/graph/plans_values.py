"""Two readings of one declaration, a configuration's and its plan's: whether they agree, what both know together."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from operator import is_not
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rolecall.model import Origin, PolicyDocument, TrustPolicy
from rolecall.records import dataclass
from rolecall.span import Span
from rolecall.tree import Hole, Reference, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
# Pairing is quadratic; IAM's and EKS' own lists are far shorter.
_MOST_PAIRS = 40_000


def changed(value: T, change: Callable[[Any], Any]) -> T:
    """A value with a function applied to its parts, the outermost first; None from it: the part's own parts."""
    found: Any = value
    new = change(found)
    if new is not None:
        return cast("T", new)
    if isinstance(found, tuple):
        items = tuple(changed(item, change) for item in found)
        return cast("T", items if any(map(is_not, items, found)) else found)
    if not is_dataclass(found) or isinstance(found, (type, Span)):
        return value
    parts = {field.name: getattr(found, field.name) for field in fields(found)}
    made = {name: changed(part, change) for name, part in parts.items()}
    return cast("T", replace(found, **made) if any(made[name] is not part for name, part in parts.items()) else found)


def renamed(value: T, units: Mapping[str, str]) -> T:
    """A value whose declarations and references to these units are those of others."""

    def change(part: object) -> object:
        if isinstance(part, (Origin, Reference)):
            return replace(part, unit=units.get(part.unit, part.unit))
        return None

    return changed(value, change)


def moved(value: T, to: Span) -> T:
    """A value as if it were written elsewhere: every place is `to`."""

    def change(part: object) -> object:
        if isinstance(part, Span):
            return to
        if isinstance(part, Scalar):
            return replace(part, span=to, via=(), places=())
        return None

    return changed(value, change)


def is_open(value: object) -> bool:
    """Whether something may be missing from a value: a hole that more may come from, at any depth."""
    if isinstance(value, tuple):
        return any(map(is_open, value))
    if isinstance(value, Hole) or not is_dataclass(value) or isinstance(value, (type, Span, Origin, Scalar)):
        return isinstance(value, Hole)
    return any(is_open(getattr(value, field.name)) for field in fields(value))


def agrees(mine: object, theirs: object) -> bool:
    """Whether two values can be the same thing. What one of them does not have or know is no contradiction."""
    if mine is None or theirs is None or isinstance(mine, (Span, Hole, Origin, bool)):
        return True
    if isinstance(mine, Scalar) and isinstance(theirs, Scalar):
        return _same(mine, theirs)
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        if mine and not is_dataclass(mine[0]):
            # What is known of the module that makes it, not what it is.
            return True
        return _pairs(mine, theirs) is not None
    if is_dataclass(mine) and type(mine) is type(theirs):
        return all(agrees(getattr(mine, field.name), getattr(theirs, field.name)) for field in fields(mine))
    return mine == theirs


def _same(mine: Scalar, theirs: Scalar) -> bool:
    if mine.is_null or theirs.is_null:
        return True
    if mine.known is not None:
        return _fits(theirs, mine.known)
    return theirs.known is None or _fits(mine, theirs.known)


def _fits(scalar: Scalar, text: str) -> bool:
    """Whether a partly known text can be this one: its known parts in order, the first and last at the ends."""
    if scalar.known is not None:
        return scalar.known == text
    at = 0
    for index, part in enumerate(scalar.parts):
        if isinstance(part, str):
            found = text.rfind(part) if index == len(scalar.parts) - 1 else text.find(part, at)
            if found < at or (index == 0 and found) or (index == len(scalar.parts) - 1 and not text.endswith(part)):
                return False
            at = found + len(part)
    return True


def _pairs(mine: tuple[object, ...], theirs: tuple[object, ...]) -> list[int] | None:
    """For each of `mine` the index of another of `theirs` that agrees with it, the most known first; else None.

    Not in order: most lists of IAM and of the provider are sets.
    """
    if len(mine) > len(theirs) or len(mine) * len(theirs) > _MOST_PAIRS:
        return None
    free = dict.fromkeys(range(len(theirs)))
    chosen = [-1] * len(mine)
    for index in sorted(range(len(mine)), key=lambda index: (_holes(mine[index]), index)):
        found = next((other for other in free if agrees(mine[index], theirs[other])), None)
        if found is None:
            return None
        chosen[index] = found
        del free[found]
    return chosen


def _holes(value: object) -> int:
    if isinstance(value, tuple):
        return sum(map(_holes, value))
    if isinstance(value, Scalar):
        return len(value.holes)
    if not is_dataclass(value) or isinstance(value, (type, Span, Origin)):
        return 0
    return sum(_holes(getattr(value, field.name)) for field in fields(value))


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills what a configuration's entities leave unknown. `places` collects which place of the plan belongs to which.

    `declared` are the addresses of the configuration's own entities, as far as instances do not replace them,
    `planned` those of the plan's.
    """

    declared: frozenset[str]
    planned: frozenset[str]
    places: dict[Span, Span]

    def filled(self, mine: T, theirs: T) -> T:
        """An entity of the configuration with what only the plan knows. What the configuration knows, stays."""
        return cast("T", self.value(mine, theirs, mine.origin.span))  # type: ignore[attr-defined]

    def value(self, mine: object, theirs: object, place: Span) -> object:
        """A part of an entity, filled. `place` stands for what the configuration has nowhere."""
        if mine is None:
            return self._unwritten(theirs, place)
        if isinstance(mine, Scalar) and isinstance(theirs, Scalar):
            return self._scalar(mine, theirs)
        if isinstance(mine, Span) and isinstance(theirs, Span):
            self.places.setdefault(mine, theirs)
        elif isinstance(mine, Origin) and isinstance(theirs, Origin):
            self.places.setdefault(mine.span, theirs.span)
            return replace(mine, address=theirs.address)
        elif isinstance(mine, tuple) and isinstance(theirs, tuple):
            pairs = _pairs(mine, theirs)
            if pairs is not None and len(mine) == len(theirs):
                return tuple(self.value(item, theirs[other], place) for item, other in zip(mine, pairs, strict=True))
        elif is_dataclass(mine) and type(mine) is type(theirs) and not isinstance(mine, (type, Hole)):
            return self._record(mine, theirs, place)
        return mine

    def _unwritten(self, theirs: object, place: Span) -> object:
        """What the configuration does not have: not written, or a policy that it could not read."""
        if isinstance(theirs, TrustPolicy):
            self.places.setdefault(place, theirs.document.span)
            return replace(moved(theirs, place), origin=theirs.origin)
        return theirs if isinstance(theirs, bool) else None

    def _record(self, mine: Any, theirs: Any, place: Span) -> object:  # noqa: ANN401 - a dataclass of the model
        if isinstance(mine, PolicyDocument) and is_open(mine):
            if is_open(theirs) or not agrees(mine.statements, theirs.statements):
                return mine
            self.places.setdefault(mine.span, theirs.span)
            return moved(theirs, mine.span)
        inner = self if not isinstance(mine, PolicyDocument) else replace(self, declared=frozenset())
        new: dict[str, object] = {}
        for field in fields(mine):
            own, other = getattr(mine, field.name), getattr(theirs, field.name)
            rest = f"{field.name}_rest"
            if isinstance(getattr(mine, rest, None), Hole) and getattr(theirs, rest) is None and agrees(own, other):
                self.places.setdefault(place, theirs.origin.span if hasattr(theirs, "origin") else place)
                new[field.name], new[rest] = moved(other, place), None
            elif field.name not in new:
                new[field.name] = inner.value(own, other, place)
        return replace(mine, **new)

    def _scalar(self, mine: Scalar, theirs: Scalar) -> Scalar:
        if theirs.known is None:
            if self._leads_on(mine, theirs):
                return replace(mine, parts=theirs.parts, kind=theirs.kind, places=())
            return mine
        if not _same(mine, theirs):
            return mine
        for place in (mine.span, mine.used):
            self.places.setdefault(place, theirs.span)
        if mine.known is not None or mine.is_null or (len(mine.parts) == 1 and self._is_declared(mine)):
            # A reference to another block is more exact than its name.
            return mine
        return replace(mine, parts=theirs.parts, kind=theirs.kind, places=())

    def _leads_on(self, mine: Scalar, theirs: Scalar) -> bool:
        """Whether only the plan's unknown says which other object of this world is meant."""
        return (
            len(mine.parts) == len(theirs.parts) == 1
            and any(reference.address in self.planned for hole in theirs.holes for reference in hole.references)
            and not self._is_declared(mine)
        )

    def _is_declared(self, mine: Scalar) -> bool:
        return any(reference.address in self.declared for hole in mine.holes for reference in hole.references)
