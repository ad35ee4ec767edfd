"""The rule `role-privesc`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.escalation import Escalation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._paths import PASS_ROLE, is_limited_to_services, open_paths
from rolecall_rules.workload_roles._shared import (
    FOR_PEOPLE,
    allowing,
    controller,
    listed,
    lowered,
    on_everything,
    places,
    whoever,
)


@rule(
    "role-privesc",
    summary="a role that pods become can give itself more permissions",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://pathfinding.cloud/paths",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-notaction-allow"),
    tags=("workload-role", "least-privilege", "escalation"),
)
def role_privesc(role: WorkloadRole) -> Iterator[Finding]:
    """Finds roles of workloads with actions that together lead to more than they give: a path of privilege escalation.

    All policies count together: wildcards are expanded, Deny statements, conditions and resources are honoured. A
    permissions boundary that is not seen, or leaves a part, is one level less, and so is a well-known controller.

    ## Why it matters
    Whoever has the role changes a policy, a role's trust, or code that runs as another role, and is then somebody with
    more permissions. What the role seems to be limited to does not limit it.

    ## How to fix it
    Name the resources: the functions, instances, projects, roles that the workload works with. Pass only named roles,
    with `iam:PassedToService`. Keep actions that change permissions out of workload roles.
    """
    found: dict[object, list[Escalation]] = {}
    for path in () if role.is_node_role else open_paths(role):
        first = path.holdings[0]
        # Passing any role to any service is a text of its own: `role-passrole-star`.
        passes = path.actions[0] == PASS_ROLE and not is_limited_to_services(first)
        if not passes and first.managed not in FOR_PEOPLE:
            found.setdefault(first.managed or id(first.statement), []).append(path)
    for several in found.values():
        yield _finding(role, several)


def _finding(role: WorkloadRole, several: list[Escalation]) -> Finding:
    path = min(several, key=lambda one: any(holding.cut for holding in one.holdings))
    first = path.holdings[0]
    others = dict.fromkeys(action for one in several for action in one.actions if action not in path.actions)
    also = f"; {listed(tuple(others))} lead{'s' if len(others) == 1 else ''} further" if others else ""
    steps = [
        Label(holding.at, f"gives {action}")
        for action, holding in zip(path.actions[1:], path.holdings[1:], strict=True)
    ]
    cut = any(holding.cut for holding in path.holdings)
    return Finding(
        f"{role.role.display} {allowing(path.actions, *path.holdings)}, so {whoever(role)} can {path.path.gives}{also}",
        at=Label(first.at, "begins the path"),
        related=places(
            role,
            first.at,
            first.granted,
            *(label for label in steps if not label.span.overlaps(first.at)),
            *on_everything(first),
        ),
        help="Name the resources that the workload works with, or take the action away.",
        subject=f"{role.role.origin.address} {path.path.name}",
        severity=lowered(Severity.HIGH, cut, controller(role) is not None),
    )
