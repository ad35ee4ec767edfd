"""What the rules about metadata options have in common."""

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.service_accounts import role_annotation
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.breadth import Breadth
from rolecall.iam.resources import Scope
from rolecall.model import MetadataOptions, NodeGroup, OidcProvider, PodIdentityAssociation, ServiceAccount, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Label
from rolecall.span import Span
from rolecall.tree import Scalar

EKSCTL = "eksctl node group"
"""The `kind` of the node groups of an eksctl configuration."""


def reach(metadata: NodeMetadata) -> tuple[Answer, Span | None]:
    """Whether pods without the host's network reach the metadata service of these nodes, and what decides it.

    Where nothing is written the carrier's defaults hold: tokens required and one hop for Karpenter's node classes;
    for managed node groups without a launch template those of the AMI; EC2's own for a launch template, which are one
    hop and what the AMI says of tokens. https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    """
    options = metadata.options
    if options is None:
        return _reach_by_default(metadata)
    if is_disabled(options):
        return Answer.NO, None
    tokens, limit = options.tokens, options.hop_limit
    if tokens is not None and tokens.known == "optional":
        return Answer.YES, tokens.span
    if limit is not None and limit.number is not None and limit.number > 1:
        return Answer.YES, limit.span
    if (tokens is not None and tokens.holes) or (limit is not None and limit.number is None):
        return Answer.UNKNOWN, None
    return _reach_at_one_hop(metadata, options)


def _reach_at_one_hop(metadata: NodeMetadata, options: MetadataOptions) -> tuple[Answer, Span | None]:
    """With one hop only requests without a token come from a pod."""
    tokens = options.tokens
    if (
        tokens is not None
        or metadata.family == "AL2023"
        or (metadata.group is not None and _is_karpenter(metadata.group))
    ):
        return Answer.NO, None
    return (Answer.YES, options.at) if metadata.family == "AL2" else (Answer.UNKNOWN, None)


def _reach_by_default(metadata: NodeMetadata) -> tuple[Answer, Span | None]:
    group, template = metadata.group, metadata.template
    if metadata.family == "AL2023" or (group is not None and _is_karpenter(group)):
        return Answer.NO, None
    if metadata.family != "AL2" or metadata.calls:
        return Answer.UNKNOWN, None
    named = group.ami_type if group is not None else None
    if template is not None:
        return Answer.YES, template.origin.span
    return Answer.YES, named.span if named is not None else None


def _is_karpenter(group: NodeGroup) -> bool:
    # The defaults of `metadataOptions` in version v1: https://karpenter.sh/docs/concepts/nodeclasses/
    return group.kind == "EC2NodeClass"


def is_disabled(options: MetadataOptions) -> bool:
    """Whether the metadata service is known to be off."""
    return options.endpoint is not None and options.endpoint.known == "disabled"


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
    return any("aws_eks_cluster." in reference.address for hole in url.holes for reference in hole.references)


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
