"""What the rules about OIDC providers have in common: their issuers, and which audiences pods and roles use."""

from collections import defaultdict
from collections.abc import Iterable

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import is_positive, key_of
from rolecall.iam.issuers import Issuer, without_scheme
from rolecall.iam.patterns import intersects, literal, pattern
from rolecall.iam.trust import Token, WebIdentityGrant, admits
from rolecall.iam.trust_tenants import alone
from rolecall.model import OidcProvider, ServiceAccount, TrustPolicy
from rolecall.tree import Scalar
from rolecall_rules.trust._shared import grants, provider_of

STS = "sts.amazonaws.com"
STS_CHINA = "sts.amazonaws.com.cn"
_AUDIENCE = "eks.amazonaws.com/audience"


def issuer_of(provider: OidcProvider) -> Issuer | None:
    """The issuer that a provider stands for, where its URL is written."""
    return Issuer(without_scheme(provider.url.parts)) if provider.url is not None else None


def may_be(client: Scalar, audience: str) -> bool:
    """Whether a client id is, or may turn out to be, an audience."""
    return intersects(pattern(client, like=True), literal(audience)) is not Answer.NO


def roles_of(provider: OidcProvider, graph: Graph) -> Iterable[tuple[TrustPolicy, WebIdentityGrant]]:
    """The trust policies of this world that trust a provider's issuer."""
    return graph.keep(_roles).get(id(provider), ())


def _roles(graph: Graph) -> dict[int, list[tuple[TrustPolicy, WebIdentityGrant]]]:
    found: dict[int, list[tuple[TrustPolicy, WebIdentityGrant]]] = defaultdict(list)
    for policy in graph.all(TrustPolicy):
        for grant in grants(policy, graph):
            provider = provider_of(graph, grant.issuer, policy)
            if provider is not None:
                found[id(provider)].append((policy, grant))
    return found


def admitting(provider: OidcProvider, graph: Graph, audience: str) -> tuple[TrustPolicy, WebIdentityGrant] | None:
    """A trust policy that certainly admits a token of this provider made for an audience."""
    token = Token(None, None, (audience,), willing=True)
    for policy, grant in roles_of(provider, graph):
        if admits(policy.document, token, only=alone(grant)).answer is Answer.YES:
            return policy, grant
    return None


def is_asked_for(provider: OidcProvider, graph: Graph, audience: str) -> bool:
    """Whether a service account's tokens are made for an audience, or a role's trust policy names it."""
    for account in graph.all(ServiceAccount):
        entry = account.annotation(_AUDIENCE)
        if entry is not None and isinstance(entry.value, Scalar) and may_be(entry.value, audience):
            return True
    return any(
        key_of(condition.key).name == "aud" and is_positive(condition) and may_be(value, audience)
        for _, grant in roles_of(provider, graph)
        for condition in grant.audience.conditions
        for value in condition.values
    )
