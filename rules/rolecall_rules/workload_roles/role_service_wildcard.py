"""The rule `role-service-wildcard`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth
from rolecall.iam.resources import Scope
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import (
    controller,
    is_harmless,
    lowered,
    negated_places,
    places,
    rest_of,
    whoever,
)


@rule(
    "role-service-wildcard",
    summary="a role that pods become may do everything with an AWS service",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("role-admin", "role-privesc", "role-assumerole-star", "role-notaction-allow"),
    tags=("workload-role", "least-privilege"),
)
def role_service_wildcard(role: WorkloadRole) -> Iterator[Finding | Unevaluated]:
    """Finds roles of workloads with all actions of a service on all resources: `s3:*` on `*`.

    All actions on named resources of the service (one bucket, one table) pass, and so do services in which nothing can
    be changed and no data read. A condition or a permissions boundary lowers the severity.

    ## Why it matters
    All actions of a service are also those that delete its data and those that open it to others, on what every other
    team of the account has there.

    ## How to fix it
    Name the actions that the workload calls and the resources that it uses.
    """
    if role.is_node_role:
        return
    negated = negated_places(role)
    for granted, permission in role.permissions:
        if permission.breadth is not Breadth.SERVICE or permission.managed or permission.at in negated:
            continue
        if permission.scope is Scope.UNKNOWN:
            yield from rest_of(role, permission)
        if permission.scope is not Scope.EVERYTHING or is_harmless(permission):
            continue
        yield Finding(
            f"{role.role.display} allows `{permission.what}` on all resources, so {whoever(role)} can read, change and"
            " delete what anybody in the account has there"
            + (", as far as the permissions boundary or session policy leaves it" if permission.cut else ""),
            at=Label(permission.at, "every action of the service"),
            related=places(role, permission.at, granted),
            help="Name the actions that the workload calls and the resources that it uses.",
            subject=f"{role.role.origin.address} {permission.what}",
            severity=lowered(Severity.HIGH, permission.bounded, permission.cut, controller(role) is not None),
        )
