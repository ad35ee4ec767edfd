"""Terraform's string functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import takes
from rolecall.terraform.functions_format import formatted
from rolecall.terraform.functions_graphemes import clusters
from rolecall.terraform.functions_regex import matches, occurrences, translated
from rolecall.terraform.values import Failure, OutOfBounds, number, pieces_of, string, the_hole, truth
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence, known, merged

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Table

    from rolecall.span import Span
    from rolecall.terraform.functions_call import Call, Function

_LONGEST = 1_000_000


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


def _format(call: Call) -> Node:
    template = call.text(0)
    if template is None:
        return call.opaque()
    return string(formatted(template, call.arguments[1:], call.span), call.span)


def _formatlist(call: Call) -> Node:
    template, arguments = call.text(0), call.arguments[1:]
    lists = [argument for argument in arguments if isinstance(argument, Sequence)]
    if template is None or any(the_hole(argument) for argument in arguments):
        return Sequence((), call.span, call.opaque().hole)
    rest = next((sequence.rest for sequence in lists if sequence.rest), None)
    if rest is not None and len(lists) > 1:
        # Which items stand side by side is not known.
        return Sequence((), call.span, rest)
    lengths = {len(sequence.items) for sequence in lists} or {1}
    if len(lengths) > 1:
        raise Failure("lists of different lengths")
    rows = (
        tuple(argument.items[row] if isinstance(argument, Sequence) else argument for argument in arguments)
        for row in range(next(iter(lengths)))
    )
    items = (string(formatted(template, row, call.span), call.span) for row in rows)
    return Sequence(tuple(items), call.span, rest)


def _substr(call: Call) -> Node:
    scalar, start, length = call.scalar(0), call.whole(1), call.whole(2)
    if start is None or length is None:
        return call.opaque()
    first = merged(scalar.parts)[0]
    if scalar.known is None:
        # As far as the known beginning goes; what follows may only be joined to its last letter.
        inside = isinstance(first, str) and first.isascii() and start >= 0 and length >= 0
        if isinstance(first, str) and inside and start + length < len(first):
            return known(first[start : start + length], call.span)
        return call.opaque()
    letters = clusters(scalar.known)
    if letters is None:
        return call.opaque()
    if start < 0:
        start = max(start + len(letters), 0)
        if length == 0:
            length = -1
    return known("".join(letters[start:] if length < 0 else letters[start : start + length]), call.span)


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
    return Sequence(tuple(matches(found, call.span) for found in occurrences(compiled, text)), call.span)


def _indent(call: Call) -> Node:
    spaces, scalar = call.whole(0), call.scalar(1)
    if spaces is None:
        return call.opaque()
    if spaces < 0:
        raise Failure("an indentation below zero")
    lines = sum(part.count("\n") for part in scalar.parts if isinstance(part, str))
    if spaces * lines > _LONGEST:
        raise OutOfBounds("a value that is too large")
    pieces: list[tuple[str | Hole, Span]] = []
    for part, place in pieces_of(scalar):
        if isinstance(part, str):
            pieces.append((part.replace("\n", "\n" + " " * spaces), place))
        else:
            # It may have several lines.
            pieces.append((Hole(part.reason, part.references, (*part.through, f"indent {spaces}")), place))
    return string(pieces, call.span) if scalar.kind is not Kind.UNKNOWN else call.opaque(plain=True)


def _length(call: Call) -> Node:
    """`length` of a string counts what a reader sees as characters."""
    value = call.arguments[0]
    if isinstance(value, Scalar):
        if value.kind not in (Kind.STRING, Kind.UNKNOWN):
            raise Failure("a list, a map or a string is expected")
        letters = clusters(value.known) if value.known is not None else None
        return number(len(letters), call.span) if letters is not None else call.opaque(plain=True)
    if value.rest or (isinstance(value, Mapping) and any(entry.key.known is None for entry in value.entries)):
        return call.opaque()
    if isinstance(value, Mapping):
        return number(len({entry.key.known for entry in value.entries}), call.span)
    return number(len(value.items), call.span)


def _strrev(call: Call) -> Node:
    text = call.text(0)
    letters = clusters(text) if text is not None else None
    return call.opaque(plain=True) if letters is None else known("".join(reversed(letters)), call.span)


def _cased(change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of case of each letter for itself, as Go does it: none becomes two."""

    def text(written: str) -> str:
        if written.isascii():
            return change(written)
        return "".join(letter if len(change(letter)) > 1 else change(letter) for letter in written)

    return text


def _lower(letter: str) -> str:
    return letter.lower()[:1] if len(letter) == 1 else letter.lower()


def _title(text: str) -> str:
    """Go's `strings.Title`: a letter after white space or after ASCII punctuation."""
    done: list[str] = []
    starts = True
    for letter in text:
        titled = letter.title()
        done.append(titled if starts and len(titled) == 1 else letter)
        starts = not (letter.isalnum() or letter == "_") if letter.isascii() else letter.isspace()
    return "".join(done)


STRINGS: Table[str, Function] = {
    "endswith": takes(_ends, 2),
    "format": takes(_format, 1, more=True),
    "formatlist": takes(_formatlist, 1, more=True),
    "indent": takes(_indent, 2),
    "length": takes(_length, 1),
    "lower": takes(_by_parts(_cased(_lower)), 1),
    "regex": takes(_regex, 2),
    "regexall": takes(_regexall, 2),
    "startswith": takes(_starts, 2),
    "strcontains": takes(_contains, 2),
    "strrev": takes(_strrev, 1),
    "substr": takes(_substr, 3),
    "title": takes(_by_text(_title), 1),
    "upper": takes(_by_parts(_cased(str.upper)), 1),
}
