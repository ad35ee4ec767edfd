"""The rule `role-sensitive-action-star-resource`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.sensitive import DATA_ACTIONS, SECRET_READS, SENSITIVE_READS
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._shared import (
    allowing,
    controller,
    is_tied,
    lowered,
    on_everything,
    places,
    whoever,
    wide,
)

_ACTIONS = tuple(
    action for action in dict.fromkeys((*DATA_ACTIONS, *sorted(SENSITIVE_READS))) if action not in SECRET_READS
)


@rule(
    "role-sensitive-action-star-resource",
    summary="a role that pods become may read or write the data of everybody in the account",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=(
        "role-admin",
        "role-privesc",
        "role-service-wildcard",
        "role-fullaccess-managed",
        "role-secrets-star",
    ),
    tags=("workload-role", "least-privilege"),
)
def role_sensitive_action_star_resource(role: WorkloadRole) -> Iterator[Finding]:
    """Finds roles of workloads with actions on data on all resources: S3 objects, DynamoDB items, queues, topics.

    So are logins to any database (`rds-db:connect`) and the policies that modules attach for Velero by default. Listing
    and describing, telemetry, and what names its bucket, table or queue pass; so does a condition on tags.

    ## Why it matters
    The workload needs its own bucket or table. With `*` it has those of every other application in the account, too.

    ## How to fix it
    Name the buckets, tables, queues and topics that the workload uses. In a module, give its input for the ARNs.
    """
    if role.is_node_role:
        return
    for one in wide(role, _ACTIONS):
        # What only reads, under a name that says so, is no mistake of this kind.
        if is_tied(one.holding) or (one.holding.managed or "").endswith("ReadOnlyAccess"):
            continue
        yield Finding(
            f"{role.role.display} {allowing(one.actions, one.holding)} on all resources, so {whoever(role)}"
            " reaches the data of every application in the account",
            at=Label(one.at, "on everything" if one.at != one.holding.at else "reaches everybody's data"),
            related=places(role, one.at, one.holding.granted, *on_everything(one.holding)),
            help="Name the resources of this workload.",
            subject=f"{role.role.origin.address} {one.actions[0]}",
            severity=lowered(
                Severity.MEDIUM,
                one.holding.narrowing is not Narrowing.NONE,
                one.holding.cut,
                controller(role) is not None,
            ),
        )
