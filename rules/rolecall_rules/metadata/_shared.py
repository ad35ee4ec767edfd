"""What the rules about metadata options have in common."""

from rolecall.graph import Graph
from rolecall.graph.service_accounts import role_annotation
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.breadth import Breadth
from rolecall.iam.declared import is_cluster
from rolecall.iam.resources import Scope
from rolecall.model import OidcProvider, PodIdentityAssociation, ServiceAccount, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Label
from rolecall.span import Span
from rolecall.tree import Scalar

EKSCTL = "eksctl node group"
"""The `kind` of the node groups of an eksctl configuration."""


def places(metadata: NodeMetadata, at: Span) -> tuple[Label, ...]:
    """What uses the options, and the role whose credentials they guard."""
    labels = [Label(span, words) for span, words in metadata.because[:3]]
    if metadata.node_role is not None:
        labels.append(Label(metadata.node_role.role.origin.span, "the node role"))
    return tuple(label for label in labels if not label.span.overlaps(at))


def not_seen(metadata: NodeMetadata, value: Scalar) -> Unevaluated:
    """The note that an option's value is not known."""
    return Unevaluated(f"metadata options of {metadata.owner}", value.holes[0].why, value.span)


def is_broad(node: NodeRole | None) -> bool:
    """Whether a node role may do more than run nodes, beyond all actions on a part of a service's resources."""
    return node is not None and (
        bool(node.data)
        or any(
            permission.breadth >= Breadth.SERVICE and permission.scope is Scope.EVERYTHING
            for _, permission in node.permissions
        )
    )


def uses_workload_identity(graph: Graph) -> bool:
    """Whether anything in this world gives pods a role of their own."""
    return graph.keep(_uses_workload_identity)


def _uses_workload_identity(graph: Graph) -> bool:
    return (
        bool(graph.all(PodIdentityAssociation))
        or any(role_annotation(account) is not None for account in graph.all(ServiceAccount))
        or any(_is_of_cluster(provider.url) for provider in graph.all(OidcProvider))
        or any(_trusts_pods(trust) for trust in graph.all(TrustPolicy))
    )


def _is_of_cluster(url: Scalar | None) -> bool:
    if url is None:
        return False
    if "oidc.eks" in url.display or "oidc-eks" in url.display:
        return True
    return any(is_cluster(reference) for hole in url.holes for reference in hole.references)


def _trusts_pods(trust: TrustPolicy) -> bool:
    """Whether a role is for pods: Pod Identity's service, or service accounts as subjects."""
    for statement in trust.document.statements:
        if any(principal.value.known == "pods.eks.amazonaws.com" for principal in statement.principals):
            return True
        if any(
            value.display.startswith("system:serviceaccount:")
            for condition in statement.conditions
            for value in condition.values
        ):
            return True
    return False
