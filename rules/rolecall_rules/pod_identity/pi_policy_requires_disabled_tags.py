"""The rule `pi-policy-requires-disabled-tags`."""

from collections.abc import Iterator

from rolecall.model import PodIdentityAssociation
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "pi-policy-requires-disabled-tags",
    summary="an association has a session policy and does not turn session tags off, which EKS refuses",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
    ),
    tags=("pod-identity",),
)
def pi_policy_requires_disabled_tags(association: PodIdentityAssociation) -> Iterator[Finding | Unevaluated]:
    """Finds associations with a `policy` of their own that leave the session tags on, as they are by default.

    ## Why it matters
    A session has room for one of the two only. EKS requires `disableSessionTags` to be true with a policy and
    refuses the association otherwise, so that the pods get no credentials from it.

    ## How to fix it
    Turn the session tags off, if no policy asks for them (`aws:PrincipalTag/kubernetes-namespace` and the like); or
    leave the policy out and narrow the role itself.
    """
    policy, disabled = association.policy, association.disable_session_tags
    if policy is None or policy.is_null or policy.is_empty:
        return
    unset = disabled is None or disabled.is_null
    if not unset and disabled is not None and disabled.boolean is True:
        return
    unknown = next((one for one in (policy, disabled) if one is not None and one.holes and len(one.parts) == 1), None)
    if unknown is not None:
        what = f"whether {association.origin.display} has a session policy beside session tags"
        yield Unevaluated(what, unknown.hole.why, unknown.span)
        return
    yield Finding(
        f"{association.origin.display} has a session policy and leaves the session tags on: EKS refuses it, and its"
        " pods get no credentials",
        at=Label(policy.used, "needs the session tags to be off")
        if unset or disabled is None
        else Label(disabled.used, "leaves the session tags on"),
        related=() if unset or disabled is None else (Label(policy.used, "needs them to be off"),),
        help="Turn session tags off for it, or leave the policy out.",
        subject=association.origin.address,
    )
