"""The rule `node-role-cni-policy`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.views import NodeRole, ServiceAccountRole
from rolecall.model import Addon, Role
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar
from rolecall_rules.node_roles._shared import around

_POLICY = "AmazonEKS_CNI_Policy"
_ADDON, _ACCOUNT, _NAMESPACE = "vpc-cni", "aws-node", "kube-system"
# For IPv6 there is no managed policy, and whoever writes one writes these:
# https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html
_ACTIONS = ("ec2:AssignPrivateIpAddresses", "ec2:AssignIpv6Addresses")


@rule(
    "node-role-cni-policy",
    summary="a node role keeps the network plugin's permissions though the plugin has a role of its own",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.KUBERNETES, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin", "node-role-service-wildcard", "node-role-privesc"),
    tags=("node-role", "least-privilege"),
)
def node_role_cni_policy(node: NodeRole, graph: Graph) -> Iterator[Finding]:
    """Finds `AmazonEKS_CNI_Policy`, or the same actions, on a node role where `aws-node` has a role of its own.

    Elsewhere the policy on the node role is what the network plugin works with, and this rule is silent.

    ## Why it matters
    With it every pod that reaches the instance metadata service can attach and detach network interfaces and addresses
    of all instances. The plugin does not need the node's copy any more.

    ## How to fix it
    Detach the policy from the node role (`iam_role_attach_cni_policy = false` with terraform-aws-modules/eks), once the
    plugin's pods run with their own role.
    """
    unit = node.role.origin.unit
    # Of several clusters in these files only the one that is declared beside its nodes is told.
    alone = all(other.role.origin.unit == unit for other in graph.all(NodeRole))
    own = next(
        (at for at, where, role in _own_roles(graph) if role is not node.role and (alone or where == unit)), None
    )
    if own is None:
        return
    found = next(_given(node), None)
    if found is not None:
        what, at, granted = found
        yield Finding(
            f"{node.role.display} has {what}, and aws-node has a role of its own, so the node role gives it to every"
            " pod that reaches the instance metadata service and to nobody who needs it",
            at=Label(at, "not needed here"),
            related=(Label(own, "gives aws-node its role"), *around(node, granted, at)),
            help="Take the network plugin's permissions from the node role.",
            subject=f"{node.role.origin.address} {what}",
        )


def _given(node: NodeRole) -> Iterator[tuple[str, Span, Span]]:
    for policy in node.policies:
        if policy.managed == _POLICY:
            yield _POLICY, policy.at, policy.at
    for action in _ACTIONS:
        for holding in node.may.holdings(action):
            if holding.managed is None and holding.certain and (holding.action.known or "").lower() == action.lower():
                yield action, holding.at, holding.granted


def _own_roles(graph: Graph) -> Iterator[tuple[Span, str, Role | None]]:
    """What gives the network plugin a role, in which unit, and that role where it is seen."""
    for addon in graph.all(Addon):
        if addon.role is not None and not addon.role.is_empty and addon.name is not None and addon.name.known == _ADDON:
            yield addon.role.span, addon.origin.unit, None
    for bound in graph.all(ServiceAccountRole):
        if bound.name.known == _ACCOUNT and _is_the_plugins(bound.namespace):
            yield bound.at, bound.declared.origin.unit, bound.role


def _is_the_plugins(namespace: Scalar | None) -> bool:
    return namespace is None or namespace.known in (_NAMESPACE, None)
