"""The rule `node-role-unexpected-eks-policy`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.graph.views import NodeRole
from rolecall.model import Cluster, FargateProfile
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.node_roles._shared import around

_CONTROL_PLANE = dict.fromkeys(
    (
        "AmazonEKSClusterPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSLocalOutpostClusterPolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    ),
    "the cluster's control plane",
)
_FARGATE = {"AmazonEKSFargatePodExecutionRolePolicy": "Fargate, which pulls images as it"}


@rule(
    "node-role-unexpected-eks-policy",
    summary="a node role has a policy made for another of EKS' roles",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/security-iam-awsmanpol.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
    ),
    formats=(Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("node-role", "least-privilege"),
)
def node_role_unexpected_eks_policy(node: NodeRole, graph: Graph) -> Iterator[Finding]:
    """Finds node roles with AWS' policies for the cluster's role or for Fargate's pod execution role.

    Silent where the role is the cluster's too, of which `node-role-also-cluster-role` speaks, and for Fargate's policy
    where a Fargate profile uses the role.

    ## Why it matters
    Nodes need none of it. `AmazonEKSClusterPolicy` lets every pod that reaches the instance metadata service create
    load balancers, routes and security group rules.

    ## How to fix it
    Detach the policy from the node role. The cluster's own role has it where it belongs.
    """
    roles = {
        **({} if _is_used(node, graph, Cluster) else _CONTROL_PLANE),
        **({} if _is_used(node, graph, FargateProfile) else _FARGATE),
    }
    for policy in node.policies:
        whose = roles.get(policy.managed or "")
        if whose is not None:
            yield Finding(
                f"{node.role.display} has {policy.managed}, which is for {whose}, and nodes run as it, so every pod"
                " that reaches the instance metadata service has it",
                at=Label(policy.at, "not for nodes"),
                related=around(node, policy.at, policy.at),
                help="Detach it: nodes need AmazonEKSWorkerNodePolicy and a pull-only ECR policy.",
                subject=f"{node.role.origin.address} {policy.managed}",
            )


def _is_used(node: NodeRole, graph: Graph, kind: type[Cluster] | type[FargateProfile]) -> bool:
    return any(role_of(graph, user.role, user.origin) is node.role for user in graph.all(kind))
