"""The parts of a large JSON document that somebody asks for, as a tree; all else is passed over at the speed of C."""

from __future__ import annotations

import json
from json.scanner import make_scanner
from typing import TYPE_CHECKING, Any, TypeAlias

from rolecall import regex
from rolecall.records import dataclass
from rolecall.syntax.json import JsonError, parse
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.source import Source
    from rolecall.tree import Node

# What decodes a value at an offset and says where it ends, in C; the stubs do not know its argument.
_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(json.JSONDecoder(strict=False))  # type: ignore[arg-type]
_BLANKS = regex.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a value."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Some members of an object."""

    wanted: dict[str, Wanted]


@dataclass(frozen=True, slots=True)
class Items:
    """Those items of a list for which `when` is true of the plain value."""

    each: Wanted
    when: Callable[[Any], bool] = lambda _: True


Wanted: TypeAlias = "Whole | Keys | Items"
WHOLE = Whole()


def read(source: Source, wanted: Wanted) -> Node | None:
    """The parts of a document that are wanted; None where it is not one whole JSON document.

    What is no object or list where one is expected is read whole.
    """
    text = source.text
    try:
        start = _after_blanks(text, 0)
        _, end = _scan(text, start)
        if _after_blanks(text, end) != len(text):
            return None
        return _node(source, start, end, wanted)
    except (ValueError, StopIteration, RecursionError, JsonError):
        # The parser that reads all of it says what is wrong, and where.
        return None


def _node(source: Source, start: int, end: int, wanted: Wanted) -> Node:
    opening = source.text[start]
    if isinstance(wanted, Keys) and opening == "{":
        return Mapping(tuple(_members(source, start, wanted)), source.span(start, end))
    if isinstance(wanted, Items) and opening == "[":
        return Sequence(tuple(_items(source, start, wanted)), source.span(start, end))
    return parse(source.text[start:end], lambda first, last: source.span(start + first, start + last))


def _members(source: Source, start: int, wanted: Keys) -> Iterator[Entry]:
    """The members of an object that are wanted. It has been scanned before, so every mark is where it belongs."""
    text = source.text
    at = _after_blanks(text, start + 1)
    while text[at] != "}":
        key, after = _scan(text, at)
        value = _after_blanks(text, _after_blanks(text, after) + 1)
        _, end = _scan(text, value)
        inner = wanted.wanted.get(key)
        if inner is not None:
            name = Scalar((key,), Kind.STRING, source.span(at, after))
            yield Entry(name, _node(source, value, end, inner))
        at = _after_comma(text, end)


def _items(source: Source, start: int, wanted: Items) -> Iterator[Node]:
    text = source.text
    at = _after_blanks(text, start + 1)
    while text[at] != "]":
        value, end = _scan(text, at)
        if wanted.when(value):
            yield _node(source, at, end, wanted.each)
        at = _after_comma(text, end)


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found is not None else at


def _after_comma(text: str, at: int) -> int:
    at = _after_blanks(text, at)
    return _after_blanks(text, at + 1) if text[at] == "," else at
