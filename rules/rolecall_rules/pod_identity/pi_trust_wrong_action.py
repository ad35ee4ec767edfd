"""The rule `pi-trust-wrong-action`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.trust import ASSUME_ROLE, SAML, WEB_IDENTITY, allows_action
from rolecall.model import Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.pod_identity._shared import SERVICE, may, pod_statements
from rolecall_rules.trust._shared import labels, speaks_for_text, unevaluated


@rule(
    "pi-trust-wrong-action",
    summary="a role for EKS Pod Identity allows an action that the service does not use",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("pod-identity", "trust"),
)
def pi_trust_wrong_action(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that give `pods.eks.amazonaws.com` only `sts:AssumeRoleWithWebIdentity` (or `…WithSAML`).

    It is what is left of a role for service accounts (IRSA) when only the principal has been exchanged.

    ## Why it matters
    EKS Pod Identity calls `sts:AssumeRole` and `sts:TagSession`. Neither is allowed, so the pod gets no credentials.

    ## How to fix it
    Allow `sts:AssumeRole` and `sts:TagSession` to `pods.eks.amazonaws.com`. A role that serves both ways needs a
    statement for each.
    """
    if not speaks_for_text(policy, graph):
        return
    assuming = may(policy.document, ASSUME_ROLE)
    for one in pod_statements(policy.document):
        action = _wrong(one.statement)
        if action is None or assuming is Answer.YES:
            continue
        if assuming is Answer.UNKNOWN:
            holes = (one.statement.actions_rest, policy.document.rest)
            yield unevaluated(policy, one.statement, (hole for hole in holes if hole is not None))
            continue
        yield Finding(
            f"{policy.display} allows {SERVICE} only {action.display}, but EKS Pod Identity calls sts:AssumeRole and"
            " sts:TagSession, so the pod gets no credentials",
            at=Label(action.span, "is never called by EKS Pod Identity"),
            related=labels((one.principal.value.span, "the service that assumes the role"), beside=action.span),
            help='Make the action ["sts:AssumeRole", "sts:TagSession"].',
            subject=f"{policy.origin.address} {SERVICE}",
        )


def _wrong(statement: Statement) -> Scalar | None:
    """The action for federated principals, where one is written."""
    if not any(allows_action(statement, action) is Answer.YES for action in (WEB_IDENTITY, SAML)):
        return None
    written = [action for action in statement.actions if (action.known or "").lower().startswith("sts:assumerole")]
    return written[0] if written else None
