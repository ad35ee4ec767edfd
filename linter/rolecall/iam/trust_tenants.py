"""Which subjects of an issuer shared by many tenants a trust policy admits beyond one, each with a witness."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.conditions import operator_of
from rolecall.iam.patterns import FRESH, Pattern, glob, intersects, may_hide_wildcard, pattern, witness
from rolecall.iam.patterns_automaton import ANY, STAR
from rolecall.iam.trust import Token, admits
from rolecall.records import dataclass
from rolecall.tree import Hole, merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.iam.issuers import SubjectGrammar
    from rolecall.iam.patterns import Text
    from rolecall.iam.patterns_automaton import Token as Symbol
    from rolecall.iam.trust import WebIdentityGrant
    from rolecall.model import Condition, PolicyDocument, Statement
    from rolecall.tree import Scalar


class Reach(Enum):
    """What a subject pattern takes beyond one subject."""

    EVERYBODY = "every tenant of the issuer"
    TENANTS = "other tenants, by their name"
    EVERYTHING = "everything of the tenant"
    NAMES = "other things of the tenant, by their name"
    CONTEXTS = "all runs of one thing of the tenant"


@dataclass(frozen=True, slots=True)
class WideTenancy:
    """A value of a `sub` condition through which more than one subject is admitted.

    `witness` is one of them that the author has not named.
    """

    value: Scalar
    condition: Condition
    reach: Reach
    witness: str


def wide_tenancy(
    document: PolicyDocument, grant: WebIdentityGrant, grammar: SubjectGrammar
) -> Iterator[WideTenancy | Hole]:
    """The wide values of a grant's subject that the whole policy, Deny included, lets through; holes where unknown."""
    for condition in grant.subject.positive:
        operator = operator_of(condition.operator)
        if operator is None or not operator.like:
            continue
        if condition.rest is not None:
            yield condition.rest
        for value in condition.values:
            found = pattern(value, like=True, ignore_case=operator.ignore_case)
            reach = reach_of(found, grammar)
            probe = subject_in(found, grammar, FRESH) if reach is not None else None
            if reach is None or probe is None:
                yield from filter(may_hide_wildcard, found.holes[:1])
                continue
            verdict = admits(document, Token(None, probe, None, willing=True), only=alone(grant))
            if verdict.answer is Answer.YES:
                yield WideTenancy(value, condition, reach, _shown(found, grammar))
            elif verdict.answer is Answer.UNKNOWN:
                yield verdict.holes[0] if verdict.holes else Hole("a condition that is not evaluated")


def alone(grant: WebIdentityGrant) -> Statement:
    """The grant's statement for its issuer only."""
    return replace(grant.statement, principals=(grant.principal,))


def reach_of(found: Pattern, grammar: SubjectGrammar) -> Reach | None:
    """What a pattern takes beyond one subject; None for one subject, for less than all runs, and for no subject."""
    every = glob(grammar.pattern)
    if not found.wild or intersects(found, every) is Answer.NO:
        return None
    (prefix, _), (first, _), (second, _) = grammar.parts
    tenant, rest = _split(found.tokens[len(prefix) :], first)
    if found.tokens[: len(prefix)] != tuple(prefix) or not _is_bound(tenant, found, grammar):
        anybody = glob(f"{prefix}{FRESH}{first}?*{second}?*")
        return Reach.EVERYBODY if intersects(found, anybody) is Answer.YES else Reach.TENANTS
    thing, context = _split(rest, second) if rest is not None else ((STAR,), None)
    if not _is_bound(thing, found, grammar):
        return Reach.EVERYTHING if _whole(thing) else Reach.NAMES
    return Reach.CONTEXTS if context is None or _whole(context) else None


def _split(tokens: Sequence[Symbol], separator: str) -> tuple[Sequence[Symbol], Sequence[Symbol] | None]:
    """A name, which ends where a separator begins, and what stands behind that; None where no separator is written."""
    if separator[0] not in tokens:
        return tokens, None
    end = list(tokens).index(separator[0])
    rest = tokens[end + 1 :]
    more = tuple(separator[1:])
    return tokens[:end], rest[len(more) :] if tuple(rest[: len(more)]) == more else rest


def _is_bound(name: Sequence[Symbol], found: Pattern, grammar: SubjectGrammar) -> bool:
    """Whether only one name, or one id, will do.

    No name has an `@`, so a star behind one stays within the id. A star before it may swallow the whole subject of
    somebody else up to a branch called `x@1/y`, unless the pattern's end is fixed.
    """
    if not grammar.ids or "@" not in name:
        return bool(name) and not _wild(name)
    at = list(name).index("@")
    before, after = name[:at], name[at + 1 :]
    if before and not _wild(before):
        return True
    return bool(after) and not _wild(after) and found.tokens[-1] is not STAR


def _wild(tokens: Sequence[Symbol]) -> bool:
    return any(symbol is STAR or symbol is ANY for symbol in tokens)


def _whole(tokens: Sequence[Symbol]) -> bool:
    return bool(tokens) and tokens[-1] is STAR and all(symbol is ANY for symbol in tokens[:-1])


_FILLED = 3
"""Stars of a pattern for which more than a plain name is tried."""


def subject_in(found: Pattern, grammar: SubjectGrammar, word: str = "") -> Text | None:
    """A subject that a pattern takes: names of a stranger, or, with `word`, that for every name.

    None where nothing natural fits.
    """
    every = glob(grammar.pattern)
    stars = min(sum(symbol is STAR for symbol in found.tokens), _FILLED)
    # How many of the parts that follow each star swallows as well: none of them where that makes a subject.
    for swallowed in sorted(product(range(3), repeat=stars), key=sum):
        text = _filled(found.tokens, grammar, word, swallowed)
        if text is not None and every.matches(text) is not Answer.NO and found.matches(text) is Answer.YES:
            return text
    return None


def _shown(found: Pattern, grammar: SubjectGrammar) -> str:
    text = subject_in(found, grammar)
    if text is not None:
        return "".join(part if isinstance(part, str) else "${" + str(part) + "}" for part in text)
    return witness((found, glob(grammar.pattern))) or grammar.example


def _filled(tokens: Sequence[Symbol], grammar: SubjectGrammar, word: str, swallowed: tuple[int, ...]) -> Text | None:
    parts: list[str | Hole] = []
    text = ""
    star = 0
    for symbol in tokens:
        if symbol is STAR:
            more = swallowed[star] if star < len(swallowed) else 0
            fill = _fill(text, grammar, word, more)
            if fill is None:
                return None
            parts.append(fill)
            star += 1
        elif symbol is ANY:
            parts.append(word or "x")
        elif isinstance(symbol, str | Hole):
            parts.append(symbol)
        last = parts[-1]
        text += last if isinstance(last, str) else FRESH
    return merged(parts)


def _fill(text: str, grammar: SubjectGrammar, word: str, more: int) -> str | None:
    """What a star stands for behind a text: a name, the tail of one, and perhaps the parts that follow."""
    (prefix, _), *_ = grammar.parts
    if not text.startswith(prefix):
        if not prefix.startswith(text):
            return None
        at, written, text, start = 0, "", prefix, prefix[len(text) :]
    else:
        (at, written), start = _part_at(text, grammar), ""
    names = [word or example for _, example in grammar.parts]
    if at == len(names) - 1 and written:
        # What stands last in the last part.
        names[at] = re.split("[:/]", names[at])[-1]
    if text.endswith("@"):
        first = "1"
    elif text.endswith((":", "/", "-", "_", ".")):
        first = names[at]
    else:
        first = word or f"-{names[at]}"
    following = zip(grammar.parts[at + 1 :], names[at + 1 :], strict=True)
    return start + first + "".join(fixed + name for (fixed, _), name in list(following)[:more])


def _part_at(text: str, grammar: SubjectGrammar) -> tuple[int, str]:
    """Which part of a subject the end of a text belongs to, and what of that part is written."""
    at, start = 0, len(grammar.parts[0][0])
    for index, (fixed, _) in enumerate(grammar.parts[1:], start=1):
        found = text.find(fixed, start)
        if found < 0:
            break
        at, start = index, found + len(fixed)
    return at, text[start:]


def stranger(grammar: SubjectGrammar) -> Text:
    """A subject all of whose names are ones that nobody wrote."""
    return ("".join(fixed + FRESH for fixed, _ in grammar.parts),)
