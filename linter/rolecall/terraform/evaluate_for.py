"""What a `for` goes over, and what it gathers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.values import Failure, holes_of, opaque, ordered, the_hole
from rolecall.terraform.values_types import Set
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.terraform import parser_nodes as hcl


def unknown_rounds(collection: Node) -> Hole | None:
    """The hole when more may be gone over than is known, or in another order."""
    if isinstance(collection, Scalar):
        return the_hole(collection)
    if isinstance(collection, Mapping) and not collection.rest and len(collection.entries) > 1:
        # Keys that are not known may be one key, and their order is not known.
        unknown_keys = [entry.key for entry in collection.entries if entry.key.known is None]
        return next(holes_of(unknown_keys), None)
    return collection.rest


def rounds(collection: Node) -> list[tuple[Node, Node]]:
    """The keys with the values that are known of a collection, in Terraform's order. Raises `Failure`."""
    if the_hole(collection) is not None:
        return []
    if isinstance(collection, Scalar):
        raise Failure("a collection is expected")
    if isinstance(collection, Mapping):
        return [(entry.key, entry.value) for entry in ordered(collection)]
    if isinstance(collection, Set):
        return [(value, value) for value in collection.items]
    place = collection.span
    if collection.rest is not None:
        # With an unknown rest the number of an item is not known either.
        return [(unknown(collection.rest, place), value) for value in collection.items]
    return [(known(str(number), place, Kind.NUMBER), value) for number, value in enumerate(collection.items)]


class Gathered:
    """The result of a `for` while it is made."""

    def __init__(self, expression: hcl.For, rest: Hole | None) -> None:
        self._expression = expression
        self._rest = rest
        self._items: list[Node] = []
        self._entries: list[Entry] = []
        self._keys: set[str] = set()

    def unsure(self, hole: Hole) -> None:
        """Says that it is not known whether a round counts."""
        self._rest = hole

    def add(self, key: Node | None, value: Node) -> None:
        """Takes what a round gives. Raises `Failure`."""
        if key is None:
            self._items.append(value)
            return
        if not isinstance(key, Scalar) or key.is_null:
            raise Failure("a key must be a string")
        if key.known is not None and not self._expression.grouped:
            if key.known in self._keys:
                raise Failure("an object with a key twice")
            self._keys.add(key.known)
        self._entries.append(Entry(key, value))

    def node(self) -> Node:
        """The list or object."""
        span = self._expression.span
        if self._expression.key is None:
            return Sequence(tuple(self._items), span, self._rest)
        return self._grouped(span) if self._expression.grouped else Mapping(tuple(self._entries), span, self._rest)

    def _grouped(self, span: Span) -> Mapping:
        if any(entry.key.known is None for entry in self._entries):
            parts = (part for entry in self._entries for part in (entry.key, entry.value))
            return Mapping((), span, opaque("for", parts, span).hole)
        groups: dict[str, tuple[Scalar, list[Node]]] = {}
        for entry in self._entries:
            groups.setdefault(entry.key.known or "", (entry.key, []))[1].append(entry.value)
        entries = (Entry(key, Sequence(tuple(values), span, self._rest)) for key, values in groups.values())
        return Mapping(tuple(entries), span, self._rest)
