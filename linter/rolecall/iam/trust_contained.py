"""Whether everything that one trust policy admits is admitted by another: exact on subjects, audiences and principals.

What a policy admits through a door is a union of regions; a region asks each claim to be in some patterns and outside
of others. To take one region away from another leaves regions again, and whether one of those holds anything is a
question to the patterns.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from rolecall.answer import Answer, any_of
from rolecall.iam.conditions import Family, Presence, holds, key_of, operator_of, patterns_of
from rolecall.iam.issuers import issuer_of, same
from rolecall.iam.patterns import contains, empty, glob, literal, witness
from rolecall.iam.trust import ASSUME_ACTIONS, WEB_IDENTITY, account_of, allows_action, effect_of, is_oversized
from rolecall.records import dataclass
from rolecall.tree import Hole, merged

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from rolecall.iam.issuers import Issuer
    from rolecall.iam.patterns import Pattern
    from rolecall.model import Condition, PolicyDocument, Principal, Statement

_MOST = 2_000
"""Regions that are looked at before the answer is unknown."""
_PRINCIPAL = "principal"
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Containment:
    """The answer and, where it is no, a request that the first policy admits and the second does not.

    `action` is the STS action, `principal` the issuer, or the ARN, account or service. `subject` and `audience` are of
    a web-identity token; None is whatever suits. The request meets every other condition of the first policy.
    """

    answer: Answer
    action: str = ""
    principal: str = ""
    subject: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """That a claim is in a set or, `inside` False, outside of it.

    A condition on any other key is a literal of `other`: it is met or not, and the same only word for word. `sure`: it
    is known what it says.
    """

    claim: str
    inside: bool = True
    pattern: Pattern | None = None
    other: Hashable = None
    sure: bool = True

    def negated(self) -> Literal:
        """The opposite."""
        return replace(self, inside=not self.inside)


Region: TypeAlias = tuple[Literal, ...]
"""Literals all of which are asked."""
Regions: TypeAlias = list[Region]
"""Any of which will do."""


class _UnknownError(Exception):
    """Something that is not known, or too much of it, decides."""


def contained(first: PolicyDocument, second: PolicyDocument) -> Containment:
    """Whether everything that `first` admits is admitted by `second` as well."""
    if any(is_oversized(document) or document.rest is not None for document in (first, second)):
        return Containment(Answer.UNKNOWN)
    answer = Answer.YES
    try:
        for action, issuer in dict.fromkeys(_doors(first)):
            found = _through(action, issuer, first, second)
            if found.answer is Answer.NO:
                return found
            answer = Answer.UNKNOWN if found.answer is Answer.UNKNOWN else answer
    except _UnknownError:
        return Containment(Answer.UNKNOWN)
    return Containment(answer)


def _doors(document: PolicyDocument) -> Iterator[tuple[str, Issuer | None]]:
    """The ways in that a policy may open: an action and, for web identity, the issuer."""
    for statement in document.statements:
        if effect_of(statement) == "Deny":
            continue
        unseen = statement.principals_rest is not None or any(one.type.known is None for one in statement.principals)
        for action in ASSUME_ACTIONS:
            if allows_action(statement, action) is Answer.NO:
                continue
            if unseen:
                raise _UnknownError
            if action != WEB_IDENTITY:
                yield action, None
                continue
            if statement.not_principals or any(one.value.known == "*" for one in statement.principals):
                raise _UnknownError
            issuers = (issuer_of(one.value) for one in statement.principals if one.type.known == "Federated")
            yield from ((action, issuer) for issuer in issuers if issuer is not None and not issuer.scheme)


def _through(action: str, issuer: Issuer | None, first: PolicyDocument, second: PolicyDocument) -> Containment:
    left = _admitted(first, action, issuer)
    for region in _admitted(second, action, issuer):
        left = [rest for one in left for rest in _without(one, region)]
        if len(left) > _MOST:
            raise _UnknownError
    answers = [(region, _is_empty(region)) for region in left]
    certain = (region for region, answer in answers if answer is Answer.NO and _can_be_met(region))
    found = next(certain, None)
    if found is not None:
        principal = issuer.display if issuer is not None else _shown(_example(found, _PRINCIPAL))
        return Containment(Answer.NO, action, principal, _example(found, "sub"), _example(found, "aud"))
    return Containment(Answer.YES if all(answer is Answer.YES for _, answer in answers) else Answer.UNKNOWN)


def _without(region: Region, taken: Region) -> Regions:
    """A region without another: outside of one of its literals at least."""
    if _is_empty((*region, *taken)) is Answer.YES:
        return [region]
    rests = ((*region, literal_.negated()) for literal_ in taken if literal_ not in region)
    return [rest for rest in rests if _is_empty(rest) is not Answer.YES]


def _is_empty(region: Region) -> Answer:
    """Whether nothing is in a region."""
    others = {(one.other, one.inside) for one in region if one.claim == _OTHER}
    if any((other, not inside) in others for other, inside in others):
        return Answer.YES
    claims = dict.fromkeys(one.claim for one in region if one.claim != _OTHER)
    return any_of(_is_claim_empty(*_sides(region, claim)) for claim in claims)


def _is_claim_empty(included: Sequence[Pattern], excluded: Sequence[Pattern]) -> Answer:
    if any(contains(outer, inner) is Answer.YES for outer in excluded for inner in included):
        return Answer.YES
    return empty(included, excluded)


def _sides(region: Region, claim: str) -> tuple[tuple[Pattern, ...], tuple[Pattern, ...]]:
    asked = [one for one in region if one.claim == claim and one.pattern is not None]
    included = tuple(one.pattern for one in asked if one.inside and one.pattern is not None)
    return included or (glob("*"),), tuple(one.pattern for one in asked if not one.inside and one.pattern is not None)


def _can_be_met(region: Region) -> bool:
    """Whether nothing but conditions that the first policy itself sets stands beside the claims, one a key."""
    others = [one for one in region if one.claim == _OTHER]
    return all(one.inside and one.sure for one in others) and len({one.other for one in others}) <= 1


def _example(region: Region, claim: str) -> str | None:
    return witness(*_sides(region, claim)) if any(one.claim == claim for one in region) else None


def _shown(principal: str | None) -> str:
    """A principal as IAM writes it: the ARN, else the account, or the service."""
    kind, _, name = (principal or "").partition(":")
    account, _, arn = name.partition("/")
    return (arn or account) if kind == "AWS" else name


def _admitted(document: PolicyDocument, action: str, issuer: Issuer | None) -> Regions:
    """What a policy admits through a door."""
    found: Regions = []
    denied: list[Regions] = []
    for statement in document.statements:
        allowed = allows_action(statement, action)
        if allowed is Answer.NO:
            continue
        effect = effect_of(statement)
        unseen = (statement.principals_rest, statement.conditions_rest)
        if effect is None or allowed is Answer.UNKNOWN or any(hole is not None for hole in unseen):
            raise _UnknownError
        asked = [_principals(statement, issuer), *(_asked(condition, issuer) for condition in statement.conditions)]
        if effect == "Allow":
            found += _all(asked)
        else:
            denied.append([region for regions in asked for region in _negated(regions)])
    return _all([found, *denied])


def _all(asked: Iterable[Regions]) -> Regions:
    """The regions in which all of several hold."""
    found: Regions = [()]
    for regions in asked:
        if len(found) * len(regions) > _MOST:
            raise _UnknownError
        met = [(*one, *other) for one, other in product(found, regions)]
        found = [region for region in met if _is_empty(region) is not Answer.YES]
    return found


def _negated(regions: Regions) -> Regions:
    """The regions in which none of several holds."""
    return _all([[(one.negated(),) for one in region] for region in regions])


_ALWAYS: Regions = [()]


def _principals(statement: Statement, issuer: Issuer | None) -> Regions:
    """Whom a statement means: as regions of principals or, through an issuer's door, everybody or nobody."""
    if issuer is not None:
        if statement.not_principals:
            raise _UnknownError
        fits = any_of(_vouches(one, issuer) for one in statement.principals)
        if fits is Answer.UNKNOWN:
            raise _UnknownError
        return list(_ALWAYS) if fits is Answer.YES else []
    named = [found for one in statement.not_principals or statement.principals for found in _people(one)]
    meant: Regions = [(Literal(_PRINCIPAL, pattern=found),) for found in named]
    return _negated(meant) if statement.not_principals else meant


def _vouches(principal: Principal, issuer: Issuer) -> Answer:
    if principal.value.known == "*":
        return Answer.YES
    written = issuer_of(principal.value) if principal.type.known == "Federated" else None
    if written is None or written.scheme:
        return Answer.of(False if principal.type.known is not None else None)
    if written.known is not None and issuer.known is not None:
        return Answer.of(written.known == issuer.known)
    return same(written, issuer)


def _people(principal: Principal) -> Iterator[Pattern]:
    """The principals that one stands for, as `AWS:<account>/<ARN>`, `Service:<name>` or `Federated:<ARN>`."""
    kind, value = principal.type.known, principal.value.known
    if kind is None:
        raise _UnknownError
    if kind == "*" or value == "*":
        yield glob("*" if kind == "*" else f"{kind}:*")
    elif kind != "AWS":
        yield literal(merged((f"{kind}:", *principal.value.parts)))
    elif value is None:
        account = Hole("an account", principal.value.hole.references, ("account",))
        yield literal(merged(("AWS:", account, "/", *principal.value.parts)))
    elif (account_id := account_of(value)) is not None:
        yield glob(f"AWS:{account_id}/*")
    elif "*" not in value and value.count(":") >= 5:
        yield literal(f"AWS:{value.split(':')[4]}/{value}")


def _asked(condition: Condition, issuer: Issuer | None) -> Regions:
    """What a condition asks."""
    operator, key = operator_of(condition.operator), key_of(condition.key)
    if key.issuer is not None and (key.scheme or issuer is None or same(key.issuer, issuer) is Answer.NO):
        return _constant(holds(condition, Presence.ABSENT), condition)
    if operator is None or key.issuer is None or key.name not in ("sub", "aud") or condition.rest is not None:
        return _opaque(condition)
    if operator.family is Family.NULL:
        return _constant(holds(condition, glob("*")), condition)
    if operator.family is not Family.STRING:
        return _opaque(condition)
    inside: Regions = [(Literal(key.name, pattern=found),) for found in patterns_of(condition)]
    return _negated(inside) if operator.negated else inside


def _constant(answer: Answer, condition: Condition) -> Regions:
    if answer is Answer.UNKNOWN:
        return _opaque(condition)
    return list(_ALWAYS) if answer is Answer.YES else []


def _opaque(condition: Condition) -> Regions:
    """A condition that is met or not: the same as another that says the same."""
    values = frozenset(value.parts for value in condition.values)
    written = (condition.operator.display.lower(), condition.key.display.lower(), values, condition.rest)
    sure = operator_of(condition.operator) is not None and condition.rest is None
    return [(Literal(_OTHER, other=written, sure=sure),)]
