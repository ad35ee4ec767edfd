"""Conditions on who holds a token that every token meets: they look like a restriction and are none."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from rolecall.answer import Answer
from rolecall.iam.conditions import Family, Operator, Presence, Quantifier, holds, key_of, operator_of
from rolecall.iam.issuers import same, shared_issuer
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.trust import WebIdentityGrant
    from rolecall.model import Condition
    from rolecall.span import Span

ALWAYS: Final = ("sub", "aud", "iss")
"""The claims that every token has: openid.net/specs/openid-connect-core-1_0.html#IDToken."""


class Why(Enum):
    """What makes a condition one that every token meets."""

    FOREIGN = "the key is another issuer's, so it is absent, and an absent key counts as met"
    NEGATED = "it keeps out only what it names"
    PRESENCE = "it asks only that the claim is there, and every token has it"
    OPTIONAL = "a token without the claim meets it"


@dataclass(frozen=True, slots=True)
class Vacuous:
    """A condition that restricts nobody, or next to nobody."""

    condition: Condition
    why: Why

    @property
    def at(self) -> Span:
        """The narrowest text that makes it so."""
        return self.condition.key.span if self.why is Why.FOREIGN else self.condition.operator.span


def vacuous(grant: WebIdentityGrant) -> Iterator[Vacuous]:
    """The conditions of a grant on its tokens' subject, or on what else names their holder, that restrict nothing.

    A key with a scheme in it is left out: what is wrong there is the key.
    """
    for condition in grant.mismatched:
        key = key_of(condition.key)
        if key.name == "sub" and not key.scheme and holds(condition, Presence.ABSENT) is Answer.YES:
            yield Vacuous(condition, Why.FOREIGN)
    shared = shared_issuer(grant.issuer)
    naming = {"sub", *(shared.tenancy if shared else ()), *(shared.other_tenancy if shared else ())} - {"aud"}
    for condition, claim, operator in _own(grant):
        if claim in naming:
            if operator.family is Family.NULL and holds(condition, Presence.ABSENT) is Answer.NO:
                yield Vacuous(condition, Why.PRESENCE)
            elif operator.negated:
                yield Vacuous(condition, Why.NEGATED)
        elif claim not in ALWAYS and operator.quantifier is Quantifier.ALL and not operator.negated:
            yield Vacuous(condition, Why.OPTIONAL)


def lenient(grant: WebIdentityGrant) -> Iterator[Condition]:
    """The conditions on claims that are always there which would be met without them: no harm, and no use."""
    shared = shared_issuer(grant.issuer)
    always = {*ALWAYS, *(shared.tenancy if shared else ()), *(shared.other_tenancy if shared else ())}
    for condition, claim, operator in _own(grant):
        lax = operator.if_exists or operator.quantifier is Quantifier.ALL
        if claim in always and lax and not operator.negated and operator.family is not Family.NULL:
            yield condition


def _own(grant: WebIdentityGrant) -> Iterator[tuple[Condition, str, Operator]]:
    """The conditions on claims of the grant's own issuer."""
    for condition in grant.statement.conditions:
        key, operator = key_of(condition.key), operator_of(condition.operator)
        if key.issuer is None or key.name is None or key.scheme or operator is None:
            continue
        if same(key.issuer, grant.issuer) is not Answer.NO:
            yield condition, key.name, operator


__all__ = ["Vacuous", "Why", "lenient", "vacuous"]
