"""The top-level blocks of a Terraform file, found without parsing them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span

# The header as nearly all are: at most two labels, in quotes.
_USUAL = regex.compile(r'([^\W\d][\w-]*)(?:[ \t]+"([^"\\\n]*)")?(?:[ \t]+"([^"\\\n]*)")?[ \t]*\{')
_BLANK = regex.compile(r"(?:[ \t\r\n\ufeff]++|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*+")
_WORD = regex.compile(r"[^\W\d][\w-]*")
_LABEL = regex.compile(r'(?:[ \t]++|/\*[\s\S]*?\*/)*+(?:"((?:[^"\\\n]|\\.)*)"|([^\W\d][\w-]*))')
_OPEN = regex.compile(r"(?:[ \t\r\n]++|/\*[\s\S]*?\*/)*+\{")
# Whatever can open, close or hide a brace in code, and in a quoted string; a string without code in it is one match.
_CODE = regex.compile(
    r'"(?:[^"\\$%\n]++|\\.)*+"|["{}]|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/|/\*|<<-?([^\W\d][\w.-]*)[ \t]*\r?\n'
)
# The rest of a block as nearly all are: braces four deep, and nothing but references in the templates of its strings.
_TEMPLATE = r'"(?:[^"\\\n$%]++|\\.|\$\$\{|%%\{|[$%]\{[^{}"\n#/]*+\}|[$%](?!\{))*+"'
_PLAIN = rf"[^{{}}\"#/<]++|{_TEMPLATE}|#[^\n]*+|//[^\n]*+|/(?![/*])|<(?!<)"
_REST = regex.compile(functools.reduce(lambda inside, _: rf"(?:{_PLAIN}|\{{{inside}\}})*+", range(4), "(?!)") + r"\}")
_STRING = regex.compile(r'"|\\.|\$\$\{|%%\{|[$%]\{|\n')
_HEADER = regex.compile(
    r"^(?:resource|data|module|variable|output|locals|provider|terraform|moved|removed|import|check|ephemeral)\b"
    r'[ \t]*(?:"[^"\n]*"[ \t]*)*\{',
    re.MULTILINE,
)
_RESCANS = 30
_SCANNED = 10_000_000
"""How often a file may be taken up again after a block without an end, each of which costs a scan to the end; and the
characters that may be read so."""


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A top-level block by offsets into its file: header, the text between its braces, and all of it."""

    source: Source
    kind: str
    labels: tuple[str, ...]
    start: int
    header_end: int
    inside: int
    inside_end: int
    end: int

    @property
    def header(self) -> Span:
        """Where its type and labels stand."""
        return self.source.span(self.start, self.header_end)

    @property
    def whole(self) -> Span:
        """Where all of it stands."""
        return self.source.span(self.start, self.end)


def index(source: Source) -> tuple[tuple[RawBlock, ...], tuple[Problem, ...]]:
    """The top-level blocks of a file in order, and what is wrong between them; a broken block loses only itself."""
    blocks: list[RawBlock] = []
    problems: list[Problem] = []
    at, rescans = 0, 0
    while True:
        at = _skip_blank(source.text, at)
        if at >= len(source.text):
            break
        found = _block(source, at)
        if isinstance(found, RawBlock):
            blocks.append(found)
            at = found.end
            continue
        message, where = found
        problems.append(_problem(source, where, message))
        rescans += 1
        following = _HEADER.search(source.text, at + 1)
        if following is None:
            break
        if rescans > _RESCANS or rescans * len(source.text) > _SCANNED:
            problems.append(_problem(source, following.start(), "too many broken blocks; the rest is not read"))
            break
        at = following.start()
    return tuple(blocks), tuple(problems)


def _problem(source: Source, offset: int, message: str) -> Problem:
    return Problem(ProblemKind.SYNTAX, message, source.path, source.span(offset, min(offset + 1, len(source.text))))


def _skip_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _block(source: Source, at: int) -> RawBlock | tuple[str, int]:
    """The block that starts at an offset, or what is wrong and where."""
    header = _header(source.text, at)
    if isinstance(header, str):
        return header, at
    kind, labels, header_end, inside = header
    closing = _closing(source.text, inside)
    if closing is None:
        return f"this {kind} block has no end", at
    return RawBlock(source, kind, labels, at, header_end, inside, closing, closing + 1)


def _header(text: str, at: int) -> tuple[str, tuple[str, ...], int, int] | str:
    """A block's type, its labels, where they end and where its inside starts; or what is wrong."""
    usual = _USUAL.match(text, at)
    if usual is not None:
        kind, *quoted = usual.groups()
        last = usual.lastindex or 1
        return kind, tuple(quoted[: last - 1]), usual.end(last) + (last > 1), usual.end()
    word = _WORD.match(text, at)
    if word is None:
        return "a block is expected here"
    labels: list[str] = []
    end = word.end()
    while (label := _LABEL.match(text, end)) is not None:
        labels.append(label[1] if label[1] is not None else label[2])
        end = label.end()
    opening = _OPEN.match(text, end)
    if opening is None:
        return "a block is expected here: its type, labels and {"
    return word[0], tuple(labels), end, opening.end()


def _closing(text: str, at: int) -> int | None:  # noqa: C901, PLR0912 - one branch a case
    """The offset of the brace that closes the block whose inside starts at `at`."""
    rest = _REST.match(text, at)
    if rest is not None:
        return rest.end() - 1
    # What is open: "{" code in braces, '"' a string. A brace of an interpolation is code inside a string.
    opened = ["{"]
    while True:
        match = (_CODE if opened[-1] == "{" else _STRING).search(text, at)
        if match is None:
            return None
        mark, at = match[0], match.end()
        if opened[-1] == "{":
            if mark == "}":
                opened.pop()
                if not opened:
                    return match.start()
            elif mark in '{"':
                opened.append(mark)
            elif mark.startswith("<<"):
                # The newline before the marker may be the one that ends the opening line.
                end = _heredoc_end(match[1]).search(text, at - 1)
                if end is None:
                    return None
                at = end.end()
            elif mark == "/*":
                return None
        elif mark == '"':
            opened.pop()
        elif mark in ("${", "%{"):
            opened.append("{")
        elif mark == "\n":
            return None


def _heredoc_end(marker: str) -> re.Pattern[str]:
    return re.compile(r"\n[ \t]*" + re.escape(marker) + r"[ \t]*(?=\r?\n|\Z)")
