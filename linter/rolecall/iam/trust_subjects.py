"""How wide the subjects are that a trust policy admits of a Kubernetes cluster, each with a witness."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.conditions import operator_of
from rolecall.iam.patterns import FRESH, Pattern, glob, intersects, may_hide_wildcard, pattern
from rolecall.iam.patterns_automaton import ANY, STAR
from rolecall.iam.trust import Token, admits
from rolecall.records import dataclass
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.iam.patterns import Text
    from rolecall.iam.patterns_automaton import Token as Symbol
    from rolecall.iam.trust import WebIdentityGrant
    from rolecall.model import Condition, PolicyDocument
    from rolecall.tree import Scalar

PREFIX = "system:serviceaccount:"
UNNAMED: Text = (f"{PREFIX}{FRESH}:{FRESH}",)
"""A service account that nobody wrote, in a namespace that nobody wrote."""
_ANY_ACCOUNT = glob(f"{PREFIX}?*:?*")
_FOREIGN_NAMESPACE = glob(f"{PREFIX}{FRESH}:*")


class Width(Enum):
    """Which service accounts a subject pattern takes beyond one."""

    CLUSTER = "every service account of the cluster"
    ANY_NAMESPACE = "a service account of that name in any namespace"
    NAMESPACES = "the namespaces that begin so"
    NAMESPACE = "every service account of the namespace"
    NAMES = "the service accounts that begin so"


@dataclass(frozen=True, slots=True)
class WideSubject:
    """A value of a `sub` condition through which more than one service account is admitted.

    `witness` is one of them that the author has not named.
    """

    value: Scalar
    condition: Condition
    width: Width
    witness: str


def wide_subjects(document: PolicyDocument, grant: WebIdentityGrant) -> Iterator[WideSubject | Hole]:
    """The wide values of a grant's subject that the whole policy, Deny included, lets through; holes where unknown."""
    for condition in grant.subject.positive:
        operator = operator_of(condition.operator)
        if operator is None or not operator.like:
            continue
        if condition.rest is not None:
            yield condition.rest
        for value in condition.values:
            found = pattern(value, like=True, ignore_case=operator.ignore_case)
            hidden = next(filter(may_hide_wildcard, found.holes), None)
            width = _width(found)
            if width is None:
                if hidden is not None:
                    yield hidden
                continue
            token = Token(grant.issuer, _probe(found, width), None, willing=True, voucher=grant.principal)
            verdict = admits(document, token, only=grant.statement)
            if verdict.answer is Answer.YES:
                yield WideSubject(value, condition, width, _witness(found, width))
            elif verdict.answer is Answer.UNKNOWN:
                yield verdict.holes[0] if verdict.holes else Hole("a condition that is not evaluated")


def _width(found: Pattern) -> Width | None:
    if found.matches(UNNAMED) is Answer.YES:
        return Width.CLUSTER
    if not found.wild or intersects(found, _ANY_ACCOUNT) is Answer.NO:
        return None
    start = tuple(PREFIX)
    if found.tokens[: len(start)] != start:
        return Width.ANY_NAMESPACE if intersects(found, _FOREIGN_NAMESPACE) is Answer.YES else Width.NAMES
    namespace, name = _split(found.tokens[len(start) :])
    if _whole(namespace):
        return Width.ANY_NAMESPACE
    if _wild(namespace):
        return Width.NAMESPACES
    return Width.NAMESPACE if _whole(name) else Width.NAMES


def _split(tokens: Sequence[Symbol]) -> tuple[Sequence[Symbol], Sequence[Symbol]]:
    for index, symbol in enumerate(tokens):
        if symbol == ":":
            return tokens[:index], tokens[index + 1 :]
    return tokens, ()


def _wild(tokens: Sequence[Symbol]) -> bool:
    return any(symbol is STAR or symbol is ANY for symbol in tokens)


def _whole(tokens: Sequence[Symbol]) -> bool:
    """Whether a name is nothing but wildcards that take names of any length."""
    return bool(tokens) and tokens[-1] is STAR and all(symbol is ANY for symbol in tokens[:-1])


def _probe(found: Pattern, width: Width) -> Text:
    """The witness with names that nobody wrote."""
    return UNNAMED if width is Width.CLUSTER else tuple(_filled(found.tokens, FRESH, FRESH, f":{FRESH}"))


def _witness(found: Pattern, width: Width) -> str:
    if width is Width.CLUSTER:
        return f"{PREFIX}default:attacker"
    parts = _filled(found.tokens, "attacker", "-attacker", ":attacker")
    return "".join(part if isinstance(part, str) else "${" + str(part) + "}" for part in parts)


def _filled(tokens: Sequence[Symbol], word: str, tail: str, account: str) -> Iterator[str | Hole]:
    """A member of a pattern: each `*` a whole word, or a tail of what stands before it."""
    before: object = ""
    for index, symbol in enumerate(tokens):
        if symbol is STAR:
            if index == 0:
                yield PREFIX + word
            else:
                yield word if before in (":", "-", "_", ".") else tail
        elif symbol is ANY:
            yield "x" if word != FRESH else FRESH
        elif isinstance(symbol, str | Hole):
            yield symbol
        before = symbol
    # A star behind the namespace takes the colon and the name as well.
    if tokens and tokens[-1] is STAR and ":" not in tokens[len(PREFIX) :]:
        yield account
