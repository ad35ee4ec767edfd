"""Terraform's functions over points in time, written as RFC 3339 has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.functions_call import takes
from rolecall.terraform.values import Failure, OutOfBounds, number
from rolecall.tree import Node, known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

_TIME = regex.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_LENGTHS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_LENGTH = regex.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_LONGEST = Fraction(2**63, 10**9)
_PIECE = regex.compile(r"'(?:[^']|'')*'|'|([A-Za-z])\1*|[^'A-Za-z]+", re.DOTALL)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _moment(text: str) -> tuple[datetime, Fraction]:
    """A point in time, and the part of its second. Raises `Failure`."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise Failure("a time as RFC 3339 writes it is expected")
    year, month, day, hour, minute, second, part, sign, hours, minutes = match.groups()
    offset = timedelta()
    if sign:
        if int(hours) > 24 or int(minutes) >= 60:
            raise Failure("a time as RFC 3339 writes it is expected")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    if int(year) == 0 or abs(offset) >= timedelta(hours=24):
        raise OutOfBounds("a time that is not worked out")
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(offset) if offset else UTC,
        )
    except ValueError as error:
        raise Failure("a time that there is not") from error
    return moment, Fraction(int(part[:9]), 10 ** len(part[:9])) if part else Fraction(0)


def _length(text: str) -> Fraction:
    """A length of time in seconds, as Go writes it. Raises `Failure`."""
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return Fraction(0)
    if len(rest) > 100 or not re.fullmatch(f"(?:{_LENGTH.pattern})+", rest, re.ASCII):
        raise Failure("a length of time is expected")
    total = sum((Fraction(amount.rstrip(".")) * _LENGTHS[unit] for amount, unit in _LENGTH.findall(rest)), Fraction(0))
    if total >= _LONGEST:
        raise Failure("a length of time out of bounds")
    return -total if text.startswith("-") else total


def _timeadd(call: Call) -> Node:
    written, length = call.text(0), call.text(1)
    if written is None or length is None:
        return call.opaque()
    moment, part = _moment(written)
    total = part + _length(length)
    try:
        moment += timedelta(seconds=total.numerator // total.denominator)
    except OverflowError as error:
        raise OutOfBounds("a time that is not worked out") from error
    return known(
        moment.strftime("%Y").rjust(4, "0") + moment.strftime("-%m-%dT%H:%M:%S") + _zone(moment, ":", "Z"), call.span
    )


def _timecmp(call: Call) -> Node:
    one, other = call.text(0), call.text(1)
    if one is None or other is None:
        return call.opaque()
    left, right = _moment(one), _moment(other)
    return number((left > right) - (left < right), call.span)


def _formatdate(call: Call) -> Node:
    pattern, written = call.text(0), call.text(1)
    if pattern is None or written is None:
        return call.opaque()
    moment, _ = _moment(written)
    return known("".join(_formatted(pattern, moment)), call.span)


def _formatted(pattern: str, moment: datetime) -> Iterator[str]:
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if piece.startswith("'"):
            if len(piece) < 2:
                raise Failure("a date format with a quote that does not end")
            yield piece[1:-1].replace("''", "'") or "'"
        elif match[1] is None:
            yield piece
        else:
            found = _field(piece, moment)
            if found is None:
                raise Failure("a date format that is not understood")
            yield found


def _field(piece: str, moment: datetime) -> str | None:  # noqa: C901, PLR0911 - one return a field
    match piece[0], len(piece):
        case "Y", 4:
            return f"{moment.year:04}"
        case "Y", 2:
            return f"{moment.year % 100:02}"
        case "M", 4:
            return _MONTHS[moment.month - 1]
        case "M", 3:
            return _MONTHS[moment.month - 1][:3]
        case "E", 4:
            return _DAYS[moment.weekday()]
        case "E", 3:
            return _DAYS[moment.weekday()][:3]
        case "A", 2:
            return "PM" if moment.hour >= 12 else "AM"
        case "a", 2:
            return "pm" if moment.hour >= 12 else "am"
        case "Z", 5:
            return _zone(moment, ":", "+00:00")
        case "Z", 4:
            return _zone(moment, "", "+0000")
        case "Z", 3:
            return _zone(moment, "", "UTC")
        case "Z", 1:
            return _zone(moment, ":", "Z")
    value = {
        "M": moment.month,
        "D": moment.day,
        "h": moment.hour,
        "H": (moment.hour + 11) % 12 + 1,
        "m": moment.minute,
        "s": moment.second,
    }.get(piece[0])
    return str(value).rjust(len(piece), "0") if value is not None and len(piece) <= 2 else None


def _zone(moment: datetime, separator: str, zero: str) -> str:
    offset = moment.utcoffset() or timedelta()
    if not offset:
        return zero
    minutes = abs(offset) // timedelta(minutes=1)
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}{separator}{minutes % 60:02}"


DATES: Table[str, Function] = {
    "formatdate": takes(_formatdate, 2),
    "timeadd": takes(_timeadd, 2),
    "timecmp": takes(_timecmp, 2),
}
