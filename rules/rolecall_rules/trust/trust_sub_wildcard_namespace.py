"""The rule `trust-sub-wildcard-namespace`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.iam.trust_subjects import WideSubject, Width, wide_subjects
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Hole
from rolecall_rules.trust._shared import cluster_grants, labels, speaks_for_text, unevaluated

_GRADES = {
    Width.ANY_NAMESPACE: (Severity.HIGH, "a service account of that name in any namespace"),
    Width.NAMESPACES: (Severity.MEDIUM, "service accounts of every namespace whose name begins so"),
    Width.NAMESPACE: (Severity.MEDIUM, "every service account of the namespace"),
    Width.NAMES: (Severity.LOW, "every service account whose name fits"),
}


@rule(
    "trust-sub-wildcard-namespace",
    summary="a wildcard lets more service accounts than one assume the role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    tags=("trust", "irsa"),
)
def trust_sub_wildcard_namespace(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds conditions on the subject with a wildcard for the namespace or for the service account's name.

    High where any namespace will do, medium for a whole namespace or namespaces by prefix, low for service accounts
    by prefix. AWS documents the whole-namespace form; it is sound where a namespace belongs to one application, and
    the rule can then be turned off for those files.

    ## Why it matters
    With `system:serviceaccount:*:app` whoever may create a namespace, or a service account of that name in one they
    own, becomes this role. With `system:serviceaccount:team:*` so does everything that runs in the namespace.

    ## How to fix it
    Name the service accounts under `StringEquals`, as a list where there are several.
    """
    if not speaks_for_text(policy, graph):
        return
    for grant in cluster_grants(policy, graph):
        for wide in wide_subjects(policy.document, grant):
            if isinstance(wide, Hole):
                yield unevaluated(policy, grant.statement, (wide,))
            elif wide.width in _GRADES:
                yield _finding(policy, wide, grant.principal.value.span)


def _finding(policy: TrustPolicy, wide: WideSubject, issuer: Span) -> Finding:
    severity, who = _GRADES[wide.width]
    value = wide.value
    return Finding(
        f"{policy.display} can be assumed by {who}: `{value.display}` matches, for example, `{wide.witness}`",
        at=Label(value.span, f"matches {who}"),
        related=labels(
            (issuer, "the issuer whose tokens are trusted"),
            (wide.condition.operator.span, "reads `*` as a wildcard"),
            beside=value.span,
        ),
        help="List the service accounts under StringEquals: system:serviceaccount:<namespace>:<name>.",
        subject=f"{policy.origin.address} {value.display}",
        severity=severity,
    )
