"""The rule `node-role-admin`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import NodeRole
from rolecall.iam.breadth import Breadth
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.node_roles._shared import ADVICE, broad, lowered, places, subject

_CONSEQUENCES = {
    "PowerUserAccess": "can do anything in the account outside of IAM",
    "IAMFullAccess": "can give itself any permission in the account",
    "iam:*": "can give itself any permission in the account",
}


@rule(
    "node-role-admin",
    summary="a node role is an administrator of the account",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.CLOUDFORMATION),
    tags=("node-role", "least-privilege"),
)
def node_role_admin(node: NodeRole, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds node roles that may do everything: `AdministratorAccess`, `PowerUserAccess`, `IAMFullAccess`, `*`, `iam:*`.

    A role is a node role where a node group, an instance profile of nodes, an access entry or Auto Mode uses it, or
    where it trusts EC2 and has the policy of worker nodes. A condition or a permissions boundary lowers the severity.

    ## Why it matters
    A node's credentials are not the node's alone. Whoever runs code in any pod of the node and reaches the instance
    metadata service, or breaks out of the container, holds them: one vulnerable web application is then the whole
    account.

    ## How to fix it
    Leave `AmazonEKSWorkerNodePolicy`, a pull-only ECR policy and, if used, `AmazonSSMManagedInstanceCore` on the node
    role. Give workloads that administer something a role of their own, bound to their service account.
    """
    name = node.role.display
    for granted, permission in broad(node, graph, Breadth.ADMIN):
        what = permission.what if permission.managed else f"`{permission.what}`"
        consequence = _CONSEQUENCES.get(permission.what, "can do anything in the account")
        yield Finding(
            f"{name} has {what} and nodes run as it, so a pod that reaches the instance metadata service {consequence}",
            at=Label(permission.at, "makes every pod of these nodes an administrator"),
            related=places(node, granted, permission),
            help=ADVICE,
            subject=subject(node, permission),
            severity=lowered(Severity.CRITICAL, permission),
        )
    yield from node.unseen
