"""The rule `irsa-token-expiration-range`."""

from collections.abc import Iterator

from rolecall.model import Pod, ServiceAccount, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_KEY = "eks.amazonaws.com/token-expiration"
# pkg/constants.go of the webhook: the least it passes on, and the most that EKS issues.
_LEAST, _MOST = 600, 86_400


@rule(
    "irsa-token-expiration-range",
    summary="the lifetime asked for tokens is outside of what EKS issues",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/constants.go",
        "https://github.com/aws/amazon-eks-pod-identity-webhook#usage",
    ),
    tags=("irsa",),
)
def irsa_token_expiration_range(subject: ServiceAccount | Workload) -> Iterator[Finding]:
    """Finds `eks.amazonaws.com/token-expiration` below 600 or above 86400 seconds, on service accounts and pods.

    ## Why it matters
    The webhook raises a lower value to 600 seconds, and EKS issues no token for longer than a day: the pod gets a token
    of another lifetime than its manifest says.

    ## How to fix it
    Write a number of seconds from 600 to 86400, or remove the annotation: the default is 86400.
    """
    holders: tuple[ServiceAccount | Pod, ...] = subject.pods if isinstance(subject, Workload) else (subject,)
    for holder in holders:
        entry = holder.annotation(_KEY)
        seconds = entry.value.number if entry is not None and isinstance(entry.value, Scalar) else None
        if entry is None or seconds is None or _LEAST <= seconds <= _MOST:
            continue
        real = _LEAST if seconds < _LEAST else _MOST
        yield Finding(
            f"{subject.display} asks for tokens that are valid for {seconds} seconds, and gets them for {real}",
            at=Label(entry.value.span, "less than ten minutes" if seconds < _LEAST else "more than a day"),
            help=f"Write a number of seconds from {_LEAST} to {_MOST}.",
            subject=subject.display,
        )
