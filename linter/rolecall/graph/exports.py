"""Values that one stack of CloudFormation exports and another imports: what is imported means what is exported."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rolecall import regex
from rolecall.model import Origin, StackValues
from rolecall.model.stacks import IMPORT
from rolecall.records import dataclass
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.model import Entity

T = TypeVar("T")

_MOST_STEPS = 3
"""How often what is exported may have been imported itself."""

_LEAST = 3
"""How many characters of a name have to be known."""

_UNKNOWN = regex.compile(r"\$\{[^{}]*\}")


def linked(entities: Iterable[Entity]) -> list[Entity]:
    """The entities, those that import a value with what the only stack of this world exports under the name.

    Names mostly begin with the name of the stack, which is not known: then the rest decides.
    """
    known = list(entities)
    stacks = [entity for entity in known if isinstance(entity, StackValues)]
    importing = {stack.origin.unit for stack in stacks if stack.imports}
    values = _exported(stacks)
    if not importing or not values:
        return known
    linking = _Linking(values)
    return [linking.entity(entity) if _unit(entity) in importing else entity for entity in known]


def _unit(entity: Entity) -> str:
    origin = getattr(entity, "origin", None)
    return origin.unit if origin is not None and not isinstance(entity, StackValues) else ""


def _exported(stacks: list[StackValues]) -> dict[str, Scalar]:
    found: dict[str, Scalar | None] = {}
    for stack in stacks:
        for name, value in stack.exports:
            pattern = _pattern(name.display)
            # Two of one name are of two regions, or two environments.
            found[pattern] = value if pattern not in found else None
    return {
        pattern: value
        for pattern, value in found.items()
        if value is not None and len(pattern.replace("*", "")) >= _LEAST
    }


def _pattern(name: str) -> str:
    """A name with a star for each part that is not known."""
    return _UNKNOWN.sub("*", name)


@dataclass(frozen=True, slots=True)
class _Linking:
    """Puts values in place of references to them."""

    values: dict[str, Scalar]

    def entity(self, entity: T) -> T:
        """The entity with what its unit imports."""
        return cast("T", self._value(entity))

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - any part of an entity
        if isinstance(value, Scalar):
            return self._scalar(value)
        if isinstance(value, Hole):
            return self._hole(value)
        if isinstance(value, tuple):
            made = tuple(map(self._value, value))
            return value if all(new is old for new, old in zip(made, value, strict=True)) else made
        if not is_dataclass(value) or isinstance(value, (type, Span, Origin, Reference)):
            return value
        changed = {
            field.name: new
            for field in fields(value)
            if (new := self._value(old := getattr(value, field.name))) is not old
        }
        return replace(value, **changed) if changed else value

    def _scalar(self, scalar: Scalar) -> Scalar:
        for _ in range(_MOST_STEPS):
            if not any(reference.type == IMPORT for hole in scalar.holes for reference in hole.references):
                break
            scalar = self._step(scalar)
        return scalar

    def _step(self, scalar: Scalar) -> Scalar:
        parts: list[str | Hole] = []
        places: list[Span] = []
        own = scalar.places if len(scalar.places) == len(scalar.parts) else (scalar.span,) * len(scalar.parts)
        kind = scalar.kind
        for part, place in zip(scalar.parts, own, strict=True):
            value = self._meant(part.unchanged) if isinstance(part, Hole) else None
            if value is not None:
                new = value.parts
                kind = value.kind if kind is Kind.UNKNOWN else kind
            else:
                new = (self._hole(part) if isinstance(part, Hole) else part,)
            parts += new
            places += (place,) * len(new)
        return replace(scalar, parts=tuple(parts), kind=kind, places=tuple(places) if len(places) > 1 else ())

    def _hole(self, hole: Hole) -> Hole:
        """The unknown, that depends on what its references mean."""
        if not any(self._meant(reference) for reference in hole.references):
            return hole
        references: dict[Reference, None] = {}
        for reference in hole.references:
            value = self._meant(reference)
            meant = [one for inner in value.holes for one in inner.references] if value is not None else []
            references.update(dict.fromkeys(meant or [reference]))
        return replace(hole, references=tuple(references))

    def _meant(self, reference: Reference | None) -> Scalar | None:
        if reference is None or reference.type != IMPORT:
            return None
        return self.values.get(_pattern(reference.address.removeprefix(f"{IMPORT} ")))
