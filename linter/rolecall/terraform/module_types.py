"""Type constraints of variables: conversions, and the defaults of `optional(…)` in object types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.functions_sets import distinct
from rolecall.terraform.values import null, selected, step_of, the_hole
from rolecall.terraform.values_types import Set, as_string, in_order
from rolecall.tree import Entry, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.terraform.evaluate import Evaluator

_DEEPEST = 30
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_KINDS = {"string": Kind.STRING, "number": Kind.NUMBER, "bool": Kind.BOOLEAN}


def conformed(  # noqa: C901, PLR0911 - one return a case
    value: Node, constraint: hcl.Expression, evaluator: Evaluator, depth: int = 0
) -> Node:
    """A value as its type constraint makes it; what does not fit is left as it is."""
    if depth > _DEEPEST or the_hole(value) is not None or (isinstance(value, Scalar) and value.is_null):
        return value
    if isinstance(constraint, hcl.Variable):
        kind = _KINDS.get(constraint.name)
        if kind is None or not isinstance(value, Scalar) or value.holes or not _is_written_as(value, kind):
            return value
        if kind is Kind.STRING:
            return as_string(value)
        return Scalar(value.parts, kind, value.span, value.via, value.places)
    if not isinstance(constraint, hcl.Call) or not constraint.arguments:
        return value
    inner = constraint.arguments[0]
    match constraint.name, value:
        case "optional", _:
            return conformed(value, inner, evaluator, depth + 1)
        case "list", Sequence():
            items = tuple(conformed(item, inner, evaluator, depth + 1) for item in value.items)
            return Sequence(items, value.span, value.rest)
        case "set", Sequence():
            kept, unsure = distinct(conformed(item, inner, evaluator, depth + 1) for item in value.items)
            return Set(tuple(in_order(kept)), value.span, value.rest or unsure)
        case "tuple", Sequence() if isinstance(inner, hcl.TupleOf) and len(inner.items) == len(value.items):
            pairs = zip(value.items, inner.items, strict=True)
            return Sequence(tuple(conformed(item, kind, evaluator, depth + 1) for item, kind in pairs), value.span)
        case "map", Mapping():
            entries = (Entry(e.key, conformed(e.value, inner, evaluator, depth + 1)) for e in value.entries)
            return Mapping(tuple(entries), value.span, value.rest)
        case "object", Mapping():
            return _object(value, inner, evaluator, depth) if isinstance(inner, hcl.ObjectOf) else value
    return value


def _is_written_as(value: Scalar, kind: Kind) -> bool:
    text = value.known or ""
    if kind is Kind.BOOLEAN:
        return text in ("true", "false")
    if kind is Kind.NUMBER:
        return _NUMBER.fullmatch(text) is not None
    return True


def _object(value: Mapping, inner: hcl.ObjectOf, evaluator: Evaluator, depth: int) -> Mapping:
    entries: list[Entry] = []
    for item in inner.items:
        if not isinstance(item.key, hcl.Template) or not all(isinstance(piece, hcl.Text) for piece in item.key.pieces):
            return value
        name = "".join(piece.text for piece in item.key.pieces if isinstance(piece, hcl.Text))
        given = value.entry(name)
        if given is not None and not (isinstance(given.value, Scalar) and given.value.is_null):
            entries.append(Entry(given.key, conformed(given.value, item.value, evaluator, depth + 1)))
            continue
        key = known(name, item.key.span)
        optional = item.value if isinstance(item.value, hcl.Call) and item.value.name == "optional" else None
        if given is None and value.rest is not None:
            entries.append(Entry(key, unknown(selected(value.rest, step_of(name, Kind.STRING)), value.span)))
        elif optional is not None and len(optional.arguments) > 1:
            default = evaluator.apart(optional.arguments[1], {})
            entries.append(Entry(key, conformed(default, optional.arguments[0], evaluator, depth + 1)))
        elif optional is not None:
            entries.append(Entry(key, null(value.span)))
    return Mapping(tuple(entries), value.span, value.rest)
