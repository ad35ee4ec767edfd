"""Reads HCL by python-hcl2's tables into trees with offsets: lark's LALR algorithm without what we do not ask of it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, TypeAlias

from rolecall.terraform.parser_tables import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.terraform.parser_tables import Tables

_END = "$END"
_SIGN = "sign"
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


# Half of the blocks of a large tree are copies of others: stacks, environments and modules begin as copies.
@functools.lru_cache(maxsize=1000)
def parse_tree(text: str) -> Node:
    """The parse tree of HCL text, shared by equal texts: it is not to be changed. Raises `Unread`."""
    # The grammar has no end of file: its comments and heredocs end with a newline.
    return _run(_machine(), text + "\n")


class _Machine:
    """The tables in the form in which they are run; a pattern is compiled when a state first needs it."""

    def __init__(self, made: Tables) -> None:
        self.tables = made
        self.rows = made.rows
        self.reductions = tuple(
            (one.size, one.origin, one.name, one.passes, one.single, one.plan) for one in made.reductions
        )
        self.readers: list[_Reader | None] = [None] * len(made.rows)
        # Where a row of rules that change nothing leads: by the state below, the state and the token.
        self.jumps: dict[tuple[int, int, str], int] = {}
        self._lexicons: list[_Reader | None] = [None] * len(made.lexicons)

    def reader(self, state: int) -> _Reader:
        """What reads a token in a state."""
        number = self.tables.lexicon_of[state]
        found = self._lexicons[number]
        if found is None:
            lexicon = self.tables.lexicons[number]
            found = self._lexicons[number] = (re.compile(lexicon.pattern).match, lexicon.words)
        self.readers[state] = found
        return found

    def jump(self, below: int, state: int, kind: str) -> int:
        """The state after all rules that leave the last value as it is: the levels of precedence, one by one."""
        key = (below, state, kind)
        while True:
            action = self.rows[state].get(kind, 0)
            if action >= 0 or not self.reductions[~action][3]:
                break
            state = self.rows[below][self.reductions[~action][1]]
        self.jumps[key] = state
        return state


@functools.lru_cache(maxsize=1)
def _machine() -> _Machine:
    return _Machine(tables())


def _run(machine: _Machine, text: str) -> Node:  # noqa: C901, PLR0912, PLR0915 - one loop: calls are what costs here
    rows, reductions, readers, jumps = machine.rows, machine.reductions, machine.readers, machine.jumps
    ignored, operators, last_state = machine.tables.ignored, machine.tables.operators, machine.tables.end
    state = machine.tables.start
    states, values = [state], []  # type: list[int], list[Node]
    offset = last = 0
    length = len(text)
    line_end: Node | None = None
    pending: list[tuple[str, Node]] = []
    while True:
        # A token is read as what it can be in the state before it; a line end waits for what follows.
        if offset < length:
            match_at, words = readers[state] or machine.reader(state)
            match = match_at(text, offset)
            if match is None:
                raise Unread(offset)
            kind = match.lastgroup or ""
            start, offset = offset, match.end()
            if kind in ignored:
                continue
            last = start
            token = Node("", _NONE, start, offset, match[0])
            if kind in words:
                kind = words[kind].get(token.text, kind)
                if kind == _SIGN:
                    raise Unread(start)
        else:
            kind, token = _END, Node("", _NONE, last, last)
        if line_end is not None and kind not in operators:
            pending.append((_LINE_END, line_end))
        line_end = None
        if kind == _LINE_END:
            line_end = token
        else:
            pending.append((kind, token))
        for kind, token in pending:
            while True:
                action = rows[state].get(kind)
                if action is None:
                    raise Unread(token.start)
                if action >= 0:
                    state = action
                    states.append(state)
                    values.append(token)
                    break
                size, origin, name, passes, single, plan = reductions[~action]
                if passes:
                    below = states[-2]
                    state = jumps.get((below, state, kind)) or machine.jump(below, state, kind)
                    states[-1] = state
                    continue
                if size == 1 and plan is None:
                    child = values[-1]
                    values[-1] = Node(name, [child], child.start, child.end)
                    states.pop()
                else:
                    values.append(_reduced(values, size, name, plan, single=single))
                    if size:
                        del states[-size:]
                state = rows[states[-1]][origin]
                states.append(state)
                if kind == _END and state == last_state:
                    return values[-1]
        pending.clear()


def _reduced(
    values: list[Node], size: int, name: str, plan: tuple[tuple[int, bool], ...] | None, *, single: bool
) -> Node:
    """The tree of a rule, in place of the values that it is made of."""
    if not size:
        return Node(name, [], -1, -1)
    taken = values[-size:]
    del values[-size:]
    first, last = taken[0], taken[-1]
    if first.start < 0 or last.start < 0:
        filled = [child for child in taken if child.start >= 0]
        first, last = (filled[0], filled[-1]) if filled else (first, first)
    if plan is not None:
        taken = _children(plan, taken)
    if single and len(taken) == 1:
        return taken[0]
    return Node(name, taken, first.start, last.end)


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
