"""The rule `workload-uses-default-sa`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import place_of, same_place
from rolecall.graph.views import IrsaBinding, PodContainer
from rolecall.model import ServiceAccount, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.irsa._users import pods_of

_LABELS = ("app.kubernetes.io/instance", "app.kubernetes.io/name", "app")


@rule(
    "workload-uses-default-sa",
    summary="a workload names no service account, and an annotated one of its name stands beside it, unused",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",),
    yields_to=("irsa-on-default-sa",),
    tags=("irsa",),
)
def workload_uses_default_sa(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds pods without `serviceAccountName` beside an annotated service account that has the workload's name.

    The two are applied together: of one render, one file or one directory. The name of the service account is the
    workload's, or one of its labels `app.kubernetes.io/instance`, `app.kubernetes.io/name` and `app`. Silent where
    another pod runs as it.

    ## Why it matters
    Without the field a pod runs as `default`, which has no role: the annotation is there, and the pods never see it.
    Their SDK goes on to the next source, often the node's role.

    ## How to fix it
    Set `serviceAccountName` in the pod spec.
    """
    pod, workload = subject.pod, subject.workload
    if pod.service_account is not None or pod.containers[:1] != (subject.container,):
        return
    names = {workload.name.known, *_labels(workload)} - {None}
    for account in _annotated(graph).get(workload.origin.group, ()):
        beside = same_place(place_of(account), place_of(workload)) is Answer.YES
        if not beside or account.name.known not in names or pods_of(account, graph):
            continue
        yield Finding(
            f"{workload.display} names no service account, so its pods run as `default` and not as"
            f" {account.name.display}, which is annotated with a role and used by nothing",
            at=Label(pod.span, "no serviceAccountName"),
            related=(Label(account.name.span, "was probably meant"),),
            help=f"Set serviceAccountName: {account.name.display}.",
            subject=workload.display,
        )
        return


def _labels(workload: Workload) -> Iterator[str | None]:
    for name in _LABELS:
        label = workload.label(name)
        if label is not None and isinstance(label.value, Scalar):
            yield label.value.known


def _annotated(graph: Graph) -> dict[str, list[ServiceAccount]]:
    return graph.keep(_by_group)


def _by_group(graph: Graph) -> dict[str, list[ServiceAccount]]:
    found: dict[str, list[ServiceAccount]] = {}
    for binding in graph.all(IrsaBinding):
        account = binding.service_account
        if account.origin.group and not account.patch:
            found.setdefault(account.origin.group, []).append(account)
    return found
