"""The rule `oidc-client-id-list-broad`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.issuers import Issuer, is_eks
from rolecall.model import OidcProvider
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.oidc_provider._shared import STS, STS_CHINA, admitting, issuer_of

_API_SERVER = "https://kubernetes.default.svc"


@rule(
    "oidc-client-id-list-broad",
    summary="an OIDC provider accepts tokens that were made for something other than AWS",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("oidc", "irsa"),
)
def oidc_client_id_list_broad(provider: OidcProvider, graph: Graph) -> Iterator[Finding]:
    """Finds client ids of an OIDC provider besides `sts.amazonaws.com` that let other tokens of a cluster in.

    That is the API server's own audience, a cluster's issuer, a star, and every further client id for an EKS cluster.
    Medium where a role of this world takes a token made for it, because its trust policy does not bind the audience;
    informational where none is seen to.

    ## Why it matters
    Every pod has a token for the API server mounted by default, and sends it to whatever it calls with it. With the
    API server's audience among the client ids, that token is as good as one made for AWS.

    ## How to fix it
    Keep only `sts.amazonaws.com` in the list, and bind `<issuer>:aud` to it in the roles' trust policies.
    """
    issuer = issuer_of(provider)
    if issuer is None:
        return
    alone = len(provider.client_ids) == 1 and provider.client_ids_rest is None
    for client in provider.client_ids:
        what = _broad(client, issuer, alone=alone)
        if what is None or client.known is None:
            continue
        role = admitting(provider, graph, client.known)
        message = f"the OIDC provider of {issuer.display} accepts the audience `{client.known}`, {what}"
        if role is not None:
            policy, grant = role
            yield Finding(
                f"{message}; {policy.display} does not bind the audience, so it can be assumed with such a token",
                at=Label(client.span, what),
                related=(Label(grant.principal.value.used, "trusts this issuer for any audience"),),
                help=f"Remove it, and bind {issuer.display}:aud to {STS} in the trust policy.",
                subject=f"{provider.origin.address} {client.known}",
            )
        else:
            yield Finding(
                f"{message}; a role that does not bind the audience could be assumed with such a token",
                at=Label(client.span, what),
                help="Remove it unless some token is meant to have it.",
                subject=f"{provider.origin.address} {client.known}",
                severity=Severity.INFO,
                persona=Persona.PEDANTIC,
            )


def _broad(client: Scalar, issuer: Issuer, *, alone: bool) -> str | None:
    """What tokens a client id lets in, other than those made for STS."""
    text = client.known
    if text is None or text in (STS, STS_CHINA):
        return None
    if text.startswith(_API_SERVER):
        return "the API server's, for which every pod has a token"
    if text == "*":
        return "which is no wildcard: only tokens made for `*` have it"
    if is_eks(issuer) is not Answer.YES:
        return None
    if issuer.known is not None and text.removeprefix("https://").rstrip("/") == issuer.known:
        return "the cluster's own issuer, for which the API server may make tokens"
    return None if alone else "for which pods' tokens are not made unless they ask"
