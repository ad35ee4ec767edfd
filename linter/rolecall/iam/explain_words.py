"""The words that complete the text of a policy that they stand at, about one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.conditions import ANYTHING, Presence, key_of, operator_of
from rolecall.iam.issuers import issuer_of
from rolecall.iam.patterns import FRESH, glob
from rolecall.iam.requests import Identity, Service
from rolecall.iam.trust import Token, provider_account

if TYPE_CHECKING:
    from rolecall.iam.conditions import Key, Operator
    from rolecall.iam.patterns import Pattern
    from rolecall.iam.trust import Request
    from rolecall.iam.trust_decision import Ground
    from rolecall.model import Condition, Principal


def trusted(request: Request, principal: Principal) -> str:
    """Why a principal is who asks."""
    if principal.value.known == "*":
        return "is everybody"
    if isinstance(request, Token):
        return "is the token's issuer"
    if isinstance(request, Identity):
        value = principal.value.known
        return "is its account, as a whole" if value is not None and request.delegates(value) else "is who asks"
    return "is the service that asks"


def refused(request: Request, principal: Principal) -> str:
    """Why a principal is not who asks."""
    kind = principal.type.known
    if isinstance(request, Token):
        return _other_issuer(request, principal) if kind == "Federated" else "is no issuer of tokens"
    if isinstance(request, Service):
        return "is another service" if kind == "Service" else "is no service"
    if kind != "AWS":
        return "is no AWS principal"
    value = principal.value.known or ""
    if "*" in value or "?" in value:
        return "is nobody: a principal cannot hold a wildcard beside other text"
    return "is another principal"


def _other_issuer(token: Token, principal: Principal) -> str:
    issuer = issuer_of(principal.value)
    if issuer is None:
        return "is no OIDC provider"
    if issuer.scheme:
        return "is no provider: none has https:// in its ARN"
    if token.account is not None and provider_account(principal.value.known or "") not in (None, token.account):
        return f"is a provider of another account than the role's, {token.account}"
    return "is another issuer"


_NOUN = {Token: "the token", Identity: "the request", Service: "the request"}


def said(condition: Condition, answer: Answer, request: Request, ground: Ground) -> str:
    """What a condition says of a request, and why."""
    key, operator = key_of(condition.key), operator_of(condition.operator)
    value = request.value(key, ground.issuer)
    name = _name(condition, key)
    if operator is None:
        return "not known: this operator is not known" if not condition.operator.holes else _why(condition)
    if answer is Answer.UNKNOWN:
        if value is Presence.UNKNOWN and key.name is not None:
            return f"not known: the question does not say what {name} is"
        return _why(condition)
    head = "met" if answer is Answer.YES else "not met"
    if value is Presence.ABSENT:
        return f"{head}: {_absent(key, request, name, ground)}"
    if isinstance(value, Presence) or value == ANYTHING:
        return f"{head}: {name} can be chosen"
    text = _text(value)
    return f"{head}: {name} is {text}{_difference(condition, operator, value) if answer is Answer.NO else ''}"


def _why(condition: Condition) -> str:
    holes = [hole for scalar in (condition.operator, condition.key, *condition.values) for hole in scalar.holes]
    hole = next(iter(holes), condition.rest)
    if hole is not None:
        return f"not known: {hole.why}"
    if any("${" in (value.known or "") for value in condition.values):
        return "not known: it depends on a policy variable"
    return "not known: this comparison is not evaluated"


def _name(condition: Condition, key: Key) -> str:
    """A key as a message names it: a claim without its issuer, any other key as it is written."""
    return key.name if key.issuer is not None and key.name is not None else condition.key.display


def _absent(key: Key, request: Request, name: str, ground: Ground) -> str:
    noun = _NOUN.get(type(request), "the request")
    if key.scheme:
        return f"{noun} has no such key: none begins with https://"
    if key.issuer is not None and isinstance(request, Token):
        issuer = ground.issuer or request.issuer
        return f"{noun} has no key of that issuer, only of {issuer.display}" if issuer else f"{noun} has no {name}"
    return f"{noun} has no {name}"


def _text(value: Pattern) -> str:
    return "".join("${" + str(token) + "}" if not isinstance(token, str) else token for token in value.tokens).replace(
        FRESH, "…"
    )


def _difference(condition: Condition, operator: Operator, value: Pattern) -> str:
    """What an author may not have seen: case, or a wildcard that is none."""
    if value.text is None or operator.negated:
        return ""
    texts = [written.known for written in condition.values if written.known is not None]
    if any(text.lower() == value.text.lower() for text in texts):
        return ", which differs in case"
    wild = [text for text in texts if "*" in text or "?" in text]
    if not operator.like and any(glob(text).matches(value.text) is Answer.YES for text in wild):
        return f", and {condition.operator.display} takes wildcards for ordinary characters"
    return ""
