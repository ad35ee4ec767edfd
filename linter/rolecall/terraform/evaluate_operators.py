"""Terraform's operators over partly known values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.values import (
    LARGEST,
    NUMBERS,
    Failure,
    OutOfBounds,
    boolean_of,
    number,
    number_of,
    opaque,
    same,
    truth,
)
from rolecall.terraform.values_numbers import is_long, worked_out

if TYPE_CHECKING:
    from decimal import Decimal

    from rolecall.span import Span
    from rolecall.tree import Node


def binary(operator: str, left: Node, right: Node, span: Span) -> Node:  # noqa: PLR0911 - one branch a case
    """`left operator right`. Raises `Failure` where the operands do not fit."""
    if operator in ("==", "!="):
        equal = same(left, right)
        return opaque(operator, (left, right), span) if equal is None else truth(equal is (operator == "=="), span)
    if operator in ("&&", "||"):
        return _logical(operator, left, right, span)
    one, other = number_of(left), number_of(right)
    if one is None or other is None:
        return opaque(operator, (left, right), span)
    match operator:
        case "<":
            return truth(one < other, span)
        case ">":
            return truth(one > other, span)
        case "<=":
            return truth(one <= other, span)
        case ">=":
            return truth(one >= other, span)
    return number(_arithmetic(operator, one, other), span)


def _logical(operator: str, left: Node, right: Node, span: Span) -> Node:
    one, other = boolean_of(left), boolean_of(right)
    decisive = operator == "||"
    if one is decisive or other is decisive:
        return truth(decisive, span)
    if one is None or other is None:
        return opaque(operator, (left, right), span)
    return truth(not decisive, span)


def _arithmetic(operator: str, one: Decimal, other: Decimal) -> Decimal:
    try:
        match operator:
            case "+":
                value = NUMBERS.add(one, other)
            case "-":
                value = NUMBERS.subtract(one, other)
            case "*":
                value = NUMBERS.multiply(one, other)
            case "/":
                value = NUMBERS.divide(one, other)
            case "%":
                value = NUMBERS.remainder(one, other)
            case _:
                raise Failure("an operator that is not understood")
        if operator != "%" and any(map(is_long, (one, other, value))):
            # Not exact any more: what the last digits are, 512 bits decide.
            value = worked_out(operator, one, other)
    except ArithmeticError as error:
        raise Failure("a number cannot be calculated") from error
    if abs(value.adjusted()) > LARGEST:
        raise OutOfBounds("a number out of bounds")
    return value


def negated(operator: str, value: Node, span: Span) -> Node:
    """`!value` or `-value`. Raises `Failure` where the operand does not fit."""
    if operator == "!":
        answer = boolean_of(value)
        return opaque(operator, (value,), span, plain=True) if answer is None else truth(not answer, span)
    amount = number_of(value)
    return opaque(operator, (value,), span, plain=True) if amount is None else number(-amount, span)
