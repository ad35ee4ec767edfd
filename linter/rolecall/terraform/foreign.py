"""Places in modules that are not the user's own code, moved to the user's call of them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rolecall.span import Span
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Moved:
    """Entities with every place in a foreign file replaced: by where the user's code hands the value on, else `place`.

    What is shared stays shared: two entities that hold one document still hold one.
    """

    def __init__(self, is_foreign: Callable[[str], bool], place: Span) -> None:
        self._is_foreign = is_foreign
        self._place = place
        # The object is kept beside what it became, so that its id is not used again.
        self._made: dict[int, tuple[object, object]] = {}

    def __call__(self, thing: T) -> T:
        """The same entity, with places in the user's own code only."""
        return cast("T", self._moved(thing))

    def _moved(self, thing: object) -> object:
        if isinstance(thing, Span):
            return self._place if self._is_foreign(thing.path) else thing
        if isinstance(thing, tuple):
            parts = tuple(self._moved(part) for part in thing)
            return parts if any(new is not old for new, old in zip(parts, thing, strict=True)) else thing
        if isinstance(thing, type) or not is_dataclass(thing):
            return thing
        made = self._made.get(id(thing))
        if made is None:
            new = self._scalar(thing) if isinstance(thing, Scalar) else self._fields(thing)
            made = self._made[id(thing)] = (thing, new)
        return made[1]

    def _fields(self, thing: Any) -> object:  # noqa: ANN401 - any dataclass
        changed = {}
        for field in fields(thing):
            old = getattr(thing, field.name)
            new = self._moved(old)
            if new is not old:
                changed[field.name] = new
        return replace(thing, **changed) if changed else thing

    def _scalar(self, scalar: Scalar) -> Scalar:
        spans = (scalar.span, *scalar.via, *scalar.places)
        if not any(self._is_foreign(span.path) for span in spans):
            return scalar
        own = tuple(span for span in scalar.via if not self._is_foreign(span.path))
        span = scalar.span
        if self._is_foreign(span.path) and own:
            span, own = own[0], own[1:]
        elif self._is_foreign(span.path):
            # Of what a text is put together from, the last is the most particular: the name behind the namespace.
            span = next((one for one in reversed(scalar.places) if not self._is_foreign(one.path)), self._place)
        places = tuple(span if self._is_foreign(place.path) else place for place in scalar.places)
        return Scalar(scalar.parts, scalar.kind, span, own, places)
