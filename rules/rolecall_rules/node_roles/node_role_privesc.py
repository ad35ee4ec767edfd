"""The rule `node-role-privesc`."""

from collections import defaultdict
from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph.views import NodeRole
from rolecall.iam.escalation import Escalation, paths
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.permissions import Holding
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall_rules.node_roles._shared import ADVICE, around, is_expected

_ASSUMING = ("sts:AssumeRole",)


@rule(
    "node-role-privesc",
    summary="a node role can raise its own permissions",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    references=(
        "https://pathfinding.cloud/paths/",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin",),
    tags=("node-role", "least-privilege", "privilege-escalation"),
)
def node_role_privesc(node: NodeRole) -> Iterator[Finding | Unevaluated]:
    """Finds node roles with actions that together lead to more than the role has: known escalation paths.

    For example `iam:PutRolePolicy` on all roles, or `iam:PassRole` on all roles with `ec2:RunInstances`. Wildcards are
    expanded, Deny statements and a permissions boundary are honoured, and resources or conditions that leave only
    named things close a path. A path that lies within one AWS managed policy is left to the rules that name
    the policy. `sts:AssumeRole` on all roles is reported by `node-role-assumerole`.

    ## Why it matters
    A pod that reaches the instance metadata service holds the node's credentials. With one of these paths it holds the
    account: it gives itself a policy, or starts something that runs as an administrator's role.

    ## How to fix it
    Move the permission to the role of the one workload that needs it, and limit it there: `iam:PassRole` to named roles
    and an `iam:PassedToService`, the others to named resources.
    """
    found: dict[Span, list[Escalation]] = defaultdict(list)
    for escalation in paths(node.may):
        holdings = escalation.holdings
        if escalation.actions == _ASSUMING or _is_a_policy_of_aws(holdings):
            continue
        if any(holding.narrowing is Narrowing.KNOWN for holding in holdings):
            continue
        first = holdings[0]
        if escalation.answer is Answer.UNKNOWN and not all(holding.certain for holding in holdings):
            continue
        if escalation.answer is Answer.UNKNOWN and not any(holding.cut for holding in holdings):
            what = f"whether {node.role.display} can {escalation.path.gives}"
            yield Unevaluated(what, "a condition or a resource is not known", first.at)
            continue
        found[first.at].append(escalation)
    for at, several in found.items():
        yield _finding(node, at, several)


def _is_a_policy_of_aws(holdings: tuple[Holding, ...]) -> bool:
    """Whether AWS' own policies alone open a path: those for nodes and add-ons, or one named for its breadth."""
    names = {holding.managed for holding in holdings}
    return all(is_expected(name) for name in names) or (len(names) == 1 and None not in names)


def _finding(node: NodeRole, at: Span, several: list[Escalation]) -> Finding:
    first = several[0]
    actions = " with ".join(first.actions)
    more = f" (and {len(several) - 1} more ways)" if len(several) > 1 else ""
    cut = all(any(holding.cut for holding in escalation.holdings) for escalation in several)
    steps = tuple(
        Label(holding.at, f"and {action}")
        for action, holding in zip(first.actions[1:], first.holdings[1:], strict=True)
        if not holding.at.overlaps(at)
    )
    taken = [label.span for label in steps]
    others = (
        label
        for label in around(node, first.holdings[0].granted, at)
        if not any(label.span.overlaps(span) for span in taken)
    )
    return Finding(
        f"{node.role.display} allows {actions} and nodes run as it, so a pod that reaches the instance metadata service"
        f" can {first.path.gives}{more}",
        at=Label(at, "leads to more than the role has"),
        related=(*steps, *others),
        help=ADVICE,
        subject=f"{node.role.origin.address} {first.path.name}",
        severity=Severity.HIGH if cut else Severity.CRITICAL,
    )
