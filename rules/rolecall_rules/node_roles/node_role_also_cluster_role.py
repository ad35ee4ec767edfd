"""The rule `node-role-also-cluster-role`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.graph.nodes import Claim, node_claims
from rolecall.graph.roles import role_of
from rolecall.model import Cluster, Role
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "node-role-also-cluster-role",
    summary="a cluster and its nodes run as the same role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html",
    ),
    formats=(Platform.TERRAFORM, Platform.KUBERNETES),
    tags=("node-role",),
)
def node_role_also_cluster_role(cluster: Cluster, graph: Graph) -> Iterator[Finding]:
    """Finds roles that are a cluster's `role_arn` and that nodes run as, too.

    ## Why it matters
    EKS does not allow it: a node role may not be the role of any cluster. Where it works all the same, every pod that
    reaches the instance metadata service holds the control plane's permissions: load balancers, routes, security
    groups.

    ## How to fix it
    Make two roles: one that trusts `eks.amazonaws.com` with `AmazonEKSClusterPolicy`, and one that trusts
    `ec2.amazonaws.com` with `AmazonEKSWorkerNodePolicy`.
    """
    if cluster.role is None:
        return
    role = role_of(graph, cluster.role, cluster.origin)
    same = [claim for claim in graph.keep(_claims) if _is_same(graph, cluster, role, claim)]
    if same:
        name = f"the role {cluster.role.display}" if role is None else role.display
        at = same[0].at
        labels = [Label(cluster.role.span, "the cluster runs as it")]
        labels += [Label(claim.at, claim.words) for claim in same[1:3]]
        if role is not None:
            labels.append(Label(role.origin.span, "the role of both"))
        yield Finding(
            f"nodes run as {name}, which is the cluster's own role: EKS does not allow it, and a pod that reaches the"
            " instance metadata service holds what the control plane may do",
            at=Label(at, "the cluster's role"),
            related=tuple(label for label in labels if not label.span.overlaps(at)),
            help="Give the nodes a role of their own.",
            subject=f"{cluster.origin.address} role",
        )


def _is_same(graph: Graph, cluster: Cluster, role: Role | None, claim: Claim) -> bool:
    """Whether both are the same for certain: the role, or where that is not seen the text, in one unit."""
    other = role_of(graph, claim.role, claim.origin)
    if role is not None or other is not None:
        return role is other
    if cluster.role is None or cluster.role.is_empty or claim.origin.unit != cluster.origin.unit:
        return False
    return same_text(cluster.role, claim.role) is Answer.YES


def _claims(graph: Graph) -> tuple[Claim, ...]:
    return tuple(node_claims(graph))
