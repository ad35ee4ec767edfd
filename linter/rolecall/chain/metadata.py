"""The last source: whether a container reaches its node's instance metadata, and as whom it would come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.graph.namespaces import same_namespace
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.model import NetworkPolicy
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer
    from rolecall.model import MetadataOptions, NodeGroup
    from rolecall.span import Span

METADATA_DISABLED = "AWS_EC2_METADATA_DISABLED"


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether a container reaches the metadata of its node; why, with the places; the node roles that it may get."""

    answer: Answer
    why: str
    evidence: tuple[tuple[Span, str], ...] = ()
    roles: tuple[NodeRole, ...] = ()


def reached(subject: PodContainer, graph: Graph) -> Reached:
    """Whether a container on an EC2 node of this world reaches the metadata service.

    Nothing says which cluster a manifest is for: the nodes are all those that these files declare.
    """
    roles, nodes = graph.all(NodeRole), graph.all(NodeMetadata)
    evidence = tuple(_deciding(nodes))
    answers = {reach(node)[0] for node in nodes}
    if subject.pod.host_network is True:
        if nodes and all(node.options is not None and is_disabled(node.options) for node in nodes):
            return Reached(Answer.NO, "the nodes' metadata service is off", evidence)
        at = subject.pod.host_network_at or subject.pod.span
        why = "the pod is on the host's network, where no hop limit holds"
        return Reached(Answer.YES, why, ((at, "the host's network"),), roles)
    if answers == {Answer.NO}:
        return Reached(Answer.NO, "the nodes answer no request from a pod", evidence)
    if answers != {Answer.YES}:
        why = _unseen(roles, answers)
    elif (policy := next(_in_the_way(subject, graph), None)) is not None:
        why = f"{policy.display} may keep the pod from it"
        evidence = (*evidence, (policy.origin.span, "may keep the pod from it"))
    else:
        return Reached(Answer.YES, "the nodes answer requests from pods", evidence, roles)
    return Reached(Answer.UNKNOWN, why, evidence, roles)


def _unseen(roles: tuple[NodeRole, ...], answers: set[Answer]) -> str:
    if answers:
        return "the nodes' metadata options are not all known, or differ"
    return "the nodes' metadata options are not among the files" if roles else "the nodes are not among the files"


_MOST_EVIDENCE = 3
_WORDS = {Answer.YES: "answers pods", Answer.NO: "does not answer pods", Answer.UNKNOWN: "may answer pods"}
_ORDER = (Answer.YES, Answer.UNKNOWN, Answer.NO)


def _deciding(nodes: tuple[NodeMetadata, ...]) -> Iterator[tuple[Span, str]]:
    """The places that decide, each once; those that answer pods first."""
    found: dict[Span, tuple[Answer, str]] = {}
    for node in nodes:
        answer, at = reach(node)
        place = at or (node.options.at if node.options is not None else None) or _place_of(node)
        if place is not None:
            found.setdefault(place, (answer, f"{node.owner} {_WORDS[answer]}"))
    ordered = sorted(found.items(), key=lambda item: _ORDER.index(item[1][0]))
    yield from ((place, words) for place, (_, words) in ordered[:_MOST_EVIDENCE])


def _place_of(node: NodeMetadata) -> Span | None:
    thing = node.template or node.group
    return thing.origin.span if thing is not None else None


def _in_the_way(subject: PodContainer, graph: Graph) -> Iterator[NetworkPolicy]:
    """Policies of the pod's namespace that limit what pods reach. Which pods each selects is not looked at."""
    for policy in graph.all(NetworkPolicy):
        if policy.limits_egress is not False and same_namespace(policy, subject.workload) is Answer.YES:
            yield policy


def metadata_is_off(subject: PodContainer) -> Answer:
    """Whether the container's environment turns the metadata provider off: `true`, in any case.

    JavaScript v3 takes any value but `false` for that.
    """
    variable = subject.environment.get(METADATA_DISABLED)
    if variable is None:
        return Answer.NO
    text = variable.value.known if variable.value is not None else None
    if text is None:
        return Answer.UNKNOWN
    return Answer.of(text.lower() == "true") if variable.certain is Answer.YES else Answer.UNKNOWN


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
    if metadata.family != "AL2" or _is_foreign(metadata):
        return Answer.UNKNOWN, None
    named = group.ami_type if group is not None else None
    if template is not None:
        return Answer.YES, template.origin.span
    return Answer.YES, named.span if named is not None else None


def _is_foreign(metadata: NodeMetadata) -> bool:
    """Whether a module that is not the user's own makes the nodes: its model may leave out what it sets."""
    thing = metadata.template or metadata.group
    return thing is not None and thing.origin.within != ""


def _is_karpenter(group: NodeGroup) -> bool:
    # The defaults of `metadataOptions` in version v1: https://karpenter.sh/docs/concepts/nodeclasses/
    return group.kind == "EC2NodeClass"


def is_disabled(options: MetadataOptions) -> bool:
    """Whether the metadata service is known to be off."""
    return options.endpoint is not None and options.endpoint.known == "disabled"
