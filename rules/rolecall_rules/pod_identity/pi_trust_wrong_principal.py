"""The rule `pi-trust-wrong-principal`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.iam.trust import ASSUME_ROLE, allows_action, effect_of
from rolecall.model import PodIdentityAssociation, Principal
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import SERVICE


@rule(
    "pi-trust-wrong-principal",
    summary="the role of a Pod Identity association does not trust EKS Pod Identity",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html",
    ),
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("pod-identity", "trust"),
)
def pi_trust_wrong_principal(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds associations whose role trusts some other principal, but not the service `pods.eks.amazonaws.com`.

    Often the name is nearly right: `eks.amazonaws.com` is for the control plane, `ec2.amazonaws.com` for nodes, an OIDC
    provider for IRSA; the service has the same name in every partition; and it stands under `Service`, not under `AWS`
    or `Federated`.

    ## Why it matters
    EKS assumes the role as the service `pods.eks.amazonaws.com`. STS refuses that, the agent hands out no credentials,
    and the SDK in the pod fails.

    ## How to fix it
    Let the trust policy allow `sts:AssumeRole` and `sts:TagSession` to `{"Service": "pods.eks.amazonaws.com"}`.
    """
    role = role_of(graph, association.role, association.origin)
    if role is None or role.trust is None or association.role is None:
        return
    document = role.trust.document
    allowing = [statement for statement in document.statements if effect_of(statement) != "Deny"]
    trusted = [principal for statement in allowing for principal in statement.principals]
    if any(map(_is_pod_identity, trusted)) or any(statement.not_principals for statement in allowing):
        return
    holes = [document.rest, *(statement.principals_rest for statement in allowing)]
    holes += [
        hole
        for principal in trusted
        for scalar in (principal.type, principal.value)
        for hole in scalar.holes
        if principal.type.known in (None, "Service")
    ]
    hole = next((one for one in holes if one is not None), None)
    if hole is not None:
        yield Unevaluated(f"whether {role.display} trusts EKS Pod Identity", hole.why, association.role.span)
        return
    meant = next(filter(_is_nearly, trusted), None)
    names = ", ".join(f"`{one.value.display}`" for one in trusted[:2]) or "nobody"
    account = association.service_account.display if association.service_account else "its service account"
    assumes = any(allows_action(statement, ASSUME_ROLE) is Answer.YES for statement in allowing)
    used = Label(association.role.used, "bound to a service account here")
    yield Finding(
        f"the association of {account} gives it {role.display}, which trusts {names} and not {SERVICE}, so its pods get"
        " no credentials",
        at=Label(meant.value.span, f"not {SERVICE}") if meant is not None and assumes else used,
        related=(used,)
        if meant is not None and assumes
        else tuple(Label(one.value.span, "is trusted instead") for one in trusted[:3]),
        help=f'Make the principal {{"Service": "{SERVICE}"}}.',
        subject=f"{account} {role.display}",
    )


def _is_pod_identity(principal: Principal) -> bool:
    return principal.value.known == "*" or (principal.type.known == "Service" and principal.value.known == SERVICE)


def _is_nearly(principal: Principal) -> bool:
    """Whether the service was meant: its name under another key, or a name that begins or ends like it."""
    name = principal.value.known or ""
    return name == SERVICE or (
        principal.type.known == "Service" and (name.startswith("pod") or ".eks." in f".{name}" or "eks" in name)
    )
