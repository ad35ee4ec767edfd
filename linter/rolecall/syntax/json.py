"""JSON text to the tree: exact places, duplicate keys kept, numbers as written, no recursion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.kinds import is_template
from rolecall.problem import Problem, ProblemKind
from rolecall.syntax import templates
from rolecall.syntax.document import Document
from rolecall.syntax.functions import recognises
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.tree import Node

MAX_DEPTH = 200
"""How deep a document may be nested; IAM's and Kubernetes' own objects stay below forty."""

HOLE = "\ue000"
"""Stands for an unknown part in a text that is parsed: a private-use character."""

_TOKEN = regex.compile(
    r"[ \t\r\n]*(?:"
    r'(?P<string>"(?:[^"\\\x00-\x08\x0b\x0c\x0e-\x1f]|\\.)*")'
    r"|(?P<mark>[{}\[\]:,])"
    r"|(?P<word>true|false|null)\b"
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.])"
    rf"|(?P<hole>{HOLE}))",
    re.DOTALL,
)
_SPACE = regex.compile(r"[ \t\r\n]*")
_ESCAPE = regex.compile(r'\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|(["\\/bfnrt]))')
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class JsonError(Exception):
    """The text is not JSON: what was wrong, and at which offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def document(source: Source) -> Document | Problem:
    """The tree of a JSON file that holds one document."""
    try:
        root = parse(source.text, source.span)
    except JsonError as error:
        return _problem(source, error)
    return Document(root, root.span)


def documents(source: Source) -> Iterator[Document | Problem]:
    """The trees of a JSON file that may hold several documents one after the other, as `kubectl` takes them."""
    if is_template(source.text):
        try:
            root = parse(source.text, source.span, literal=True)
        except JsonError:
            root = None
        if root is not None and recognises(root):
            yield Document(root, root.span, functions=True)
            return
    reader = _Reader(source.text, source.span, ())
    try:
        while True:
            root = reader.read()
            yield Document(root, root.span)
            if reader.is_at_end():
                return
    except JsonError as error:
        yield _problem(source, error)


def _problem(source: Source, error: JsonError) -> Problem:
    at = source.span(error.offset, min(error.offset + 1, len(source.text)))
    return Problem(ProblemKind.SYNTAX, f"not valid JSON: {error.message}", source.path, at)


def parse(
    text: str, span_of: Callable[[int, int], Span], holes: tuple[Hole, ...] = (), *, literal: bool = False
) -> Node:
    """The tree of a JSON text; each `HOLE` in it stands for the next of `holes`.

    `literal`: no template language puts anything into its strings any more, whatever they look like.

    Raises:
        JsonError: the text is not JSON, or is nested too deep.
    """
    reader = _Reader(text, span_of, holes, literal=literal)
    value = reader.read()
    if not reader.is_at_end():
        raise JsonError("text after the end of the document", reader.at)
    return value


class _Open:
    """A collection that is being read."""

    __slots__ = ("entries", "items", "key", "start")

    def __init__(self, start: int, *, mapping: bool) -> None:
        self.start = start
        self.items: list[Node] = []
        self.entries: list[Entry] | None = [] if mapping else None
        self.key: Scalar | None = None


class _Reader:
    """One pass over the tokens, with a stack of what is open."""

    def __init__(
        self, text: str, span_of: Callable[[int, int], Span], holes: tuple[Hole, ...], *, literal: bool = False
    ) -> None:
        self._text = text
        self._literal = literal
        self._span_of = span_of
        self._holes = holes
        self._given = 0
        self.at = 0

    def is_at_end(self) -> bool:
        """Whether nothing follows but blanks, which are passed by."""
        end = _SPACE.match(self._text, self.at)
        self.at = end.end() if end else self.at
        return self.at == len(self._text)

    def read(self) -> Node:
        """The next document."""
        stack: list[_Open] = []
        value: Node | None = None
        while True:
            if value is None:
                value = self._start(stack)
                if value is None:
                    continue
            if not stack:
                return value
            self._add(stack[-1], value)
            value = self._separator(stack)

    def _start(self, stack: list[_Open]) -> Node | None:
        """A scalar or an empty collection; None when a collection with something in it was opened."""
        kind, start = self._next()
        mark = self._text[start : self.at]
        if kind == "mark" and mark in "{[":
            if len(stack) >= MAX_DEPTH:
                raise JsonError(f"nested deeper than {MAX_DEPTH} levels", start)
            opened = _Open(start, mapping=mark == "{")
            stack.append(opened)
            if self._peek("}" if mark == "{" else "]"):
                stack.pop()
                return self._close(opened)
            if opened.entries is not None:
                self._key(opened)
            return None
        if kind == "mark":
            raise JsonError(f"found {mark!r} where a value is expected", start)
        return self._scalar(kind, start)

    def _separator(self, stack: list[_Open]) -> Node | None:
        opened = stack[-1]
        closing = "]" if opened.entries is None else "}"
        if self._peek(closing):
            stack.pop()
            return self._close(opened)
        kind, start = self._next()
        if kind != "mark" or self._text[start] != ",":
            raise JsonError(f"expected ',' or {closing!r}", start)
        if opened.entries is not None:
            self._key(opened)
        return None

    def _key(self, opened: _Open) -> None:
        kind, start = self._next()
        if kind != "string":
            raise JsonError("expected a key in double quotes", start)
        opened.key = self._scalar(kind, start)
        kind, start = self._next()
        if kind != "mark" or self._text[start] != ":":
            raise JsonError("expected ':' after a key", start)

    @staticmethod
    def _add(opened: _Open, value: Node) -> None:
        if opened.entries is None:
            opened.items.append(value)
        elif opened.key is not None:
            opened.entries.append(Entry(opened.key, value))

    def _close(self, opened: _Open) -> Node:
        span = self._span_of(opened.start, self.at)
        if opened.entries is None:
            return Sequence(tuple(opened.items), span)
        return Mapping(tuple(opened.entries), span)

    def _peek(self, mark: str) -> bool:
        space = _SPACE.match(self._text, self.at)
        at = space.end() if space else self.at
        if self._text[at : at + 1] != mark:
            return False
        self.at = at + 1
        return True

    def _next(self) -> tuple[str, int]:
        match = _TOKEN.match(self._text, self.at)
        if match is None or match.lastgroup is None:
            space = _SPACE.match(self._text, self.at)
            at = space.end() if space else self.at
            if at >= len(self._text):
                raise JsonError("the text ends in the middle of the document", at)
            what = "a string that does not end" if self._text[at] == '"' else "a value that is not JSON's"
            raise JsonError(what, at)
        self.at = match.end()
        return match.lastgroup, match.start(match.lastgroup)

    def _scalar(self, kind: str, start: int) -> Scalar:
        span = self._span_of(start, self.at)
        token = self._text[start : self.at]
        if kind == "string":
            return self._string(token, start, span)
        if kind == "number":
            return Scalar((token,), Kind.NUMBER, span)
        if kind == "hole":
            if self._given >= len(self._holes):
                raise JsonError("a value that is not JSON's", start)
            return Scalar((self._hole(),), Kind.UNKNOWN, span)
        return Scalar((token,), Kind.NULL if token.startswith("n") else Kind.BOOLEAN, span)

    def _hole(self) -> Hole:
        hole = self._holes[self._given]
        self._given += 1
        return hole

    def _string(self, token: str, start: int, span: Span) -> Scalar:
        inner = token[1:-1]
        if self._holes and HOLE in inner:
            return self._partly_known(inner, start + 1, span)
        if not self._literal and ("{{" in inner or "${" in inner):
            found = templates.pieces(inner)
            texts = tuple(hole or _unescaped(inner[first:last]) for first, last, hole in found)
            if len(texts) > 1:
                places = tuple(self._span_of(start + 1 + first, start + 1 + last) for first, last, _ in found)
                return Scalar(texts, Kind.STRING, span, places=places)
            return Scalar(texts, Kind.STRING, span)
        return Scalar((_unescaped(inner),), Kind.STRING, span)

    def _partly_known(self, inner: str, at: int, span: Span) -> Scalar:
        parts: list[str | Hole] = []
        places: list[Span] = []
        for index, piece in enumerate(inner.split(HOLE)):
            if index:
                parts.append(self._hole())
                places.append(self._span_of(at, at + 1))
                at += 1
            if piece:
                parts.append(_unescaped(piece))
                places.append(self._span_of(at, at + len(piece)))
                at += len(piece)
        if len(places) == 1:
            # Its quotes may be written elsewhere than what stands between them.
            return Scalar(tuple(parts), Kind.STRING, places[0])
        return Scalar(tuple(parts), Kind.STRING, span, places=tuple(places))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code, low, letter = match.groups()
    if letter:
        return _ESCAPED[letter]
    value = int(code, 16)
    if 0xD800 <= value < 0xDC00:
        return chr(0x10000 + ((value - 0xD800) << 10) + int(low, 16) - 0xDC00) if low else "\ufffd"
    tail = _ESCAPE.sub(_character, "\\u" + low) if low else ""
    return ("\ufffd" if 0xDC00 <= value < 0xE000 else chr(value)) + tail
