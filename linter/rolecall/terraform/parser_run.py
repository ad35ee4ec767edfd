"""Reads HCL by python-hcl2's tables into trees with offsets: lark's LALR algorithm without what we do not ask of it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, TypeAlias

from rolecall.terraform.parser_tables import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.terraform.parser_tables import Reduction, Tables

_END = "$END"
_LINE_END = "NL_OR_COMMENT"
_Reader: TypeAlias = "tuple[Callable[[str, int], re.Match[str] | None], dict[str, dict[str, str]]]"
"""Reads one token; then the words that are tokens of their own, by the token that would take them."""


class Unread(Exception):  # noqa: N818 - a fault of the text, not of the program
    """Text that the grammar does not have; `offset` is where it stops being HCL."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Node:
    """A token (`data` is empty, `text` is what is written) or a tree. `start` is -1 where it takes up no space."""

    __slots__ = ("children", "data", "end", "start", "text")

    def __init__(self, data: str, children: list[Node], start: int, end: int, text: str = "") -> None:
        self.data = data
        self.children = children
        self.start = start
        self.end = end
        self.text = text


_NONE: list[Node] = []


def parse_tree(text: str) -> Node:
    """The parse tree of HCL text. Raises `Unread`."""
    # The grammar has no end of file: its comments and heredocs end with a newline.
    return _run(_machine(), text + "\n")


class _Machine:
    """The tables with their patterns, each compiled when a state first needs it."""

    def __init__(self, made: Tables) -> None:
        self.tables = made
        self._readers: list[_Reader | None] = [None] * len(made.rows)
        self._lexicons: list[_Reader | None] = [None] * len(made.lexicons)

    def reader(self, state: int) -> _Reader:
        """What reads a token in a state."""
        found = self._readers[state]
        if found is None:
            number = self.tables.lexicon_of[state]
            found = self._lexicons[number]
            if found is None:
                lexicon = self.tables.lexicons[number]
                found = self._lexicons[number] = (re.compile(lexicon.pattern).match, lexicon.words)
            self._readers[state] = found
        return found


@functools.lru_cache(maxsize=1)
def _machine() -> _Machine:
    return _Machine(tables())


class _Run:
    """One text being read: the states that lead to the present one, and the value of each."""

    def __init__(self, made: Tables) -> None:
        self.tables = made
        self.states = [made.start]
        self.values: list[Node] = []

    def feed(self, kind: str, token: Node) -> int:
        """Takes one token: reduces what it ends, then goes on to the state that follows it."""
        rows, reductions, states = self.tables.rows, self.tables.reductions, self.states
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                raise Unread(token.start)
            if action >= 0:
                states.append(action)
                self.values.append(token)
                return action
            reduction = reductions[~action]
            if reduction.passes:
                states[-1] = rows[states[-2]][reduction.origin]
                continue
            size = reduction.size
            if size:
                del states[-size:]
            self.values.append(self._reduced(reduction, size))
            state = rows[states[-1]][reduction.origin]
            states.append(state)
            if kind == _END and state == self.tables.end:
                return state

    def _reduced(self, reduction: Reduction, size: int) -> Node:
        """The tree of a rule, in place of the values that it is made of."""
        values = self.values
        if not size:
            return Node(reduction.name, [], -1, -1)
        taken = values[-size:]
        del values[-size:]
        first, last = taken[0], taken[-1]
        if first.start < 0 or last.start < 0:
            filled = [child for child in taken if child.start >= 0]
            first, last = (filled[0], filled[-1]) if filled else (first, first)
        plan = reduction.plan
        if plan is not None:
            taken = _children(plan, taken)
        if reduction.single and len(taken) == 1:
            return taken[0]
        return Node(reduction.name, taken, first.start, last.end)


def _children(plan: tuple[tuple[int, bool], ...], taken: list[Node]) -> list[Node]:
    chosen: list[Node] = []
    for number, expands in plan:
        if not expands:
            chosen.append(taken[number])
        elif chosen:
            chosen += taken[number].children
        else:
            # Long lists are left-recursive: the list so far is taken, not copied.
            chosen = taken[number].children
    return chosen


def _run(machine: _Machine, text: str) -> Node:
    run, reader = _Run(machine.tables), machine.reader
    feed, ignored, operators = run.feed, machine.tables.ignored, machine.tables.operators
    state = machine.tables.start
    offset = last = 0
    length = len(text)
    line_end: Node | None = None
    while offset < length:
        # A token is read as what it can be in the state before it; a line end waits for what follows.
        match_at, words = reader(state)
        match = match_at(text, offset)
        if match is None:
            raise Unread(offset)
        kind = match.lastgroup or ""
        start, offset = offset, match.end()
        if kind in ignored:
            continue
        last = start
        token = Node("", _NONE, start, offset, match[0])
        if line_end is not None:
            if kind not in operators:
                state = feed(_LINE_END, line_end)
            line_end = None
        if kind in words:
            kind = words[kind].get(token.text, kind)
        if kind == _LINE_END:
            line_end = token
        else:
            state = feed(kind, token)
    if line_end is not None:
        feed(_LINE_END, line_end)
    feed(_END, Node("", _NONE, last, last))
    return run.values[-1]
