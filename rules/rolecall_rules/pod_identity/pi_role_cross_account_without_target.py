"""The rule `pi-role-cross-account-without-target`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.namespaces import same_text
from rolecall.iam.arns import role_account
from rolecall.model import Cluster, NodeGroup, PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar


@rule(
    "pi-role-cross-account-without-target",
    summary="an association names a role of another account, which EKS does not take",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",
    ),
    tags=("pod-identity",),
)
def pi_role_cross_account_without_target(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding]:
    """Finds associations whose role is in another account than the cluster, as its own role or a node role shows.

    Silent where either account is not known.

    ## Why it matters
    EKS passes the role to its agent and needs it in the cluster's own account: `CreatePodIdentityAssociation` is
    refused.

    ## How to fix it
    Name a role of the cluster's account, and the other account's role as the target role.
    """
    role, cluster = association.role, association.cluster
    own = role_account(role)
    if role is None or own is None or cluster is None or association.target_role is not None:
        return
    for witness in _witnesses(association, graph):
        other = role_account(witness)
        if other is not None and other != own:
            yield Finding(
                f"the association of {association.origin.display} names a role of account {own}, and its cluster is in"
                f" account {other}: EKS takes only roles of the cluster's account",
                at=Label(role.used, f"of account {own}"),
                related=(Label(witness.span, f"the cluster is in account {other}"),),
                help="Name a role of the cluster's account, and this one as the target role.",
                subject=association.origin.address,
            )
            return


def _witnesses(association: PodIdentityAssociation, graph: Graph) -> Iterator[Scalar]:
    """Roles that are in the account of the association's cluster."""
    for cluster in graph.all(Cluster):
        if cluster.role is not None and _is_the_same(association, cluster):
            yield cluster.role
    for group in graph.all(NodeGroup):
        both = (group.cluster, association.cluster)
        if group.role is not None and None not in both and _is_same(*both):
            yield group.role


def _is_same(a: Scalar | None, b: Scalar | None) -> bool:
    return a is not None and b is not None and same_text(a, b) is Answer.YES


def _is_the_same(association: PodIdentityAssociation, cluster: Cluster) -> bool:
    named = association.cluster
    if named is None:
        return False
    if cluster.name is not None and same_text(named, cluster.name) is Answer.YES:
        return True
    own = cluster.origin.unit, cluster.origin.address
    return any((reference.unit, reference.address) == own for hole in named.holes for reference in hole.references)
