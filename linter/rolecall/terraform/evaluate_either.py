"""What is known of one of two values when it is not known which."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from rolecall.terraform.values import Failure, fields, identity, is_known, opaque, same, string
from rolecall.terraform.values_types import Set, unified
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, merged

if TYPE_CHECKING:
    from collections.abc import Sequence as Items

    from rolecall.span import Span

_DEEPEST = 8
# Text that cannot change how the text around it is read, should that be JSON or YAML.
_PLAIN = re.compile(r"[\w./:@*+=~-]*")


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
        if isinstance(yes, Set) or isinstance(no, Set):
            shared = tuple(item for item in yes.items[:100] if any(same(item, other) for other in no.items[:100]))
            return Set(shared, span, result.hole)
        if depth < _DEEPEST and len(yes.items) == len(no.items) and not yes.rest and not no.rest:
            pairs = zip(yes.items, no.items, strict=True)
            return Sequence(tuple(_common(condition, one, other, span, depth + 1) for one, other in pairs), span)
        return Sequence(_same_beginning(yes.items, no.items), span, result.hole)
    if isinstance(yes, Mapping) and isinstance(no, Mapping):
        return _common_entries(condition, (yes, no), result.hole, span, depth)
    if isinstance(yes, Scalar) and isinstance(no, Scalar) and yes.kind is Kind.STRING and no.kind is Kind.STRING:
        return _common_text(yes, no, result)
    return result


def _same_beginning(one: Items[Node], other: Items[Node]) -> tuple[Node, ...]:
    count = 0
    for left, right in zip(one, other, strict=False):
        if not same(left, right):
            break
        count += 1
    return tuple(one[:count])


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
    if backwards:
        return os.path.commonprefix([left[::-1], right[::-1]])[::-1]
    return os.path.commonprefix([left, right])
