"""The rule `role-policy-detached`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.graph.views import WorkloadRole
from rolecall.model import (
    AccessEntry,
    HandedOut,
    Origin,
    Plan,
    Policy,
    PolicyAttachment,
    ResourcePolicy,
    Role,
    Statement,
    TrustPolicy,
)
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.workload_roles._labels import why


@rule(
    "role-policy-detached",
    summary="a pod's role has no permissions",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=("https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("irsa", "pod-identity"),
)
def role_policy_detached(workload: WorkloadRole, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds roles of pods without any policy: none inline, none attached.

    A role that others name is passed over: it may have what it needs from a bucket's or a key's policy, from another
    role's trust policy, or from whoever uses an output of the configuration. So are those of a configuration that says
    nothing of permissions at all: they are given elsewhere.

    ## Why it matters
    The pod gets credentials, and every call with them ends in `AccessDenied`. Mostly an attachment was lost, or the
    policy was written and never attached.

    ## How to fix it
    Attach the policy to the role, or remove the role and what binds it.
    """
    role = workload.role
    if workload.is_node_role or workload.policies or workload.unseen or workload.may.clauses:
        return
    if any(plan.origin.unit == role.origin.unit for plan in graph.all(Plan)):
        # The outputs of a plan are not read.
        return
    if role.origin.unit not in graph.keep(_with_permissions) or id(role) in graph.keep(_named_elsewhere):
        return
    loose = graph.keep(_loose).get(role.origin.unit)
    if loose is not None:
        yield Unevaluated(f"policies of {role.display}", loose.hole.why, loose.used)
        return
    at = role.origin.span
    yield Finding(
        f"{role.display} has no permissions, so every call that a pod makes with it ends in AccessDenied",
        at=Label(at, "no policy is attached"),
        related=why(workload, beside=at),
        help="Attach the policy that the workload needs, or remove the role.",
        subject=role.origin.address,
    )


def _with_permissions(graph: Graph) -> frozenset[str]:
    """The units that declare permission policies, or give some to a role."""
    policies = (one.origin.unit for one in graph.all(Policy))
    attachments = (one.origin.unit for one in graph.all(PolicyAttachment))
    roles = (one.origin.unit for one in graph.all(Role) if one.managed or one.inline)
    return frozenset((*policies, *attachments, *roles))


def _named_elsewhere(graph: Graph) -> frozenset[int]:
    """The roles that something other than a binding or an attachment names."""
    found = set()
    for place, value, own in _names(graph):
        role = role_of(graph, value, place)
        if role is not None and (own is None or role.trust is not own):
            found.add(id(role))
    return frozenset(found)


def _names(graph: Graph) -> Iterator[tuple[Origin, Scalar, TrustPolicy | None]]:
    for handed in graph.all(HandedOut):
        yield handed.origin, handed.value, None
    for entry in graph.all(AccessEntry):
        if entry.principal is not None:
            yield entry.origin, entry.principal, None
    for policy in graph.all(ResourcePolicy):
        for statement in policy.document.statements:
            yield from ((policy.origin, value, None) for value in _values(statement))
    for trust in graph.all(TrustPolicy):
        for statement in trust.document.statements:
            yield from ((trust.origin, value, trust) for value in _values(statement))


def _values(statement: Statement) -> Iterator[Scalar]:
    for principal in statement.principals:
        if principal.type.known == "AWS":
            yield principal.value
    for condition in statement.conditions:
        if (condition.key.known or "").lower() == "aws:principalarn":
            yield from condition.values


def _loose(graph: Graph) -> dict[str, Scalar]:
    """By unit, an attachment to a role that is not known: it may be any of the unit's."""
    found: dict[str, Scalar] = {}
    for attachment in graph.all(PolicyAttachment):
        for name in attachment.roles:
            if name.holes and role_of(graph, name, attachment.origin) is None:
                found.setdefault(attachment.origin.unit, name)
    return found
