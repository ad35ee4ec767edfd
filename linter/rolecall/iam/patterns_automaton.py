"""Tokens of IAM patterns and the automata over them: a state is a set of positions, the bits of an integer."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Sequence


class Wild:
    """A wildcard token."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


STAR: Final = Wild("*")
ANY: Final = Wild("?")

Token: TypeAlias = str | Hole | Wild
_BUDGET = 20_000
_WORK = 2_000_000
"""States, and symbols of patterns for each, that a search may visit before it answers unknown."""


def same_hole(first: Hole, second: Hole) -> bool:
    """Whether two holes certainly stand for the same text."""
    if first is second:
        return True
    return bool(first.references) and first.references == second.references and first.through == second.through


def lower(character: str) -> str:
    """The lower-case letter where that is one letter."""
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def normal(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The same set with each run of wildcards as its `?`s followed by at most one `*`."""
    if STAR not in tokens:
        return tuple(tokens)
    found: list[Token] = []
    star = False
    for token in tokens:
        if token is STAR:
            star = True
            continue
        if star and token is not ANY:
            found.append(STAR)
            star = False
        found.append(token)
    if star:
        found.append(STAR)
    return tuple(found)


class Machine:
    """A pattern as an automaton whose state is a set of positions, the bits of an integer."""

    __slots__ = ("accepting", "any", "ignore_case", "letters", "stars", "start")

    def __init__(self, tokens: tuple[Token, ...], *, ignore_case: bool) -> None:
        self.letters: dict[str, int] = {}
        self.any = 0
        self.stars = 0
        self.ignore_case = ignore_case
        for index, token in enumerate(tokens):
            bit = 1 << index
            if token is STAR:
                self.stars |= bit
            elif token is ANY:
                self.any |= bit
            elif isinstance(token, str):
                self.letters[token] = self.letters.get(token, 0) | bit
        self.accepting = 1 << len(tokens)
        self.start = self.close(1)

    def close(self, state: int) -> int:
        """The state with stars passed by, and without positions that a later star makes needless."""
        state |= (state & self.stars) << 1
        stars = state & self.stars
        if stars:
            highest = stars.bit_length() - 1
            state = state >> highest << highest
        return state

    def step(self, state: int, character: str) -> int:
        """The state after a character."""
        if self.ignore_case:
            character = lower(character)
        moving = state & (self.letters.get(character, 0) | self.any)
        return self.close((moving << 1) | (state & self.stars))

    def accepts(self, state: int) -> bool:
        """Whether the text read so far is in the set."""
        return bool(state & self.accepting)


def cased(tokens: tuple[Token, ...], *, ignore_case: bool) -> tuple[Token, ...]:
    """The tokens as they are compared."""
    if not ignore_case:
        return tokens
    return tuple([lower(token) if isinstance(token, str) else token for token in tokens])


def meet(first: tuple[Token, ...], second: tuple[Token, ...]) -> bool:
    """Whether two patterns without holes share a string: positions of the second, for each position of the first."""
    machine = Machine(second, ignore_case=False)
    everywhere = (machine.accepting << 1) - 1
    steps = everywhere & ~machine.stars & ~machine.accepting
    state = 1 | ((machine.stars & 1) << 1)
    for token in first:
        if token is STAR:
            # The star swallows whatever the second needs: all positions from the lowest on.
            lowest = state & -state
            state = everywhere & ~(lowest - 1)
            continue
        fits = steps if token is ANY else machine.any | machine.letters.get(token if isinstance(token, str) else "", 0)
        state = ((state & fits) << 1) | (state & machine.stars)
        state |= (state & machine.stars) << 1
        if not state:
            return False
    return bool(state & machine.accepting)


def covers(outer: tuple[Token, ...], inner: tuple[Token, ...]) -> bool:
    """Whether `outer` takes `inner` symbol by symbol: its stars anything, its `?` a character or `?`, holes the same.

    Sound for every filling of the holes, and complete without holes: what a star of `inner` stands for may be long and
    made of a letter that nobody wrote, which only a star takes, and may be nothing, which counts for no `?`. So a run
    of wildcards with a star takes whatever has as many characters at least as it has `?`, in whichever order.
    """
    machine = Machine(outer, ignore_case=False)
    holes = [(1 << index, token) for index, token in enumerate(outer) if isinstance(token, Hole)]
    elastic = machine.stars | _beside_stars(outer)
    state = machine.start
    for symbol in inner:
        if isinstance(symbol, str):
            state = machine.step(state, symbol)
        elif symbol is ANY:
            state = machine.close(((state & machine.any) << 1) | (state & machine.stars))
        else:
            same = sum(bit for bit, hole in holes if state & bit and _same(hole, symbol))
            state = machine.close(((state & same) << 1) | (state & elastic))
        if not state:
            return False
    return machine.accepts(state)


def _same(hole: Hole, symbol: Token) -> bool:
    return isinstance(symbol, Hole) and same_hole(hole, symbol)


def _beside_stars(tokens: Sequence[Token]) -> int:
    """The positions of `?` in runs that have a star."""
    found, star = 0, False
    for index in range(len(tokens) - 1, -1, -1):
        star = tokens[index] is STAR or (star and tokens[index] is ANY)
        if star and tokens[index] is ANY:
            found |= 1 << index
    return found


def search(wanted: Sequence[Sequence[Machine]], unwanted: Sequence[Machine]) -> tuple[str | None, bool]:
    """A shortest string that one of each of the wanted and none of the unwanted take; and whether all was searched."""
    machines = [*(machine for union in wanted for machine in union), *unwanted]
    alphabet = _alphabet(machines)
    budget = min(_BUDGET, _WORK // (1 + sum(machine.accepting.bit_length() for machine in machines)))
    start = tuple(machine.start for machine in machines)
    before: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
    queue = deque([start])
    unions = []
    count = 0
    for union in wanted:
        unions.append(range(count, count + len(union)))
        count += len(union)
    while queue:
        states = queue.popleft()
        taken = [machine.accepts(state) for machine, state in zip(machines, states, strict=True)]
        if all(any(taken[index] for index in union) for union in unions) and not any(taken[count:]):
            return _spelled(before, states), True
        if len(before) > budget:
            return None, False
        for character in alphabet:
            after = tuple([machine.step(state, character) for machine, state in zip(machines, states, strict=True)])
            if all(any(after[index] for index in union) for union in unions) and after not in before:
                before[after] = (states, character)
                queue.append(after)
    return None, True


def _alphabet(machines: Sequence[Machine]) -> list[str]:
    """The characters that can make a difference: those written, their other case, and one that is not written."""
    letters: set[str] = set()
    for machine in machines:
        letters.update(machine.letters)
        if machine.ignore_case:
            letters.update(letter.upper() for letter in machine.letters if len(letter.upper()) == 1)
    other = next(
        letter
        for letter in (*"xyzabcdefghijklmnopqrstuvw0123456789", *map(chr, range(0x4E00, 0x9FFF)))
        if letter not in letters and letter.upper() not in letters
    )
    return [other, *sorted(letters)]


def _spelled(before: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None], states: tuple[int, ...]) -> str:
    found: list[str] = []
    step = before[states]
    while step is not None:
        states, character = step
        found.append(character)
        step = before[states]
    return "".join(reversed(found))
