"""Terraform's `format`: the verbs of Go's, over values of Terraform's types (go-cty, `function/stdlib/format.go`)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass
from rolecall.terraform.functions_graphemes import clusters
from rolecall.terraform.functions_json import encoded, quoted
from rolecall.terraform.values import Failure, OutOfBounds, boolean_of, number_of, opaque, text_of
from rolecall.terraform.values_numbers import rounded
from rolecall.terraform.values_types import as_string
from rolecall.tree import Hole, Kind, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.span import Span

_VERB = regex.compile(
    r"%(?:%|(?P<flags>[-+# 0]*)(?P<width>\d{0,9})(?:\.(?P<precision>\d{0,9}))?"
    r"(?:\[(?P<index>\d{1,4})\])?(?P<verb>[a-zA-Z]))"
)
_WIDEST = 200
_DIGITS = Context(prec=1_500, rounding=ROUND_HALF_EVEN)
_BASES = {"b": "b", "o": "o", "x": "x", "X": "X", "d": "d"}


@dataclass(frozen=True, slots=True)
class _Verb:
    letter: str
    flags: str
    width: int
    precision: int | None
    written: str


def formatted(template: str, arguments: tuple[Node, ...], span: Span) -> Iterable[tuple[str | Hole, Span]]:
    """The pieces of the text; what a verb makes of an unknown value is a hole. Raises `Failure`."""
    pieces: list[tuple[str | Hole, Span]] = []
    at = following = used = 0
    for match in _VERB.finditer(template):
        if "%" in template[at : match.start()]:
            raise Failure("a format that is not understood")
        pieces.append((template[at : match.start()], span))
        at = match.end()
        if match[0] == "%%":
            pieces.append(("%", span))
            continue
        index = int(match["index"]) - 1 if match["index"] else following
        following = index + 1
        used = max(used, following)
        if not 0 <= index < len(arguments):
            raise Failure("a format with too few values")
        width = int(match["width"] or 0)
        precision = int(match["precision"] or 0) if match["precision"] is not None else None
        if width > _WIDEST or (precision or 0) > _WIDEST:
            raise OutOfBounds("a format that is too wide")
        verb = _Verb(match["verb"], match["flags"], width, precision, match[0])
        pieces.extend(_one(verb, arguments[index]))
    if "%" in template[at:]:
        raise Failure("a format that is not understood")
    if used < len(arguments):
        raise Failure("a format with too many values")
    pieces.append((template[at:], span))
    return pieces


def _one(verb: _Verb, value: Node) -> Iterator[tuple[str | Hole, Span]]:
    plain = not verb.width and verb.precision is None
    if isinstance(value, Scalar) and value.holes and plain:
        if verb.letter == "s" or (verb.letter == "v" and "#" not in verb.flags and value.kind is Kind.STRING):
            # Also where the verb is `%v`, if the value is sure to be a string.
            yield from ((part, value.span) for part in value.parts)
            return
        if verb.letter == "v" and "#" not in verb.flags:
            # Of an unknown value; a large number looks different, which no name of anything is.
            yield value.parts[0], value.span
            return
    text = _text(verb, value)
    if text is None:
        yield opaque(f"format {verb.written}", (value,), value.span).parts[0], value.span
    else:
        yield text, value.span


def _text(verb: _Verb, value: Node) -> str | None:
    match verb.letter:
        case "v":
            return _as_is(verb, value)
        case "s" | "q":
            text = text_of(as_string(value) if isinstance(value, Scalar) else value)
            if text is None:
                return None
            text = _cut(verb, text)
            return _padded(verb, quoted(text) if verb.letter == "q" else text)
        case "t":
            answer = boolean_of(value)
            return None if answer is None else str(answer).lower()
        case "d" | "b" | "o" | "x" | "X":
            number = number_of(value)
            return None if number is None else _whole(verb, number)
        case "e" | "E" | "f" | "g" | "G":
            number = number_of(value)
            return None if number is None else _signed(verb, _float(verb, number))
    raise Failure("a format with a verb that is not understood")


def _as_is(verb: _Verb, value: Node) -> str | None:
    if isinstance(value, Scalar) and not value.is_null and "#" not in verb.flags:
        if value.kind is Kind.NUMBER and value.known is not None:
            number = number_of(value)
            return None if number is None else _padded(verb, general(number, None))
        if value.kind is Kind.STRING and value.known is not None:
            return _padded(verb, value.known)
    text = ""
    for part, _ in encoded(value):
        if isinstance(part, Hole):
            return None
        text += part
    return _padded(verb, text)


def _cut(verb: _Verb, text: str) -> str:
    if verb.precision is None:
        return text
    letters = clusters(text)
    if letters is None:
        raise OutOfBounds("a text of which the characters are not told")
    return "".join(letters[: verb.precision])


def _padded(verb: _Verb, text: str) -> str:
    if not verb.width:
        return text
    letters = clusters(text)
    if letters is None:
        raise OutOfBounds("a text of which the characters are not told")
    text = "".join(letters)
    padding = ("0" if "0" in verb.flags else " ") * (verb.width - len(letters))
    return text + padding if "-" in verb.flags else padding + text


def _whole(verb: _Verb, number: Decimal) -> str:
    if number != number.to_integral_value(context=_DIGITS):
        raise Failure("a whole number is expected")
    prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.letter, "") if "#" in verb.flags else ""
    digits = format(abs(int(number)), _BASES[verb.letter])
    if verb.precision is not None:
        digits = digits.zfill(verb.precision)
    sign = "-" if number < 0 else ""
    return _signed(verb, sign + digits, prefix, exact=verb.precision is not None)


def _signed(verb: _Verb, text: str, prefix: str = "", *, exact: bool = False) -> str:
    """The text of a number with its sign, and as wide as asked for."""
    sign = "-" if text.startswith("-") else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    sign += prefix
    digits = text.removeprefix("-")
    missing = verb.width - len(sign) - len(digits)
    if "-" in verb.flags:
        return sign + digits + " " * missing
    if "0" in verb.flags and not exact:
        return sign + "0" * missing + digits
    return " " * missing + sign + digits


def _float(verb: _Verb, number: Decimal) -> str:
    precision = verb.precision
    match verb.letter:
        case "e" | "E":
            text = _scientific(rounded(number), 6 if precision is None else precision)
            return text.upper() if verb.letter == "E" else text
        case "f":
            return _fixed(rounded(number), 6 if precision is None else precision)
    text = general(number, precision)
    return text.upper() if verb.letter == "G" else text


def _fixed(number: Decimal, precision: int) -> str:
    return format(number.quantize(Decimal(1).scaleb(-precision), context=_DIGITS), "f")


def _scientific(number: Decimal, precision: int) -> str:
    cut = Context(prec=precision + 1, rounding=ROUND_HALF_EVEN).create_decimal(number)
    digits = "".join(map(str, cut.as_tuple().digits)).ljust(precision + 1, "0")[: precision + 1]
    exponent = cut.adjusted() if cut else 0
    mantissa = digits[0] + ("." + digits[1:] if precision else "")
    return f"{'-' if number < 0 else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def general(number: Decimal, precision: int | None) -> str:
    """A number as Go's `%g` writes it: the shorter of two forms."""
    if precision is not None:
        number = Context(prec=max(precision, 1), rounding=ROUND_HALF_EVEN).create_decimal(rounded(number))
    if not number:
        return "0"
    number = number.normalize(_DIGITS)
    digits = len(number.as_tuple().digits)
    exponent = number.adjusted()
    # For the shortest digits Go decides as if there were six (strconv, `FormatFloat`).
    limit = 6 if precision is None else max(precision, 1)
    if exponent < -4 or exponent >= limit:
        return _scientific(number, digits - 1)
    return format(number, "f")
