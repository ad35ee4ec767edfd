"""Numbers as Terraform counts: binary, of 512 bits, shown with as few digits as tell them from their neighbours."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_BITS = 512
_EXACT = Context(prec=1_500, rounding=ROUND_HALF_EVEN)
_FEWEST = 150


def binary(value: Fraction) -> Fraction:
    """The number of 512 bits that is next to a value."""
    step = _step(value, _BITS)
    return round(value / step) * step


def _step(value: Fraction, bits: int) -> Fraction:
    """What the last of so many bits is worth."""
    power = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(value) < Fraction(2) ** power:
        power -= 1
    return Fraction(2) ** (power - bits + 1)


def quotient(one: Decimal, other: Decimal) -> Decimal:
    """`one / other`. Raises `ZeroDivisionError`."""
    return shortest(binary(binary(Fraction(one)) / binary(Fraction(other))))


def shortest(value: Fraction, bits: int = _BITS) -> Decimal:
    """The shortest decimal that so many bits tell from every other: what Go writes for the precision -1."""
    decimal = exactly(value)
    step = _step(value, bits)
    low, high = value - step / 2, value + step / 2
    even = round(value / step) % 2 == 0
    for digits in range(1 if bits < _BITS else _FEWEST, _BITS):
        candidate = Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(decimal)
        if low < Fraction(candidate) < high or (even and Fraction(candidate) in (low, high)):
            return candidate
    return decimal


def exactly(value: Fraction) -> Decimal:
    """A value with all of its digits (or many more than count)."""
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(number: Decimal) -> Decimal:
    """A number as its 512 bits are, with all digits: what decides how a half is rounded."""
    return exactly(binary(Fraction(number)))
