"""The rule `role-passrole-star`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.escalation import Escalation
from rolecall.iam.narrowing import Narrowing
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._paths import PASS_ROLE, is_limited_to_services, open_paths
from rolecall_rules.workload_roles._shared import (
    Wide,
    allowing,
    controller,
    listed,
    lowered,
    on_everything,
    places,
    undecided,
    whoever,
    wide,
)


@rule(
    "role-passrole-star",
    summary="a role that pods become may pass any role to an AWS service",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc", "role-fullaccess-managed"),
    tags=("workload-role", "least-privilege", "escalation"),
)
def role_passrole_star(role: WorkloadRole) -> Iterator[Finding | Unevaluated]:
    """Finds roles of workloads that may pass any role to any service: `iam:PassRole` on `*`.

    Under `iam:PassedToService` it is low, for it is then a matter of what roles trust that service; where the role may
    also start something there, `role-privesc` speaks. Named roles pass.

    ## Why it matters
    Whoever passes a role to a service and lets it run something (a function, an instance, a job) has that role.

    ## How to fix it
    Name the roles that the workload passes, and the service that it passes them to, with `iam:PassedToService`.
    """
    if role.is_node_role:
        return
    passing = [path for path in open_paths(role) if path.actions[0] == PASS_ROLE]
    for one in wide(role, (PASS_ROLE,)):
        limited = one.holding.narrowing is not Narrowing.NONE
        if limited and any(path.holdings[0].statement is one.holding.statement for path in passing):
            continue
        yield _finding(role, one, None if limited else next(iter(passing), None))
    yield from undecided(role, (PASS_ROLE,))


def _finding(role: WorkloadRole, one: Wide, path: Escalation | None) -> Finding:
    holding = one.holding
    services = is_limited_to_services(holding)
    limited = holding.narrowing is not Narrowing.NONE
    if path is not None:
        consequence = f"{path.path.gives}, with {listed(path.actions[1:])}"
    elif limited:
        consequence = f"give any role that trusts {'the service' if services else 'a service'} to what it makes there"
    else:
        consequence = "give any role of the account to a service, and act as it where it may start something there"
    severity = Severity.LOW if limited else Severity.HIGH
    steps = () if path is None else tuple(Label(each.at, "starts something") for each in path.holdings[1:])
    return Finding(
        f"{role.role.display} {allowing((PASS_ROLE,), holding)} on all roles, so {whoever(role)} can {consequence}",
        at=Label(one.at, "any role"),
        related=places(
            role,
            one.at,
            holding.granted,
            *on_everything(holding),
            *(label for label in steps if not label.span.overlaps(one.at)),
        ),
        help="Name the roles that it passes." if services else "Name the roles, and the service, with PassedToService.",
        subject=f"{role.role.origin.address} {PASS_ROLE}",
        severity=lowered(severity, holding.cut, controller(role) is not None),
    )
