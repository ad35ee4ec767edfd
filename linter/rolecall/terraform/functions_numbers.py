"""Terraform's functions over numbers and booleans, and its type conversions."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import is_null, rest_of, takes
from rolecall.terraform.values import Failure, OutOfBounds, boolean_of, decimal, number, number_of, opaque, truth
from rolecall.terraform.values_types import as_string, unified
from rolecall.tree import Entry, Kind, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

_LONGEST_INTEGER = 300
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST_RANGE = 1024
"""Terraform refuses longer ranges."""


def _range(call: Call) -> Node:
    numbers = [number_of(argument) for argument in call.arguments]
    found = [value for value in numbers if value is not None]
    if len(found) < len(numbers):
        return Sequence((), call.span, call.opaque().hole)
    start, end = (found[0], found[1]) if len(found) > 1 else (decimal("0"), found[0])
    step = found[2] if len(found) > 2 else decimal("1" if end >= start else "-1")
    if start == end:
        return Sequence((), call.span)
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
    text = as_string(scalar).known
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


def _many(pick: Callable[[list[Decimal]], Decimal]) -> Function:
    """A function over all of its arguments."""

    def function(call: Call) -> Node:
        numbers = [number_of(node) for node in call.arguments]
        found = [value for value in numbers if value is not None]
        return number(pick(found), call.span) if len(found) == len(numbers) else call.opaque()

    return function


def _each(change: Callable[[Decimal], Decimal]) -> Function:
    """A function of one number."""

    def function(call: Call) -> Node:
        value = number_of(call.arguments[0])
        return call.opaque() if value is None else number(change(value), call.span)

    return function


def _sum(call: Call) -> Node:
    sequence = call.sequence(0)
    if sequence is None:
        return call.opaque()
    numbers = [number_of(node) for node in sequence.items]
    found = [value for value in numbers if value is not None]
    if len(found) < len(numbers) or sequence.rest:
        return call.opaque()
    if not found:
        raise Failure("no numbers")
    return number(sum(found, decimal("0")), call.span)


def _sign(value: Decimal) -> Decimal:
    # Terraform takes it as a whole number of 64 bits: `int64` in go-cty's `SignumFunc`.
    if abs(value) >= 2**63 or value != value.to_integral_value():
        raise Failure("a whole number of 64 bits is expected")
    return Decimal((value > 0) - (value < 0))


def _by_floats(work: Callable[[float, float], float], *, exact: bool) -> Function:
    """A function that Terraform works out with floating point, whose last digits differ between machines.

    `exact`: of whole numbers the result is exact as long as it has fewer than 53 bits.
    """

    def function(call: Call) -> Node:
        one, other = number_of(call.arguments[0]), number_of(call.arguments[1])
        if one is None or other is None:
            return call.opaque()
        try:
            value = work(float(one), float(other))
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise Failure("a number cannot be calculated") from error
        if not math.isfinite(value):
            raise Failure("a number cannot be calculated")
        whole = exact and one == int(one) and other == int(other) and other >= 0
        if whole and abs(value) < 2**53:
            return number(int(value), call.span)
        return opaque(call.name, call.arguments, call.span, reason="a number that floating point decides")

    return function


def _log(value: float, base: float) -> float:
    return math.log(value) / math.log(base)


def _parseint(call: Call) -> Node:
    argument, base = call.arguments[0], call.whole(1)
    if isinstance(argument, Scalar) and argument.kind in (Kind.NUMBER, Kind.BOOLEAN):
        raise Failure("a string is expected")
    text = call.text(0)
    if base is not None and not 2 <= base <= 62:
        raise Failure("a base from 2 to 62 is expected")
    if text is None or base is None:
        return call.opaque()
    digits = text[1:] if text[:1] in ("+", "-") else text
    if len(digits) > _LONGEST_INTEGER:
        raise OutOfBounds("a number out of bounds")
    value = 0
    for letter in digits if base > 36 else digits.lower():
        place = _DIGITS.find(letter)
        if not 0 <= place < base:
            raise Failure("a number is expected")
        value = value * base + place
    if not digits:
        raise Failure("a number is expected")
    return number(-value if text.startswith("-") else value, call.span)


NUMBERS_AND_TYPES: Table[str, Function] = {
    "abs": takes(_each(abs), 1),
    "alltrue": takes(_quantified(decisive=False), 1),
    "anytrue": takes(_quantified(decisive=True), 1),
    "ceil": takes(_each(lambda value: value.to_integral_value("ROUND_CEILING")), 1),
    "floor": takes(_each(lambda value: value.to_integral_value("ROUND_FLOOR")), 1),
    "log": takes(_by_floats(_log, exact=False), 2),
    "max": takes(_many(max), 1, more=True),
    "min": takes(_many(min), 1, more=True),
    "parseint": takes(_parseint, 2),
    "pow": takes(_by_floats(math.pow, exact=True), 2),
    "range": takes(_range, 1, 3),
    "signum": takes(_each(_sign), 1),
    "sum": takes(_sum, 1),
    "tobool": takes(_tobool, 1),
    "tolist": takes(_tolist, 1),
    "tomap": takes(_tomap, 1),
    "tonumber": takes(_tonumber, 1),
    "tostring": takes(_tostring, 1),
}
