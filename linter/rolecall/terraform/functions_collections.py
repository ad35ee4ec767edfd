"""Terraform's functions over lists, sets and maps."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from rolecall.terraform.evaluate_steps import item
from rolecall.terraform.functions_call import is_null, rest_of, unified
from rolecall.terraform.values import (
    Failure,
    holes_of,
    is_known,
    null,
    number,
    number_of,
    opaque,
    ordered,
    same,
    text_of,
    the_hole,
    truth,
)
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Iterable
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
        sequence = call.sequence(index)
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


def _distinct(items: Iterable[Node]) -> tuple[list[Node], Hole | None]:
    """The items each once; a hole when it is not known whether two are the same."""
    kept: list[Node] = []
    seen: set[str] = set()
    rest: Hole | None = None
    for node in items:
        text = f"{node.kind}:{node.known}" if isinstance(node, Scalar) and node.known is not None else None
        if text is not None:
            if text in seen:
                continue
            seen.add(text)
        elif len(kept) > 300:
            return kept, Hole("a set that is too large")
        else:
            answers = [same(node, other) for other in kept]
            if True in answers:
                continue
            if None in answers:
                rest = next(holes_of((node,)), rest)
        kept.append(node)
    if rest is None and kept and not all(is_known(node) for node in kept) and len(kept) > 1:
        rest = next(holes_of(kept))
    return kept, rest


def _toset(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    kept, rest = _distinct(unified(sequence.items))
    if all(isinstance(node, Scalar) and node.known is not None for node in kept):
        numbers = all(isinstance(node, Scalar) and node.kind is Kind.NUMBER for node in kept)
        kept.sort(key=number_of if numbers else text_of)  # type: ignore[arg-type]
    return Sequence(tuple(kept), call.span, sequence.rest or rest)


def _unique(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    kept, rest = _distinct(sequence.items)
    return Sequence(tuple(kept), call.span, sequence.rest or rest)


def _setunion(call: Call) -> Node:
    joined = _concat(call)
    return _toset(replace(call, arguments=(joined,)))


def _setbinary(*, keep: bool) -> Function:
    def function(call: Call) -> Node:
        first, second = call.sequence(0), call.sequence(1)
        if first is None or second is None or not is_known(first) or not is_known(second):
            return Sequence((), call.span, call.opaque().holes[0])
        kept = [n for n in first.items if any(same(n, other) for other in second.items) is keep]
        return _toset(replace(call, arguments=(Sequence(tuple(kept), call.span),)))

    return function


def _setproduct(call: Call) -> Node:
    sequences = [call.sequence(index) for index in range(len(call.arguments))]
    items = [sequence.items for sequence in sequences if sequence is not None and sequence.rest is None]
    count = 1
    for part in items:
        count *= len(part)
    if len(items) < len(sequences) or count > 5_000:
        return Sequence(
            (), call.span, call.opaque().holes[0] if not is_known_all(call) else Hole("a value that is too large")
        )
    return Sequence(tuple(Sequence(combination, call.span) for combination in product(*items)), call.span)


def is_known_all(call: Call) -> bool:
    """Whether every argument of a call is known."""
    return all(is_known(argument) for argument in call.arguments)


def _compact(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    items: list[Node] = []
    rest = sequence.rest
    for node in sequence.items:
        if is_null(node):
            continue
        if not isinstance(node, Scalar):
            raise Failure("a list of strings is expected")
        if any(isinstance(part, str) and part for part in node.parts):
            items.append(node)
        elif node.holes:
            rest = rest or node.holes[0]
    return Sequence(tuple(items), call.span, rest)


def _element(call: Call) -> Node:
    sequence, index = call.sequence(0), call.whole(1)
    if sequence is None:
        return item(call.arguments[0], call.arguments[1], call.span)
    if index is None or index < 0:
        return call.opaque()
    if sequence.rest is not None:
        return item(sequence, known("0" if not sequence.items else str(index), call.span, Kind.NUMBER), call.span)
    if not sequence.items:
        raise Failure("element of an empty list")
    return call.passed(sequence.items[index % len(sequence.items)])


def _lookup(call: Call) -> Node:
    mapping, key = call.mapping(0), call.text(1)
    if mapping is None or key is None or mapping.rest or any(entry.key.known is None for entry in mapping.entries):
        return call.opaque()
    value = mapping.get(key)
    if value is not None:
        return call.passed(value)
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
    keys, values = call.sequence(0), call.sequence(1)
    if keys is None or values is None or keys.rest or values.rest:
        return Mapping((), call.span, call.opaque().holes[0])
    if len(keys.items) != len(values.items):
        raise Failure("keys and values of different number")
    entries = []
    for key, value in zip(keys.items, values.items, strict=True):
        text_of(key)
        if isinstance(key, Scalar):
            entries.append(Entry(key, value))
    return Mapping(tuple(entries), call.span)


def _contains(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return call.opaque()
    answers = [same(node, call.arguments[1]) for node in sequence.items]
    if True in answers:
        return truth(value=True, span=call.span)
    if None in answers or sequence.rest:
        return call.opaque()
    return truth(value=False, span=call.span)


def _reverse(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    return Sequence(sequence.items[::-1], call.span, sequence.rest)


def _sort(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None or not is_known(sequence):
        return Sequence((), call.span, call.opaque().holes[0])
    return Sequence(tuple(sorted(sequence.items, key=lambda node: text_of(node) or "")), call.span)


def _slice(call: Call) -> Node:
    sequence, start, end = call.sequence(0), call.whole(1), call.whole(2)
    if sequence is None or start is None or end is None or sequence.rest:
        return Sequence((), call.span, call.opaque().holes[0])
    if not 0 <= start <= end <= len(sequence.items):
        raise Failure("a slice out of bounds")
    return Sequence(sequence.items[start:end], call.span)


def _one(call: Call) -> Node:
    value = call.arguments[0]
    if not isinstance(value, Sequence):
        return call.opaque(plain=True) if the_hole(value) else value
    if value.rest is not None:
        return call.opaque(plain=not value.items)
    if len(value.items) > 1:
        raise Failure("one of several items")
    return call.passed(value.items[0]) if value.items else null(call.span)


def _coalesce(call: Call) -> Node:
    for number_, argument in enumerate(call.arguments):
        if isinstance(argument, Scalar) and argument.is_empty:
            continue
        if isinstance(argument, Scalar) and argument.holes and not any(p for p in argument.parts if isinstance(p, str)):
            rest = call.arguments[number_:]
            return opaque("coalesce", rest, call.span, plain=len(rest) == 1)
        return call.passed(argument)
    raise Failure("nothing to coalesce")


def _coalescelist(call: Call) -> Node:
    for index in range(len(call.arguments)):
        sequence = call.sequence(index)
        if sequence is None or (sequence.rest and not sequence.items):
            return Sequence((), call.span, call.opaque().holes[0])
        if sequence.items:
            return sequence
    raise Failure("nothing to coalesce")


def _same(call: Call) -> Node:
    return call.passed(call.arguments[0])


def _index(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None or sequence.rest:
        return call.opaque()
    for place, node in enumerate(sequence.items):
        answer = same(node, call.arguments[1])
        if answer is None:
            return call.opaque()
        if answer:
            return number(place, call.span)
    raise Failure("a list without this item")


COLLECTIONS: Table[str, Function] = {
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _unique,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "keys": _keys,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "reverse": _reverse,
    "sensitive": _same,
    "setintersection": _setbinary(keep=True),
    "setproduct": _setproduct,
    "setsubtract": _setbinary(keep=False),
    "setunion": _setunion,
    "slice": _slice,
    "sort": _sort,
    "toset": _toset,
    "values": _values,
    "zipmap": _zipmap,
}
