"""The rule `pi-role-without-association`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.graph.views import ServiceAccountRole
from rolecall.iam.trust import effect_of
from rolecall.model import Addon, HandedOut, PodIdentityAssociation, Role
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import SERVICE, pod_statements


@rule(
    "pi-role-without-association",
    summary="a role is for EKS Pod Identity alone, and no association gives it to anybody",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.EKSCTL),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",),
    tags=("pod-identity",),
)
def pi_role_without_association(role: Role, graph: Graph) -> Iterator[Finding]:
    """Finds roles that trust EKS Pod Identity only, where no association or add-on of these files names them.

    For the pedantic. Silent where an output or a module hands the role on, where its configuration has no
    association at all, where one names a role that is not known, and for roles of which it is not known how many there
    are.

    ## Why it matters
    Nobody has the role. Mostly the association was lost, or names another one.

    ## How to fix it
    Associate it with the service account that needs it, or remove it.
    """
    if role.trust is None or role.origin.within or not role.certain or not pod_statements(role.trust.document):
        return
    document = role.trust.document
    if document.rest is not None or any(
        principal.value.known != SERVICE
        for statement in document.statements
        if effect_of(statement) != "Deny"
        for principal in statement.principals
    ):
        return
    here = [one for one in graph.all(PodIdentityAssociation) if one.origin.unit == role.origin.unit]
    if not here or any(one.role is None or role_of(graph, one.role, one.origin) is None for one in here):
        return
    if any(one.role is role for one in graph.all(ServiceAccountRole)) or _is_named(role, graph):
        return
    yield Finding(
        f"{role.display} trusts EKS Pod Identity only, and no association gives it to a service account",
        at=Label(role.origin.span, "nobody has it"),
        help="Associate it with a service account, or remove it.",
        subject=role.origin.address,
    )


def _is_named(role: Role, graph: Graph) -> bool:
    targets = (one.target_role for one in graph.all(PodIdentityAssociation))
    addons = (one.role for one in graph.all(Addon))
    handed = (one.value for one in graph.all(HandedOut))
    return any(role_of(graph, value, role.origin) is role for value in (*targets, *addons, *handed))
