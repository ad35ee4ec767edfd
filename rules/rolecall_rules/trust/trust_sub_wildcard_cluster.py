"""The rule `trust-sub-wildcard-cluster`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.trust_subjects import Width, wide_subjects
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Hole
from rolecall_rules.trust._shared import cluster_grants, labels, speaks_for_text, unevaluated


@rule(
    "trust-sub-wildcard-cluster",
    summary="a wildcard lets every service account of the cluster assume the role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("trust", "irsa"),
)
def trust_sub_wildcard_cluster(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds conditions on the subject whose pattern takes every service account of a cluster, such as `system:*`.

    The pattern is evaluated with all other conditions and with Deny statements: it is a finding only if a service
    account that nobody named gets through.

    ## Why it matters
    Whoever can start a pod in any namespace, with any service account, becomes this role. The condition looks like a
    restriction and is none.

    ## How to fix it
    Name the service account: `StringEquals` with `system:serviceaccount:<namespace>:<name>`. Several can be listed.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in cluster_grants(policy, graph):
        for wide in wide_subjects(policy.document, grant):
            if isinstance(wide, Hole):
                yield unevaluated(policy, grant.statement, (wide,))
            elif wide.width is Width.CLUSTER:
                value = wide.value
                yield Finding(
                    f"{policy.display} can be assumed by every service account of {grant.issuer.display}:"
                    f" `{value.display}` matches, for example, `{wide.witness}`",
                    at=Label(value.span, "matches every service account"),
                    related=labels(
                        (grant.principal.value.span, "the issuer whose tokens are trusted"),
                        (wide.condition.operator.span, "reads `*` as a wildcard"),
                        beside=value.span,
                    ),
                    help="Name the service account with StringEquals: system:serviceaccount:<namespace>:<name>.",
                    subject=f"{policy.origin.address} {value.display}",
                )
