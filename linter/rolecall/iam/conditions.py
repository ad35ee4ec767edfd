"""Condition operators and keys, evaluated over a value that is known, chosen by the caller, absent, or unknown.

Operators, absent keys and set operators: docs.aws.amazon.com/IAM/latest/UserGuide, pages
reference_policies_elements_condition_operators and reference_policies_condition-single-vs-multi-valued-context-keys.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from rolecall import regex
from rolecall.answer import Answer, all_of, any_of
from rolecall.iam.issuers import Issuer, has_scheme, without_scheme
from rolecall.iam.patterns import FRESH, Pattern, contains, glob, intersects, literal, pattern
from rolecall.records import dataclass
from rolecall.tree import Hole, Scalar, merged

if TYPE_CHECKING:
    from rolecall.iam.patterns import Text
    from rolecall.iam.patterns_automaton import Token
    from rolecall.model import Condition


class Family(Enum):
    """What an operator compares."""

    STRING = "String"
    ARN = "Arn"
    BOOL = "Bool"
    NULL = "Null"
    OTHER = "numbers, dates, addresses, bytes"


class Quantifier(Enum):
    """The prefix of a set operator."""

    NONE = ""
    ANY = "foranyvalue:"
    ALL = "forallvalues:"


class Presence(Enum):
    """Values of a key other than text: it is certainly not in the request, or nothing is known of it."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


Value: TypeAlias = Pattern | Presence
"""A key's value: the strings that whoever makes the request can choose from; often only one."""

ANYTHING: Final = glob("*")


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator, taken apart. `like`: wildcards count."""

    family: Family
    negated: bool = False
    like: bool = False
    ignore_case: bool = False
    if_exists: bool = False
    quantifier: Quantifier = Quantifier.NONE


_OPERATORS: dict[str, Operator] = {
    "stringequals": Operator(Family.STRING),
    "stringnotequals": Operator(Family.STRING, negated=True),
    "stringequalsignorecase": Operator(Family.STRING, ignore_case=True),
    "stringnotequalsignorecase": Operator(Family.STRING, negated=True, ignore_case=True),
    "stringlike": Operator(Family.STRING, like=True),
    "stringnotlike": Operator(Family.STRING, negated=True, like=True),
    # ArnEquals and ArnLike behave identically.
    "arnequals": Operator(Family.ARN, like=True),
    "arnlike": Operator(Family.ARN, like=True),
    "arnnotequals": Operator(Family.ARN, negated=True, like=True),
    "arnnotlike": Operator(Family.ARN, negated=True, like=True),
    "bool": Operator(Family.BOOL, ignore_case=True),
    "null": Operator(Family.NULL, ignore_case=True),
    "ipaddress": Operator(Family.OTHER),
    "notipaddress": Operator(Family.OTHER, negated=True),
    "binaryequals": Operator(Family.OTHER),
    **{
        f"{what}{how}": Operator(Family.OTHER, negated=how == "notequals")
        for what in ("numeric", "date")
        for how in ("equals", "notequals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals")
    },
}


def operator_of(scalar: Scalar) -> Operator | None:
    """The operator, read without regard to case; None for one that is not known."""
    return _operator(scalar.known or "")


@lru_cache(maxsize=1024)
def _operator(text: str) -> Operator | None:
    name = text.lower()
    quantifier = Quantifier.NONE
    for candidate in (Quantifier.ANY, Quantifier.ALL):
        if name.startswith(candidate.value):
            quantifier, name = candidate, name.removeprefix(candidate.value)
    if_exists = name.endswith("ifexists")
    found = _OPERATORS.get(name.removesuffix("ifexists"))
    if found is None:
        return None
    return Operator(found.family, found.negated, found.like, found.ignore_case, if_exists, quantifier)


_SERVICE = regex.compile(r"[A-Za-z0-9-]+")
_CLAIMS = ("sub", "aud")


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key: a claim of an issuer's token (`issuer` set), or a global or service key (`aws:PrincipalArn`).

    `name` is in lower case; None where it is not known.
    """

    name: str | None
    issuer: Issuer | None = None

    @property
    def scheme(self) -> bool:
        """Whether the issuer is written with `https://`: no token has such a key."""
        return self.issuer is not None and self.issuer.scheme


def key_of(scalar: Scalar) -> Key:
    """The key, taken apart; the claim after the last colon is mostly known even where the issuer is not."""
    # A dozen rules ask of every key.
    text = scalar.known
    return _known_key(text) if text is not None else _key(merged(scalar.parts))


@lru_cache(maxsize=8192)
def _known_key(text: str) -> Key:
    return _key((text,))


def _key(written: Text) -> Key:
    first, last = written[0], written[-1]
    if isinstance(first, str) and ":" in first and not first.startswith(("https://", "http://")):
        service, _, key = first.partition(":")
        # `OIDC:sub` and `$oidc_provider:aud` are claims of an issuer that some tool fills in.
        if _SERVICE.fullmatch(service) and (key.lower() not in _CLAIMS or service.lower() == "saml"):
            # The tail of a tag key may be unknown, its family is not.
            return Key(first.lower())
    if not isinstance(last, str) or ":" not in last:
        return Key(None)
    before, _, claim = last.rpartition(":")
    parts = (*written[:-1], *((before,) if before else ()))
    return Key(claim.lower(), Issuer(without_scheme(parts), has_scheme(written)))


def holds(condition: Condition, value: Value, *, every: bool = False) -> Answer:
    """Whether a condition is met by some string that the value may be or, with `every`, by all of them."""
    operator = operator_of(condition.operator)
    if operator is None:
        return Answer.UNKNOWN
    if operator.family is Family.NULL:
        return _null(condition, value)
    if value is Presence.ABSENT:
        return _absent(operator)
    if value is Presence.UNKNOWN:
        return Answer.UNKNOWN
    if operator.family is Family.OTHER:
        # Who chooses freely can satisfy a comparison and can avoid it; any other value is not compared here.
        return Answer.of(not every) if value == ANYTHING else Answer.UNKNOWN
    return _compared(operator, condition, value, every=every)


def patterns_of(condition: Condition) -> tuple[Pattern, ...]:
    """The condition's values as its operator reads them; none for an unknown operator."""
    operator = operator_of(condition.operator)
    if operator is None:
        return ()
    return tuple(pattern(value, like=operator.like, ignore_case=operator.ignore_case) for value in condition.values)


def is_positive(condition: Condition) -> bool:
    """Whether the condition names what it admits, rather than what it keeps out."""
    operator = operator_of(condition.operator)
    return operator is not None and not operator.negated and operator.family in (Family.STRING, Family.ARN)


def _null(condition: Condition, value: Value) -> Answer:
    if value is Presence.UNKNOWN or condition.rest is not None:
        return Answer.UNKNOWN
    wanted = [given.boolean for given in condition.values]
    return any_of(
        Answer.UNKNOWN if absent is None else Answer.of(absent is (value is Presence.ABSENT)) for absent in wanted
    )


def _absent(operator: Operator) -> Answer:
    if operator.if_exists or operator.quantifier is Quantifier.ALL:
        return Answer.YES
    return Answer.of(operator.negated and operator.quantifier is not Quantifier.ANY)


def _compared(operator: Operator, condition: Condition, value: Pattern, *, every: bool) -> Answer:
    # To meet a negated operator is to stay outside: some string does unless all are in, all do if none is in.
    inside = every is not operator.negated
    arn = operator.family is Family.ARN
    met = any_of(_in(found, value, every=inside, arn=arn) for found in patterns_of(condition))
    # What exact values there may be besides, none of them is a name that nobody wrote.
    if condition.rest is not None and (operator.like or FRESH not in value.tokens):
        met = any_of((met, Answer.UNKNOWN))
    return met.negated() if operator.negated else met


def _in(found: Pattern, value: Pattern, *, every: bool, arn: bool) -> Answer:
    test = contains if every else intersects
    if not arn:
        return test(found, value)
    first, second = _components(found), _components(value)
    if first is None or second is None:
        return test(found, value)
    return all_of(test(one, other) for one, other in zip(first, second, strict=True))


def _components(found: Pattern) -> tuple[Pattern, ...] | None:
    """The six parts of an ARN, each compared on its own; None where the text is not written as six."""
    if found.text is not None:
        texts = found.text.split(":", 5)
        return tuple(literal(text, ignore_case=found.ignore_case) for text in texts) if len(texts) == 6 else None
    parts: list[list[Token]] = [[]]
    for symbol in found.tokens:
        if symbol == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(symbol)
    if len(parts) < 6 or any(isinstance(symbol, Hole) for symbol in parts[0]):
        return None
    return tuple(Pattern(tuple(part), found.ignore_case, found.glob) for part in parts)
