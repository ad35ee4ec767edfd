"""The rule `principaltag-on-irsa-role`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.views import WorkloadRole
from rolecall.iam.conditions import Presence, holds
from rolecall.model import Statement
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._bindings import trusts_only_tokens
from rolecall_rules.workload_roles._labels import why
from rolecall_rules.workload_roles._tags import SESSION_TAGS, TagUse, is_tagged, tag_uses


@rule(
    "principaltag-on-irsa-role",
    summary="a policy asks for tags of EKS Pod Identity, and the role is for IRSA only",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("irsa", "pod-identity", "abac"),
)
def principaltag_on_irsa_role(workload: WorkloadRole, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds policies with `aws:PrincipalTag/kubernetes-…` or `…/eks-…` on roles that trust nothing but OIDC tokens.

    The six tags are session tags that EKS Pod Identity sets. A role that also trusts `pods.eks.amazonaws.com` is
    passed over, and so is a key that the role itself has as a tag.

    ## Why it matters
    The token of a service account carries no session tags, so the key is never in the request. An Allow that compares
    it never applies: access is denied. A Deny that compares it never applies either, and a negated operator always
    does: what should keep others out lets them in.

    ## How to fix it
    Move the workload to EKS Pod Identity: trust `pods.eks.amazonaws.com` with `sts:AssumeRole` and `sts:TagSession`,
    and make an association. With IRSA use one role for each service account, and name its resources.
    """
    role = workload.role
    if not trusts_only_tokens(role):
        return
    uses = [
        (statement, use)
        for source in workload.policies
        if source.managed is None
        for statement in source.document.statements
        for use in tag_uses(statement)
        if use.key in SESSION_TAGS
    ]
    found = [(statement, use) for statement, use in uses if is_tagged(role, use.key, graph) is Answer.NO]
    if not found:
        yield from _undecided(workload, uses, graph)
        return
    statement, use = found[0]
    yield Finding(
        f"{role.display} is for IRSA only, whose sessions have no tag `{use.key}`, so {_consequence(statement, use)}",
        at=Label(use.at, "is in no request of this role"),
        related=why(
            workload, *(Label(other.at, "likewise") for _, other in found[1:4] if other.at != use.at), beside=use.at
        ),
        help="Give the role to the pod through EKS Pod Identity, which sets the tag, or name the resources instead.",
        subject=f"{role.origin.address} {use.key}",
    )


def _undecided(workload: WorkloadRole, uses: list[tuple[Statement, TagUse]], graph: Graph) -> Iterator[Unevaluated]:
    for _, use in uses[:1]:
        if is_tagged(workload.role, use.key, graph) is Answer.UNKNOWN:
            hole = workload.role.tags_rest
            reason = hole.why if hole is not None else "default tags of a provider"
            yield Unevaluated(f"tags of {workload.role.display}", reason, use.at)


def _consequence(statement: Statement, use: TagUse) -> str:
    """What becomes of the statement when the key is absent."""
    allows = statement.effect is None or statement.effect.known != "Deny"
    met = holds(use.condition, Presence.ABSENT) if use.condition is not None else Answer.NO
    if allows:
        return "this condition is always met" if met is Answer.YES else "this statement never allows anything"
    return "this statement denies every pod" if met is Answer.YES else "this statement never denies anything"
