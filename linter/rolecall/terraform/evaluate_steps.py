"""One step into a value: an attribute of an object, an item of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.values import Failure, decimal, opaque, same, selected, step_of, the_hole
from rolecall.terraform.values_types import Set
from rolecall.tree import Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.span import Span


def item(value: Node, key: Node, span: Span) -> Node:
    """`value[key]`. Raises `Failure` where there is no such item."""
    if not isinstance(key, Scalar) or key.is_null:
        raise Failure("an index must be a number or a string")
    if isinstance(value, Set):
        raise Failure("a set has no items that can be chosen")
    text = key.known
    if text is None:
        return opaque("[]", (value, key), span)
    if isinstance(value, Mapping):
        return _field(value, text, key, span)
    if isinstance(value, Sequence):
        return _element(value, text, span, step_of(text, Kind.NUMBER))
    hole = the_hole(value)
    if hole is None:
        raise Failure("a value without attributes or items")
    return unknown(selected(hole, step_of(text, key.kind)), span)


def _field(value: Mapping, text: str, key: Scalar, span: Span) -> Node:
    wanted, parts = known(text, span), (text,)
    for entry in reversed(value.entries):
        written = entry.key.parts
        if len(written) == 1 and written != parts and isinstance(written[0], str):
            # Nearly every key is known, and another.
            continue
        if entry.key.known is None and same(entry.key, wanted) is not False:
            # It may be this very key, written later than the one that is known.
            return opaque(step_of(text, Kind.STRING), (value,), span)
        if entry.key.known == text:
            return entry.value
    if value.rest is not None:
        return unknown(selected(value.rest, step_of(text, key.kind)), span)
    raise Failure("an object without this attribute")


def _element(value: Sequence, text: str, span: Span, step: str) -> Node:
    number = decimal(text)
    index = int(number)
    if index != number or index < 0:
        raise Failure("an index must be a whole number")
    if value.rest is not None:
        # With items missing somewhere, which one is the nth is not known.
        if not value.items:
            return unknown(selected(value.rest, step), span)
        return opaque(step, (value,), span)
    if index >= len(value.items):
        raise Failure("a list that is shorter than this index")
    return value.items[index]
