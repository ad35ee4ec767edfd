"""The rule `pi-target-role-unassumable`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.role_permissions import may
from rolecall.graph.roles import role_of
from rolecall.iam.requests import identity
from rolecall.iam.trust import ASSUME_ROLE, TAG_SESSION, admits
from rolecall.model import PodIdentityAssociation, Role
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "pi-target-role-unassumable",
    summary="the role of an association may not assume the association's target role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html",),
    tags=("pod-identity", "trust"),
)
def pi_target_role_unassumable(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds associations with a target role that their own role may not assume, or that does not trust it.

    The role needs `sts:AssumeRole` on the target and, unless session tags are turned off, `sts:TagSession`. The
    target's trust policy is looked at where it is among the files.

    ## Why it matters
    EKS assumes the association's role, and with it the target role. The second step is denied, and the pods get no
    credentials.

    ## How to fix it
    Allow the role `sts:AssumeRole` and `sts:TagSession` on the target role, and let the target role trust it.
    """
    target, role = association.target_role, role_of(graph, association.role, association.origin)
    if target is None or target.is_empty or role is None:
        return
    held = may(graph, role)
    arn = target.known
    wanted = [ASSUME_ROLE]
    if association.disable_session_tags is None or association.disable_session_tags.boolean is False:
        wanted.append(TAG_SESSION)
    for action in wanted:
        if arn is None:
            missing = not held.mentions(action) and not held.unseen
        else:
            answer = held.allows(action, arn).answer
            missing = answer is Answer.NO
        if missing:
            yield _found(association, role, f"has no {action} on it", role)
            return
    other = role_of(graph, target)
    caller = identity(role.arn.known or "") if role.arn is not None else None
    if other is None or other.trust is None:
        return
    if caller is None:
        yield Unevaluated(f"whether {other.display} trusts {role.display}", "its ARN is not known", target.used)
    elif admits(other.trust.document, caller).answer is Answer.NO:
        yield _found(association, role, "is not trusted by it", other)


def _found(association: PodIdentityAssociation, role: Role, why: str, where: Role) -> Finding:
    target = association.target_role
    at = target.used if target is not None else association.origin.span
    return Finding(
        f"EKS is to assume the target role of {association.origin.display} with {role.display}, which {why}: its"
        " pods get"
        " no credentials",
        at=Label(at, f"{role.display} {why}"),
        related=(Label(where.origin.span, why),),
        help="Allow the role sts:AssumeRole and sts:TagSession on the target, and let the target trust it.",
        subject=association.origin.address,
    )
