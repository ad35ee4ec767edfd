"""Dockerfiles as instructions with exact places, read the way BuildKit's parser reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass
from rolecall.syntax.dockerfile_text import Text
from rolecall.syntax.dockerfile_words import Word, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source
    from rolecall.span import Span

# https://docs.docker.com/reference/dockerfile/; MAINTAINER is deprecated and still accepted.
KEYWORDS = frozenset(
    {
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_DIRECTIVE = regex.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S.*)")
_HEREDOC = regex.compile(r"\d*<<(-?)([^<]+)")
_BLANK = " \t\v\f\r"


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document. `start` and `end` are its body's offsets in the file; `expands`: variables in it count."""

    name: str
    start: int
    end: int
    expands: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A `--name=value` of an instruction; value empty where there is none."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `text` is the slice of the file at `span`, heredocs included.

    `line` is the logical line, `start` and `end` the stretch of it after keyword and flags.
    """

    keyword: str
    text: str
    span: Span
    line: Text
    start: int
    end: int
    escape: str
    flags: tuple[Flag, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    on_build: bool = False

    @property
    def arguments(self) -> str:
        """The logical text after keyword and flags."""
        return self.line.text[self.start : self.end]

    def words(self) -> Iterator[Word]:
        """The blank-separated words of the arguments."""
        return words(self.line, self.start, self.end, self.escape)

    def flag(self, name: str) -> Flag | None:
        """The flag of this name."""
        return next((flag for flag in self.flags if flag.name == name), None)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that BuildKit would refuse."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The instructions of a file and the lines that are none. `syntax` is the frontend that it asks for."""

    instructions: tuple[Instruction, ...]
    mistakes: tuple[Mistake, ...]
    syntax: str = ""
    escape: str = "\\"


def parse(source: Source) -> Dockerfile:
    """Read a Dockerfile; any text gives an answer."""
    return _Parser(source).run()


class _Parser:
    """The state of reading one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = list(_lines(source.text))
        self.at = 0
        self.escape = "\\"
        self.syntax = ""
        self.instructions: list[Instruction] = []
        self.mistakes: list[Mistake] = []

    def run(self) -> Dockerfile:
        self.directives()
        while self.at < len(self.lines):
            start, end = self.lines[self.at]
            if self.is_comment(start, end):
                self.at += 1
                continue
            self.instruction()
        return Dockerfile(tuple(self.instructions), tuple(self.mistakes), self.syntax, self.escape)

    def directives(self) -> None:
        """Directives count only at the top, before any other line, and each once."""
        seen = set()
        while self.at < len(self.lines):
            start, end = self.lines[self.at]
            match = _DIRECTIVE.fullmatch(self.source.text[start:end].strip(_BLANK))
            name = match[1].lower() if match else ""
            if not match or name not in ("syntax", "escape", "check") or name in seen:
                return
            seen.add(name)
            value = match[2].strip()
            if name == "escape" and value in ("\\", "`"):
                self.escape = value
            elif name == "syntax":
                self.syntax = value
            self.at += 1

    def is_comment(self, start: int, end: int) -> bool:
        text = self.source.text
        while start < end and text[start] in _BLANK:
            start += 1
        return start == end or text[start] == "#"

    def continues(self, start: int, end: int) -> int:
        """Where a line's text ends if it goes on in the next line, else -1."""
        text = self.source.text
        while end > start and text[end - 1] in " \t":
            end -= 1
        if end == start or text[end - 1] != self.escape:
            return -1
        return -1 if end - 2 >= start and text[end - 2] == self.escape else end - 1

    def logical(self) -> tuple[Text, int, int]:
        """The logical line that begins here, with its offsets in the file."""
        text = self.source.text
        line = Text(self.source)
        first, last = self.lines[self.at]
        while first < last and text[first] in _BLANK:
            first += 1
        start, end = first, last
        while True:
            cut = self.continues(start, end)
            self.at += 1
            line.add(text[start : end if cut < 0 else cut], start)
            last = end
            while cut >= 0 and self.at < len(self.lines) and self.is_comment(*self.lines[self.at]):
                self.at += 1
            if cut < 0 or self.at >= len(self.lines):
                return line, first, last
            start, end = self.lines[self.at]

    def instruction(self) -> None:
        line, first, last = self.logical()
        start, end = 0, len(line.text.rstrip(_BLANK))
        on_build = False
        while True:
            keyword, rest = _keyword(line.text, start, end)
            if keyword != "ONBUILD" or on_build:
                break
            on_build, start = True, rest
        if not keyword:
            return
        if keyword not in KEYWORDS:
            word = line.span(start, min(rest, end))
            self.mistakes.append(Mistake("there is no such Dockerfile instruction", word))
            return
        flags, rest = _flags(line, rest, end, self.escape)
        heredocs = tuple(self.heredocs(line, rest, end)) if keyword in _WITH_HEREDOCS else ()
        if heredocs:
            last = self.lines[self.at - 1][1]
        span = self.source.span(first, last)
        text = self.source.text[first:last]
        self.instructions.append(
            Instruction(keyword, text, span, line, rest, end, self.escape, flags, heredocs, on_build)
        )
        if rest >= end and keyword not in ("CMD", "ENTRYPOINT"):
            self.mistakes.append(Mistake(f"{keyword} needs an argument", span))

    def heredocs(self, line: Text, start: int, end: int) -> Iterator[Heredoc]:
        if "<<" not in line.text[start:end]:
            return
        for word in list(words(line, start, end, self.escape)):
            match = _HEREDOC.fullmatch(word.raw)
            name = match[2].strip("\"'") if match else ""
            if match is None or not name:
                continue
            body = self.lines[self.at][0] if self.at < len(self.lines) else len(self.source.text)
            while self.at < len(self.lines):
                first, last = self.lines[self.at]
                text = self.source.text[first:last]
                self.at += 1
                if (text.lstrip("\t") if match[1] else text) == name:
                    yield Heredoc(name, body, first, expands=name == match[2])
                    break
            else:
                self.mistakes.append(Mistake(f"the here-document {word.raw} has no end", word.span))
                yield Heredoc(name, body, len(self.source.text), expands=name == match[2])
                return


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line starts and ends, without its line end. BuildKit knows LF and CRLF."""
    start = 0
    while start <= len(text):
        at = text.find("\n", start)
        end = len(text) if at < 0 else at
        yield start, end - 1 if at > start and text[at - 1] == "\r" else end
        if at < 0:
            return
        start = at + 1


def _keyword(text: str, start: int, end: int) -> tuple[str, int]:
    """The upper-case word at a place, and where the next one starts."""
    at = start
    while at < end and text[at] not in _BLANK:
        at += 1
    word = text[start:at].upper()
    while at < end and text[at] in _BLANK:
        at += 1
    return word, at


def _flags(line: Text, start: int, end: int, escape: str) -> tuple[tuple[Flag, ...], int]:
    """The flags at the front of an instruction's arguments, and where they end."""
    found: list[Flag] = []
    if not line.text.startswith("--", start):
        return (), start
    for word in words(line, start, end, escape):
        if not word.raw.startswith("--"):
            return tuple(found), word.start
        if word.raw == "--":
            return tuple(found), word.end
        name, _, value = word.raw[2:].partition("=")
        found.append(Flag(name.lower(), value, word.span))
    return tuple(found), end
