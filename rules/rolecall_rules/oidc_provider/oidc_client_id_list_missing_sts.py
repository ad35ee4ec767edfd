"""The rule `oidc-client-id-list-missing-sts`."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.issuers import Issuer, is_eks
from rolecall.model import OidcProvider, Role
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.oidc_provider._shared import STS, STS_CHINA, is_asked_for, issuer_of, may_be

_ALIKE = 0.85


@rule(
    "oidc-client-id-list-missing-sts",
    summary="an EKS cluster's OIDC provider does not accept the audience of its pods' tokens",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("oidc", "irsa"),
)
def oidc_client_id_list_missing_sts(provider: OidcProvider, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds OIDC providers of EKS clusters whose client ids do not include `sts.amazonaws.com`.

    That is the audience for which the webhook has pods' tokens made, unless the service account's annotation
    `eks.amazonaws.com/audience` says another. Another audience that a service account, or a role's trust policy, asks
    for by name is what somebody meant; so is `sts.amazonaws.com.cn` in China. Not evaluated where a trust policy beside
    it is not known, as in most plans before the first apply.

    ## Why it matters
    IAM takes only tokens whose audience is one of the provider's client ids: every pod that should become a role gets
    `InvalidIdentityToken: Incorrect token audience`.

    ## How to fix it
    Set the client ids to exactly `sts.amazonaws.com`.
    """
    issuer = issuer_of(provider)
    if issuer is None or is_eks(issuer) is not Answer.YES or provider.client_ids_rest is not None:
        return
    accepted = (STS, STS_CHINA) if _may_be_china(issuer) else (STS,)
    clients = provider.client_ids
    if any(may_be(client, audience) for client in clients for audience in accepted):
        return
    misspelt = next(filter(_is_misspelt, clients), None)
    if misspelt is None and any(is_asked_for(provider, graph, client.display) for client in clients):
        return
    unseen = next((role for role in graph.all(Role) if _may_ask(role, provider)), None)
    if misspelt is None and clients and unseen is not None:
        why = f"the trust policy of {unseen.display} is not known and may ask for it"
        yield Unevaluated(f"client id {clients[0].display} of {provider.origin.display}", why, clients[0].span)
        return
    at = misspelt or (clients[0] if clients else None)
    place = at.span if at is not None else provider.origin.span
    listed = ", ".join(f"`{client.display}`" for client in clients)
    has = f"accepts only {listed}" if clients else "accepts no audience"
    yield Finding(
        f"the OIDC provider of {issuer.display} {has}: the tokens of its pods are made for `{STS}`, so none of them"
        " can assume a role (InvalidIdentityToken)",
        at=Label(place, f"is not {STS}" if at is not None else f"does not accept {STS}"),
        help=f'Make the client ids ["{STS}"].',
        subject=provider.origin.address,
    )


def _may_ask(role: Role, provider: OidcProvider) -> bool:
    return role.trust is None and role.origin.unit == provider.origin.unit


def _may_be_china(issuer: Issuer) -> bool:
    return issuer.known is None or ".cn-" in issuer.known


def _is_misspelt(client: Scalar) -> bool:
    """Whether a client id was probably meant to be STS's: `sts.amazon.com`, `sts.amazonaws.com.`."""
    return client.known is not None and SequenceMatcher(None, client.known, STS).ratio() > _ALIKE
