"""Does this role admit this request? Asked of a trust policy, answered with the places that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of
from rolecall.iam.explain import Reason, reasons
from rolecall.iam.requests import PODS, Identity, Service
from rolecall.iam.trust import TAG_SESSION, Token
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeAlias

    from rolecall.iam.trust_decision import Decision
    from rolecall.iam.trust_prepared import Prepared
    from rolecall.model import OidcProvider
    from rolecall.tree import Scalar

    Asked: TypeAlias = Token | Identity | Service

EKS_AUDIENCE = "sts.amazonaws.com"
"""The audience of the tokens that the EKS pod identity webhook mounts, unless an annotation names another one
(amazon-eks-pod-identity-webhook, pkg/constants.go)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with the places that decide and, in `notes`, what it does not say."""

    answer: Answer
    because: tuple[Reason, ...]
    notes: tuple[str, ...] = ()


def ask(policy: Prepared, request: Asked, providers: Iterable[OidcProvider] = ()) -> Answered:
    """Whether a role with this trust policy admits a request.

    `providers` are the OIDC providers that are known: none takes a token for an audience that is not on its list.
    """
    decision = policy.decide(request)
    if isinstance(request, Token):
        refusal = _refusal(request, providers)
        if refusal is not None and decision.answer is not Answer.NO:
            return Answered(Answer.NO, (refusal,))
    if isinstance(request, Service) and request.name == PODS and decision.answer is not Answer.NO:
        return _of_pods(policy, request, decision)
    return Answered(decision.answer, reasons(decision, request), tuple(_notes(policy, request, decision)))


def _refusal(token: Token, providers: Iterable[OidcProvider]) -> Reason | None:
    """Where every known provider of the token's issuer leaves its audience out."""
    issuer = token.issuer.known if token.issuer is not None else None
    audience = token.audience
    if issuer is None or audience is None:
        return None
    found = [one for one in providers if one.url is not None and _plain(one.url) == issuer]
    refusing = [one for one in found if _leaves_out(one, "".join(map(str, audience)))]
    if not refusing or len(refusing) < len(found):
        return None
    ids = refusing[0].client_ids
    at = ids[0].span if ids else refusing[0].origin.span
    return Reason(at, "the provider takes no token for another audience" if ids else "the provider takes no audience")


def _plain(url: Scalar) -> str | None:
    return url.known.removeprefix("https://") if url.known is not None else None


def _leaves_out(provider: OidcProvider, audience: str) -> bool:
    known = [one.known for one in provider.client_ids]
    return provider.client_ids_rest is None and None not in known and audience not in known


def _of_pods(policy: Prepared, request: Service, decision: Decision) -> Answered:
    """EKS tags the session that it makes for a pod, which the trust policy has to allow, too.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    tagging = Service(request.name, TAG_SESSION)
    tagged = policy.decide(tagging)
    answer = all_of((decision.answer, tagged.answer))
    if tagged.answer is Answer.YES:
        return Answered(answer, reasons(decision, request))
    note = "EKS Pod Identity assumes a role with session tags, so the policy has to allow sts:TagSession as well."
    first = reasons(decision, request) if decision.answer is Answer.UNKNOWN and answer is Answer.UNKNOWN else ()
    return Answered(answer, tuple(dict.fromkeys((*first, *reasons(tagged, tagging)))), (note,))


def _notes(policy: Prepared, request: Asked, decision: Decision) -> Iterator[str]:
    """What the user may want to know besides."""
    if isinstance(request, Token) and request.issuer is not None and decision.answer is Answer.UNKNOWN:
        other = policy.decide(replace(request, issuer=None)).answer
        if other is not Answer.UNKNOWN:
            yield f"For a token of whichever issuer it trusts (--issuer '*') the answer is {other.value}."
    if isinstance(request, Token) and "*" in "".join(map(str, request.subject or ())):
        yield "The subject is taken as it is written: * is an ordinary character of it."
    if isinstance(request, Identity) and decision.answer is Answer.YES:
        granting = next(one for one in decision.allowed if one.answer is Answer.YES)
        found = [one.principal for one in granting.grounds if one.answer is Answer.YES and one.principal is not None]
        if any(one.value.known is not None and request.delegates(one.value.known) for one in found):
            yield "The policy leaves it to the account: who asks needs sts:AssumeRole by a policy of its own, too."
