"""Nodes in manifests: Karpenter's and Auto Mode's node classes, and the roles in the ConfigMap `aws-auth`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import MetadataOptions, NodeGroup, RoleMapping
from rolecall.syntax import embedded
from rolecall.tree import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import KubernetesObject
    from rolecall.tree import Node

# https://karpenter.sh/docs/concepts/nodeclasses/ and https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
_CLASSES = {("karpenter.k8s.aws", "EC2NodeClass"): False, ("eks.amazonaws.com", "NodeClass"): True}


def node_class(named: KubernetesObject, root: Mapping) -> Iterator[NodeGroup]:
    """The nodes that a node class describes: their role and, with Karpenter, their metadata options."""
    auto_mode = _CLASSES.get((named.api_version.rpartition("/")[0], named.kind))
    spec = root.mapping("spec")
    if auto_mode is None or spec is None:
        return
    options = spec.mapping("metadataOptions") if not auto_mode else None
    yield NodeGroup(
        origin=named.origin,
        name=named.name,
        cluster=None,
        role=name_of(spec.get("role")),
        metadata=MetadataOptions(
            at=named.name.span,
            tokens=options.scalar("httpTokens"),
            hop_limit=options.scalar("httpPutResponseHopLimit"),
            endpoint=options.scalar("httpEndpoint"),
        )
        if options
        else None,
        instance_profile=name_of(spec.get("instanceProfile")),
        kind=named.kind,
        auto_mode=auto_mode,
    )


def role_mappings(
    named: KubernetesObject, root: Mapping, text_of: Callable[[str], str | None]
) -> Iterator[RoleMapping]:
    """What the ConfigMap `aws-auth` says of roles."""
    # https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
    if named.kind != "ConfigMap" or named.name.known != "aws-auth":
        return
    if named.namespace is not None and named.namespace.known not in ("kube-system", None):
        return
    data = root.mapping("data")
    written = data.scalar("mapRoles") if data else None
    mapped = embedded.parse(written, text_of, yaml=True) if written is not None else None
    for item in mapped.items if isinstance(mapped, Sequence) else ():
        role = name_of(item.get("rolearn")) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and role is not None:
            yield RoleMapping(named.origin, role, _texts(item.get("groups")))


def _texts(node: Node | None) -> tuple[Scalar, ...]:
    items = node.items if isinstance(node, Sequence) else ()
    return tuple(item for item in items if isinstance(item, Scalar))
