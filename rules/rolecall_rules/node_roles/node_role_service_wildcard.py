"""The rule `node-role-service-wildcard`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import NodeRole
from rolecall.iam.breadth import Breadth
from rolecall.iam.resources import Scope
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.node_roles._shared import ADVICE, broad, lowered, places, subject


@rule(
    "node-role-service-wildcard",
    summary="a node role may do everything with an AWS service",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin", "node-role-privesc"),
    tags=("node-role", "least-privilege"),
)
def node_role_service_wildcard(node: NodeRole, graph: Graph) -> Iterator[Finding]:
    """Finds node roles with all actions of a service: `s3:*`, or a managed policy such as `AmazonS3FullAccess`.

    On all resources the severity is high; on some resources, or on resources that are not known, low.

    ## Why it matters
    Every pod that reaches the instance metadata service has the node's permissions. All actions of a service include
    those that delete its data and those that open it to others.

    ## How to fix it
    Move the permission to the role of the workload that needs it, with the actions and resources that it uses.
    """
    for granted, permission in broad(node, graph, Breadth.SERVICE):
        if permission.managed:
            may, severity = f"has {permission.what}", Severity.HIGH
        elif permission.scope is Scope.EVERYTHING:
            may, severity = f"allows `{permission.what}` on all resources", Severity.HIGH
        elif permission.resources:
            may, severity = f"allows `{permission.what}` on {permission.resources[0].display}", Severity.LOW
        else:
            may, severity = f"allows `{permission.what}`", Severity.LOW
        yield Finding(
            f"{node.role.display} {may} and nodes run as it, so every pod that reaches the instance metadata service"
            " may do the same",
            at=Label(permission.at, "every action of the service"),
            related=places(node, granted, permission),
            help=ADVICE,
            subject=subject(node, permission),
            severity=lowered(severity, permission),
        )
