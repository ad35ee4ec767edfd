"""The rule `irsa-windows-affinity-only`."""

from collections.abc import Iterator

from rolecall.chain.webhook import IRSA_PAIR
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_OS_LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")


@rule(
    "irsa-windows-affinity-only",
    summary="a Windows pod is chosen by node affinity, so the webhook gives it paths for Linux",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go",),
    tags=("irsa",),
)
def irsa_windows_affinity_only(subject: PodContainer) -> Iterator[Finding]:
    """Finds pods with a role annotation that reach Windows nodes by `nodeAffinity` without a `nodeSelector` for it.

    ## Why it matters
    The webhook looks at the node selector alone to tell a Windows pod. Without it the pod gets
    `AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/…`, which most programs on Windows take for a path on the current drive.

    ## How to fix it
    Add `nodeSelector: {kubernetes.io/os: windows}` to the pod spec.
    """
    pod = subject.pod
    if pod.windows_at is None or subject.runs_as.role_annotation is None or subject.runs_as.associations:
        return
    if pod.containers[:1] != (subject.container,) or any(one.key.known in _OS_LABELS for one in pod.node_selector):
        return
    yield Finding(
        f"{subject.workload.display} reaches Windows nodes by its node affinity, which the webhook does not look at: it"
        f" sets {IRSA_PAIR[1]} to a path for Linux",
        at=Label(pod.windows_at, "not looked at by the webhook"),
        related=(Label(subject.runs_as.role_annotation.value.span, "the role of its service account"),),
        help="Add nodeSelector kubernetes.io/os: windows.",
        subject=subject.workload.display,
    )
