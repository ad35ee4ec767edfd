"""Terraform's string functions that look for a text in a string: to replace it, to take it away, to split there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import takes
from rolecall.terraform.functions_graphemes import clusters
from rolecall.terraform.functions_regex import replaced_by_regex
from rolecall.terraform.values import OutOfBounds, opaque, pieces_of, string
from rolecall.tree import Hole, Kind, Node, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

# Unicode's White_Space, which Go trims.
_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LONGEST = 1_000_000


def _replace(call: Call) -> Node:
    needle, substitute = call.text(1), call.text(2)
    if needle is None or substitute is None:
        return call.opaque()
    scalar = call.scalar(0)
    if len(needle) > 1 and needle.startswith("/") and needle.endswith("/"):
        text = scalar.known
        result = replaced_by_regex(needle[1:-1], text, substitute) if text is not None else None
        if result is None:
            return _stripped(call, scalar, needle[1:-1] if substitute == "" else "")
        return known(result, call.span)
    if scalar.known is not None:
        if len(scalar.known) * (len(substitute) + 1) > _LONGEST:
            raise OutOfBounds("a value that is too large")
        return _kept(call, scalar, scalar.known.replace(needle, substitute))
    parts = merged(scalar.parts)
    if needle == "" or any(isinstance(part, str) and _straddles(part, needle) for part in parts):
        return call.opaque()
    pieces: list[tuple[str | Hole, Span]] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append((part.replace(needle, substitute), call.span))
        else:
            found = _stripped(call, Scalar((part,), Kind.UNKNOWN, call.span), needle if substitute == "" else "")
            pieces.append((found.parts[0], call.span))
    return string(pieces, call.span) if len(pieces) > 1 else Scalar((pieces[0][0],), scalar.kind, call.span)


def _straddles(part: str, needle: str) -> bool:
    """Whether an occurrence could lie partly in this known part and partly in holes beside it."""
    if part in needle:
        return True
    return any(part.endswith(needle[:cut]) or part.startswith(needle[cut:]) for cut in range(1, min(len(needle), 300)))


def _stripped(call: Call, scalar: Scalar, needle: str) -> Scalar:
    """The unknown result of taking something away from an unknown value.

    Taking `https://` from an issuer, and everything before the issuer from a provider's ARN, is told by the
    function's name alone, so that the same issuer is known again; anything else carries a digest.
    """
    hole = scalar.holes[0] if scalar.holes else None
    attribute = hole.references[0].attribute if hole and len(hole.references) == 1 else ""
    provider = "provider/" in needle.replace("\\", "")
    plain = len(scalar.parts) == 1 and (provider if attribute.endswith("arn") else needle == "https://")
    arguments = (scalar,) if plain else (scalar, *call.arguments[1:])
    return opaque(call.name, arguments, call.span, plain=plain)


def _kept(call: Call, scalar: Scalar, text: str) -> Scalar:
    """Known text that came out of a call: where it is written if it is what was written, else the call."""
    return scalar.passed(call.span) if text == scalar.known and scalar.kind is Kind.STRING else known(text, call.span)


def _trimprefix(call: Call) -> Node:
    prefix, scalar = call.text(1), call.scalar(0)
    if prefix is None:
        return call.opaque()
    if scalar.known is not None:
        return _kept(call, scalar, scalar.known.removeprefix(prefix))
    parts = merged(scalar.parts)
    first = parts[0]
    if isinstance(first, Hole):
        whole = _stripped(call, Scalar((first,), Kind.UNKNOWN, call.span), prefix)
        if len(parts) == 1:
            return whole
        # Only if the hole alone decides whether the prefix is there; it may be shorter than the prefix.
        return call.opaque() if prefix else scalar
    if len(first) < len(prefix) and prefix.startswith(first):
        return call.opaque()
    rest = (first.removeprefix(prefix), *parts[1:])
    return string(((part, call.span) for part in rest), call.span)


def _trimsuffix(call: Call) -> Node:
    suffix, scalar = call.text(1), call.scalar(0)
    if suffix is None:
        return call.opaque()
    if scalar.known is not None:
        return _kept(call, scalar, scalar.known.removesuffix(suffix))
    parts = merged(scalar.parts)
    last = parts[-1]
    if isinstance(last, Hole) or (len(last) < len(suffix) and suffix.endswith(last)):
        return call.opaque()
    return string(((part, call.span) for part in (*parts[:-1], last.removesuffix(suffix))), call.span)


def _split(call: Call) -> Node:
    separator, scalar = call.text(0), call.scalar(1)
    text = scalar.known
    if separator is None:
        return call.opaque()
    if text is None:
        return _split_partly(call, separator, scalar)
    if separator == "":
        letters = clusters(text)
        if letters is None:
            return call.opaque()
        return Sequence(tuple(known(letter, call.span) for letter in letters), call.span)
    return Sequence(tuple(known(part, call.span) for part in text.split(separator)), call.span)


def _split_partly(call: Call, separator: str, scalar: Scalar) -> Node:
    """The items that stand between known separators; how many others there are, the holes decide."""
    parts = merged(scalar.parts)
    if len(parts) == 1:
        whole = _stripped(call, scalar, separator)
        return whole if "#" not in whole.holes[-1].through[-1] else call.opaque()
    if any(separator.startswith(separator[cut:]) for cut in range(1, len(separator))) or not separator:
        # Occurrences that may overlap are not to be told one by one.
        return call.opaque()
    items: list[Node] = []
    for place, part in enumerate(parts):
        if isinstance(part, str):
            pieces = part.split(separator)
            first = 0 if place == 0 else 1
            last = len(pieces) if place == len(parts) - 1 else len(pieces) - 1
            items.extend(known(piece, call.span) for piece in pieces[first:last])
    return Sequence(tuple(items), call.span, call.opaque().hole)


def _trimmed(letters: str | None, *, sides: str) -> Function:
    """`trim`, `trimspace` and `chomp`: what stands at the ends is taken away, known beginnings and ends stay known."""

    def function(call: Call) -> Node:
        cut = letters if letters is not None else call.text(1)
        scalar = call.scalar(0)
        if cut is None:
            return call.opaque()
        if scalar.known is not None:
            text = scalar.known.lstrip(cut) if "l" in sides else scalar.known
            return _kept(call, scalar, (text.rstrip(cut) if "r" in sides else text) if cut else scalar.known)
        pieces = list(pieces_of(scalar))
        if len(pieces) == 1 or not cut:
            return call.opaque(plain=True) if cut else scalar
        if "l" in sides:
            pieces = _without(call, pieces, cut, left=True)
        if "r" in sides:
            pieces = _without(call, pieces[::-1], cut, left=False)[::-1]
        return string(pieces, call.span)

    return function


def _without(
    call: Call, pieces: list[tuple[str | Hole, Span]], letters: str, *, left: bool
) -> list[tuple[str | Hole, Span]]:
    """The pieces without some letters at their beginning; a hole that comes to stand there loses its own."""
    for place, (part, span) in enumerate(pieces):
        if isinstance(part, Hole):
            lost = opaque(f"{call.name} {'left' if left else 'right'}", (*call.arguments,), span).hole
            hole = Hole(part.reason, part.references, (*part.through, *lost.through))
            return [(hole, span), *pieces[place + 1 :]]
        kept = part.lstrip(letters) if left else part.rstrip(letters)
        if kept:
            return [(kept, span), *pieces[place + 1 :]]
    return []


REPLACING: Table[str, Function] = {
    "chomp": takes(_trimmed("\r\n", sides="r"), 1),
    "replace": takes(_replace, 3),
    "split": takes(_split, 2),
    "trim": takes(_trimmed(None, sides="lr"), 2),
    "trimprefix": takes(_trimprefix, 2),
    "trimspace": takes(_trimmed(_SPACE, sides="lr"), 1),
    "trimsuffix": takes(_trimsuffix, 2),
}
