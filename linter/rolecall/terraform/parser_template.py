"""Templates: literal text, interpolations and directives of quoted strings, heredocs and template files."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rolecall import regex
from rolecall.records import dataclass
from rolecall.terraform import parser_nodes as hcl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.source import Source
    from rolecall.span import Span

_ESCAPE = regex.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|\$\$\{|%%\{|\n", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_MARK = regex.compile(r"\$\$\{|%%\{|\$\{~?|%\{~?|\n")
_INSIDE = regex.compile(r'[{}"]|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/')
_QUOTED = regex.compile(r'"|\\.|\$\$\{|%%\{|[$%]\{')
_DIRECTIVE = regex.compile(r"\s*(if|else|endif|for|endfor)\b")
_FOR = regex.compile(r"\s*([^\W\d][\w-]*)\s*(?:,\s*([^\W\d][\w-]*)\s*)?\bin\b")
_OPENING = regex.compile(r"<<(-?)([^\W\d][\w.-]*)[ \t]*\r?\n")


class Fault(Exception):  # noqa: N818 - a fault of the text, not of the program
    """Text that is not HCL, or not one we can read."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


@dataclass(frozen=True, slots=True)
class Mark:
    """A directive before its text is put into it: `if`, `else`, `endif`, `for`, `endfor`; `~` trims a side."""

    kind: str
    value: hcl.Expression | None
    names: tuple[str, ...]
    trims_before: bool
    trims_after: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Trimmed:
    """An interpolation with `~` at one of its ends."""

    piece: hcl.Interpolation
    before: bool
    after: bool


Trimless: TypeAlias = hcl.Text | hcl.Interpolation | Mark
Flat: TypeAlias = Trimless | Trimmed


class ExpressionParser(Protocol):
    """Parses the expression between two offsets of a file."""

    def __call__(self, source: Source, start: int, end: int, depth: int = 0) -> hcl.Expression:
        """The expression. Raises `Fault`."""
        ...


def unescape(source: Source, start: int, end: int) -> Iterator[hcl.Text]:
    """The text of a stretch of a quoted string; each escape is a piece of its own, so that the others stay exact."""
    text = source.text
    at = start
    for match in _ESCAPE.finditer(text, start, end):
        sign = match[0]
        if sign == "\n":
            continue
        if sign.startswith("\\"):
            body = sign[1:]
            value = _ESCAPES.get(body, body)
            if len(body) > 1:
                code = int(body[1:], 16)
                value = chr(code) if code < 0x110000 else "\ufffd"
        else:
            value = sign[1:]
        if match.start() > at:
            yield hcl.Text(text[at : match.start()], source.span(at, match.start()))
        yield hcl.Text(value, source.span(match.start(), match.end()))
        at = match.end()
    if end > at:
        yield hcl.Text(text[at:end], source.span(at, end))


def heredoc(source: Source, start: int, end: int, depth: int, parse: ExpressionParser) -> hcl.Template:
    """The heredoc that starts at an offset; `end` may include the newline after its closing marker."""
    text = source.text
    opening = _OPENING.match(text, start)
    if opening is None:
        raise Fault("this heredoc is not understood", source.span(start, end))
    closing = text.rfind(opening[2], opening.end(), end)
    last = text.rfind("\n", start, closing) + 1 if closing != -1 else end
    flat = trimmed(list(scan(source, opening.end(), max(last, opening.end()), depth, parse)), by_line=True)
    if opening[1]:
        flat = _dedented(flat, source)
    marker_end = closing + len(opening[2]) if closing != -1 else end
    return hcl.Template(assemble(flat), source.span(start, marker_end), bare=False)


def template_file(source: Source, parse: ExpressionParser) -> hcl.Template:
    """A whole file as a template."""
    flat = trimmed(list(scan(source, 0, len(source.text), 0, parse)), by_line=True)
    return hcl.Template(assemble(flat), source.whole(), bare=True)


def scan(source: Source, start: int, end: int, depth: int, parse: ExpressionParser) -> Iterator[Flat]:
    """The pieces of raw template text, literal text cut after every newline."""
    text = source.text
    at = cursor = start
    while (match := _MARK.search(text, cursor, end)) is not None:
        sign, cursor = match[0], match.end()
        if sign == "\n":
            yield hcl.Text(text[at:cursor], source.span(at, cursor))
            at = cursor
            continue
        if match.start() > at:
            yield hcl.Text(text[at : match.start()], source.span(at, match.start()))
        if sign in ("$${", "%%{"):
            yield hcl.Text(sign[1:], source.span(match.start(), cursor))
            at = cursor
            continue
        closing = _closing(text, cursor, end)
        if closing is None:
            raise Fault("this interpolation has no end", source.span(match.start(), cursor))
        after = text[closing - 1] == "~" and closing > cursor
        inner_end = closing - 1 if after else closing
        span = source.span(match.start(), closing + 1)
        if sign.startswith("$"):
            piece = hcl.Interpolation(parse(source, cursor, inner_end, depth + 1), span)
            yield Trimmed(piece, sign.endswith("~"), after) if after or sign.endswith("~") else piece
        else:
            yield _mark(source, cursor, inner_end, (sign.endswith("~"), after), span, depth, parse)
        at = cursor = closing + 1
    if end > at:
        yield hcl.Text(text[at:end], source.span(at, end))


def _closing(text: str, at: int, end: int) -> int | None:
    """The offset of the brace that closes the interpolation whose inside starts at `at`."""
    opened = ["{"]
    while True:
        match = (_INSIDE if opened[-1] == "{" else _QUOTED).search(text, at, end)
        if match is None:
            return None
        sign, at = match[0], match.end()
        if opened[-1] == "{":
            if sign == "}":
                opened.pop()
                if not opened:
                    return match.start()
            elif sign in '{"':
                opened.append(sign)
        elif sign == '"':
            opened.pop()
        elif sign in ("${", "%{"):
            opened.append("{")


def _mark(  # noqa: PLR0913, PLR0917 - the parts of one reference
    source: Source, start: int, end: int, trims: tuple[bool, bool], span: Span, depth: int, parse: ExpressionParser
) -> Mark:
    match = _DIRECTIVE.match(source.text, start, end)
    if match is None:
        raise Fault("this template directive is not understood", span)
    kind, at = match[1], match.end()
    names: tuple[str, ...] = ()
    if kind == "for":
        head = _FOR.match(source.text, at, end)
        if head is None:
            raise Fault("this template directive is not understood", span)
        names, at = tuple(name for name in head.groups() if name), head.end()
    value = parse(source, at, end, depth + 1) if kind in ("if", "for") else None
    return Mark(kind, value, names, trims[0], trims[1], span)


def _dedented(flat: list[Trimless], source: Source) -> list[Trimless]:
    """The pieces of a `<<-` heredoc without the indentation that its lines share, as HCL removes it."""
    starts: list[int] = []
    least: int | None = None
    fresh = True
    for number, piece in enumerate(flat):
        literal = piece.text if isinstance(piece, hcl.Text) else None
        if fresh:
            blank = literal is not None and not literal.strip() and literal.endswith("\n")
            if not blank:
                indent = len(literal) - len(literal.lstrip()) if literal is not None else 0
                least = indent if least is None else min(least, indent)
                starts.append(number)
        fresh = literal is not None and literal.endswith("\n")
    for number in starts if least else ():
        piece = flat[number]
        if isinstance(piece, hcl.Text) and least:
            span = source.span(piece.span.start + least, piece.span.end)
            flat[number] = hcl.Text(piece.text[least:], span)
    return flat


def assemble(flat: Sequence[Trimless]) -> tuple[hcl.Piece, ...]:
    """Puts the text between directives into them. Raises `Fault`."""
    # One frame for each open directive: the mark, and the pieces gathered for it and for its else.
    frames: list[tuple[Mark | None, list[hcl.Piece], list[hcl.Piece] | None]] = [(None, [], None)]
    for piece in flat:
        mark, body, other = frames[-1]
        if not isinstance(piece, Mark):
            (body if other is None else other).append(piece)
        elif piece.kind in ("if", "for"):
            if len(frames) > 40:
                raise Fault("this template is nested too deeply to be read", piece.span)
            frames.append((piece, [], None))
        elif piece.kind == "else" and mark is not None and mark.kind == "if" and other is None:
            frames[-1] = (mark, body, [])
        elif mark is not None and piece.kind == "end" + mark.kind and mark.value is not None:
            frames.pop()
            _, outer, outer_other = frames[-1]
            done: hcl.Piece
            if mark.kind == "if":
                done = hcl.IfDirective(mark.value, tuple(body), tuple(other or ()), mark.span)
            else:
                done = hcl.ForDirective(mark.names, mark.value, tuple(body), mark.span)
            (outer if outer_other is None else outer_other).append(done)
        else:
            raise Fault("this template directive has no partner", piece.span)
    if len(frames) > 1:
        mark = frames[-1][0]
        if mark is not None:
            raise Fault("this template directive has no end", mark.span)
    return tuple(frames[0][1])


def trimmed(flat: Sequence[Flat], *, by_line: bool) -> list[Trimless]:
    """The pieces with `~` applied: it takes the white space of the text beside it.

    `by_line`: that text ends with its line, as in a heredoc and a template file; in a quoted string it does not.
    """
    done: list[Trimless] = []
    trimming = False
    for piece in flat:
        if isinstance(piece, hcl.Text):
            kept = _without(piece, before=True) if trimming else piece
            trimming = trimming and not kept.text and not (by_line and piece.text.endswith("\n"))
            done.append(kept)
            continue
        before, after = _trims(piece)
        index = len(done) - 1
        while before and index >= 0:
            text = done[index]
            if not isinstance(text, hcl.Text) or (by_line and index < len(done) - 1 and text.text.endswith("\n")):
                break
            done[index] = kept = _without(text, before=False)
            before = not kept.text
            index -= 1
        done.append(piece.piece if isinstance(piece, Trimmed) else piece)
        trimming = after
    return done


def _without(piece: hcl.Text, *, before: bool) -> hcl.Text:
    """A piece of text without the white space at one of its ends."""
    text = piece.text.lstrip() if before else piece.text.rstrip()
    cut, span = len(piece.text) - len(text), piece.span
    if span.line != span.end_line or span.end - span.start != len(piece.text):
        return replace(piece, text=text)
    if before:
        return hcl.Text(text, replace(span, start=span.start + cut, column=span.column + cut))
    return hcl.Text(text, replace(span, end=span.end - cut, end_column=span.end_column - cut))


def _trims(piece: hcl.Interpolation | Trimmed | Mark) -> tuple[bool, bool]:
    if isinstance(piece, Trimmed):
        return piece.before, piece.after
    return (piece.trims_before, piece.trims_after) if isinstance(piece, Mark) else (False, False)
