"""Karpenter as eksctl installs it: the role of its nodes, and that of its controller."""

# eksctl's pkg/cfn/builder/karpenter.go and pkg/actions/karpenter/create.go (commit 99984adb6).

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.eksctl_associations import made_account
from rolecall.adapt.eksctl_policies import CONTROLS_NODES, Switched, document, managed_policy, receives
from rolecall.adapt.eksctl_roles import Context, arn_of, irsa_trust, node_trust, role
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import InstanceProfile, RoleMapping
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, known, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.model import Role
    from rolecall.span import Span

_ROLE_ARN = "eks.amazonaws.com/role-arn"
# Both are eksctl's own, and cannot be chosen.
_NAMESPACE = _ACCOUNT = "karpenter"
_MANAGED = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
)
_GROUPS = ("system:bootstrappers", "system:nodes")


def karpenter(context: Context) -> Iterator[Said]:
    """What eksctl makes for Karpenter; the chart that it installs is not read."""
    entry, body = context.root.entry("karpenter"), context.root.mapping("karpenter")
    if entry is None or body is None:
        return
    at = entry.key.span
    nodes = _node_role(context, at)
    arn = arn_of(nodes, at)
    yield nodes
    yield InstanceProfile(
        origin=context.origin(f"instance profile of Karpenter's nodes of {context.called}", at, at),
        name=name_of(body.get("defaultInstanceProfile")) or _named(context, "eksctl-KarpenterNodeInstanceProfile-", at),
        role=arn,
    )
    mapping = context.origin(f"identity mapping of Karpenter's nodes of {context.called}", at, at)
    yield RoleMapping(mapping, arn, tuple(known(group, at) for group in _GROUPS))
    yield from _controller(context, body, at)


def _node_role(context: Context, at: Span) -> Role:
    policies = Switched(tuple(managed_policy(name, at) for name in _MANAGED))
    origin = context.origin(f"role of Karpenter's nodes of {context.called}", at, at)
    made = role(origin, Mapping((), at), node_trust(at), given=policies)
    iam = context.root.mapping("iam")
    boundary = name_of(iam.get("serviceRolePermissionsBoundary")) if iam is not None else None
    return replace(made, name=_named(context, "eksctl-KarpenterNodeRole-", at), boundary=boundary)


def _controller(context: Context, body: Mapping, at: Span) -> Iterator[Said]:
    """The role of the controller and its service account, whoever makes that: eksctl or the chart."""
    queue = body.entry("withSpotInterruptionQueue")
    statements = [CONTROLS_NODES]
    rest = None
    if queue is not None and isinstance(queue.value, Scalar):
        if queue.value.boolean:
            statements.append(receives(queue.key.span))
        elif queue.value.boolean is None:
            rest = Hole("whether Karpenter gets a queue")
    policies = replace(Switched(inline=(document(statements, at),)), rest=rest)
    subject = known(f"system:serviceaccount:{_NAMESPACE}:{_ACCOUNT}", at)
    origin = context.origin(f"role of Karpenter of {context.called}", at, body.span)
    made = role(origin, Mapping((), at), irsa_trust(context, subject, at), given=policies)
    made = replace(made, name=_named(context, "eksctl-", at, "-iamservice-role"))
    yield made
    arn = arn_of(made, at)
    account = context.origin(f"service account of Karpenter of {context.called}", at, body.span)
    annotation = Entry(known(_ROLE_ARN, at), arn)
    yield made_account(None, known(_ACCOUNT, at), known(_NAMESPACE, at), account, annotation)


def _named(context: Context, before: str, at: Span, after: str = "") -> Scalar:
    """A name that eksctl makes of the cluster's."""
    cluster = context.name.parts if context.name is not None else (Hole("the cluster's name"),)
    return Scalar(merged((before, *cluster, after)), Kind.STRING, at)
