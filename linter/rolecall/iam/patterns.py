"""The language of IAM strings: `*`, `?`, policy variables and case rules, over partly known strings.

A pattern stands for a set of strings. Its automaton steps all positions at once, and nothing ever backtracks.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeAlias

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.declared import is_given_by_aws
from rolecall.iam.patterns_automaton import (
    ANY,
    STAR,
    Machine,
    Token,
    cased,
    covers,
    lower,
    meet,
    normal,
    same_hole,
    search,
)
from rolecall.records import dataclass
from rolecall.tree import Hole, Reference, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


__all__ = [
    "FRESH",
    "Pattern",
    "Text",
    "contains",
    "empty",
    "example",
    "glob",
    "intersects",
    "literal",
    "may_hide_wildcard",
    "pattern",
    "same_hole",
    "witness",
]

FRESH: Final = "\uf8fe"
"""A character that no real name holds: text with it stands for a name that the author cannot have meant."""

Text: TypeAlias = tuple[str | Hole, ...]
"""Text, some of it perhaps unknown."""

# Policy variables: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_VARIABLE = regex.compile(r"\$\{([^}]*)\}")
_ALL: tuple[Token, ...] = (STAR,)
_WILDCARDS: dict[str, Token] = {"*": STAR, "?": ANY}
_ESCAPES = {"*": "*", "?": "?", "$": "$"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of strings, as tokens: single characters, wildcards, and holes for unknown text.

    `text` is the only string in the set where it is known to be one; under `ignore_case` in lower case.
    """

    tokens: tuple[Token, ...]
    ignore_case: bool = False
    glob: bool = False
    text: str | None = field(default=None, compare=False)

    @property
    def wild(self) -> bool:
        """Whether a wildcard is written in it."""
        return self.text is None and (STAR in self.tokens or ANY in self.tokens)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The unknown parts."""
        return () if self.text is not None else tuple(token for token in self.tokens if isinstance(token, Hole))

    def matches(self, text: str | Text) -> Answer:
        """Whether a string is in the set."""
        return contains(self, literal(text))


def literal(text: str | Text, *, ignore_case: bool = False) -> Pattern:
    """The pattern that holds one string: `*` and `?` are themselves, as under `StringEquals`."""
    parts = (text,) if isinstance(text, str) else text
    return _made(parts, glob=False, ignore_case=ignore_case)


def glob(text: str | Text, *, ignore_case: bool = False) -> Pattern:
    """The pattern of an IAM string with wildcards, as under `StringLike`."""
    parts = (text,) if isinstance(text, str) else text
    return _made(parts, glob=True, ignore_case=ignore_case)


def pattern(scalar: Scalar, *, like: bool, ignore_case: bool = False) -> Pattern:
    """The pattern of a policy's value; policy variables (`${aws:username}`) are holes."""
    if not any(isinstance(part, str) and "${" in part for part in scalar.parts):
        return _made(scalar.parts, glob=like, ignore_case=ignore_case)
    tokens: list[Token] = []
    for part in scalar.parts:
        for piece in (part,) if isinstance(part, Hole) else _pieces(part):
            if isinstance(piece, _Escaped):
                tokens.append(lower(piece.character) if ignore_case else piece.character)
            else:
                tokens.extend(_tokens(piece, glob=like, ignore_case=ignore_case))
    return Pattern(normal(tokens), ignore_case, like)


@dataclass(frozen=True, slots=True)
class _Escaped:
    character: str


def _pieces(text: str) -> Iterator[str | Hole | _Escaped]:
    at = 0
    for found in _VARIABLE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        name = found.group(1)
        if name in _ESCAPES:
            yield _Escaped(_ESCAPES[name])
        else:
            yield Hole("a policy variable", (Reference("", name.split(",")[0].strip()),))
        at = found.end()
    if at < len(text):
        yield text[at:]


def _made(parts: Text, *, glob: bool, ignore_case: bool) -> Pattern:
    if len(parts) == 1 and isinstance(parts[0], str) and not (glob and ("*" in parts[0] or "?" in parts[0])):
        text = _lowered(parts[0]) if ignore_case else parts[0]
        return Pattern(tuple(text), ignore_case, glob, text)
    tokens = [token for part in parts for token in _tokens(part, glob=glob, ignore_case=ignore_case)]
    return Pattern(normal(tokens), ignore_case, glob)


def _tokens(part: str | Hole, *, glob: bool, ignore_case: bool) -> Iterable[Token]:
    if isinstance(part, Hole):
        return (part,)
    text = _lowered(part) if ignore_case else part
    return [_WILDCARDS.get(character, character) for character in text] if glob else text


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(lower, text))


def _widest(found: Pattern) -> tuple[Token, ...]:
    """The tokens with each hole as a star: every string that could be in the set."""
    if not found.holes:
        return found.tokens
    return normal([STAR if isinstance(token, Hole) else token for token in found.tokens])


def intersects(first: Pattern, second: Pattern) -> Answer:
    """Whether some string is in both sets. No and yes are exact; holes make it unknown."""
    ignore_case = first.ignore_case or second.ignore_case
    if first.text is not None and second.text is not None:
        return Answer.of(_equal(first.text, second.text, ignore_case=ignore_case))
    if _ALL in (first.tokens, second.tokens):
        return Answer.YES
    if _fresh_against_text(first, second) or _fresh_against_text(second, first):
        return Answer.NO
    if not meet(cased(_widest(first), ignore_case=ignore_case), cased(_widest(second), ignore_case=ignore_case)):
        return Answer.NO
    certain = not (first.holes or second.holes) or _covers(first, second) or _covers(second, first)
    return Answer.YES if certain else Answer.UNKNOWN


def contains(outer: Pattern, inner: Pattern) -> Answer:
    """Whether every string of `inner` is in `outer`.

    Exact for patterns without holes, in time linear in their lengths. Only where the inner one ignores case and the
    outer one does not it takes a search, and is unknown should that take too long.
    """
    if outer.tokens == _ALL:
        return Answer.YES
    if outer.text is not None and inner.text is not None and not inner.ignore_case:
        return Answer.of(_equal(outer.text, inner.text, ignore_case=outer.ignore_case))
    if _covers(outer, inner):
        return Answer.YES
    return _contains_after_all(outer, inner)


def _contains_after_all(outer: Pattern, inner: Pattern) -> Answer:
    # One string: taking it symbol by symbol is exact where nothing is unknown.
    if (inner.text is not None and not outer.holes) or intersects(outer, inner) is Answer.NO:
        return Answer.NO
    if not inner.wild:
        return Answer.UNKNOWN if outer.holes or inner.holes else Answer.NO
    if not outer.wild and not (outer.glob and any(map(may_hide_wildcard, outer.holes))):
        # One string, whichever it is, is not all of several.
        return Answer.NO
    if inner.holes:
        return Answer.UNKNOWN
    widest = Pattern(_widest(outer), outer.ignore_case, glob=True)
    if _both_cases(inner, outer):
        left_out = empty((inner,), (widest,))
        return Answer.UNKNOWN if outer.holes and left_out is Answer.YES else left_out
    return Answer.UNKNOWN if outer.holes and _covers(widest, inner) else Answer.NO


def empty(included: Sequence[Pattern], excluded: Sequence[Pattern] = ()) -> Answer:
    """Whether no string is in all of the included sets and in none of the excluded ones."""
    if any(found.holes for found in (*included, *excluded)):
        widest = tuple(Pattern(_widest(found), found.ignore_case, glob=True) for found in included)
        known = tuple(found for found in excluded if not found.holes)
        return Answer.YES if empty(widest, known) is Answer.YES else Answer.UNKNOWN
    found, complete = _search(included, excluded)
    return Answer.NO if found is not None else Answer.YES if complete else Answer.UNKNOWN


def witness(included: Sequence[Pattern], excluded: Sequence[Pattern] = ()) -> str | None:
    """A shortest string that is in all included sets and in no excluded one; None if there is, or is found, none."""
    if any(found.holes for found in (*included, *excluded)):
        return None
    return _search(included, excluded)[0]


def example(found: Pattern, words: Sequence[str] = ("x",)) -> str:
    """A natural member of a set: each `*` becomes the next of the words (the last one repeats), each `?` an `x`."""
    parts: list[str] = []
    used = 0
    for token in found.tokens:
        if token is STAR:
            parts.append(words[min(used, len(words) - 1)])
            used += 1
        elif token is ANY:
            parts.append("x")
        else:
            parts.append(token if isinstance(token, str) else "${" + str(token) + "}")
    return "".join(parts)


def may_hide_wildcard(hole: Hole) -> bool:
    """Whether unknown text may hold a `*`: not where it is an attribute that AWS gives (an account id, an ARN)."""
    return not hole.references or not all(map(is_given_by_aws, hole.references))


def _fresh_against_text(fresh: Pattern, other: Pattern) -> bool:
    """Whether a name nobody wrote meets a value that can hold no wildcard: then they differ."""
    if FRESH not in fresh.tokens or FRESH in other.tokens or other.wild:
        return False
    return not other.glob or not any(may_hide_wildcard(hole) for hole in other.holes)


def _equal(first: str, second: str, *, ignore_case: bool) -> bool:
    return first == second or (ignore_case and _lowered(first) == _lowered(second))


def _covers(outer: Pattern, inner: Pattern) -> bool:
    if _both_cases(inner, outer):
        return False
    return covers(outer.tokens, cased(inner.tokens, ignore_case=outer.ignore_case))


def _both_cases(inner: Pattern, outer: Pattern) -> bool:
    """Whether letters of the inner pattern stand for both of their cases, and those of the outer one for one."""
    if not inner.ignore_case or outer.ignore_case:
        return False
    return any(isinstance(token, str) and token.upper() != token for token in inner.tokens)


def _search(included: Sequence[Pattern], excluded: Sequence[Pattern]) -> tuple[str | None, bool]:
    return search([_machines((found,)) for found in included], _machines(excluded))


def _machines(patterns: Sequence[Pattern]) -> list[Machine]:
    return [Machine(found.tokens, ignore_case=found.ignore_case) for found in patterns]
