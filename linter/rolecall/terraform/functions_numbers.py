"""Terraform's functions over numbers and booleans, and its type conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import is_null, rest_of, unified
from rolecall.terraform.values import (
    Failure,
    boolean_of,
    decimal,
    number,
    number_of,
    spelled,
    truth,
)
from rolecall.tree import Entry, Kind, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

_LONGEST_RANGE = 1024
"""Terraform refuses longer ranges."""


def _range(call: Call) -> Node:
    numbers = [number_of(argument) for argument in call.arguments]
    found = [value for value in numbers if value is not None]
    if len(found) < len(numbers):
        return Sequence((), call.span, call.opaque().holes[0])
    start, end = (found[0], found[1]) if len(found) > 1 else (decimal("0"), found[0])
    step = found[2] if len(found) > 2 else decimal("1" if end >= start else "-1")
    if step == 0 or (end - start) * step < 0:
        raise Failure("a range that does not end")
    if (end - start) / step > _LONGEST_RANGE:
        raise Failure("a range of more than 1024 numbers")
    items: list[Node] = []
    while (start < end) if step > 0 else (start > end):
        items.append(number(start, call.span))
        start += step
    return Sequence(tuple(items), call.span)


def _tolist(call: Call) -> Node:
    value = call.arguments[0]
    if is_null(value):
        return value
    sequence = call.sequence(0)
    if sequence is None:
        return Sequence((), call.span, rest_of(call, 0))
    return Sequence(unified(sequence.items), sequence.span, sequence.rest)


def _tomap(call: Call) -> Node:
    value = call.arguments[0]
    if is_null(value):
        return value
    mapping = call.mapping(0)
    if mapping is None:
        return Mapping((), call.span, rest_of(call, 0))
    values = unified(entry.value for entry in mapping.entries)
    entries = (Entry(entry.key, value) for entry, value in zip(mapping.entries, values, strict=True))
    return Mapping(tuple(entries), mapping.span, mapping.rest)


def _tostring(call: Call) -> Node:
    value = call.arguments[0]
    if is_null(value):
        return value
    scalar = call.scalar(0)
    if scalar.kind is Kind.UNKNOWN:
        return scalar
    text = scalar.known
    if scalar.kind is Kind.NUMBER and text is not None:
        text = spelled(decimal(text))
    return scalar if text is None else Scalar((text,), Kind.STRING, scalar.span, (*scalar.via, call.span))


def _tonumber(call: Call) -> Node:
    value = call.arguments[0]
    if is_null(value):
        return value
    amount = number_of(value)
    return call.opaque(plain=True) if amount is None else number(amount, call.span)


def _tobool(call: Call) -> Node:
    value = call.arguments[0]
    if is_null(value):
        return value
    answer = boolean_of(value)
    return call.opaque(plain=True) if answer is None else truth(answer, call.span)


def _quantified(*, decisive: bool) -> Function:
    def function(call: Call) -> Node:
        sequence = call.sequence(0)
        if sequence is None:
            return call.opaque(plain=True)
        answers = [False if is_null(node) else boolean_of(node) for node in sequence.items]
        if decisive in answers:
            return truth(decisive, call.span)
        if None in answers or sequence.rest:
            return call.opaque()
        return truth(not decisive, call.span)

    return function


def _numeric(pick: str) -> Function:  # noqa: C901 - one branch a case
    def function(call: Call) -> Node:  # noqa: PLR0911 - one branch a case
        nodes: Iterable[Node] = call.arguments
        if pick == "sum":
            sequence = call.sequence(0)
            if sequence is None or sequence.rest:
                return call.opaque()
            nodes = sequence.items
        numbers = [number_of(node) for node in nodes]
        found = [value for value in numbers if value is not None]
        if len(found) < len(numbers):
            return call.opaque()
        if not found:
            raise Failure("no numbers")
        match pick:
            case "sum":
                return number(sum(found, decimal("0")), call.span)
            case "min":
                return number(min(found), call.span)
            case "max":
                return number(max(found), call.span)
            case "abs":
                return number(abs(found[0]), call.span)
            case "ceil":
                return number(found[0].to_integral_value("ROUND_CEILING"), call.span)
            case _:
                return number(found[0].to_integral_value("ROUND_FLOOR"), call.span)

    return function


NUMBERS_AND_TYPES: Table[str, Function] = {
    "abs": _numeric("abs"),
    "alltrue": _quantified(decisive=False),
    "anytrue": _quantified(decisive=True),
    "ceil": _numeric("ceil"),
    "floor": _numeric("floor"),
    "max": _numeric("max"),
    "min": _numeric("min"),
    "range": _range,
    "sum": _numeric("sum"),
    "tobool": _tobool,
    "tolist": _tolist,
    "tomap": _tomap,
    "tonumber": _tonumber,
    "tostring": _tostring,
}
