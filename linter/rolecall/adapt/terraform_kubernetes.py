"""Kubernetes in Terraform: `kubernetes_…` resources and manifests that Terraform applies, read as manifests are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rolecall.adapt import terraform_kubernetes_patches as patches
from rolecall.adapt.kubernetes_access import GROUP
from rolecall.adapt.terraform_manifests import declared, manifest, unseen, with_entry
from rolecall.problem import Unevaluated
from rolecall.syntax import embedded
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.span import Span
    from rolecall.tree import Node

    Adapter: TypeAlias = Callable[[Context, Block, Mapping], Iterator[Said]]

_ACCESS = f"{GROUP}/v1"
_KINDS = {
    "cluster_role": ("ClusterRole", _ACCESS),
    "cluster_role_binding": ("ClusterRoleBinding", _ACCESS),
    "config_map": ("ConfigMap", "v1"),
    "cron_job": ("CronJob", "batch/v1"),
    "daemon_set": ("DaemonSet", "apps/v1"),
    "daemonset": ("DaemonSet", "apps/v1"),
    "deployment": ("Deployment", "apps/v1"),
    "job": ("Job", "batch/v1"),
    "namespace": ("Namespace", "v1"),
    "network_policy": ("NetworkPolicy", "networking.k8s.io/v1"),
    "pod": ("Pod", "v1"),
    "replication_controller": ("ReplicationController", "v1"),
    "role": ("Role", _ACCESS),
    "role_binding": ("RoleBinding", _ACCESS),
    "secret": ("Secret", "v1"),
    "service_account": ("ServiceAccount", "v1"),
    "stateful_set": ("StatefulSet", "apps/v1"),
}
_CLUSTER_WIDE = frozenset({"ClusterRole", "ClusterRoleBinding", "Namespace"})
_TEMPLATES = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}
_TEMPLATE = ("spec", "template", "spec")
# What the provider fills in (namespacedMetadataSchema in its schema_metadata.go, rbacSubjectSchema in schema_rbac.go).
_DEFAULT_NAMESPACE = "default"
# Data sources of the kubectl provider that hand on the documents of files, which are read for themselves.
_DOCUMENTS = ("kubectl_path_documents", "kubectl_filename_list")


def _resource(context: Context, block: Block, body: Mapping, *, kind: str, api_version: str) -> Iterator[Said]:
    """A resource of the Kubernetes provider."""
    root = manifest(body, kind, api_version)
    metadata = root.mapping("metadata")
    if metadata is None:
        hole = unseen(root, "metadata") or Hole("a resource without metadata")
        yield Unevaluated(block.address, hole.why, block.span)
        return
    root = with_entry(root, "metadata", _metadata(context, block, metadata, namespaced=kind not in _CLUSTER_WIDE))
    subjects = root.get("subjects")
    if isinstance(subjects, Sequence):
        items = tuple(_in_namespace(item, item.span) if isinstance(item, Mapping) else item for item in subjects.items)
        root = with_entry(root, "subjects", replace(subjects, items=items))
    yield from declared(context, block, root)
    if kind in _WITH_PODS:
        path = _TEMPLATES.get(kind, _TEMPLATE)
        beyond = unseen(root, *path, "containers") or unseen(root, *path, "initContainers")
        if beyond is not None:
            yield Unevaluated(f"containers of {block.address}", beyond.why, block.span)


_WITH_PODS = frozenset(kind for kind, version in _KINDS.values() if version.startswith(("apps/", "batch/"))) | {
    "Pod",
    "ReplicationController",
}


def _metadata(context: Context, block: Block, metadata: Mapping, *, namespaced: bool) -> Mapping:
    """The metadata with what the provider fills in: the namespace, and the name where the API server makes it up."""
    name = metadata.get("name")
    if name is None or (isinstance(name, Scalar) and name.is_empty):
        # What a reference to it comes out as.
        reference = Reference(context.module.unit, block.address, "metadata[0].name")
        written = metadata.scalar("generateName")
        made = Scalar((Hole("known only after apply", (reference,)),), Kind.UNKNOWN, (written or metadata).span)
        metadata = with_entry(metadata, "name", made)
        name = made
    return _in_namespace(metadata, name.span) if namespaced else metadata


def _in_namespace(mapping: Mapping, at: Span) -> Mapping:
    """The mapping with the namespace that the provider fills in where none is written."""
    namespace = mapping.get("namespace")
    if mapping.rest is None and (namespace is None or _is_null(namespace)):
        return with_entry(mapping, "namespace", known(_DEFAULT_NAMESPACE, at))
    return mapping


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_empty


def default_service_account(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubernetes_default_service_account`: the namespace's account `default`, taken over."""
    metadata = next(iter(body.mappings("metadata")), None) or body.mapping("metadata")
    if metadata is not None:
        body = with_entry(body, "metadata", with_entry(metadata, "name", known("default", metadata.span)))
    yield from _resource(context, block, body, kind="ServiceAccount", api_version="v1")


def manifest_resource(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubernetes_manifest`: any object, as an HCL object or decoded from YAML."""
    yield from _document(context, block, _decoded(context, block) or body.get("manifest"))


def _decoded(context: Context, block: Block) -> Node | None:
    """The manifest of a `yamldecode` or `jsondecode` with its places in the text, which the function's value lacks."""
    text = block.decoded("manifest")
    return embedded.parse(text, context.documents.text_of, yaml=True) if text is not None else None


def kubectl_manifest(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubectl_manifest`: any object, as YAML text."""
    text = body.scalar("yaml_body")
    if text is None:
        return
    root = embedded.parse(text, context.documents.text_of, yaml=True)
    namespace = body.scalar("override_namespace")
    if isinstance(root, Mapping) and namespace is not None:
        metadata = root.mapping("metadata")
        root = with_entry(root, "metadata", with_entry(metadata, "namespace", namespace)) if metadata else root
    if root is not None or text.holes:
        yield from _document(context, block, root or text)


def _document(context: Context, block: Block, root: Node | None) -> Iterator[Said]:
    if isinstance(root, Mapping) and root.text("kind") is not None and root.text("apiVersion") is not None:
        yield from declared(context, block, root)
        return
    hole = root.hole if isinstance(root, Scalar) else None
    if isinstance(root, Mapping):
        hole = unseen(root, "kind") or unseen(root, "apiVersion")
    if hole is not None and not _is_read_elsewhere(block):
        yield Unevaluated(block.address, hole.why, block.span)


def _is_read_elsewhere(block: Block) -> bool:
    """Whether a resource is made for each document of some files, which are among those that are read."""
    reference = block.reference("for_each") or block.reference("yaml_body")
    return reference is not None and reference.block.startswith(tuple(f"data.{name}." for name in _DOCUMENTS))


def _adapters() -> Iterator[tuple[str, Adapter]]:
    for name, (kind, api_version) in _KINDS.items():
        for suffix in ("", "_v1"):
            yield f"kubernetes_{name}{suffix}", partial(_resource, kind=kind, api_version=api_version)
    for suffix in ("", "_v1"):
        yield f"kubernetes_default_service_account{suffix}", default_service_account
    yield "kubernetes_annotations", patches.metadata_of
    yield "kubernetes_labels", patches.metadata_of
    yield "kubernetes_env", patches.env
    yield "kubernetes_config_map_v1_data", patches.data
    yield "kubernetes_secret_v1_data", patches.data
    yield "kubernetes_manifest", manifest_resource
    yield "kubectl_manifest", kubectl_manifest


ADAPTERS: dict[str, Adapter] = dict(_adapters())
"""The adapters by resource type."""
