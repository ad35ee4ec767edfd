"""Types where they change values in Terraform: sets, and elements that have to be of one type."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rolecall.records import dataclass
from rolecall.terraform.values import Failure, decimal, fields, is_known, spelled
from rolecall.tree import Entry, Kind, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIMITIVE = (Kind.NUMBER, Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Set(Sequence):
    """A sequence that is a set: it has no indexes, and a `for` over it has its items as keys."""


def unified(items: Iterable[Node]) -> tuple[Node, ...]:
    """The items of a list, set or map, which are all of one type: strings where one of them is a string.

    What is unknown is of any type. Raises `Failure` where there is no such type.
    """
    items = tuple(items)
    chosen = [place for place, item in enumerate(items) if not _is_of_any_type(item)]
    if len(chosen) < 2:
        return items
    converted = list(items)
    for place, item in zip(chosen, _converted([items[place] for place in chosen]), strict=True):
        converted[place] = item
    return tuple(converted)


def _is_of_any_type(node: Node) -> bool:
    return isinstance(node, Scalar) and (node.is_null or node.kind is Kind.UNKNOWN)


def _converted(items: list[Node]) -> list[Node]:
    scalars = [item for item in items if isinstance(item, Scalar)]
    if len(scalars) == len(items):
        kinds = {item.kind for item in scalars}
        if len(kinds) == 1:
            return items
        if Kind.STRING not in kinds:
            raise Failure("values of different types")
        return [as_string(item) for item in scalars]
    sequences = [item for item in items if isinstance(item, Sequence)]
    if len(sequences) == len(items):
        return list(_sequences(sequences))
    mappings = [item for item in items if isinstance(item, Mapping)]
    if len(mappings) == len(items):
        return list(_mappings(mappings))
    raise Failure("values of different types")


def as_string(scalar: Scalar) -> Scalar:
    """A number or a boolean as the string that Terraform makes of it; anything else as it is."""
    if scalar.kind not in _PRIMITIVE:
        return scalar
    text = scalar.known
    if scalar.kind is Kind.NUMBER and text is not None:
        return Scalar((spelled(decimal(text)),), Kind.STRING, scalar.span, scalar.via)
    return Scalar(scalar.parts, Kind.STRING, scalar.span, scalar.via, scalar.places)


def _sequences(items: list[Sequence]) -> Iterable[Node]:
    """Tuples of one length have a type for each place; else all their items are of one type."""
    if len({len(item.items) for item in items}) == 1:
        try:
            columns = [unified(column) for column in zip(*(item.items for item in items), strict=True)]
        except Failure:
            pass
        else:
            return [_with_items(item, tuple(column[place] for column in columns)) for place, item in enumerate(items)]
    together = iter(unified(child for item in items for child in item.items))
    return [_with_items(item, tuple(next(together) for _ in item.items)) for item in items]


def _with_items(sequence: Sequence, items: tuple[Node, ...]) -> Sequence:
    return type(sequence)(items, sequence.span, sequence.rest)


def _mappings(items: list[Mapping]) -> Iterable[Node]:
    """Objects with the same attributes have a type for each; else all their values are of one type."""
    keys = [fields(item) for item in items]
    if None in keys:
        return items
    first = keys[0] or {}
    if all(found is not None and found.keys() == first.keys() for found in keys):
        try:
            columns = {key: unified(found[key] for found in keys if found is not None) for key in first}
        except Failure:
            pass
        else:
            return [
                Mapping(
                    tuple(
                        Entry(
                            entry.key, columns[entry.key.known][place] if entry.key.known is not None else entry.value
                        )
                        for entry in item.entries
                    ),
                    item.span,
                )
                for place, item in enumerate(items)
            ]
    together = iter(unified(entry.value for item in items for entry in item.entries))
    return [Mapping(tuple(Entry(entry.key, next(together)) for entry in item.entries), item.span) for item in items]


def has_numbers(node: Node) -> bool:
    """Whether there is a number or a boolean in a value, which may become a string beside one."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Scalar):
            if item.kind in _PRIMITIVE:
                return True
        elif isinstance(item, Sequence):
            stack.extend(item.items)
        else:
            stack.extend(entry.value for entry in item.entries)
    return False


def in_order(items: Iterable[Node]) -> list[Node]:
    """The items of a set in Terraform's order, as far as they are known; those that are not come last.

    The order is cty's (`set_internals.go`): of strings by their bytes, of numbers by value, of anything else by the
    text that it hashes.
    """
    known = [item for item in items if is_known(item)]
    unknown = [item for item in items if not is_known(item)]
    kinds = {item.kind if isinstance(item, Scalar) else None for item in known}
    if kinds == {Kind.NUMBER}:
        known.sort(key=_amount)
    elif kinds <= {Kind.STRING, Kind.BOOLEAN}:
        known.sort(key=lambda item: item.known or "" if isinstance(item, Scalar) else "")
    else:
        known.sort(key=_hashed)
    return [*known, *unknown]


def _amount(node: Node) -> Decimal:
    return decimal(node.known or "0") if isinstance(node, Scalar) else Decimal(0)


def _hashed(node: Node) -> bytes:
    if isinstance(node, Sequence):
        return b"[" + b"".join(_hashed(item) + b";" for item in node.items) + b"]"
    if isinstance(node, Mapping):
        found = fields(node) or {}
        return b"<" + b"".join(_hashed(found[key]) + b";" for key in sorted(found)) + b">"
    if node.is_null:
        return b"~"
    text = (node.known or "").encode("utf-8", "replace")
    if node.kind is Kind.BOOLEAN:
        return b"T" if text == b"true" else b"F"
    return text if node.kind is Kind.NUMBER else b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
