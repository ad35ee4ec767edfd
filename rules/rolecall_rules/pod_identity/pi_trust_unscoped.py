"""The rule `pi-trust-unscoped`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.views import WorkloadRole
from rolecall.iam.conditions import key_of
from rolecall.iam.trust import ASSUME_ROLE, allows_action, effect_of
from rolecall.model import Statement
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.pod_identity._shared import SERVICE, associations_of, pod_statements
from rolecall_rules.trust._shared import labels, speaks_for_text, unevaluated
from rolecall_rules.workload_roles._broad import broad

_SCOPES = ("aws:requesttag/", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")


@rule(
    "pi-trust-unscoped",
    summary="any Pod Identity association of the account can use a role that may do a lot",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
    ),
    formats=(Platform.IAM_JSON, Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("pod-identity", "trust"),
)
def pi_trust_unscoped(role: WorkloadRole, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds administrators, and other roles that may do a lot, that trust EKS Pod Identity without a condition.

    A trust without conditions is what AWS documents, and on any other role it passes. It is worth one where the role
    may do everything with a service, reads all secrets, or can give itself more.

    ## Why it matters
    The trust policy does not say which cluster, namespace or service account the role is for. Whoever may create an
    association and pass the role gives it to a pod of any cluster in the account.

    ## How to fix it
    Bind the trust: `aws:SourceArn` with the cluster's ARN, `aws:RequestTag/kubernetes-namespace` and
    `aws:RequestTag/kubernetes-service-account`. Better still, let the role do less.
    """
    policy = role.role.trust
    if policy is None or role.is_node_role or not speaks_for_text(policy, graph):
        return
    denied = (one for one in policy.document.statements if effect_of(one) == "Deny")
    if any(map(_is_scoped, denied)):
        return
    for one in pod_statements(policy.document):
        statement = one.statement
        if allows_action(statement, ASSUME_ROLE) is not Answer.YES or _is_scoped(statement):
            continue
        found = broad(role)
        if found is None:
            return
        if statement.conditions_rest is not None:
            yield unevaluated(policy, statement, (statement.conditions_rest,))
            continue
        at = one.principal.value.span
        bound = associations_of(policy, graph)[:3]
        yield Finding(
            f"{role.role.display} {found.what}, and it trusts {SERVICE} without a condition, so any association in the"
            " account gives it to pods, whatever their cluster, namespace and service account",
            at=Label(at, "from any cluster, for any service account"),
            related=labels(
                (found.at, "may do a lot"),
                *((each.origin.span, "binds the role") for each in bound),
                beside=at,
            ),
            help=(
                "Add a condition on aws:SourceArn (the cluster), or on aws:RequestTag/kubernetes-namespace and"
                " aws:RequestTag/kubernetes-service-account."
            ),
            subject=f"{policy.origin.address} {SERVICE}",
        )


def _is_scoped(statement: Statement) -> bool:
    names = ((key_of(condition.key).name or "").lower() for condition in statement.conditions)
    return any(name.startswith(_SCOPES) for name in names)
