"""The rule `keda-static-or-legacy-auth`."""

from collections.abc import Iterator

from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "keda-static-or-legacy-auth",
    summary="KEDA authenticates to AWS with static keys, or in a way that it no longer has",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://keda.sh/docs/latest/authentication-providers/aws/",
        "https://keda.sh/docs/latest/migration/",
    ),
    tags=("secret-delivery", "static-keys", "legacy"),
)
def keda_static_or_legacy_auth(subject: ControllerCredentials) -> Iterator[Finding]:
    """Finds trigger authentications with an access key, with kiam, or with a role and an owner that exclude each other.

    The older provider `aws-eks` is informational: it still works and is deprecated.

    ## Why it matters
    A key never expires. `aws-kiam` has been removed in KEDA 2.15, so its scalers fail. With
    `identityOwner: workload` KEDA takes the role of the workload's service account and refuses a `roleArn` beside it.

    ## How to fix it
    Use `podIdentity: {provider: aws}`: KEDA's operator then assumes the role in `roleArn`, or the workload's own with
    `identityOwner: workload`.
    """
    if subject.controller != "KEDA":
        return
    name = subject.display
    if subject.static:
        first, *others = subject.static
        yield _finding(name, f"{name} hands KEDA a static key, which never expires", first, "a static key", *others)
    mechanism = subject.mechanism.known if subject.mechanism is not None else None
    if subject.mechanism is not None and mechanism == "aws-kiam":
        why = f"{name} takes credentials from kiam, which KEDA has dropped in 2.15: its scalers fail"
        yield _finding(name, why, subject.mechanism, "removed")
    elif subject.mechanism is not None and mechanism == "aws-eks":
        why = f"{name} uses KEDA's older provider aws-eks, which is deprecated"
        yield _finding(name, why, subject.mechanism, "deprecated", severity=Severity.INFO)
    if subject.role is not None and subject.owner is not None and subject.owner.known == "workload":
        why = f"{name} asks for the workload's identity and for another role: KEDA refuses the two together"
        yield _finding(name, why, subject.role, "not taken beside identityOwner: workload", subject.owner)


def _finding(
    name: str, message: str, at: Scalar, text: str, *related: Scalar, severity: Severity | None = None
) -> Finding:
    return Finding(
        message,
        at=Label(at.span, text),
        related=tuple(Label(one.span, "goes with it") for one in related),
        help="Use podIdentity with provider: aws, and a role for KEDA's operator or for the workload.",
        subject=name,
        severity=severity,
    )
