"""Terraform's functions over sets, and those that look for equal items."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import is_null, rest_of, takes
from rolecall.terraform.values import (
    Failure,
    OutOfBounds,
    holes_of,
    is_known,
    number,
    ordered,
    pieces_of,
    same,
    string,
    text_of,
    truth,
)
from rolecall.terraform.values_types import Set, as_string, in_order, unified
from rolecall.tree import Entry, Hole, Mapping, Node, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

_MOST_TUPLES = 5_000
_MOST_COMPARED = 300
"""How many values that are not one known text are compared each with each."""


def set_of(items: Iterable[Node], span: Span, rest: Hole | None = None) -> Set:
    """The set of some items. Raises `Failure` where they are not of one type."""
    kept, unsure = distinct(unified(items))
    return Set(tuple(in_order(kept)), span, rest or unsure)


def distinct(items: Iterable[Node]) -> tuple[list[Node], Hole | None]:
    """The items each once; a hole when it is not known whether two are the same."""
    kept: list[Node] = []
    others: list[Node] = []
    seen: set[str] = set()
    rest: Hole | None = None
    for node in items:
        text = _name(node)
        if text is not None:
            if text in seen:
                continue
            seen.add(text)
            answers = [same(node, other) for other in others] if len(others) <= _MOST_COMPARED else []
        elif max(len(others), len(kept) if not is_known(node) else 0) > _MOST_COMPARED:
            return kept, Hole("a set that is too large")
        else:
            answers = [same(node, other) for other in (others if is_known(node) else kept)]
            if True in answers:
                continue
            others.append(node)
        if None in answers:
            rest = next(holes_of((node, *others)), rest)
        kept.append(node)
    return kept, rest


def _name(node: Node) -> str | None:
    """What tells a known scalar from all others."""
    if not isinstance(node, Scalar):
        return None
    if node.is_null:
        return "null"
    return f"{node.kind}:{node.known}" if node.known is not None else None


def _toset(call: Call) -> Node:
    if is_null(call.arguments[0]):
        return call.arguments[0]
    sequence = call.sequence(0)
    if sequence is None:
        return Set((), call.span, rest_of(call, 0))
    return set_of(sequence.items, call.span, sequence.rest)


def _distinct(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    kept, rest = distinct(unified(sequence.items))
    return Sequence(tuple(kept), call.span, sequence.rest or rest)


def _setunion(call: Call) -> Node:
    items: list[Node] = []
    rest: Hole | None = None
    for index in range(len(call.arguments)):
        sequence = call.sequence(index)
        if sequence is None:
            rest = rest or rest_of(call, index)
        else:
            items.extend(sequence.items)
            rest = rest or sequence.rest
    return set_of(items, call.span, rest)


def _setbinary(*, keep: bool) -> Function:
    """`setintersection`, which takes any number of sets, and `setsubtract`."""

    def function(call: Call) -> Node:
        sequences = [call.sequence(index) for index in range(len(call.arguments))]
        rest = next((rest_of(call, n) for n, sequence in enumerate(sequences) if sequence is None), None)
        if rest is not None and (keep or sequences[0] is None or sequences[1] is None):
            return Set((), call.span, rest)
        all_items = iter(unified(item for sequence in sequences if sequence for item in sequence.items))
        groups = [[next(all_items) for _ in sequence.items] for sequence in sequences if sequence]
        kept = groups[0]
        for group, sequence in zip(groups[1:], sequences[1:], strict=False):
            kept, unsure = _matching(kept, group, keep=keep, whole=sequence is not None and sequence.rest is None)
            rest = rest or unsure
        return set_of(kept, call.span, rest or next((s.rest for s in sequences if s and s.rest), None))

    return function


def _matching(items: list[Node], others: list[Node], *, keep: bool, whole: bool) -> tuple[list[Node], Hole | None]:
    """The items that are, or are not, among others; a hole where that is not known of one."""
    names = {name for other in others if (name := _name(other)) is not None}
    unnamed = [other for other in others if _name(other) is None]
    kept: list[Node] = []
    rest: Hole | None = None
    for item in items:
        name = _name(item)
        compared = unnamed if name is not None else others
        if name is not None and name in names:
            answer: bool | None = True
        elif len(compared) > _MOST_COMPARED:
            raise OutOfBounds("a set that is too large")
        else:
            answers = [same(item, other) for other in compared]
            answer = True if True in answers else None if None in answers else False
        if answer is None or (answer is False and not whole):
            rest = rest or next(holes_of((item, *unnamed)), Hole("an unknown value"))
        elif answer is keep:
            kept.append(item)
    return kept, rest


def _setproduct(call: Call) -> Node:
    sequences = [call.sequence(index) for index in range(len(call.arguments))]
    rest = next((rest_of(call, n) for n, sequence in enumerate(sequences) if sequence is None), None)
    found = [sequence for sequence in sequences if sequence is not None]
    rest = rest or next((sequence.rest for sequence in found if sequence.rest), None)
    count = 1
    for sequence in found:
        count *= len(sequence.items)
    if len(found) < len(sequences) or count > _MOST_TUPLES:
        return Sequence((), call.span, rest or Hole("a value that is too large"))
    tuples = (Sequence(combination, call.span) for combination in product(*(sequence.items for sequence in found)))
    if all(isinstance(sequence, Set) for sequence in found):
        return Set(tuple(in_order(tuples)), call.span, rest)
    return Sequence(tuple(tuples), call.span, rest)


def _contains(call: Call) -> Node:
    if is_null(call.arguments[1]):
        raise Failure("a value is expected, not null")
    sequence = call.sequence(0)
    if sequence is None:
        return call.opaque()
    answers = [same(node, call.arguments[1]) for node in sequence.items]
    if True in answers:
        return truth(value=True, span=call.span)
    if None in answers or sequence.rest:
        return call.opaque()
    return truth(value=False, span=call.span)


def _index(call: Call) -> Node:
    sequence = call.list(0)
    if sequence is None or sequence.rest:
        return call.opaque()
    for place, node in enumerate(sequence.items):
        answer = same(node, call.arguments[1])
        if answer is None:
            return call.opaque()
        if answer:
            return number(place, call.span)
    raise Failure("a list without this item")


def _matchkeys(call: Call) -> Node:
    values, keys, wanted = call.sequence(0), call.sequence(1), call.sequence(2)
    if values is None or keys is None or wanted is None or values.rest or keys.rest:
        return Sequence((), call.span, call.opaque().hole)
    if len(values.items) != len(keys.items):
        raise Failure("keys and values of different number")
    together = unified((*keys.items, *wanted.items))
    others = list(together[len(keys.items) :])
    items: list[Node] = []
    rest = wanted.rest
    for key, value in zip(together, unified(values.items), strict=False):
        kept, unsure = _matching([key], others, keep=True, whole=wanted.rest is None)
        items.extend([value] if kept else [])
        rest = rest or unsure
    return Sequence(tuple(items), call.span, rest)


def _transpose(call: Call) -> Node:
    mapping = call.mapping(0)
    if mapping is None or not is_known(mapping):
        return Mapping((), call.span, rest_of(call, 0))
    groups: dict[str, list[Node]] = {}
    for entry in ordered(mapping):
        if not isinstance(entry.value, Sequence):
            raise Failure("a map of lists is expected")
        for text in {text_of(item) or "": None for item in unified(entry.value.items)}:
            groups.setdefault(text, []).append(entry.key)
    entries = (Entry(known(text, call.span), Sequence(tuple(keys), call.span)) for text, keys in groups.items())
    return Mapping(tuple(entries), call.span)


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
            items.append(as_string(node))
        elif node.holes:
            rest = rest or node.holes[0]
    return Sequence(tuple(items), call.span, rest)


def _sort(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    items: list[Node] = []
    for node in sequence.items:
        text_of(node)
        items.append(as_string(node) if isinstance(node, Scalar) else node)
    rest = sequence.rest or (next(holes_of(items), None) if len(items) > 1 else None)
    # Where the order is not known, the items are at least there.
    return Sequence(tuple(items if rest else in_order(items)), call.span, rest)


def _join(call: Call) -> Node:
    separator = call.text(0)
    items: list[Node] = []
    for index in range(1, len(call.arguments)):
        sequence = call.sequence(index)
        if sequence is None or sequence.rest or separator is None:
            only = len(call.arguments) == 2 and sequence is not None and not sequence.items and separator == ""
            return call.opaque(plain=only)
        items.extend(sequence.items)
    pieces: list[tuple[str | Hole, Span]] = []
    for place, node in enumerate(items):
        if not isinstance(node, Scalar) or node.is_null:
            raise Failure("a list of strings is expected")
        if place:
            pieces.append((separator or "", call.span))
        pieces.extend(pieces_of(as_string(node)))
    return string(pieces, call.span)


SETS: Table[str, Function] = {
    "compact": takes(_compact, 1),
    "contains": takes(_contains, 2),
    "distinct": takes(_distinct, 1),
    "index": takes(_index, 2),
    "join": takes(_join, 2, more=True),
    "matchkeys": takes(_matchkeys, 3),
    "setintersection": takes(_setbinary(keep=True), 1, more=True),
    "setproduct": takes(_setproduct, 2, more=True),
    "setsubtract": takes(_setbinary(keep=False), 2),
    "setunion": takes(_setunion, 1, more=True),
    "sort": takes(_sort, 1),
    "toset": takes(_toset, 1),
    "transpose": takes(_transpose, 1),
}
