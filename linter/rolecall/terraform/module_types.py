"""Type constraints of variables: conversions, and the defaults of `optional(…)` in object types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.functions_sets import set_of
from rolecall.terraform.values import Failure, decimal, null, opaque, selected, spelled, step_of, the_hole
from rolecall.terraform.values_types import as_string, unified
from rolecall.tree import Entry, Kind, Mapping, Node, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.terraform.evaluate import Evaluator

_DEEPEST = 30
_COLLECTIONS = ("list", "map", "set")
_KINDS = {"string": Kind.STRING, "number": Kind.NUMBER, "bool": Kind.BOOLEAN}


def conformed(  # noqa: PLR0911 - one return a case
    value: Node, constraint: hcl.Expression, evaluator: Evaluator, depth: int = 0
) -> Node:
    """A value as its type constraint makes it; what does not fit is left as it is."""
    if depth > _DEEPEST or the_hole(value) is not None or (isinstance(value, Scalar) and value.is_null):
        return value
    if isinstance(constraint, hcl.Variable):
        if constraint.name in _COLLECTIONS:
            return _collection(value, constraint.name, constraint, evaluator, depth)
        return _primitive(value, constraint.name)
    if not isinstance(constraint, hcl.Call) or not constraint.arguments:
        return value
    inner = constraint.arguments[0]
    match constraint.name, value, inner:
        case "optional", _, _:
            return conformed(value, inner, evaluator, depth + 1)
        case "object", Mapping(), hcl.ObjectOf():
            return _object(value, inner, evaluator, depth)
        case "tuple", Sequence(), hcl.TupleOf() if len(value.items) == len(inner.items) and value.rest is None:
            pairs = zip(value.items, inner.items, strict=True)
            return Sequence(tuple(conformed(item, kind, evaluator, depth + 1) for item, kind in pairs), value.span)
    return _collection(value, constraint.name, inner, evaluator, depth)


def _primitive(value: Node, name: str) -> Node:
    kind = _KINDS.get(name)
    if kind is None or not isinstance(value, Scalar) or value.holes or not _is_written_as(value, kind):
        return value
    if kind is Kind.STRING:
        return as_string(value)
    if kind is Kind.NUMBER:
        return Scalar((spelled(decimal(value.known or "")),), kind, value.span, value.via)
    return Scalar(value.parts, kind, value.span, value.via, value.places)


def _is_written_as(value: Scalar, kind: Kind) -> bool:
    if kind is Kind.BOOLEAN:
        return value.known in ("true", "false")
    if kind is Kind.NUMBER and value.kind is not Kind.BOOLEAN:
        try:
            decimal(value.known or "")
        except Failure:
            return False
        return True
    return kind is Kind.STRING


def _collection(value: Node, name: str, inner: hcl.Expression, evaluator: Evaluator, depth: int) -> Node:
    """A list, set or map; its items are of the type `inner`, where that is `any` of one type that fits all."""
    try:
        if name in ("list", "set") and isinstance(value, Sequence):
            items = unified(conformed(item, inner, evaluator, depth + 1) for item in value.items)
            return set_of(items, value.span, value.rest) if name == "set" else Sequence(items, value.span, value.rest)
        if name == "map" and isinstance(value, Mapping):
            found = unified(conformed(entry.value, inner, evaluator, depth + 1) for entry in value.entries)
            entries = (Entry(entry.key, item) for entry, item in zip(value.entries, found, strict=True))
            return Mapping(tuple(entries), value.span, value.rest)
    except Failure:
        pass  # not of one type, which is an error in Terraform
    return value


def _object(value: Mapping, inner: hcl.ObjectOf, evaluator: Evaluator, depth: int) -> Mapping:
    entries: list[Entry] = []
    unsure = [entry.key for entry in value.entries if entry.key.known is None]
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
        if given is None and unsure:
            # It may be what is given under a key that is not known.
            entries.append(Entry(key, opaque(step_of(name, Kind.STRING), unsure, value.span)))
        elif given is None and value.rest is not None:
            entries.append(Entry(key, unknown(selected(value.rest, step_of(name, Kind.STRING)), value.span)))
        elif optional is not None and len(optional.arguments) > 1:
            default = evaluator.apart(optional.arguments[1], {})
            entries.append(Entry(key, conformed(default, optional.arguments[0], evaluator, depth + 1)))
        elif optional is not None or given is not None:
            entries.append(Entry(key, null(value.span)))
    return Mapping(tuple(entries), value.span)
