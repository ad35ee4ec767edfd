"""Terraform's string functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.terraform.functions_format import formatted
from rolecall.terraform.functions_regex import matches, replaced_by_regex, translated
from rolecall.terraform.values import Failure, number, opaque, pieces_of, string, truth
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

_SPACE = " \t\n\v\f\r\x85\xa0"


def _by_parts(change: Callable[[str], str]) -> Function:
    """A function that works on every character for itself, so that known parts stay known."""

    def function(call: Call) -> Node:
        scalar = call.scalar(0)
        pieces: list[tuple[str | Hole, Span]] = []
        for part, place in pieces_of(scalar):
            if isinstance(part, str):
                pieces.append((change(part), place))
            else:
                pieces.append((Hole(part.reason, part.references, (*part.through, call.name)), place))
        return Scalar(
            tuple(part for part, _ in pieces),
            scalar.kind if scalar.kind is Kind.UNKNOWN else Kind.STRING,
            scalar.span,
            (*scalar.via, call.span),
            tuple(place for _, place in pieces),
        )

    return function


def _by_text(change: Callable[[str], str]) -> Function:
    """A function that needs the whole text."""

    def function(call: Call) -> Node:
        text = call.text(0)
        return call.opaque(plain=True) if text is None else known(change(text), call.span)

    return function


def _replace(call: Call) -> Node:  # noqa: PLR0911 - one branch a case
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
        if needle == "" or len(scalar.known) * (len(substitute) + 1) > 1_000_000:
            return call.opaque()
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
    """Whether an occurrence could lie partly in this known part and partly in a hole beside it."""
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


def _format(call: Call) -> Node:
    template = call.text(0)
    if template is None:
        return call.opaque()
    pieces = formatted(template, call.arguments[1:], call.span)
    return call.opaque() if pieces is None else string(pieces, call.span)


def _join(call: Call) -> Node:
    separator = call.text(0)
    items: list[Node] = []
    for index in range(1, len(call.arguments)):
        sequence = call.sequence(index)
        if sequence is None or sequence.rest or separator is None:
            only = len(call.arguments) == 2 and sequence is not None and not sequence.items and separator == ""
            return call.opaque(plain=only)
        items.extend(sequence.items)
    pieces: list[tuple[str | Hole, Span]] = []
    for number_, node in enumerate(items):
        if not isinstance(node, Scalar) or node.is_null:
            raise Failure("a list of strings is expected")
        if number_:
            pieces.append((separator or "", call.span))
        pieces.extend((part, call.span) for part in node.parts)
    return string(pieces, call.span)


def _split(call: Call) -> Node:
    separator, scalar = call.text(0), call.scalar(1)
    text = scalar.known
    if separator is None or text is None:
        if separator is not None:
            whole = _stripped(call, scalar, separator)
            return whole if "#" not in whole.holes[-1].through[-1] else call.opaque()
        return call.opaque()
    if separator == "":
        return Sequence(tuple(known(letter, call.span) for letter in text), call.span)
    return Sequence(tuple(known(part, call.span) for part in text.split(separator)), call.span)


def _trim(call: Call) -> Node:
    text, letters = call.text(0), call.text(1)
    return (
        call.opaque() if text is None or letters is None else known(text.strip(letters) if letters else text, call.span)
    )


def _substr(call: Call) -> Node:
    text, start, length = call.text(0), call.whole(1), call.whole(2)
    if text is None or start is None or length is None:
        return call.opaque()
    if start < 0:
        start += len(text)
    if length < -1 or start < 0:
        raise Failure("an offset out of bounds")
    return known(text[start:] if length == -1 else text[start : start + length], call.span)


def _starts(call: Call) -> Node:
    prefix, parts = call.text(1), merged(call.scalar(0).parts)
    first = parts[0]
    if prefix is not None and isinstance(first, str):
        if first.startswith(prefix):
            return truth(value=True, span=call.span)
        if len(parts) == 1 or not prefix.startswith(first):
            return truth(value=False, span=call.span)
    return call.opaque()


def _ends(call: Call) -> Node:
    suffix, parts = call.text(1), merged(call.scalar(0).parts)
    last = parts[-1]
    if suffix is not None and isinstance(last, str):
        if last.endswith(suffix):
            return truth(value=True, span=call.span)
        if len(parts) == 1 or not suffix.endswith(last):
            return truth(value=False, span=call.span)
    return call.opaque()


def _contains(call: Call) -> Node:
    needle, scalar = call.text(1), call.scalar(0)
    if needle is not None:
        if any(isinstance(part, str) and needle in part for part in merged(scalar.parts)):
            return truth(value=True, span=call.span)
        if scalar.known is not None:
            return truth(value=False, span=call.span)
    return call.opaque()


def _regex(call: Call) -> Node:
    pattern, text = call.text(0), call.text(1)
    compiled = translated(pattern, text) if pattern is not None and text is not None else None
    if compiled is None or text is None:
        return call.opaque()
    found = compiled.search(text)
    if found is None:
        raise Failure("a pattern that matches nothing")
    return matches(found, call.span)


def _regexall(call: Call) -> Node:
    pattern, text = call.text(0), call.text(1)
    compiled = translated(pattern, text) if pattern is not None and text is not None else None
    if compiled is None or text is None:
        return call.opaque()
    return Sequence(tuple(matches(found, call.span) for found in compiled.finditer(text)), call.span)


def _indent(call: Call) -> Node:
    spaces, scalar = call.whole(0), call.scalar(1)
    if spaces is None or not 0 <= spaces <= 200:
        return call.opaque()
    if any(isinstance(part, Hole) for part in scalar.parts):
        return call.opaque()
    return known((scalar.known or "").replace("\n", "\n" + " " * spaces), call.span)


def _strlen(call: Call) -> Node:
    """`length` of a string counts what a reader sees as characters; here only where that is the code points."""
    value = call.arguments[0]
    if isinstance(value, Scalar):
        text = call.text(0)
        return number(len(text), call.span) if text is not None and text.isascii() else call.opaque(plain=True)
    if value.rest or (isinstance(value, Mapping) and any(entry.key.known is None for entry in value.entries)):
        return call.opaque()
    if isinstance(value, Mapping):
        return number(len({entry.key.known for entry in value.entries}), call.span)
    return number(len(value.items), call.span)


def _title(text: str) -> str:
    return re.sub(r"(?<![^\W_])[a-z]", lambda match: match[0].upper(), text)


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


STRINGS: Table[str, Function] = {
    "chomp": _by_text(_chomp),
    "endswith": _ends,
    "format": _format,
    "indent": _indent,
    "join": _join,
    "length": _strlen,
    "lower": _by_parts(str.lower),
    "regex": _regex,
    "regexall": _regexall,
    "replace": _replace,
    "split": _split,
    "startswith": _starts,
    "strcontains": _contains,
    "strrev": _by_text(lambda text: text[::-1]),
    "substr": _substr,
    "title": _by_text(_title),
    "trim": _trim,
    "trimprefix": _trimprefix,
    "trimspace": _by_text(lambda text: text.strip(_SPACE)),
    "trimsuffix": _trimsuffix,
    "upper": _by_parts(str.upper),
}
