"""Words of a Dockerfile instruction: quotes, escapes, variables, name and value pairs, and the JSON form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.records import dataclass
from rolecall.syntax.dockerfile_text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span

_BLANK = " \t\v\f\r\n"
_NAME = regex.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = regex.compile(r":?[-+?]")
_JSON_STRING = regex.compile(r'"(?:[^"\\]|\\.)*"')
_MOST_NESTING = 8


@dataclass(frozen=True, slots=True)
class Use:
    """A variable used in a value. `operator` is `:-`, `:+`, `-`, `+`, `?`, `:?`, empty, or `other`."""

    name: str
    operator: str = ""
    word: Value = ()


Value: TypeAlias = "tuple[str | Use, ...]"
"""Literal text and uses of variables, in order."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, quotes included, at `start` to `end` of its line."""

    line: Text
    start: int
    end: int
    escape: str

    @property
    def raw(self) -> str:
        """The word as written."""
        return self.line.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """Where the word stands."""
        return self.line.span(self.start, self.end)

    @property
    def value(self) -> Value:
        """The word with quotes and escapes gone, variables told apart."""
        return value(self.raw, self.escape)

    @property
    def inner(self) -> Span:
        """Where the word stands, without the quotes if all of it is quoted once."""
        raw = self.raw
        if len(raw) >= 2 and raw[0] in "\"'" and raw.find(raw[0], 1) == len(raw) - 1:
            return self.line.span(self.start + 1, self.end - 1)
        return self.span


@dataclass(frozen=True, slots=True)
class Pair:
    """A name with, maybe, a value."""

    name: Word
    value: Word | None

    @property
    def span(self) -> Span:
        """Where the pair stands."""
        last = self.value or self.name
        return self.name.line.span(self.name.start, last.end)


def words(line: Text, start: int, end: int, escape: str) -> Iterator[Word]:
    """The words between two places of a line, split at blanks outside of quotes."""
    text = line.text
    at = start
    while at < end:
        if text[at] in _BLANK:
            at += 1
            continue
        first, quote = at, ""
        while at < end and (quote or text[at] not in _BLANK):
            character = text[at]
            if character == escape and quote != "'":
                at += 1
            elif quote:
                quote = "" if character == quote else quote
            elif character in "\"'":
                quote = character
            at += 1
        at = min(at, end)
        yield Word(line, first, at, escape)


def pairs(line: Text, start: int, end: int, escape: str) -> list[Pair] | None:
    """What `ENV` sets, in both of its syntaxes; None where it is neither."""
    found = list(words(line, start, end, escape))
    if not found:
        return None
    if "=" not in found[0].raw:
        if len(found) == 1:
            return None
        # The old form: one name, and all the rest of the line is its value.
        return [Pair(found[0], Word(line, found[1].start, end, escape))]
    split = [split_pair(word) for word in found]
    return split if all(pair.value is not None for pair in split) else None


def split_pair(word: Word) -> Pair:
    """A `name=value` word at its first equals sign; as a name alone where there is none."""
    at = word.raw.find("=")
    if at < 0:
        return Pair(word, None)
    name = Word(word.line, word.start, word.start + at, word.escape)
    return Pair(name, Word(word.line, word.start + at + 1, word.end, word.escape))


def value(raw: str, escape: str, depth: int = 0) -> Value:
    """A word with quotes and escapes gone, variables told apart."""
    parts: list[str | Use] = []
    text: list[str] = []
    at, quote = 0, ""
    while at < len(raw):
        character = raw[at]
        if quote == "'":
            if character == "'":
                quote = ""
            else:
                text.append(character)
            at += 1
        elif character == escape:
            following = raw[at + 1 : at + 2]
            # Inside of double quotes only these can be escaped.
            text.append(following if not quote or following in ('"', "$", escape) else character + following)
            at += 2
        elif character in "\"'" and quote in ("", character):
            quote = "" if quote else character
            at += 1
        elif character == "$":
            use, at = _use(raw, at, escape, depth)
            if isinstance(use, str):
                text.append(use)
            else:
                parts += ["".join(text), use] if text else [use]
                text = []
        else:
            text.append(character)
            at += 1
    if text or not parts:
        parts.append("".join(text))
    return tuple(parts)


def _use(raw: str, at: int, escape: str, depth: int) -> tuple[str | Use, int]:
    """The variable at a dollar sign, or the sign itself, and where reading goes on."""
    braced = raw.startswith("{", at + 1)
    match = _NAME.match(raw, at + 1 + braced)
    if match is None:
        return "$", at + 1
    if not braced:
        return Use(match[0]), match.end()
    end = _closing(raw, match.end(), escape)
    if end < 0:
        return Use(match[0], "other"), len(raw)
    rest = raw[match.end() : end]
    operator = _OPERATOR.match(rest)
    if not rest:
        return Use(match[0]), end + 1
    if operator is None or depth >= _MOST_NESTING:
        return Use(match[0], "other"), end + 1
    return Use(match[0], operator[0], value(rest[operator.end() :], escape, depth + 1)), end + 1


def _closing(raw: str, at: int, escape: str) -> int:
    """Where the brace closes that is open at a place, or -1."""
    depth = 1
    while at < len(raw):
        if raw[at] == escape:
            at += 1
        elif raw.startswith("${", at):
            depth += 1
            at += 1
        elif raw[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1


def json_strings(line: Text, start: int, end: int) -> list[Text] | None:
    """The strings of an instruction's JSON form, each character with its place; None where it is not that form."""
    raw = line.text[start:end]
    if not raw.startswith("["):
        return None
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, list) or not all(isinstance(item, str) for item in parsed):
        return None
    found = []
    for match in _JSON_STRING.finditer(raw):
        text = Text(line.source)
        at = match.start() + 1
        while at < match.end() - 1:
            step = _escape_length(raw, at)
            character = raw[at] if step == 1 else json.loads(f'"{raw[at : at + step]}"')
            text.add(character, line.place(start + at))
            at += step
        found.append(text)
    return found


def _escape_length(raw: str, at: int) -> int:
    if raw[at] != "\\":
        return 1
    if raw[at + 1] != "u":
        return 2
    high = raw[at + 2 : at + 4].lower() in ("d8", "d9", "da", "db")
    return 12 if high and raw.startswith("\\u", at + 6) else 6
