"""The rule `pi-trust-missing-tagsession`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.trust import ASSUME_ROLE, TAG_SESSION, allows_action
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import SERVICE, PodStatement, associations_of, may, pod_statements
from rolecall_rules.trust._shared import dropped, labels, speaks_for_text, unevaluated


@rule(
    "pi-trust-missing-tagsession",
    summary="a role for EKS Pod Identity does not let the service tag the session",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("pod-identity", "trust"),
)
def pi_trust_missing_tagsession(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that allow `pods.eks.amazonaws.com` to assume the role but not `sts:TagSession`.

    All statements for the service count together. Where the role's associations turn session tags off, the severity
    is medium.

    ## Why it matters
    EKS Pod Identity passes session tags (cluster, namespace, service account) whenever it assumes a role. Without
    `sts:TagSession` STS refuses the whole call, and the pod gets no credentials at all.

    ## How to fix it
    Allow both `sts:AssumeRole` and `sts:TagSession` to `pods.eks.amazonaws.com`.
    """
    if not speaks_for_text(policy, graph):
        return
    assuming = [one for one in pod_statements(policy.document) if _assumes(one)]
    tagging = may(policy.document, TAG_SESSION)
    if not assuming or tagging is Answer.YES:
        return
    if tagging is Answer.UNKNOWN:
        holes = [one.statement.actions_rest for one in assuming] + [policy.document.rest]
        yield unevaluated(policy, assuming[0].statement, (hole for hole in holes if hole is not None))
        return
    one = assuming[0]
    action = next(iter((*one.statement.actions, *one.statement.not_actions)))
    associations = associations_of(policy, graph)
    lost = dropped(one.statement, lambda meant: allows_action(meant, TAG_SESSION) is not Answer.YES)
    at = lost or Label(action.span, "without sts:TagSession")
    untagged = bool(associations) and all(
        association.disable_session_tags is not None and association.disable_session_tags.boolean is True
        for association in associations
    )
    yield Finding(
        f"{policy.display} lets {SERVICE} assume it but not tag the session, so"
        + (
            " it works only as long as its associations keep session tags off"
            if untagged
            else " EKS Pod Identity is refused and the pod gets no credentials"
        ),
        at=at,
        related=labels(
            (one.principal.value.span, "always tags the session"),
            *((found.origin.span, "binds this role") for found in associations[:3]),
            beside=at.span,
        ),
        help='Make the action ["sts:AssumeRole", "sts:TagSession"].',
        subject=f"{policy.origin.address} {SERVICE}",
        severity=Severity.MEDIUM if untagged else None,
        confidence=Confidence.MEDIUM if untagged else None,
    )


def _assumes(one: PodStatement) -> bool:
    return allows_action(one.statement, ASSUME_ROLE) is Answer.YES
