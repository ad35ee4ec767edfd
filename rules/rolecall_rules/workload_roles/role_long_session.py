"""The rule `role-long-session`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.model import Role
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall_rules.workload_roles._documents import allows
from rolecall_rules.workload_roles._labels import why

_HOUR = 3600
_LONGEST = 12 * _HOUR


@rule(
    "role-long-session",
    summary="a pod's role allows sessions of many hours",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("irsa",),
)
def role_long_session(workload: WorkloadRole) -> Iterator[Finding | Unevaluated]:
    """Finds roles of service accounts (IRSA) whose `max_session_duration` is more than an hour; twelve hours are low.

    With EKS Pod Identity nobody in the pod can ask for a longer session, so such roles are passed over. Where a module
    of the registry sets it by default, the note stands at the call.

    ## Why it matters
    The SDKs ask for an hour and fetch new credentials in time; no pod needs more. Who steals a service account's token
    asks for as much as the role allows. STS credentials cannot be taken back one by one, so they go on working after
    the pod, the service account and the hole that let the thief in are gone.

    ## How to fix it
    Leave `max_session_duration` out, or set it to 3600.
    """
    role = workload.role
    duration = role.max_session_duration
    if duration is None or workload.is_node_role or not _takes_tokens(role):
        return
    seconds = duration.number
    if seconds is None:
        if duration.holes:
            yield Unevaluated(f"session duration of {role.display}", duration.hole.why, duration.span)
        return
    if seconds <= _HOUR:
        return
    hours = f"{seconds // _HOUR} hours" if seconds % _HOUR == 0 and seconds >= 2 * _HOUR else f"{seconds} seconds"
    by_default = bool(role.origin.within) and duration.span.overlaps(role.origin.span)
    source = f" (the default of {role.origin.within})" if by_default else ""
    at = duration.span
    low = seconds >= _LONGEST and not by_default
    yield Finding(
        f"{role.display} allows sessions of {hours}{source}, so whoever steals a token of its service account can get"
        " credentials that work that long, with or without the pod",
        at=Label(at, f"makes a role with sessions of {hours}" if by_default else f"{hours} for each session"),
        related=why(workload, beside=at),
        help="Set max_session_duration to 3600: the SDKs ask for an hour and renew.",
        subject=role.origin.address,
        severity=Severity.LOW if low else Severity.INFO,
        persona=Persona.REGULAR if low else Persona.PEDANTIC,
    )


def _takes_tokens(role: Role) -> bool:
    """Whether tokens of service accounts are exchanged for the role, as far as its trust policy is seen."""
    return role.trust is None or any(
        principal.type.known == "Federated"
        for statement in allows(role.trust.document)
        for principal in statement.principals
    )
