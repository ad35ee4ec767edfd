"""The rule `irsa-annotation-unknown-key`."""

from collections.abc import Iterator

from rolecall.model import ServiceAccount, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Entry, Scalar

_PREFIX = "eks.amazonaws.com/"
# pkg/constants.go of the webhook: what it reads from service accounts.
_READ = frozenset({"role-arn", "audience", "sts-regional-endpoints", "token-expiration"})
# Of EKS itself and of others' controllers, on objects of all kinds.
_OTHERS = frozenset({"compute-type", "fargate-profile", "pod-identity", "nodegroup", "component", "managed-by"})
_SKIP = "skip-containers"


@rule(
    "irsa-annotation-unknown-key",
    summary="an annotation with EKS' prefix is read by nobody where it stands",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/constants.go",),
    yields_to=("irsa-annotation-misspelled",),
    tags=("irsa",),
)
def irsa_annotation_unknown_key(subject: ServiceAccount | Workload) -> Iterator[Finding]:
    """Finds annotations `eks.amazonaws.com/…` of service accounts that the webhook does not know.

    Medium for `skip-containers` on a service account, or on the metadata of a workload instead of its pod template: it
    is read from the pod.

    ## Why it matters
    The webhook passes over it without a word. A `skip-containers` in the wrong place skips nothing, so the container
    that was to keep its own credentials gets the role.

    ## How to fix it
    Write one of the keys that the webhook reads: `role-arn`, `audience`, `sts-regional-endpoints` and
    `token-expiration` on a service account, `skip-containers` and `token-expiration` on the pod template.
    """
    skip = subject.annotation(f"{_PREFIX}{_SKIP}")
    if skip is not None and not (isinstance(subject, Workload) and subject.kind == "Pod"):
        yield _finding(subject, skip, "is read from the pod only: it skips nothing here", Severity.MEDIUM)
    if isinstance(subject, Workload):
        return
    for entry in subject.annotations:
        prefix, slash, name = (entry.key.known or "").partition("/")
        if f"{prefix}{slash}" != _PREFIX or name in _READ or name in _OTHERS or name == _SKIP:
            continue
        if isinstance(entry.value, Scalar) and entry.value.is_empty:
            continue
        yield _finding(subject, entry, "is no annotation that the webhook reads", None)


def _finding(subject: ServiceAccount | Workload, entry: Entry, why: str, severity: Severity | None) -> Finding:
    return Finding(
        f"{entry.key.display} of {subject.display} {why}",
        at=Label(entry.key.span, "not read here"),
        help="Put it on the pod template." if severity else "Correct the key, or remove the annotation.",
        subject=f"{subject.display} {entry.key.display}",
        severity=severity,
        confidence=Confidence.HIGH if severity else None,
    )
