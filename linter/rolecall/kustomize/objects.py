"""Objects while they are built: their names as bases and overlays know them, and how parts of them are changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rolecall.tree import Entry, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.tree import Node

# `k8s.io/api` kinds that are in no namespace; of others Kustomize takes every kind for namespaced.
_CLUSTER_WIDE = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
_BUILT_IN = ("apps", "batch", "policy", "autoscaling", "extensions")


@dataclass(slots=True)
class Built:
    """An object: its tree, the names that it has had on the way, the first as it is written, and former namespaces."""

    root: Mapping
    names: list[str]
    namespaces: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.root.text("kind") or ""

    @property
    def group(self) -> str:
        """Its API group, empty for the core group."""
        return (self.root.text("apiVersion") or "").rpartition("/")[0]

    @property
    def version(self) -> str:
        """Its API version within the group."""
        return (self.root.text("apiVersion") or "").rpartition("/")[2]

    @property
    def namespace(self) -> str:
        """Its namespace as it is now, empty where it has none."""
        found = self.root.at("metadata", "namespace")
        return found.known or "" if isinstance(found, Scalar) else ""

    @property
    def name(self) -> str:
        """Its name as it is now."""
        return self.names[-1]

    @property
    def is_namespaced(self) -> bool:
        """Whether it is in a namespace."""
        return self.kind not in _CLUSTER_WIDE

    @property
    def is_built_in(self) -> bool:
        """Whether it is of Kubernetes' own kinds, whose lists are merged by a key."""
        return not self.group or self.group in _BUILT_IN or self.group.endswith(".k8s.io")


def built(root: Mapping) -> Built | None:
    """An object of a file; None for what is no object."""
    name = root.at("metadata", "name")
    if not root.text("kind") or not isinstance(name, Scalar):
        return None
    return Built(root, [name.known if name.known is not None else name.display])


def with_value(root: Mapping, path: tuple[str, ...], value: Node, key: Scalar) -> Mapping:
    """The mapping with a value at a path of keys, which are made where they are missing, at the place of `key`."""
    first, *rest = path
    entry = root.entry(first)
    if rest:
        inner = entry.value if entry is not None and isinstance(entry.value, Mapping) else Mapping((), key.span)
        value = with_value(inner, tuple(rest), value, key)
    named = entry.key if entry is not None else replace(key, parts=(first,))
    others = tuple(one for one in root.entries if one is not entry)
    if entry is None:
        return replace(root, entries=(*others, Entry(named, value)))
    made = Entry(named if rest else replace(key, parts=(first,)), value)
    return replace(root, entries=tuple(made if one is entry else one for one in root.entries))


def rewritten(node: Node, change: Callable[[tuple[str, ...], Scalar], Scalar], path: tuple[str, ...] = ()) -> Node:
    """The tree with every scalar changed, given the keys above it (items of a list add none)."""
    if isinstance(node, Scalar):
        return change(path, node)
    if isinstance(node, Sequence):
        items = tuple(rewritten(item, change, path) for item in node.items)
        return node if all(a is b for a, b in zip(items, node.items, strict=True)) else replace(node, items=items)
    made = []
    same = True
    for entry in node.entries:
        value = rewritten(entry.value, change, (*path, entry.key.known or ""))
        same = same and value is entry.value
        made.append(entry if value is entry.value else Entry(entry.key, value))
    return node if same else replace(node, entries=tuple(made))
