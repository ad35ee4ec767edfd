"""Numbers as Terraform counts: binary, of 512 bits, shown with as few digits as tell them from their neighbours."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_BITS = 512
_EXACT = Context(prec=1_500, rounding=ROUND_HALF_EVEN)
_FEWEST = 150


def binary(value: Fraction) -> Fraction:
    """The number of 512 bits that is next to a value."""
    if not value:
        return value
    step = _step(value)
    return round(value / step) * step


def _step(value: Fraction) -> Fraction:
    """What the last of 512 bits is worth."""
    power = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** power:
        power -= 1
    return Fraction(2) ** (power - _BITS + 1)


def is_long(number: Decimal) -> bool:
    """Whether a number has as many digits as one that was rounded to 512 bits."""
    return len(number.as_tuple().digits) >= _FEWEST


def worked_out(operator: str, one: Decimal, other: Decimal) -> Decimal:
    """`one operator other` with the rounding of 512 bits. Raises `ZeroDivisionError`."""
    left, right = binary(Fraction(one)), binary(Fraction(other))
    match operator:
        case "+":
            value = left + right
        case "-":
            value = left - right
        case "*":
            value = left * right
        case _:
            value = left / right
    return shortest(binary(value)) if value else Decimal(0)


def shortest(value: Fraction) -> Decimal:
    """The shortest decimal that 512 bits tell from every other: what Go writes for the precision -1."""
    decimal = exactly(value)
    step = _step(value)
    low, high = value - step / 2, value + step / 2
    even = round(value / step) % 2 == 0
    # With more digits a candidate only comes nearer.
    fewest, most = 1, _FEWEST + 10
    while fewest < most:
        digits = (fewest + most) // 2
        near = Fraction(_cut(decimal, digits))
        if low < near < high or (even and near in (low, high)):
            most = digits
        else:
            fewest = digits + 1
    return _cut(decimal, most)


def _cut(decimal: Decimal, digits: int) -> Decimal:
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(decimal)


def exactly(value: Fraction) -> Decimal:
    """A value with all of its digits (or many more than count)."""
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(number: Decimal) -> Decimal:
    """A number as its 512 bits are, with all digits: what decides how a half is rounded."""
    return exactly(binary(Fraction(number)))
