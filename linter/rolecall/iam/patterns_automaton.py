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
"""States that a search may visit before it answers unknown."""


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

    Sound for every filling of the holes; complete where `inner` has neither wildcards nor holes.
    """
    machine = Machine(outer, ignore_case=False)
    holes = [(1 << index, token) for index, token in enumerate(outer) if isinstance(token, Hole)]
    state = machine.start
    for symbol in inner:
        if isinstance(symbol, str):
            state = machine.step(state, symbol)
            continue
        fits = machine.any if symbol is ANY else 0
        if isinstance(symbol, Hole):
            fits = sum(bit for bit, hole in holes if state & bit and same_hole(hole, symbol))
        state = machine.close(((state & fits) << 1) | (state & machine.stars))
        if not state:
            return False
    return machine.accepts(state)


def search(wanted: Sequence[Machine], unwanted: Sequence[Machine]) -> tuple[str | None, bool]:
    """A shortest string that all of the wanted and none of the unwanted take; and whether everything was searched."""
    alphabet = _alphabet((*wanted, *unwanted))
    start = tuple(machine.start for machine in (*wanted, *unwanted))
    before: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
    queue = deque([start])
    count = len(wanted)
    while queue:
        states = queue.popleft()
        if all(machine.accepts(state) for machine, state in zip(wanted, states[:count], strict=True)) and not any(
            machine.accepts(state) for machine, state in zip(unwanted, states[count:], strict=True)
        ):
            return _spelled(before, states), True
        if len(before) > _BUDGET:
            return None, False
        for character in alphabet:
            after = tuple(
                machine.step(state, character) for machine, state in zip((*wanted, *unwanted), states, strict=True)
            )
            if all(after[:count]) and after not in before:
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
