"""Resources of the Kubernetes provider that change a part of an object that is declared elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_pods import container
from rolecall.adapt.kubernetes_values import name_of, pairs
from rolecall.adapt.terraform_manifests import declared, manifest, unseen, with_entry
from rolecall.model import ConfigObject, KubernetesObject, Pod, ServiceAccount, Workload
from rolecall.problem import Unevaluated
from rolecall.tree import Entry, Hole, Mapping, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.tree import Scalar

_ELSEWHERE = Hole("a patch that leaves it to the object's own declaration")


def metadata_of(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubernetes_annotations` or `kubernetes_labels`: a service account gets its role so, where a chart made it."""
    for named in _named(context, block, body):
        if isinstance(named, KubernetesObject):
            template = pairs(body, "template_annotations")
            yield replace(named, patch=True) if isinstance(named, ServiceAccount) else named
            if template:
                yield _workload(named, Pod(template, (), _account(block), (), (), template[0].key.span))
        else:
            yield named


def env(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubernetes_env`: variables of one container of a workload."""
    for named in _named(context, block, body):
        if not isinstance(named, KubernetesObject):
            yield named
            continue
        first = name_of(body.get("container"))
        name = first or name_of(body.get("init_container"))
        variables = manifest(body, named.kind, named.api_version).entry("env")
        if name is not None and variables is not None:
            item = Mapping((Entry(known("name", name.span), name), variables), block.whole)
            made = container(item, "container" if first is not None else "initContainer", partial=True)
            yield _workload(named, Pod((), (), _account(block), (made,), (), name.span, host_network=None))


def data(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `kubernetes_config_map_v1_data` or `kubernetes_secret_v1_data`: some keys of an object."""
    kind = "Secret" if "secret" in block.labels[0] else "ConfigMap"
    root = manifest(body, kind, "v1")
    for said in declared(context, block, root):
        yield replace(said, complete=False, made_by=block.labels[0]) if isinstance(said, ConfigObject) else said


def _named(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """The object that a resource patches, with the annotations or labels that it gives."""
    kind, api_version = body.text("kind"), body.text("api_version")
    root = manifest(body, kind or "", api_version or "")
    metadata = root.mapping("metadata")
    if not kind or not api_version or metadata is None:
        hole = unseen(body, "kind") or unseen(body, "api_version") or unseen(root, "metadata")
        if hole is not None:
            yield Unevaluated(block.address, hole.why, block.span)
        return
    for key in ("annotations", "labels"):
        given = body.get(key)
        metadata = with_entry(metadata, key, given) if given is not None else metadata
    parts = tuple(entry for entry in root.entries if entry.key.known in ("apiVersion", "kind"))
    root = Mapping((*parts, Entry(known("metadata", metadata.span), metadata)), root.span)
    yield from declared(context, block, root)


def _account(block: Block) -> Scalar:
    return unknown(_ELSEWHERE, block.span)


def _workload(named: KubernetesObject, pod: Pod) -> Workload:
    return Workload(named.kind, named.api_version, named.name, named.namespace, (), (), named.origin, pods=(pod,))
