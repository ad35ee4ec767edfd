"""The rule `irsa-annotation-wrong-object`."""

from collections import defaultdict
from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_namespace
from rolecall.graph.service_accounts import ROLE_ARN, role_annotation, runs_as
from rolecall.graph.views import IrsaBinding
from rolecall.model import KubernetesObject, ServiceAccount, Workload
from rolecall.records import dataclass
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Entry, Hole, Scalar

# API groups of Kubernetes itself. Custom resources are left out: the controllers of many (Crossplane's
# ControllerConfig, for one) copy their annotations to a service account.
_BUILT_IN = frozenset(
    {"", "apps", "batch", "autoscaling", "policy", "extensions", "networking.k8s.io", "rbac.authorization.k8s.io"}
)
# Of the service accounts with one role only so many are looked at.
_MOST = 100


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry with the role's key, and what it stands on, in words."""

    entry: Entry
    on: str


@rule(
    "irsa-annotation-wrong-object",
    summary="the role annotation stands on something that is not a service account, where it has no effect",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/cache/cache.go",
    ),
    tags=("irsa",),
)
def irsa_annotation_wrong_object(subject: KubernetesObject, graph: Graph) -> Iterator[Finding]:
    """Finds `eks.amazonaws.com/role-arn` on pods, pod templates, workloads, namespaces, and among labels.

    High where the pod's service account has no role, or none is named; medium where the service account has one by its
    own annotation or an association, or is not among the files. Metadata of custom resources is left alone: their
    controllers may copy it to a service account, as CloudNativePG, Strimzi and Crossplane do.

    ## Why it matters
    The webhook reads the annotation from the pod's service account and from nothing else. Anywhere else it is a note
    to the reader, who will believe that the pod has the role. The pod starts without it, and its SDK goes on to the
    next source, mostly the node's role.

    ## How to fix it
    Annotate a service account, name it in the pod's `serviceAccountName`, remove the annotation from where it stands
    and restart the pods.
    """
    places = tuple(_places(subject))
    if not places:
        return
    first = places[0]
    account, severity = _account(subject, graph, first)
    also = f", and {account}" if account else ""
    yield Finding(
        f"the role annotation on {first.on} has no effect: the webhook reads it from service accounts only{also}",
        at=Label(first.entry.key.span, "not read here"),
        related=(*(Label(place.entry.key.span, "nor here") for place in places[1:]), *_right(subject, graph)),
        help="Remove it: the service account has its role already."
        if severity is Severity.MEDIUM and "not among" not in account
        else f"Put {ROLE_ARN} on a service account and name that in the pod's serviceAccountName.",
        subject=subject.display,
        severity=severity,
    )


def _places(subject: KubernetesObject) -> Iterator[_Place]:
    """The entries with the key, each text once: a pod's own metadata is its object's."""
    seen = set()
    for place in _everywhere(subject):
        if place.entry.key.span not in seen:
            seen.add(place.entry.key.span)
            yield place


def _everywhere(subject: KubernetesObject) -> Iterator[_Place]:
    if isinstance(subject, Workload):
        for pod in subject.pods:
            of = subject.display if subject.kind == "Pod" else f"the pods of {subject.display}"
            yield from _entries(pod.annotation(ROLE_ARN), of)
            yield from _entries(pod.label(ROLE_ARN), f"{of}, as a label,")
    group = subject.api_version.rpartition("/")[0]
    if group in _BUILT_IN:
        if not isinstance(subject, ServiceAccount):
            yield from _entries(subject.annotation(ROLE_ARN), subject.display)
        yield from _entries(subject.label(ROLE_ARN), f"{subject.display}, as a label,")


def _entries(entry: Entry | None, on: str) -> Iterator[_Place]:
    if entry is not None and not (isinstance(entry.value, Scalar) and entry.value.is_empty):
        yield _Place(entry, on)


def _account(subject: KubernetesObject, graph: Graph, place: _Place) -> tuple[str, Severity | None]:
    """What is known of the service account that should have the annotation, in words, and how bad that is."""
    if isinstance(subject, ServiceAccount):
        return ("it is annotated as well", Severity.MEDIUM) if role_annotation(subject) else ("", None)
    if not isinstance(subject, Workload):
        annotated = _annotated(subject, graph, place)
        return (f"{annotated.display} is annotated itself", Severity.MEDIUM) if annotated else ("", None)
    levels = []
    for pod in subject.pods:
        account = runs_as(graph, subject, pod)
        if account.role_annotation is not None and account.service_account is not None:
            levels.append((f"{account.service_account.display} is annotated itself", Severity.MEDIUM))
        elif account.associations:
            levels.append(("a Pod Identity association gives the pod its role", Severity.MEDIUM))
        elif account.service_account is not None and account.service_account.may_be_annotated:
            levels.append((f"{account.service_account.display} may be annotated itself", Severity.MEDIUM))
        elif account.service_account is not None:
            return f"{account.service_account.display} has no role", None
        elif account.name is None:
            return "the pod runs as the namespace's default service account", None
        else:
            levels.append((f"service account {account.name.display} is not among the files", Severity.MEDIUM))
    return levels[0] if levels else ("", None)


def _annotated(subject: KubernetesObject, graph: Graph, place: _Place) -> ServiceAccount | None:
    """A service account beside the object with the same role: charts put common annotations on all they make."""
    value = place.entry.value
    if not isinstance(value, Scalar):
        return None
    for account in graph.keep(_by_role).get(value.parts, [])[:_MOST]:
        within = subject.kind == "Namespace" and account.namespace and account.namespace.known == subject.name.known
        if within or same_namespace(subject, account) is Answer.YES:
            return account
    return None


def _by_role(graph: Graph) -> dict[tuple[str | Hole, ...], list[ServiceAccount]]:
    """The annotated service accounts by what their annotation says."""
    found: dict[tuple[str | Hole, ...], list[ServiceAccount]] = defaultdict(list)
    for binding in graph.all(IrsaBinding):
        found[binding.arn.parts].append(binding.service_account)
    return found


def _right(subject: KubernetesObject, graph: Graph) -> Iterator[Label]:
    """The service accounts of the pods: where the annotation belongs."""
    seen = set()
    for pod in subject.pods if isinstance(subject, Workload) else ():
        account = runs_as(graph, subject, pod) if isinstance(subject, Workload) else None
        if account is None or account.service_account is None or id(account.service_account) in seen:
            continue
        seen.add(id(account.service_account))
        entry = account.role_annotation
        yield (
            Label(entry.value.span, "the one that counts")
            if entry
            else Label(account.service_account.name.span, "the service account, without a role")
        )
