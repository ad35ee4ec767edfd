"""The rule `node-role-app-permissions`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import NodeRole
from rolecall.iam.breadth import Breadth, Permission
from rolecall.iam.resources import Scope
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.node_roles._shared import ADVICE, broad, lowered, places, subject

_S3_READS = frozenset({"s3:GetObject", "s3:GetObjectVersion"})


@rule(
    "node-role-app-permissions",
    summary="a node role may read or write data and secrets of applications",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin", "node-role-privesc", "node-role-service-wildcard"),
    tags=("node-role", "least-privilege"),
)
def node_role_app_permissions(node: NodeRole, graph: Graph) -> Iterator[Finding]:
    """Finds node roles with actions that belong to an application: S3 objects, DynamoDB items, queues, secrets, keys.

    Reading exactly named S3 objects, or a bucket that is named for bootstrapping, is what some nodes do to start: low.
    Public SSM parameters (`/aws/service/…`) are no secret and are passed over.

    ## Why it matters
    A permission on the node role is a permission of every pod on the node, whatever team or tenant it belongs to. The
    credentials come from the instance metadata service, without any trace of the pod that asked.

    ## How to fix it
    Bind a role with this permission to the service account of the one workload that needs it.
    """
    for granted, permission in broad(node, graph, Breadth.DATA):
        severity = Severity.LOW if _bootstraps(permission) else Severity.HIGH
        may = _allows(permission)
        yield Finding(
            f"{node.role.display} {may} and nodes run as it, so every pod that reaches the instance metadata service"
            " can do the same",
            at=Label(permission.at, "belongs to an application, not to the node"),
            related=places(node, granted, permission),
            help=ADVICE,
            subject=subject(node, permission),
            severity=lowered(severity, permission),
        )


def _allows(permission: Permission) -> str:
    actions = permission.actions[:3]
    more = f" and {len(permission.actions) - 3} more" if len(permission.actions) > 3 else ""
    if permission.scope is Scope.EVERYTHING:
        where = " on all resources"
    else:
        where = f" on {permission.resources[0].display}" if permission.resources else ""
    if permission.managed:
        return f"has {permission.what}, which allows {', '.join(actions)}{more}{where},"
    return f"allows {', '.join(actions)}{more}{where}"


def _bootstraps(permission: Permission) -> bool:
    """Whether this is no more than what a node may read to start."""
    if permission.managed or permission.scope is not Scope.PART or not _S3_READS.issuperset(permission.actions):
        return False
    named = [resource.display for resource in permission.resources]
    return all("bootstrap" in text or not ("*" in text or "?" in text) for text in named)
