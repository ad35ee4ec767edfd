"""What is known of one of two values when it is not known which."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.values import Failure, fields, identity, is_known, opaque, same, string
from rolecall.terraform.values_types import Set, unified
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, merged

if TYPE_CHECKING:
    from rolecall.span import Span

_DEEPEST = 8
_MOST = 100
# Text that cannot change how the text around it is read, should that be JSON or YAML.
_PLAIN = regex.compile(r"[\w./:@*+=~-]*")


def either(condition: Node, yes: Node, no: Node, span: Span) -> Node:
    """A value of which is known what both have in common: items, entries, the beginning and end of a string."""
    try:
        yes, no = unified((yes, no))
    except Failure:
        return opaque("?:", (condition, yes, no), span)
    return _common(condition, yes, no, span, 0)


def _common(condition: Node, yes: Node, no: Node, span: Span, depth: int) -> Node:
    if same(yes, no) or (not is_known(yes) and identity((yes,)) == identity((no,))):
        return yes
    result = opaque("?:", (condition, yes, no), span)
    if isinstance(yes, Sequence) and isinstance(no, Sequence):
        if depth < _DEEPEST and _side_by_side(yes, no):
            pairs = zip(yes.items, no.items, strict=True)
            return Sequence(tuple(_common(condition, one, other, span, depth + 1) for one, other in pairs), span)
        return _common_items(yes, no, result.hole, span)
    if isinstance(yes, Mapping) and isinstance(no, Mapping):
        return _common_entries(condition, (yes, no), result.hole, span, depth)
    if isinstance(yes, Scalar) and isinstance(no, Scalar) and yes.kind is Kind.STRING and no.kind is Kind.STRING:
        return _common_text(yes, no, result)
    return result


def _side_by_side(yes: Sequence, no: Sequence) -> bool:
    lists = not isinstance(yes, Set) and not isinstance(no, Set)
    return lists and len(yes.items) == len(no.items) and yes.rest is None and no.rest is None


def _common_items(yes: Sequence, no: Sequence, hole: Hole, span: Span) -> Sequence:
    if isinstance(yes, Set) or isinstance(no, Set):
        shared = (item for item in yes.items[:_MOST] if any(same(item, other) for other in no.items[:_MOST]))
        return Set(tuple(shared), span, hole)
    pairs = takewhile(lambda pair: same(*pair), zip(yes.items, no.items, strict=False))
    return Sequence(tuple(item for item, _ in pairs), span, hole)


def _common_entries(condition: Node, both: tuple[Mapping, Mapping], hole: Hole, span: Span, depth: int) -> Mapping:
    found = [fields(Mapping(mapping.entries, mapping.span)) for mapping in both]
    yes, no = found
    if yes is None or no is None or depth >= _DEEPEST:
        # A key that is not known may be any of the others.
        return Mapping((), span, hole)
    entries = tuple(
        Entry(entry.key, _common(condition, yes[key], no[key], span, depth + 1))
        for entry in both[0].entries
        if (key := entry.key.known) is not None and key in no and both[0].entry(key) is entry
    )
    whole = yes.keys() == no.keys() and not any(mapping.rest for mapping in both)
    return Mapping(entries, span, None if whole else hole)


def _common_text(yes: Scalar, no: Scalar, result: Scalar) -> Scalar:
    one, other = list(merged(yes.parts)), list(merged(no.parts))
    begin = _taken(one, other)
    end = _taken(one, other, backwards=True)
    known = [part for part in (*one, *other) if isinstance(part, str)]
    if not any(isinstance(part, str) for part in (*begin, *end)) or not all(_PLAIN.fullmatch(part) for part in known):
        return result
    span = result.span
    return string(((part, span) for part in (*begin, result.hole, *reversed(end))), span)


def _taken(one: list[str | Hole], other: list[str | Hole], *, backwards: bool = False) -> list[str | Hole]:
    """Takes what two strings have in common at one end out of them."""
    taken: list[str | Hole] = []
    place = -1 if backwards else 0
    while one and other:
        left, right = one[place], other[place]
        if left == right:
            taken.append(one.pop(place))
            other.pop(place)
            continue
        if isinstance(left, str) and isinstance(right, str):
            text = _shared(left, right, backwards=backwards)
            size = len(text)
            one[place] = left[: len(left) - size] if backwards else left[size:]
            other[place] = right[: len(right) - size] if backwards else right[size:]
            taken.append(text)
        break
    return [part for part in taken if part]


def _shared(left: str, right: str, *, backwards: bool) -> str:
    step = -1 if backwards else 1
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(left[::step], right[::step], strict=False))
    return "".join(letter for letter, _ in pairs)[::step]
