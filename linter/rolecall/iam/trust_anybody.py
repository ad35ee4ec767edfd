"""Whether a trust policy, or one statement of it, admits anybody at all, and what it leaves of one claim."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from rolecall.answer import Answer, Verdict, all_of, any_of
from rolecall.iam.conditions import Family, Key, Presence, Quantifier, holds, key_of, operator_of, patterns_of
from rolecall.iam.issuers import Issuer, issuer_of, same
from rolecall.iam.patterns import Pattern, literal
from rolecall.iam.patterns_unions import Common, Union, common
from rolecall.iam.principals import flaw_of
from rolecall.iam.trust import (
    ASSUME_ACTIONS,
    ASSUME_ROLE,
    OVERSIZED,
    SAML,
    WEB_IDENTITY,
    Token,
    account_of,
    allows_action,
    effect_of,
    is_oversized,
)
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rolecall.model import Condition, PolicyDocument, Principal, Statement

# The claims that every token has; others may be absent from it.
_ALWAYS = ("sub", "aud", "iss")
_MOST_WAYS: Final = 256
"""Ways past all Deny statements that are tried; a policy that has more is not decided."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition that a value has to meet or, of a Deny that must not apply, has to fail."""

    condition: Condition
    met: bool = True


def claim(requirements: Iterable[Requirement], fixed: Pattern | None = None) -> Common:
    """Whether some text of a claim that is in the request meets all of the requirements, and one that does."""
    included: list[Union] = [] if fixed is None else [Union((fixed,))]
    excluded: list[Union] = []
    unsure = Answer.YES
    for wanted in requirements:
        operator = operator_of(wanted.condition.operator)
        if operator is None or operator.family in (Family.ARN, Family.OTHER):
            unsure = all_of((unsure, _alone(wanted, fixed)))
        elif operator.family is Family.NULL:
            there = holds(wanted.condition, literal(""))
            unsure = all_of((unsure, there if wanted.met else there.negated()))
        else:
            union = Union(patterns_of(wanted.condition), more=wanted.condition.rest is not None)
            (included if operator.negated is not wanted.met else excluded).append(union)
    found = common(included, excluded)
    answer = all_of((found.answer, unsure))
    return Common(answer, found.witness if unsure is Answer.YES else None)


def _alone(wanted: Requirement, fixed: Pattern | None) -> Answer:
    """Of what is not compared as text: whether some value meets it, others aside."""
    if fixed is None:
        return Answer.UNKNOWN
    found = holds(wanted.condition, fixed)
    return found if wanted.met else found.negated()


def anybody(document: PolicyDocument, *, only: Statement | None = None) -> Verdict:
    """Whether anybody can assume a role through a policy or, with `only`, through one statement of it.

    Every Allow with every principal of it, past every Deny. Yes: for some principal there are claims, or keys of a
    request, that meet the conditions, whoever has them. The evidence for no are the statements that admit nobody.
    """
    if is_oversized(document):
        return Verdict(Answer.UNKNOWN, holes=(OVERSIZED,))
    allows = [only] if only is not None else [one for one in document.statements if effect_of(one) in ("Allow", None)]
    answers = [_through(document, statement) for statement in allows]
    if document.rest is not None:
        answers.append(Answer.UNKNOWN)
    answer = any_of(answers)
    return Verdict(answer, tuple(statement.head for statement in allows))


def _through(document: PolicyDocument, statement: Statement) -> Answer:
    certain = Answer.YES if effect_of(statement) is not None else Answer.UNKNOWN
    ways = [_as(document, statement, who) for who in _askers(statement)]
    if statement.principals_rest is not None:
        ways.append(Answer.UNKNOWN)
    return all_of((certain, any_of(ways)))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Whoever a principal stands for, by one action. `others`: there are more of them than a Deny can name."""

    action: str
    principal: Principal | None
    issuer: Issuer | None = None
    others: bool = False
    known: Answer = Answer.YES


def _askers(statement: Statement) -> Iterator[_Asker]:
    if statement.not_principals:
        for action in ASSUME_ACTIONS:
            yield _Asker(action, None, others=True)
    for principal in statement.principals:
        kind, value = principal.type.known, principal.value.known
        flaw = flaw_of(principal)
        if flaw is not None and flaw.nobody:
            continue
        if kind == "Federated":
            issuer = issuer_of(principal.value)
            if issuer is not None and issuer.scheme:
                continue
            yield _Asker(WEB_IDENTITY if issuer is not None else SAML, principal, issuer)
            continue
        known = Answer.YES if kind is not None else Answer.UNKNOWN
        everybody = value == "*" or (value is not None and account_of(value) is not None)
        for action in ASSUME_ACTIONS if value == "*" else (ASSUME_ROLE,):
            yield _Asker(action, principal, others=everybody, known=known)


def _as(document: PolicyDocument, statement: Statement, who: _Asker) -> Answer:
    action = allows_action(statement, who.action)
    if action is Answer.NO:
        return Answer.NO
    denies = [one for one in document.statements if effect_of(one) in ("Deny", None)]
    options = [list(_past(deny, who)) for deny in denies]
    if document.rest is not None:
        options.append([(None, Answer.UNKNOWN)])
    required = [Requirement(condition) for condition in statement.conditions]
    rest = Answer.YES if statement.conditions_rest is None else Answer.UNKNOWN
    number = 1
    for option in options:
        number *= len(option)
    if number > _MOST_WAYS:
        return Answer.UNKNOWN
    ways = (
        all_of(
            (*(certain for _, certain in way), _values(who, [*required, *(one for one, _ in way if one is not None)]))
        )
        for way in product(*options)
    )
    return all_of((who.known, action, rest, any_of(ways)))


def _past(deny: Statement, who: _Asker) -> Iterator[tuple[Requirement | None, Answer]]:
    """The ways in which a Deny does not apply, each as what it requires, and how sure it is."""
    applies = all_of(
        (
            Answer.YES if effect_of(deny) is not None else Answer.UNKNOWN,
            allows_action(deny, who.action),
            _named(deny, who),
        )
    )
    if applies is not Answer.YES:
        yield None, applies.negated()
    if applies is not Answer.NO:
        for condition in deny.conditions:
            yield Requirement(condition, met=False), Answer.YES
        if deny.conditions_rest is not None:
            yield None, Answer.UNKNOWN


def _named(deny: Statement, who: _Asker) -> Answer:
    """Whether a Deny names all of those whom a principal stands for."""
    if deny.not_principals:
        found = any_of(_covers(principal, who) for principal in deny.not_principals)
        # Of many there is one who is not named.
        return Answer.YES if who.others and found is Answer.NO else found.negated()
    found = any_of(_covers(principal, who) for principal in deny.principals)
    return any_of((found, Answer.UNKNOWN)) if deny.principals_rest is not None else found


def _covers(principal: Principal, who: _Asker) -> Answer:
    value = principal.value.known
    if value == "*" and principal.type.known in ("*", "AWS"):
        return Answer.YES
    if who.principal is None:
        return Answer.NO
    if who.issuer is not None:
        return Token(who.issuer).fits(principal)[0]
    if principal.type.known != who.principal.type.known and principal.type.known is not None:
        return Answer.NO
    own = who.principal.value.known
    if value is None or own is None:
        return Answer.UNKNOWN
    account = account_of(value)
    within = account is not None and f":{account}:" in own
    return Answer.of(value == own or within or (account is not None and account == account_of(own)))


def _values(who: _Asker, required: Sequence[Requirement]) -> Answer:
    """Whether all of the keys can have values, or be absent, as is required. Keys are taken one by one."""
    by_name: dict[str, list[Requirement]] = {}
    keys: dict[str, Key] = {}
    for wanted in required:
        key = key_of(wanted.condition.key)
        name = f"claim {key.name}" if key.issuer else key.name or ""
        if key.name is None or _is_foreign(key, who):
            name = f"{name} {wanted.condition.key.display}"
        by_name.setdefault(name, []).append(wanted)
        keys[name] = key
    return all_of(_value(keys[name], who, found) for name, found in by_name.items())


def _is_foreign(key: Key, who: _Asker) -> bool:
    """Whether a key is certainly in no request of somebody: a claim of another issuer, or of any for who has none."""
    if key.issuer is None:
        return False
    if key.scheme or who.issuer is None:
        return key.scheme or (who.principal is not None and who.principal.value.known != "*")
    return same(key.issuer, who.issuer) is Answer.NO


def _value(key: Key, who: _Asker, required: list[Requirement]) -> Answer:
    if key.name is None:
        return Answer.UNKNOWN
    absent = _absent(required)
    if _is_foreign(key, who):
        return absent
    fixed = _fixed(key, who)
    if fixed is not None:
        return claim(required, fixed).answer
    there = claim(required).answer
    if there is Answer.UNKNOWN and len(required) == 1:
        there = _free(required[0])
    if key.issuer is not None and key.name in _ALWAYS:
        own = who.issuer is None or same(key.issuer, who.issuer) is Answer.YES
        # A key that may be another issuer's counts as this one's, but if it is not, it is absent.
        return there if own or there is not Answer.NO else all_of((any_of((there, absent)), Answer.UNKNOWN))
    if len(required) > 1 and any(_many(wanted) for wanted in required):
        # A key of several values need not have one that meets all.
        there = Answer.UNKNOWN
    return any_of((there, absent))


def _many(wanted: Requirement) -> bool:
    operator = operator_of(wanted.condition.operator)
    return operator is None or operator.quantifier is not Quantifier.NONE


def _free(wanted: Requirement) -> Answer:
    """Whether a value can be chosen that meets what is not compared as text, such as an address or a date."""
    operator = operator_of(wanted.condition.operator)
    if operator is None or not wanted.condition.values:
        return Answer.UNKNOWN
    return Answer.YES if operator.family in (Family.OTHER, Family.ARN) and not wanted.condition.rest else Answer.UNKNOWN


def _fixed(key: Key, who: _Asker) -> Pattern | None:
    """What a key certainly is for a principal that is named."""
    value = who.principal.value.known if who.principal is not None and who.principal.type.known == "AWS" else None
    if value is None or value == "*":
        return None
    account = account_of(value)
    if key.name == "aws:principalaccount":
        parts = value.split(":")
        found = account or (parts[4] if len(parts) > 4 else None)
        return literal(found) if found else None
    return literal(value) if key.name == "aws:principalarn" and account is None and value.startswith("arn:") else None


def _absent(required: Iterable[Requirement]) -> Answer:
    return all_of(
        found if wanted.met else found.negated()
        for wanted, found in ((one, holds(one.condition, Presence.ABSENT)) for one in required)
    )


__all__ = ["Requirement", "anybody", "claim"]
