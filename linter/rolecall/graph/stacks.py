"""Values that stacks of CloudFormation hand to each other: by export and import, as parameters and outputs."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rolecall import regex
from rolecall.model import Origin, StackValues
from rolecall.model.stacks import IMPORT, NESTED
from rolecall.records import dataclass
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.model import Entity
    from rolecall.model.stacks import NestedStack

T = TypeVar("T")

_MOST_STEPS = 6
"""Through how many stacks a value is followed."""

_LEAST = 3
"""How many characters of an export's name have to be known."""

_MOST_PARTS = 100
_UNKNOWN = regex.compile(r"\$\{[^{}]*\}")
_OUTPUT = "Outputs."


def linked(entities: Iterable[Entity]) -> list[Entity]:
    """The entities, those of templates with what other stacks of this world give them.

    Names of exports mostly begin with the name of the stack, which is not known: then the rest decides. A template is
    nested where one stack is made of it, and a value is only taken where there is no other.
    """
    known = list(entities)
    stacks = [entity for entity in known if isinstance(entity, StackValues)]
    values = {**_exported(stacks), **dict(_handed(stacks))}
    if not values:
        return known
    given = {
        span: value
        for stack in stacks
        for name, span in stack.defaults
        if (value := values.get((stack.origin.unit, name, ""))) is not None
    }
    linking = _Linking(values, given)
    units = {stack.origin.unit for stack in stacks}
    return [linking.entity(entity) if _unit(entity) in units else entity for entity in known]


def _unit(entity: Entity) -> str:
    origin = getattr(entity, "origin", None)
    return origin.unit if origin is not None and not isinstance(entity, StackValues) else ""


def _exported(stacks: list[StackValues]) -> dict[tuple[str, str, str], Scalar]:
    found: dict[str, Scalar | None] = {}
    for stack in stacks:
        for name, value in stack.exports:
            pattern = _pattern(name.display)
            # Two of one name are of two regions, or two environments.
            found[pattern] = value if pattern not in found else None
    return {
        (IMPORT, pattern, ""): value
        for pattern, value in found.items()
        if value is not None and len(pattern.replace("*", "")) >= _LEAST
    }


def _pattern(name: str) -> str:
    """A name with a star for each part that is not known."""
    return _UNKNOWN.sub("*", name)


def _handed(stacks: list[StackValues]) -> Iterator[tuple[tuple[str, str, str], Scalar]]:
    """What nested stacks get, and what those that make them get of them."""
    by_unit = {stack.origin.unit: stack for stack in stacks}
    made: dict[str, list[NestedStack]] = defaultdict(list)
    for stack in stacks:
        for nested in stack.nested:
            unit = _template(nested, stack.origin.unit, by_unit)
            if unit is not None:
                made[unit].append(nested)
                for name, value in by_unit[unit].outputs:
                    yield (stack.origin.unit, nested.name, _OUTPUT + name), value
    for unit, several in made.items():
        if len(several) == 1:
            yield from (((unit, name, ""), value) for name, value in several[0].parameters)


def _template(nested: NestedStack, unit: str, units: Iterable[str]) -> str | None:
    """The file of this world that a stack is made of: by its path from here, else by the end of its URL."""
    written = nested.template.parts[-1] if nested.template.parts else None
    if not isinstance(written, str):
        return None
    path = written.partition("?")[0]
    if nested.template.known is not None and "://" not in path:
        here = posixpath.normpath(posixpath.join(posixpath.dirname(unit), path))
        return here if here in units and here != unit else None
    end = "/" + path.rpartition("://")[2].partition("/")[2].lstrip("/") if "://" in path else path
    while "/" in end.lstrip("/") or end.startswith("/"):
        tail = "/" + end.lstrip("/")
        found = [one for one in units if f"/{one}".endswith(tail) and one != unit]
        if len(found) == 1:
            return found[0]
        rest = end.lstrip("/").partition("/")[2]
        if found or not rest:
            return None
        end = "/" + rest
    return None


@dataclass(frozen=True, slots=True)
class _Linking:
    """Puts values in place of references to them: by type or unit, address and attribute.

    `given` are the values that parameters of nested stacks get instead of their defaults, by the places of those.
    """

    values: dict[tuple[str, str, str], Scalar]
    given: dict[Span, Scalar]

    def entity(self, entity: T) -> T:
        """The entity with what its unit is given."""
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
        given = self.given.get(scalar.span) if scalar.via else None
        if given is not None:
            scalar = replace(given, via=scalar.via)
        for _ in range(_MOST_STEPS):
            if len(scalar.parts) > _MOST_PARTS or not any(
                self._meant(reference) for hole in scalar.holes for reference in hole.references
            ):
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
        if reference is None:
            return None
        if reference.type == IMPORT:
            return self.values.get((IMPORT, _pattern(reference.address.removeprefix(f"{IMPORT} ")), ""))
        if reference.type and reference.type not in NESTED:
            return None
        return self.values.get((reference.unit, reference.address, reference.attribute))
