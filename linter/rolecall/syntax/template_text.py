"""The text of a template as YAML can read it: each expression replaced in place, so that all offsets stay.

What an expression makes is not known. One in the middle of a value becomes a run of `MARK`, which the tree reads as
an unknown part. One on a line of its own that only steers (`{{- if … }}`, `{{- end }}`, a comment) is blanked; one
that makes lines of its own (`{{ toYaml … | nindent 4 }}`) is blanked too and remembered as an opening: what is around
it may have more entries than are seen.
"""

from __future__ import annotations

import re

from rolecall import regex
from rolecall.records import dataclass
from rolecall.syntax.template_actions import Action, Does, actions, pairs
from rolecall.syntax.templates import MARK

MAX_LENGTH = 2_000_000
"""In characters. A template is written by hand; what is longer is not."""

MAX_CONDITIONS = 2_000
"""How many parts of a template may each depend on something."""

_INDENT = regex.compile(r"\b(n?)indent\s+(\d{1,3})\b")
_HEADER = regex.compile(
    r"(?:^[ \t]*|[:?-][ \t]+)(?:[!&]\S+[ \t]+)?[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE
)
_NOTHING = regex.compile(r"^[ ]+(?:\{\}|\[\])[ \t]*\r?$", re.MULTILINE)
_DASHES = regex.compile(r"[ ]*(?:-[ \t]+)*")
_NEAR = 200
_BEFORE_BLOCK = regex.compile(r"(?:^|[:-])[ \t]*$")


@dataclass(frozen=True, slots=True)
class Opening:
    """Where an expression makes lines of its own, and how far these are indented.

    `indentation` None: what it makes is part of the scalar before it.
    """

    offset: int
    indentation: int | None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as long as the `original` with nothing of the template in it.

    `possible` are the stretches that may not be made.
    """

    text: str
    original: str
    openings: tuple[Opening, ...]
    possible: tuple[tuple[int, int], ...]


def masked(text: str, *, dollars: bool = False) -> Masked | None:
    """The text with its expressions replaced; None where it has none. `dollars`: `${…}` and `%{…}` are some."""
    if len(text) > MAX_LENGTH:
        return None
    found = list(actions(text, dollars=dollars))
    return _Mask(text, found).masked() if found else None


class _Line:
    """A line with expressions, or several that an expression joins."""

    __slots__ = ("actions", "end", "start", "whole")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.actions: list[Action] = []
        self.whole = True


class _Mask:
    """One pass over the lines that have expressions."""

    def __init__(self, text: str, actions: list[Action]) -> None:
        self._text = text
        self._made = list(text)
        self._openings: list[Opening] = []
        self._lines = self._grouped(actions)
        self._by_start = {line.start: line for line in self._lines}
        self._partners, self._possible = pairs(actions, len(text))
        self._inside: dict[int, bool] = {}

    def masked(self) -> Masked:
        self._block_scalars()
        for line in self._lines:
            first = self._inside.get(line.start)
            if first is not None:
                self._in_scalar(line, first=first)
            elif line.whole:
                self._alone(line)
            else:
                self._among(line)
        self._openings.sort(key=lambda one: one.offset)
        # Nothing, as the other branch of lines that are something.
        text = _NOTHING.sub(lambda match: "\n" * len(match[0]), "".join(self._made))
        return Masked(text, self._text, tuple(self._openings), tuple(self._possible))

    def _grouped(self, actions: list[Action]) -> list[_Line]:
        text = self._text
        lines: list[_Line] = []
        for action in actions:
            if not lines or action.start >= lines[-1].end:
                lines.append(_Line(text.rfind("\n", 0, action.start) + 1, 0))
            line = lines[-1]
            before = line.actions[-1].end if line.actions else line.start
            line.whole = line.whole and not text[before : action.start].strip()
            newline = text.find("\n", action.end)
            line.end = newline if newline != -1 else len(text)
            line.actions.append(action)
        for line in lines:
            line.whole = line.whole and not text[line.actions[-1].end : line.end].strip()
        return lines

    def _block_scalars(self) -> None:
        """Find the lines with expressions that are part of a block scalar."""
        done = 0
        hidden = iter([(one.start, one.end) for line in self._lines for one in line.actions])
        start, end = next(hidden, (len(self._text), len(self._text)))
        for header in _HEADER.finditer(self._text):
            at = header.end()
            while end < at and start < len(self._text):
                start, end = next(hidden, (len(self._text), len(self._text)))
            if at >= done and not start < at <= end:
                done = self._block_scalar(header.start(), at)

    def _block_scalar(self, header: int, at: int) -> int:
        """Mark the lines with expressions of one block scalar, and return where it ends."""
        text = self._text
        column = self._column_of(text.rfind("\n", 0, header + 1) + 1)
        pending: list[_Line] = []
        empty = True
        depth = 0
        at = text.find("\n", at) + 1
        while 0 < at < len(text):
            line = self._by_start.get(at)
            end = line.end if line else _until(text, at)
            if line is not None and line.whole:
                depth, left = _deeper(line, depth)
                indentation = self._deepest(line)
                if left:
                    return at
                pending.append(line)
            else:
                indentation = _width(text, at, end)
            if indentation is not None:
                if indentation <= column:
                    return pending[0].start if pending else at
                for one in pending:
                    self._inside[one.start] = empty
                pending.clear()
                if line is None or not line.whole:
                    empty = False
                if line is not None:
                    self._inside.setdefault(line.start, False)
            at = end + 1
        return len(text)

    def _column_of(self, start: int) -> int:
        """How far the lines of a block scalar must at least be exceeded: where its key, or its dash, stands."""
        dashes = _DASHES.match(self._text, start)
        end = dashes.end() if dashes else start
        if self._text[end : end + 1] in ("|", ">"):
            end = self._text.rfind("-", start, end)
        return max(end - start, 0)

    def _deepest(self, line: _Line) -> int | None:
        """How far the text is indented that a line of expressions makes; None where it makes none."""
        found = [self._indentation(one, line) for one in line.actions if one.does is Does.OUTPUT]
        return max(found, default=None)

    def _in_scalar(self, line: _Line, *, first: bool) -> None:
        if line.whole and first:
            # Not even with blanks: those before the first line of the scalar would say how far it is indented.
            self._fill(line.start, line.actions[-1].end, "\n")
            self._openings.append(Opening(line.actions[0].start, None))
        elif line.whole:
            # With the line end before it, so that its own indentation does not matter.
            start = line.start
            while self._made[start - 1].isspace():
                start -= 1
            self._fill(start, line.actions[-1].end, MARK)
        else:
            for action in line.actions:
                self._fill(action.start, action.end, MARK)

    def _alone(self, line: _Line) -> None:
        self._fill(line.start, line.actions[-1].end, "\n")
        for action in line.actions:
            if action.does is Does.OUTPUT:
                self._openings.append(Opening(action.start, self._indentation(action, line)))

    def _among(self, line: _Line) -> None:
        """Replace the expressions of a line that has text of its own."""
        ends = self._ends(line)
        blank = True
        at = line.start
        for action, last in zip(line.actions, ends, strict=True):
            if action.start < at:
                continue
            blank = blank and not self._text[at : action.start].strip()
            at = action.end
            if action.does is Does.NOTHING:
                self._fill(action.start, action.end, " ")
            elif action.does is Does.OUTPUT:
                self._output(line, action, last=last)
                blank = False
            elif (partner := self._partner(line, action)) is None:
                if blank:
                    self._lead(line, action)
                else:
                    self._fill(action.start, action.end, " " if last else MARK)
            elif blank and not self._text[partner.end : line.end].strip():
                self._lead(line, action)
            else:
                self._choice(line, action, partner)
                at = partner.end
                blank = False

    def _choice(self, line: _Line, action: Action, partner: Action) -> None:
        """Replace an `if` with its end among other text: what is between may be a value, or lines of their own."""
        block = _INDENT.search(self._text, action.start, partner.end)
        if block and block[1] and not self._text[partner.end : line.end].strip() and self._begins_block(line, action):
            self._fill(action.start, partner.end, " ")
            self._openings.append(Opening(action.start, int(block[2])))
        else:
            self._fill(action.start, partner.end, MARK)

    def _begins_block(self, line: _Line, action: Action) -> bool:
        """Whether an expression stands where the lines of a value may begin: after a key's colon, or a dash."""
        return _BEFORE_BLOCK.search(self._text[max(line.start, action.start - _NEAR) : action.start]) is not None

    def _ends(self, line: _Line) -> list[bool]:
        """For each expression of a line whether nothing comes after it but expressions that make nothing."""
        found: list[bool] = []
        nothing, at = True, line.end
        for action in reversed(line.actions):
            nothing = nothing and not self._text[action.end : at].strip()
            found.append(nothing)
            nothing, at = nothing and action.does not in (Does.OUTPUT, Does.OPEN), action.start
        return found[::-1]

    def _output(self, line: _Line, action: Action, *, last: bool) -> None:
        block = _INDENT.search(self._text, action.start, action.end)
        if block and block[1] and last and self._begins_block(line, action):
            self._fill(action.start, action.end, " ")
            self._openings.append(Opening(action.start, int(block[2])))
        else:
            self._fill(action.start, action.end, MARK)

    def _partner(self, line: _Line, action: Action) -> Action | None:
        """The end of what an expression begins, if that is on the same line."""
        partner = self._partners.get(action.start) if action.does is Does.OPEN else None
        return partner if partner is not None and partner.end <= line.end else None

    def _lead(self, line: _Line, action: Action) -> None:
        """Blank what begins a line, so that the text after it is indented as it was."""
        self._fill(action.start, action.end, "\n")
        column = action.start - line.start
        if column < action.end - action.start:
            self._fill(action.end - column, action.end, " ")

    def _indentation(self, action: Action, line: _Line) -> int:
        """How far the lines that an expression makes are indented."""
        column = action.start - line.start
        found = None
        for match in _INDENT.finditer(self._text, action.start, action.end):
            found = match
        if found is None:
            return column
        return int(found[2]) + (0 if found[1] or action.trims else column)

    def _fill(self, start: int, end: int, character: str) -> None:
        self._made[start:end] = character * (end - start)


def _deeper(line: _Line, depth: int) -> tuple[int, bool]:
    """The depth after a line, and whether it ends or turns what was begun before the block scalar."""
    for action in line.actions:
        depth += (action.does is Does.OPEN) - (action.does is Does.END)
        if depth < 0 or (depth == 0 and action.does is Does.ELSE):
            return depth, True
    return depth, False


def _until(text: str, at: int) -> int:
    newline = text.find("\n", at)
    return newline if newline != -1 else len(text)


def _width(text: str, start: int, end: int) -> int | None:
    """How far a line is indented; None where it is blank."""
    line = text[start:end]
    return len(line) - len(line.lstrip(" ")) if line.strip() else None
