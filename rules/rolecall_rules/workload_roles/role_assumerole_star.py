"""The rule `role-assumerole-star`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.narrowing import Narrowing
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import (
    allowing,
    controller,
    lowered,
    on_everything,
    places,
    star,
    undecided,
    whoever,
    wide,
)

_ACTION = "sts:AssumeRole"


@rule(
    "role-assumerole-star",
    summary="a role that pods become may assume any other role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html",
        "https://pathfinding.cloud/paths/sts-001",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc", "role-fullaccess-managed"),
    tags=("workload-role", "least-privilege", "escalation"),
)
def role_assumerole_star(role: WorkloadRole) -> Iterator[Finding | Unevaluated]:
    """Finds roles of workloads that may assume any role: `sts:AssumeRole` on `*` or on all roles of an account.

    Named roles pass, and so do roles under a prefix. A condition or a permissions boundary lowers the severity.

    ## Why it matters
    A role that trusts its account (`:root`) leaves it to the policies of callers who assumes it. This one lets the pod
    become every such role, those of administrators and of other accounts among them.

    ## How to fix it
    Name the roles that the workload assumes, or give them a path of their own (`role/shop/*`).
    """
    if role.is_node_role:
        return
    for one in wide(role, (_ACTION,)):
        everything = star(one.holding)
        where = f" on {everything.display}" if everything is not None and everything.known != "*" else " on `*`"
        yield Finding(
            f"{role.role.display} {allowing((_ACTION,), one.holding)}{where}, so {whoever(role)} can become every role"
            " whose trust policy leaves it to the account",
            at=Label(one.at, "any role"),
            related=places(role, one.at, one.holding.granted, *on_everything(one.holding)),
            help="Name the roles that the workload assumes.",
            subject=f"{role.role.origin.address} {_ACTION}",
            severity=lowered(
                Severity.HIGH,
                one.holding.narrowing is not Narrowing.NONE,
                one.holding.cut,
                controller(role) is not None,
            ),
        )
    yield from undecided(role, (_ACTION,))
