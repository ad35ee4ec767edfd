"""The rule `netpol-allows-imds`."""

import ipaddress
from collections.abc import Iterator

from rolecall.answer import Answer, any_of
from rolecall.chain.metadata import reach
from rolecall.graph import Graph
from rolecall.graph.namespaces import place, place_of, same_namespace, same_place
from rolecall.graph.views import NodeMetadata
from rolecall.model import AddressBlock, NetworkPolicy, PodIdentityAssociation
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_IMDS = ipaddress.ip_address("169.254.169.254")
_AGENT = ipaddress.ip_address("169.254.170.23")
# A range that is no longer than the link-local one is meant for what it reaches.
_LINK_LOCAL = 16
_SYSTEM = "kube-system"


@rule(
    "netpol-allows-imds",
    summary="a NetworkPolicy lets pods reach the metadata service",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    ),
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    tags=("imds", "network"),
)
def netpol_allows_imds(policy: NetworkPolicy, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds egress rules to `0.0.0.0/0` without an exception for 169.254.169.254 where nodes' metadata reaches pods.

    Only where nodes of these files let pods reach the metadata service, by their hop limit or because tokens are
    optional; rules without port 80 and those to link-local addresses themselves (an agent's) are passed over, and so
    is `kube-system`. Pedantic: an exception for 169.254.170.23, the Pod Identity agent's address, in a namespace that
    uses Pod Identity. Whether a network plugin enforces policies for link-local addresses is its own affair.

    ## Why it matters
    The policy reads as if these pods were kept from everything but the internet. The metadata service is part of that
    range, so the pods still get the node role's credentials.

    ## How to fix it
    Add `except: [169.254.169.254/32]` to the `ipBlock`, or set the nodes' hop limit to 1 with tokens required.
    """
    if policy.limits_egress is False or (policy.namespace is not None and policy.namespace.known == _SYSTEM):
        return
    for block in policy.reached:
        if _is_wide(block.cidr) and not block.excepted_rest:
            cut = next((each for each in block.excepted if _holds(each, _AGENT)), None)
            if cut is not None:
                yield from _agent(policy, cut, graph)
            if not any(_holds(each, _IMDS) or each.holes for each in block.excepted):
                yield from _metadata(policy, block, graph)


def _metadata(policy: NetworkPolicy, block: AddressBlock, graph: Graph) -> Iterator[Finding | Unevaluated]:
    found = [(metadata, *reach(metadata)) for metadata in graph.all(NodeMetadata)]
    open_ = next(((metadata, at) for metadata, answer, at in found if answer is Answer.YES), None)
    answers: dict[str, Answer] = {}
    for metadata, answer, _ in found:
        answers[_unit(metadata)] = any_of((answers.get(_unit(metadata), Answer.NO), answer))
    if open_ is None or not all(answer is Answer.YES for answer in answers.values()):
        if any(answer is not Answer.NO for answer in answers.values()):
            # The nodes of one cluster let pods through, and those of another, which may be the policy's, do not.
            why = "the nodes' metadata options are not all known, or differ between clusters"
            yield Unevaluated(f"whether {policy.display} lets pods reach the metadata service", why, block.cidr.span)
        return
    metadata, at = open_
    yield Finding(
        f"{policy.display} lets its pods reach {block.cidr.display}, and {metadata.owner} lets pods reach the metadata"
        f" service, so they get the node role's credentials from {_IMDS}",
        at=Label(block.cidr.span, "the metadata service is within"),
        related=(Label(at, "reaches pods"),) if at is not None else (),
        help="Add an exception for 169.254.169.254/32.",
        subject=f"{policy.display} {block.cidr.display}",
    )


def _unit(metadata: NodeMetadata) -> str:
    origin = metadata.template or metadata.group
    return origin.origin.unit if origin is not None else ""


def _agent(policy: NetworkPolicy, cut: Scalar, graph: Graph) -> Iterator[Finding]:
    """The exception keeps pods from the Pod Identity agent, too."""
    bound = next((each for each in graph.all(PodIdentityAssociation) if _is_here(each, policy)), None)
    if bound is None or bound.service_account is None:
        return
    beside = (each for each in graph.all(NetworkPolicy) if same_namespace(each, policy) is not Answer.NO)
    if any(_lets_to_agent(block) for each in beside for block in each.reached):
        return
    yield Finding(
        f"{policy.display} keeps its pods from {cut.display}, which holds the address of the Pod Identity agent"
        f" ({_AGENT}): a network plugin that enforces it leaves service account"
        f" {bound.service_account.display} without credentials",
        at=Label(cut.span, "the Pod Identity agent is within"),
        related=(Label(bound.service_account.span, "gets its role from the agent"),),
        help="Except 169.254.169.254/32 only, or allow 169.254.170.23/32 beside it.",
        subject=f"{policy.display} {cut.display}",
        severity=Severity.INFO,
        confidence=Confidence.LOW,
    )


def _is_here(bound: PodIdentityAssociation, policy: NetworkPolicy) -> bool:
    return same_place(place(bound.namespace, bound.origin), place_of(policy)) is Answer.YES


def _lets_to_agent(block: AddressBlock) -> bool:
    return _holds(block.cidr, _AGENT) and not any(_holds(each, _AGENT) for each in block.excepted)


def _is_wide(cidr: Scalar) -> bool:
    network = _network(cidr)
    return network is not None and network.prefixlen < _LINK_LOCAL and _IMDS in network


def _holds(cidr: Scalar, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    network = _network(cidr)
    return network is not None and address in network


def _network(cidr: Scalar) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(cidr.known or "", strict=False)
    except ValueError:
        return None
