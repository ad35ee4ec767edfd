"""The rule `pi-trust-missing-assumerole`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.trust import ASSUME_ROLE, SAML, TAG_SESSION, WEB_IDENTITY, allows_action
from rolecall.model import TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import SERVICE, may, pod_statements
from rolecall_rules.trust._shared import labels, speaks_for_text, unevaluated


@rule(
    "pi-trust-missing-assumerole",
    summary="a role for EKS Pod Identity lets the service tag a session but not assume the role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    yields_to=("trust-duplicate-key",),
    tags=("pod-identity", "trust"),
)
def pi_trust_missing_assumerole(policy: TrustPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds trust policies that allow `pods.eks.amazonaws.com` only `sts:TagSession`.

    All statements for the service count together. A statement that lets an account or a role tag sessions, as target
    roles of other accounts have, is none for the service.

    ## Why it matters
    `sts:TagSession` is a permission that goes with `sts:AssumeRole` and starts no session of its own. STS refuses EKS
    Pod Identity, and the pod gets no credentials.

    ## How to fix it
    Allow both `sts:AssumeRole` and `sts:TagSession` to `pods.eks.amazonaws.com`.
    """
    if not speaks_for_text(policy, graph):
        return
    statements = pod_statements(policy.document)
    tagging = [one for one in statements if allows_action(one.statement, TAG_SESSION) is Answer.YES]
    if not tagging or any(
        allows_action(one.statement, action) is Answer.YES for one in statements for action in (WEB_IDENTITY, SAML)
    ):
        return
    assuming = may(policy.document, ASSUME_ROLE)
    one = tagging[0]
    if assuming is Answer.UNKNOWN:
        holes = [each.statement.actions_rest for each in statements] + [policy.document.rest]
        yield unevaluated(policy, one.statement, (hole for hole in holes if hole is not None))
    if assuming is not Answer.NO:
        return
    action = next(iter((*one.statement.actions, *one.statement.not_actions)))
    yield Finding(
        f"{policy.display} lets {SERVICE} tag a session but not assume the role, so the pod gets no credentials",
        at=Label(action.span, "without sts:AssumeRole"),
        related=labels((one.principal.value.span, "calls sts:AssumeRole"), beside=action.span),
        help='Make the action ["sts:AssumeRole", "sts:TagSession"].',
        subject=f"{policy.origin.address} {SERVICE}",
    )
