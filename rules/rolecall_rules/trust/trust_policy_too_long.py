"""The rule `trust-policy-too-long`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.trust_length import MOST, QUOTA, length_of
from rolecall.model import TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.trust._shared import labels, stands_for_text


@rule(
    "trust-policy-too-long",
    summary="a trust policy is longer than IAM's default quota allows",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust",),
)
def trust_policy_too_long(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds trust policies of more than 2,048 characters, white space not counted.

    Of what is known in part only the known text counts. Over 8,192 characters, to which the quota can be raised, the
    severity is medium.

    ## Why it matters
    IAM refuses the policy with `LimitExceeded: Cannot exceed quota for ACLSizePerRole` when the role is created or
    changed. A trust for service accounts takes some 400 characters a cluster, so the limit is met with the fifth.

    ## How to fix it
    Ask for a higher quota, up to 8,192 characters; list several subjects in one condition instead of one statement
    each; or give each cluster a role of its own. EKS Pod Identity needs one short statement for all clusters.
    """
    if not stands_for_text(policy, graph):
        return
    length = length_of(policy.document)
    if length.crossing is None:
        return
    far = length.characters > MOST
    at = length.crossing.head
    size = f"{'at least ' if length.least else ''}{length.characters:,}"
    limit = f"the {MOST:,} to which the quota can be raised" if far else f"the {QUOTA:,} of the default quota"
    yield Finding(
        f"the trust policy of {policy.display.removeprefix('the role of ')} has {size} characters without white space,"
        f" more than {limit}, so IAM refuses it",
        at=Label(at, f"passes {QUOTA:,} characters with this statement"),
        related=labels((policy.origin.span, "has this trust policy"), beside=at),
        help="Put subjects into one list, split the role, or ask for a higher quota."
        if not far
        else "Put subjects into one list, or split the role.",
        subject=policy.origin.address,
        severity=Severity.MEDIUM if far else None,
    )
