"""The simple commands of a shell script, as words with their places; enough shell for a Dockerfile's RUN."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from rolecall.span import Span
    from rolecall.syntax.dockerfile_text import Text

_VARIABLE = regex.compile(r"\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)[^}]*\}|(?P<command>\())")
_HEREDOC = regex.compile(r"<<(-?)[ \t]*([\"']?)([\w.-]+)\2")
_RESERVED = frozenset({"!", "do", "elif", "else", "if", "then", "until", "while", "{", "(", "time"})
_SEPARATORS = "\n;&|()"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or with an empty name a command's output, in a word."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word without quotes. `indexes` has each character's place in the line, `live` the dollar signs that count."""

    text: str
    line: Text
    indexes: tuple[int, ...]
    live: frozenset[int]

    @property
    def span(self) -> Span:
        """Where the word stands, without the quotes around it."""
        return self.part(0, len(self.text))

    def part(self, start: int, end: int) -> Span:
        """Where a stretch of the word stands."""
        if not self.indexes:
            return self.line.span(0, 0)
        if start >= end:
            at = self.indexes[start] if start < len(self.indexes) else self.indexes[-1] + 1
            return self.line.span(at, at)
        return self.line.span(self.indexes[start], self.indexes[end - 1] + 1)

    def value(self, start: int, end: int) -> tuple[str | Variable, ...]:
        """A stretch of the word as literal text and variables."""
        parts: list[str | Variable] = []
        at = begun = start
        while at < end:
            match = _VARIABLE.match(self.text, at, end) if at in self.live else None
            if match is None:
                at += 1
                continue
            close = _closed(self.text, match.end(), end) if match["command"] else match.end()
            if at > begun:
                parts.append(self.text[begun:at])
            name = match["plain"] or match["braced"] or ""
            parts.append(Variable(name, self.text[at:close]))
            at = begun = close
        if begun < end or not parts:
            parts.append(self.text[begun:end])
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command. `given` are the here-documents fed to it: start, end, and whether variables in them count."""

    words: tuple[ShellWord, ...]
    start: int
    end: int
    line: Text
    given: tuple[tuple[int, int, bool], ...] = ()

    @property
    def span(self) -> Span:
        """Where the command stands."""
        return self.line.span(self.start, self.end)


def commands(line: Text, start: int, end: int) -> list[Command]:
    """The simple commands between two places, in order, whatever joins them."""
    return list(_Reader(line, start, end).run())


@dataclass(slots=True)
class _Pending:
    """A command that is being read, and its here-documents that are still to come."""

    words: list[ShellWord] = field(default_factory=list)
    heredocs: list[re.Match[str]] = field(default_factory=list)
    given: list[tuple[int, int, bool]] = field(default_factory=list)
    start: int = 0
    end: int = 0


class _Reader:
    """The state of reading one script."""

    def __init__(self, line: Text, start: int, end: int) -> None:
        self.line = line
        self.text = line.text
        self.at = start
        self.stop = end
        self.waiting: list[_Pending] = []
        self.done: list[_Pending] = []

    def run(self) -> Iterator[Command]:
        pending = _Pending()
        while self.at < self.stop:
            character = self.text[self.at]
            if character in _SEPARATORS and not self.redirects(character):
                self.at += 1
                pending = self.finish(pending)
                if character == "\n":
                    self.bodies()
            elif character in " \t\r\v\f":
                self.at += 1
            elif character == "#":
                newline = self.text.find("\n", self.at, self.stop)
                self.at = self.stop if newline < 0 else newline
            else:
                self.word(pending)
        self.finish(pending)
        for command in self.done:
            yield Command(tuple(command.words), command.start, command.end, self.line, tuple(command.given))

    def finish(self, pending: _Pending) -> _Pending:
        if not pending.words:
            return pending
        self.done.append(pending)
        if pending.heredocs:
            self.waiting.append(pending)
        return _Pending()

    def bodies(self) -> None:
        """Read the here-documents that the line before asked for."""
        for command in self.waiting:
            for heredoc in command.heredocs:
                first = self.at
                while self.at < self.stop:
                    newline = self.text.find("\n", self.at, self.stop)
                    last = self.stop if newline < 0 else newline
                    row = self.text[self.at : last].rstrip("\r")
                    body, self.at = self.at, last + 1
                    if (row.lstrip("\t") if heredoc[1] else row) == heredoc[3]:
                        command.given.append((first, body, not heredoc[2]))
                        break
                else:
                    command.given.append((first, self.stop, not heredoc[2]))
        self.waiting = []

    def word(self, pending: _Pending) -> None:
        heredoc = _HEREDOC.match(self.text, self.at, self.stop)
        start = self.at
        word = self.read()
        if not pending.words:
            if word.text in _RESERVED:
                return
            pending.start = start
        if heredoc:
            pending.heredocs.append(heredoc)
            self.at = max(self.at, heredoc.end())
        pending.words.append(word)
        pending.end = self.at

    def read(self) -> ShellWord:  # noqa: C901 - one branch for each thing that a character can be
        """The word at this place, up to a blank or a separator outside of quotes and command substitutions."""
        found: list[str] = []
        indexes: list[int] = []
        live: set[int] = set()
        quote = ""
        while self.at < self.stop:
            character = self.text[self.at]
            if not quote and (character in " \t\r\v\f" or character in _SEPARATORS) and not self.redirects(character):
                break
            if not quote and character in "<>" and found and not _opens_redirection(found):
                break
            if character == "\\" and quote != "'":
                self.at += 1
                if self.at >= self.stop:
                    break
                following = self.text[self.at]
                if following != "\n":
                    if quote and following not in '"\\$`':
                        found.append("\\")
                        indexes.append(self.at - 1)
                    found.append(following)
                    indexes.append(self.at)
                self.at += 1
                continue
            if character in "\"'" and quote in ("", character):
                quote = "" if quote else character
                self.at += 1
                continue
            stop = self.at + 1
            if character == "$" and quote != "'":
                live.add(len(found))
                if self.text.startswith("$(", self.at):
                    stop = _closed(self.text, self.at + 2, self.stop)
            found.extend(self.text[self.at : stop])
            indexes.extend(range(self.at, stop))
            self.at = stop
        return ShellWord("".join(found), self.line, tuple(indexes), frozenset(live))

    def redirects(self, character: str) -> bool:
        """Whether a separator is part of a redirection: `2>&1`, `>|`, `&>`."""
        before = self.text[self.at - 1 : self.at] if self.at else ""
        return (character in "&|" and before == ">") or (character == "&" and self.text.startswith("&>", self.at))


def _opens_redirection(found: list[str]) -> bool:
    """Whether a word so far is the front of a redirection: `2`, `>`, `&`."""
    return found[-1] in "<>&" or all(character.isdigit() for character in found)


def _closed(text: str, at: int, end: int) -> int:
    """Where the parenthesis is closed that is open at a place; the end if it is not."""
    depth = 1
    while at < end:
        if text[at] == "\\":
            at += 1
        elif text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if not depth:
                return min(at + 1, end)
        at += 1
    return end
