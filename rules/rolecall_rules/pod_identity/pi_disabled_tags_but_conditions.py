"""The rule `pi-disabled-tags-but-conditions`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.roles import grants_of, resolved, role_of
from rolecall.iam.conditions import is_positive, operator_of
from rolecall.model import Condition, PodIdentityAssociation, Role
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall_rules.pod_identity._shared import pod_statements
from rolecall_rules.workload_roles._documents import allows
from rolecall_rules.workload_roles._tags import SESSION_TAGS, is_tagged, tag_uses

_REQUEST_TAG = "aws:requesttag/"


@rule(
    "pi-disabled-tags-but-conditions",
    summary="an association turns off the session tags that its role's policies ask for",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html",
    ),
    tags=("pod-identity", "trust"),
)
def pi_disabled_tags_but_conditions(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding]:
    """Finds associations with `disable_session_tags` whose role depends on the tags of EKS Pod Identity.

    The trust policy does by `aws:RequestTag/…`, a permission policy by `aws:PrincipalTag/…`; a tag that the role itself
    has is no session tag, and a condition that holds without the tag (`…IfExists`, negated) asks for nothing.

    ## Why it matters
    Without session tags the condition has nothing to compare with: either EKS may not assume the role, and the pod gets
    no credentials, or the requests that the policy means to allow are denied.

    ## How to fix it
    Keep session tags on for this association, or write policies that do without them. For a role in another account
    that is to tell its callers apart, `aws:PrincipalArn` or the external id does.
    """
    off = association.disable_session_tags
    role = role_of(graph, association.role, association.origin)
    if off is None or off.boolean is not True or role is None:
        return
    found = _asked_for(role, graph)
    if found is None:
        return
    at, tag, trusting = found
    account = association.service_account.display if association.service_account else "its service account"
    then = (
        "EKS may not assume the role, and its pods get no credentials"
        if trusting
        else "what the policy means to allow its pods is denied"
    )
    yield Finding(
        f"the association of {account} turns session tags off, and {role.display} asks for {tag}: {then}",
        at=Label(off.used, "no session tags"),
        related=(Label(at, "is never met"),),
        help="Keep session tags on, or write policies that do without them.",
        subject=f"{association.origin.address} {role.display}",
    )


def _asked_for(role: Role, graph: Graph) -> tuple[Span, str, bool] | None:
    """A condition on a session tag: its place, its key, and whether it is in the trust policy."""
    for one in pod_statements(role.trust.document) if role.trust is not None else ():
        for condition in one.statement.conditions:
            key = (condition.key.known or "").lower()
            if key.startswith(_REQUEST_TAG) and key.removeprefix(_REQUEST_TAG) in SESSION_TAGS and _binds(condition):
                return condition.key.span, condition.key.display, True
    for grant in grants_of(graph, role):
        document = resolved(graph, grant).document
        for statement in allows(document) if document is not None else ():
            for use in tag_uses(statement):
                binds = use.condition is None or _binds(use.condition)
                if use.key in SESSION_TAGS and binds and is_tagged(role, use.key, graph) is Answer.NO:
                    return use.at, f"aws:PrincipalTag/{use.key}", False
    return None


def _binds(condition: Condition) -> bool:
    """Whether a condition cannot hold without its key."""
    operator = operator_of(condition.operator)
    return is_positive(condition) and operator is not None and not operator.if_exists
