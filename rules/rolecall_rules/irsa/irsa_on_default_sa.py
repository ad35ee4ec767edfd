"""The rule `irsa-on-default-sa`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.service_accounts import ROLE_ARN, role_annotation
from rolecall.graph.views import ServiceAccountRole
from rolecall.model import PodIdentityAssociation, ServiceAccount, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_DEFAULT = "default"


@rule(
    "irsa-on-default-sa",
    summary="a namespace's default service account has an AWS role, so every pod without one of its own has it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.IAM_JSON),
    references=(
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    tags=("irsa", "pod-identity"),
)
def irsa_on_default_sa(subject: ServiceAccountRole, graph: Graph) -> Iterator[Finding]:
    """Finds roles that are given to the service account `default` of a namespace.

    Given by its annotation, by a Pod Identity association, or by a trust policy that names
    `system:serviceaccount:<namespace>:default`. A trust policy is reported where nothing else here gives its role to
    that service account, so that one mistake is one finding. The namespace `default` is another matter: its other
    service accounts are not reported.

    ## Why it matters
    A pod that names no service account runs as `default`. Every such pod in the namespace becomes the role: a
    debugging shell, a chart's test hook, the sidecar of a colleague. Nobody asked for it, and the audit trail cannot
    tell them apart.

    ## How to fix it
    Make a service account for the one workload that needs the role, name it in the pod's `serviceAccountName`, and
    move the annotation, association or trust to it.
    """
    if subject.name.known != _DEFAULT:
        return
    declared = subject.declared
    if isinstance(declared, TrustPolicy) and id(declared) in graph.keep(_bound_otherwise):
        return
    where = f"namespace {subject.namespace.display}" if subject.namespace else "its namespace"
    role = subject.role.display if subject.role else _named(declared)
    related = [Label(subject.role.origin.span, "the role that they get")] if subject.role is not None else []
    if isinstance(declared, TrustPolicy):
        how, role, related = "a trust policy admits", declared.display, []
    elif isinstance(declared, PodIdentityAssociation):
        how = "a Pod Identity association binds"
    else:
        how = f"the annotation {ROLE_ARN} binds"
        related = [*_names(declared), *related]
    yield Finding(
        f"{how} the default service account of {where}: every pod there that names no service account of its own"
        f" {'may become' if isinstance(declared, TrustPolicy) else 'becomes'} {role}",
        at=Label(subject.at, "the service account of every pod that names none"),
        related=tuple(related),
        help="Give the workload that needs the role a service account of its own, and move the role to that.",
        subject=declared.display if isinstance(declared, (ServiceAccount, TrustPolicy)) else declared.origin.address,
    )


def _named(declared: ServiceAccount | PodIdentityAssociation | TrustPolicy) -> str:
    """The role as the annotation names it, where it is not declared here."""
    entry = role_annotation(declared) if isinstance(declared, ServiceAccount) else None
    text = entry.value.known if entry is not None and isinstance(entry.value, Scalar) else None
    return f"role {text.rpartition(':role/')[2]}" if text else "the role"


def _names(account: ServiceAccount) -> Iterator[Label]:
    yield Label(account.name.span, "the service account")


def _bound_otherwise(graph: Graph) -> frozenset[int]:
    """The trust policies of roles that an annotation or association gives to a default service account."""
    return frozenset(
        id(given.role.trust)
        for given in graph.all(ServiceAccountRole)
        if given.name.known == _DEFAULT and given.role is not None and not isinstance(given.declared, TrustPolicy)
    )
