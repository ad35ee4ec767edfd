"""Terraform's functions over lists, sets and maps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.terraform.evaluate_steps import item
from rolecall.terraform.functions_call import is_null, rest_of, takes
from rolecall.terraform.values import (
    Failure,
    holes_of,
    is_known,
    null,
    opaque,
    ordered,
    same,
    text_of,
    the_hole,
)
from rolecall.terraform.values_types import as_string, unified
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function
_UNSURE = 100


def _merge(call: Call) -> Node:
    found: dict[tuple[str | Hole, ...], Entry] = {}
    rest: Hole | None = None
    for index, argument in enumerate(call.arguments):
        if is_null(argument):
            continue
        mapping = call.mapping(index)
        beyond = rest_of(call, index) if mapping is None else mapping.rest
        if beyond is not None:
            # What came before may be overwritten.
            found = {key: _maybe(entry, call) for key, entry in found.items()}
            rest = rest or beyond
        for entry in mapping.entries if mapping else ():
            key = merged(entry.key.parts)
            unsure = [other for other in found if other != key and same(found[other].key, entry.key) is None]
            if len(unsure) > _UNSURE:
                return Mapping((), call.span, call.opaque().holes[0])
            for other in unsure:
                found[other] = _maybe(found[other], call)
            found.pop(key, None)
            found[key] = entry
    return Mapping(tuple(found.values()), call.span, rest)


def _maybe(entry: Entry, call: Call) -> Entry:
    """An entry that may have another value."""
    return replace(entry, value=opaque("merge", (entry.value, *call.arguments), entry.key.span))


def _concat(call: Call) -> Node:
    items: list[Node] = []
    rest: Hole | None = None
    for index in range(len(call.arguments)):
        sequence = call.list(index)
        if sequence is None:
            rest = rest or rest_of(call, index)
        else:
            items.extend(sequence.items)
            rest = rest or sequence.rest
    return Sequence(tuple(items), call.span, rest)


def _flatten(call: Call) -> Node:
    if call.sequence(0) is None:
        return Sequence((), call.span, rest_of(call, 0))
    items: list[Node] = []
    rest: Hole | None = None
    stack: list[Node] = [call.arguments[0]]
    while stack:
        node = stack.pop()
        if isinstance(node, Sequence):
            rest = rest or node.rest
            stack.extend(reversed(node.items))
        elif (hole := the_hole(node)) is not None:
            rest = rest or hole
        else:
            items.append(node)
    return Sequence(tuple(items), call.span, rest)


def _chunklist(call: Call) -> Node:
    sequence, size = call.sequence(0), call.whole(1)
    if sequence is None or sequence.rest or size is None:
        return Sequence((), call.span, call.opaque().hole)
    if size < 0:
        raise Failure("a size below zero")
    items = unified(sequence.items)
    size = size or max(len(items), 1)
    chunks = (Sequence(items[at : at + size], call.span) for at in range(0, len(items), size))
    return Sequence(tuple(chunks), call.span)


def _element(call: Call) -> Node:
    sequence, index = call.list(0), call.whole(1)
    if sequence is None:
        return item(call.arguments[0], call.arguments[1], call.span)
    if index is None:
        return call.opaque()
    if index < 0:
        # Since Terraform 1.14 they count from the end; before, they were refused.
        return call.opaque()
    if sequence.rest is not None:
        return item(sequence, known("0" if not sequence.items else str(index), call.span, Kind.NUMBER), call.span)
    if not sequence.items:
        raise Failure("element of an empty list")
    return call.passed(sequence.items[index % len(sequence.items)])


def _lookup(call: Call) -> Node:
    mapping, key = call.mapping(0), call.text(1)
    if mapping is None or key is None:
        return call.opaque()
    wanted = known(key, call.span)
    for entry in reversed(mapping.entries):
        if entry.key.known == key:
            return call.passed(entry.value)
        if entry.key.known is None and same(entry.key, wanted) is not False:
            return call.opaque()
    if mapping.rest is not None:
        return call.opaque()
    if len(call.arguments) < 3:
        raise Failure("a map without this key")
    return call.passed(call.arguments[2])


def _keys(call: Call) -> Node:
    mapping = call.mapping(0)
    if mapping is None:
        return Sequence((), call.span, rest_of(call, 0))
    return Sequence(tuple(entry.key for entry in ordered(mapping)), call.span, _unsure(mapping))


def _values(call: Call) -> Node:
    mapping = call.mapping(0)
    if mapping is None:
        return Sequence((), call.span, rest_of(call, 0))
    return Sequence(tuple(entry.value for entry in ordered(mapping)), call.span, _unsure(mapping))


def _unsure(mapping: Mapping) -> Hole | None:
    """The hole when it is not known how many keys there are, and in which order."""
    unknown_keys = [entry.key for entry in mapping.entries if entry.key.known is None]
    return mapping.rest or (next(holes_of(unknown_keys), None) if len(mapping.entries) > 1 else None)


def _zipmap(call: Call) -> Node:
    keys, values = call.sequence(0), call.list(1)
    if keys is None or values is None or keys.rest or values.rest:
        return Mapping((), call.span, call.opaque().hole)
    if len(keys.items) != len(values.items):
        raise Failure("keys and values of different number")
    found: dict[tuple[str | Hole, ...], Entry] = {}
    for key, value in zip(keys.items, values.items, strict=True):
        text_of(key)
        if isinstance(key, Scalar):
            # Of a key that is there twice the last value counts.
            found[merged(key.parts)] = Entry(as_string(key), value)
    return Mapping(tuple(found.values()), call.span)


def _reverse(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    return Sequence(sequence.items[::-1], call.span, sequence.rest)


def _slice(call: Call) -> Node:
    sequence, start, end = call.list(0), call.whole(1), call.whole(2)
    if sequence is None or start is None or end is None or sequence.rest:
        return Sequence((), call.span, call.opaque().hole)
    if not 0 <= start <= end <= len(sequence.items):
        raise Failure("a slice out of bounds")
    return Sequence(sequence.items[start:end], call.span)


def _one(call: Call) -> Node:
    value = call.arguments[0]
    if not isinstance(value, Sequence):
        if the_hole(value):
            return call.opaque(plain=True)
        raise Failure("a list is expected")
    if value.rest is not None:
        return call.opaque(plain=not value.items)
    if len(value.items) > 1:
        raise Failure("one of several items")
    return call.passed(value.items[0]) if value.items else null(call.span)


def _coalesce(call: Call) -> Node:
    arguments = unified(call.arguments)
    for place, argument in enumerate(arguments):
        if isinstance(argument, Scalar) and argument.is_empty:
            continue
        if isinstance(argument, Scalar) and argument.holes and not any(p for p in argument.parts if isinstance(p, str)):
            rest = arguments[place:]
            return opaque("coalesce", rest, call.span, plain=len(rest) == 1)
        return call.passed(argument)
    raise Failure("nothing to coalesce")


def _coalescelist(call: Call) -> Node:
    for sequence in [call.list(index) for index in range(len(call.arguments))]:
        if sequence is None or (sequence.rest and not sequence.items):
            return Sequence((), call.span, call.opaque().hole)
        if sequence.items:
            return sequence
    raise Failure("nothing to coalesce")


def _ephemeralasnull(call: Call) -> Node:
    # Whether a value is ephemeral is not followed; only variables and resources that say so give such.
    value = call.arguments[0]
    return value if is_known(value) else call.opaque()


def _same(call: Call) -> Node:
    return call.passed(call.arguments[0])


def _removed(call: Call) -> Node:
    raise Failure(f"{call.name} is no function since Terraform 0.15")


COLLECTIONS: Table[str, Function] = {
    "chunklist": takes(_chunklist, 2),
    "coalesce": takes(_coalesce, 1, more=True),
    "coalescelist": takes(_coalescelist, 1, more=True),
    "concat": takes(_concat, 1, more=True),
    "element": takes(_element, 2),
    "ephemeralasnull": takes(_ephemeralasnull, 1),
    "flatten": takes(_flatten, 1),
    "keys": takes(_keys, 1),
    "list": _removed,
    "lookup": takes(_lookup, 2, 3),
    "map": _removed,
    "merge": takes(_merge, 0, more=True),
    "nonsensitive": takes(_same, 1),
    "one": takes(_one, 1),
    "reverse": takes(_reverse, 1),
    "sensitive": takes(_same, 1),
    "slice": takes(_slice, 3),
    "values": takes(_values, 1),
    "zipmap": takes(_zipmap, 2),
}
