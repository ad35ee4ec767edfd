"""The rule `trust-federated-cross-account`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.iam.trust import provider_account
from rolecall.model import TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import grants, speaks_for_text

_ACCOUNT = regex.compile(r"[0-9]{12}")


@rule(
    "trust-federated-cross-account",
    summary="a role trusts the OIDC provider of another account, which STS never looks at",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html",
        "https://repost.aws/knowledge-center/iam-oidc-idp-federation",
    ),
    yields_to=("placeholder-left-in-trust", "trust-principal-malformed"),
    tags=("irsa", "trust"),
)
def trust_federated_cross_account(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds federated OIDC principals whose account is not that of the role, both written out.

    In Terraform a role's account is that of its provider configuration, where that assumes a role there or allows one
    account only.

    ## Why it matters
    For `sts:AssumeRoleWithWebIdentity` IAM looks for the provider in the role's own account. The provider of the
    cluster's account is not found there: the call fails with `InvalidIdentityToken: No OpenIDConnect provider found in
    your account`, and the pod has no credentials.

    ## How to fix it
    Create an OIDC provider for the cluster's issuer in the role's account and trust that one. Or let the pod's role,
    in the cluster's account, assume this one.
    """
    own = policy.account.known if policy.account is not None else None
    if own is None or policy.account is None or not _ACCOUNT.fullmatch(own) or not speaks_for_text(policy, graph):
        return
    for grant in grants(policy, graph):
        value = grant.principal.value
        account = provider_account(value.known) if value.known is not None else None
        if account is None or account == own or not _ACCOUNT.fullmatch(account):
            continue
        yield Finding(
            f"{policy.display} is in account {own} and trusts an OIDC provider of account {account}: STS looks for the"
            " provider in the role's own account and refuses every token",
            at=Label(value.span, f"is in account {account}"),
            related=(Label(policy.account.span, f"the role is in account {own}"),)
            if not policy.account.span.overlaps(value.span)
            else (),
            help=f"Create the OIDC provider in account {own}, and trust that one.",
            subject=f"{policy.origin.address} {account}",
        )
