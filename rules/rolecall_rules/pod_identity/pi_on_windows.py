"""The rule `pi-on-windows`."""

from collections.abc import Iterator

from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar

_OS_LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")


@rule(
    "pi-on-windows",
    summary="pods of an associated service account run on Windows, where there is no Pod Identity",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.EKSCTL),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",),
    tags=("pod-identity",),
)
def pi_on_windows(subject: PodContainer) -> Iterator[Finding]:
    """Finds pods with a Pod Identity association that a node selector or node affinity sends to Windows nodes.

    ## Why it matters
    The Pod Identity agent runs on Linux nodes only. The webhook points the SDK at its address all the same, nobody
    answers, and the pod has no credentials.

    ## How to fix it
    Use IRSA for pods on Windows: annotate the service account, and remove the association.
    """
    pod, bound = subject.pod, subject.runs_as.associations
    if not bound or pod.containers[:1] != (subject.container,):
        return
    at = next(_windows(subject), None)
    if at is None:
        return
    named = bound[0].service_account or bound[0].role
    yield Finding(
        f"{subject.workload.display} runs on Windows nodes, where there is no Pod Identity agent: the association of"
        " its"
        " service account gives it no credentials",
        at=Label(at, "sends it to Windows nodes"),
        related=(Label(named.used if named is not None else bound[0].origin.span, "the association"),),
        help="Use IRSA for this service account.",
        subject=subject.workload.display,
    )


def _windows(subject: PodContainer) -> Iterator[Span]:
    for one in subject.pod.node_selector:
        if one.key.known in _OS_LABELS and isinstance(one.value, Scalar) and one.value.known == "windows":
            yield one.value.span
    if subject.pod.windows_at is not None:
        yield subject.pod.windows_at
