"""The rule `role-notaction-allow`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth, Permission
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import lowered, negated, places, platform, whoever


@rule(
    "role-notaction-allow",
    summary="a role that pods become is allowed everything but what a statement leaves out",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin",),
    tags=("workload-role", "least-privilege"),
)
def role_notaction_allow(role: WorkloadRole) -> Iterator[Finding]:
    """Finds roles of workloads with `NotAction` on all resources, or `NotResource`, in an Allow.

    `NotAction` on named resources passes, and `NotResource` with actions that only list and describe. A condition or a
    permissions boundary lowers the severity.

    ## Why it matters
    What is left out of an Allow is not denied, only not given here; all the rest is given. `NotAction` of `iam:*`
    allows every other service in the account, and every service that AWS will ever add.

    ## How to fix it
    Write `Action` and `Resource` with what the workload uses. What must never be allowed belongs into a Deny.
    """
    if role.is_node_role:
        return
    for clause in negated(role):
        given = [(granted, one) for granted, one in role.permissions if one.at in clause.places and not one.managed]
        if not given:
            continue
        granted, permission = max(given, key=lambda pair: pair[1].breadth)
        statement = clause.statement
        left = statement.not_actions or statement.not_resources
        shown = ", ".join(one.display for one in left[:3])
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        at = left[0].span
        if statement.not_actions:
            gives = f"every action except {shown}{more}"
        else:
            gives = f"{_what(permission)} on everything except {shown}{more}"
        yield Finding(
            f"{role.role.display} allows {gives}, so {whoever(role)} can do whatever the statement does not name",
            at=Label(at, "all but this is allowed"),
            related=places(role, at, granted),
            help="Write Action and Resource with what the workload uses, and a Deny for what it must never do.",
            subject=f"{role.role.origin.address} {shown}",
            severity=lowered(Severity.HIGH, permission.bounded, permission.cut, platform(role) is not None),
        )


def _what(permission: Permission) -> str:
    if permission.breadth is Breadth.SERVICE or not permission.actions:
        return permission.what
    more = f" and {len(permission.actions) - 1} more" if len(permission.actions) > 1 else ""
    return f"{permission.actions[0]}{more}"
