"""The rule `irsa-role-not-trusting-oidc`."""

from collections.abc import Iterator

from rolecall.graph.views import IrsaBinding
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.irsa._trust import trusted_instead
from rolecall_rules.pod_identity._shared import SERVICE


@rule(
    "irsa-role-not-trusting-oidc",
    summary="the annotated role does not trust any OIDC provider",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.IAM_JSON, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html",
    ),
    yields_to=("irsa-role-arn-malformed",),
    tags=("irsa", "trust"),
)
def irsa_role_not_trusting_oidc(binding: IrsaBinding) -> Iterator[Finding | Unevaluated]:
    """Finds service accounts annotated with a role that lets nobody in by a web identity token.

    A role that trusts EKS Pod Identity alone is another rule's. Where the trust policy has a federated principal with
    the wrong action, or the right action for the wrong kind of principal, the rules about trust policies speak.

    ## Why it matters
    The webhook gives the pod a token of the cluster's OIDC provider, and the SDK calls
    `sts:AssumeRoleWithWebIdentity` with it. A trust policy for services, accounts or roles does not allow that call:
    it fails with `AccessDenied`, and the SDK stops or goes on to the node's role.

    ## How to fix it
    Let the role's trust policy allow `sts:AssumeRoleWithWebIdentity` to the cluster's OIDC provider, with conditions on
    `sub` and `aud`; or annotate the role that was made for this service account.
    """
    found = trusted_instead(binding)
    if isinstance(found, Unevaluated):
        yield found
        return
    if not found or binding.role is None or all(one.value.known == SERVICE for one in found):
        return
    account, role = binding.service_account, binding.role.display
    names = ", ".join(f"`{one.value.display}`" for one in found[:2]) + (" and others" if len(found) > 2 else "")
    yield Finding(
        f"pods of {account.display} get {role}, which trusts {names} and no OIDC provider, so"
        " sts:AssumeRoleWithWebIdentity is denied to them",
        at=Label(binding.annotation.value.span, "trusts no OIDC provider"),
        related=tuple(Label(one.value.span, "is trusted, and is not what a pod comes with") for one in found[:3]),
        help="Allow sts:AssumeRoleWithWebIdentity to the cluster's OIDC provider, or annotate the role meant for pods.",
        subject=f"{account.display} {role}",
    )
