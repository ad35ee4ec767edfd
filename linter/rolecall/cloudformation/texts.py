"""Texts of a template: what is put into them, and where each piece of the result is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.syntax.places import mapper
from rolecall.syntax.templates import EXPRESSION
from rolecall.tree import Hole, Kind, Reference, Scalar

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.cloudformation.evaluate import Evaluator
    from rolecall.span import Span
    from rolecall.tree import Node

LONGEST = 200_000
"""How many characters and pieces a text may have that is put together here; a whole template has a million at most."""

_TOO_LONG = Hole("a text that is too long")
_NO_TEXT = Hole("a value that is no text")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html; other text between such marks
# is another tool's, which makes the template.
_DYNAMIC = r"\{\{[^{}\r\n]{0,1000}\}\}"
_RESOLVE = "{{resolve:"
_REASON = "a dynamic reference"
_MARK = regex.compile(_DYNAMIC)
_VARIABLE = regex.compile(rf"\$\{{(?P<literal>!?)(?P<name>[^${{}}]{{0,300}})\}}|{_DYNAMIC}")


def dynamic(evaluator: Evaluator, text: Scalar) -> Scalar:
    """A text as it is but for its dynamic references, which CloudFormation resolves when it makes the stack.

    One with an unknown part in it, as `Fn::Join` and `Fn::Sub` make it, leaves nothing of the text known.
    """
    if not any(isinstance(part, str) and "{{" in part for part in text.parts):
        return text
    known = text.known
    if known is None:
        if not any(isinstance(part, str) and _RESOLVE in part for part in text.parts):
            return text
        references = tuple(reference for hole in text.holes for reference in hole.references)
        return Scalar((Hole(_REASON, references),), Kind.STRING, text.span, text.via)
    return _replaced(evaluator, text, known, _MARK, lambda _name, _literal, _place: None)


def substituted(evaluator: Evaluator, text: Scalar, value_of: Callable[[str, Span], Node | None]) -> Scalar:
    """The text of `Fn::Sub`: each `${name}` with what `value_of` gives for it, `${!name}` as `${name}`."""
    known = text.known

    def of(name: str, literal: bool, place: Span) -> Iterable[tuple[str | Hole, Span]]:
        return ((f"${{{name}}}", place),) if literal else pieces(value_of(name.strip(), place), place)

    if known is not None:
        return dynamic(evaluator, _replaced(evaluator, text, known, _VARIABLE, of))
    # Another tool's template makes the text: what it leaves open stays so between the parts that are known.
    places = text.places if len(text.places) == len(text.parts) else (text.used,) * len(text.parts)
    found: list[tuple[str | Hole, Span]] = []
    for part, place in zip(text.parts, places, strict=True):
        if isinstance(part, str):
            known_part = Scalar((part,), Kind.STRING, place)
            found += pieces(_replaced(evaluator, known_part, part, _VARIABLE, of))
        else:
            found.append((part, place))
    return string(found, text.span, text.via)


def _replaced(
    evaluator: Evaluator,
    text: Scalar,
    known: str,
    pattern: re.Pattern[str],
    value_of: Callable[[str, bool, Span], Iterable[tuple[str | Hole, Span]] | None],
) -> Scalar:
    span_of = mapper(text, evaluator.text_of)
    found: list[tuple[str | Hole, Span]] = []
    at = 0
    for match in pattern.finditer(known):
        start, end = match.span()
        if start > at:
            found.append((known[at:start], span_of(at, start)))
        place = span_of(start, end)
        if match[0].startswith("{{"):
            found.append((_resolved(evaluator, match[0]), place))
        else:
            found += value_of(match["name"], bool(match["literal"]), place) or ()
        at = end
    if not found:
        return text
    if at < len(known):
        found.append((known[at:], span_of(at, len(known))))
    return string(found, text.span, text.via)


def _resolved(evaluator: Evaluator, mark: str) -> Hole:
    name = mark[2:-2].strip()
    if not name.startswith("resolve:"):
        return EXPRESSION
    return Hole(_REASON, (Reference(evaluator.unit, name),))


def pieces(value: Node | None, place: Span | None = None) -> Iterator[tuple[str | Hole, Span]]:
    """The parts of a value that goes into a text, at a place of their own or where they are written."""
    if value is None:
        return
    if not isinstance(value, Scalar):
        yield value.rest or _NO_TEXT, place or value.span
    elif place is None and not value.via and len(value.places) == len(value.parts):
        yield from zip(value.parts, value.places, strict=True)
    else:
        for part in value.parts:
            yield part, place or value.used


def string(found: list[tuple[str | Hole, Span]], span: Span, via: tuple[Span, ...] = ()) -> Scalar:
    """A text of pieces, each with its place; unknown where it would be longer than any text."""
    kept = [(part, place) for part, place in found if part != ""]
    if len(kept) > LONGEST or sum(len(part) for part, _ in kept if isinstance(part, str)) > LONGEST:
        return Scalar((_TOO_LONG,), Kind.STRING, span, via)
    if not kept:
        return Scalar(("",), Kind.STRING, span, via)
    places = tuple(place for _, place in kept)
    return Scalar(tuple(part for part, _ in kept), Kind.STRING, span, via, places)
