"""The rule `irsa-webhook-skipped`."""

from collections.abc import Iterator

from rolecall.chain.uses import evidence_of_aws
from rolecall.chain.webhook import IRSA_PAIR, SKIP_CONTAINERS, SKIP_LABEL, is_skipped_by_name
from rolecall.graph.views import PodContainer
from rolecall.model.secrets import KEY_ID_NAMES
from rolecall.near import nearest
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "irsa-webhook-skipped",
    summary="the webhook is told to leave a container alone that needs the role of its service account",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://github.com/aws/amazon-eks-pod-identity-webhook",),
    tags=("irsa", "pod-identity"),
)
def irsa_webhook_skipped(subject: PodContainer) -> Iterator[Finding]:
    """Finds containers that evidently call AWS and are kept from the role of their service account.

    By the pod's label `eks.amazonaws.com/skip-pod-identity-webhook`, or by the annotation
    `eks.amazonaws.com/skip-containers`. Evident are calls of the AWS CLI, a controller's arguments for AWS, and a
    region with a variable that names a service. Silent where the container has credentials of its own. Low: names in
    the annotation that differ from a container's by a letter, or by a blank after a comma.

    ## Why it matters
    The webhook injects nothing into such a container: its SDK finds no role and goes on to the next source, often the
    node's role. Names in the annotation are compared as they are written, blanks included, so that a container that was
    meant to be left alone is not.

    ## How to fix it
    Remove the label, or the container's name from the annotation; write names without blanks.
    """
    runs_as = subject.runs_as
    identity = runs_as.role_annotation is not None or bool(runs_as.associations)
    if not identity:
        return
    yield from _unknown_names(subject)
    label = subject.pod.label(SKIP_LABEL)
    skipped = subject.pod.annotation(SKIP_CONTAINERS) if is_skipped_by_name(subject) else None
    by = label or skipped
    used = evidence_of_aws(subject)
    if by is None or used is None or subject.endpoint is not None or subject.environment.open or _has_own(subject):
        return
    account = runs_as.name.display if runs_as.name is not None else "default"
    yield Finding(
        f"{subject.display} calls AWS and is left out by the webhook, so it does not get the role of service account"
        f" {account}",
        at=Label(by.key.span, "keeps the webhook away"),
        related=(Label(used[0], used[1]),),
        help="Remove the label." if label is not None else "Remove the container's name from the annotation.",
        subject=subject.display,
    )


def _has_own(subject: PodContainer) -> bool:
    return any(subject.environment.get(name) is not None for name in (*IRSA_PAIR, *KEY_ID_NAMES))


def _unknown_names(subject: PodContainer) -> Iterator[Finding]:
    """Said once a pod, at its first container."""
    entry = subject.pod.annotation(SKIP_CONTAINERS)
    text = entry.value.known if entry is not None and isinstance(entry.value, Scalar) else None
    if entry is None or not text or subject.pod.containers[:1] != (subject.container,):
        return
    names = {container.name.known for container in subject.pod.containers} - {None}
    wrong = next(((name, meant) for name in text.split(",") if (meant := _meant(name, names)) is not None), None)
    if wrong is None:
        return
    written, meant = wrong
    why = "the blank belongs to the name" if written.strip() == meant else f"the container is called {meant}"
    yield Finding(
        f"{subject.workload.display} tells the webhook to leave out `{written}`, and {why}, so it is not left out",
        at=Label(entry.value.span, why),
        help="Write the names of containers, separated by commas without blanks.",
        subject=f"{subject.workload.display} names",
        severity=Severity.LOW,
    )


def _meant(written: str, names: set[str | None]) -> str | None:
    """The container that a name in the annotation nearly names. One of another name may be injected later."""
    if written in names:
        return None
    return written.strip() if written.strip() in names else nearest(written.strip(), [name for name in names if name])
