"""The rule `role-shared-across-service-accounts`."""

from collections.abc import Iterator

from rolecall.graph.views import ServiceAccountRole, WorkloadRole
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._bindings import app_of, display, namespace_of, service_accounts, trusts_pods
from rolecall_rules.workload_roles._tags import SESSION_TAGS, tag_uses


@rule(
    "role-shared-across-service-accounts",
    summary="one role is for service accounts of several apps or namespaces",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
    ),
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("irsa", "pod-identity", "least-privilege"),
)
def role_shared_across_service_accounts(workload: WorkloadRole) -> Iterator[Finding]:
    """Finds roles that service accounts of more than one app or namespace get.

    Annotations, associations and the subjects of the trust policy count together. Parts of one app in one namespace
    (`ebs-csi-controller-sa`, `ebs-csi-node-sa`) are no finding, nor is one service account in several clusters; one
    name in several namespaces is worth a note. A role of EKS Pod Identity whose policies ask for the tags of the pod
    (`aws:PrincipalTag/kubernetes-namespace`) is made to be shared.

    ## Why it matters
    The role has what all of them need together. Whoever takes over one of them may do what the others may.

    ## How to fix it
    Give each app a role of its own. Where there are many with the same needs, use EKS Pod Identity and let the policy
    ask for the tags of the pod.
    """
    if workload.is_node_role or _asks_for_the_pod(workload):
        return
    accounts = tuple(service_accounts(workload))
    first = accounts[0] if accounts else None
    others = [each for each in accounts[1:] if first is not None and _is_apart(first, each)]
    if first is None or not others:
        return
    one_app = len({app_of(each.name.display) for each in (first, *others)}) == 1
    shown = [display(each) for each in (first, *others)]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    names = ", ".join(shown[:3]) + more if more else f"{', '.join(shown[:3][:-1])} and {shown[:3][-1]}"
    yield Finding(
        f"{workload.role.display} is for the service accounts {names}, so whoever takes over one of them may do what"
        " the others may",
        at=Label(others[0].at, f"of another {'namespace' if one_app else 'app'}"),
        related=tuple(
            Label(each.at, "has the same role") for each in (first, *others[1:3]) if not each.at.overlaps(others[0].at)
        ),
        help="Give each of them a role of its own, with what it needs.",
        subject=workload.role.origin.address,
        severity=Severity.INFO if one_app else Severity.LOW,
    )


def _is_apart(one: ServiceAccountRole, other: ServiceAccountRole) -> bool:
    """Whether two service accounts are plainly of different namespaces, or of different apps of one."""
    mine, theirs = namespace_of(one), namespace_of(other)
    if mine is not None and theirs is not None and mine != theirs:
        return True
    return app_of(one.name.display) != app_of(other.name.display)


def _asks_for_the_pod(workload: WorkloadRole) -> bool:
    return trusts_pods(workload.role) is not False and any(
        use.key in SESSION_TAGS
        for source in workload.policies
        for statement in source.document.statements
        for use in tag_uses(statement)
    )
