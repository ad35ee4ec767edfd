"""Blocks of `kubernetes_…` resources as the trees of the manifests that the provider makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.values import the_hole
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.span import Span
    from rolecall.tree import Node

# Blocks that may stand several times and become a list under another name; every other block stands once and becomes
# an object (the provider's schema_pod_spec.go, schema_container.go, schema_volume_source.go, schema_rbac.go).
_LISTS = {
    "cluster_role_selectors": "clusterRoleSelectors",
    "container": "containers",
    "egress": "egress",
    "env": "env",
    "env_from": "envFrom",
    "init_container": "initContainers",
    "items": "items",
    "match_expressions": "matchExpressions",
    "ports": "ports",
    "rule": "rules",
    "sources": "sources",
    "subject": "subjects",
    "to": "to",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
}
# What these hold is the user's own.
_VERBATIM = frozenset(
    {
        "annotations",
        "binary_data",
        "binary_data_wo",
        "data",
        "data_wo",
        "labels",
        "limits",
        "match_labels",
        "node_selector",
        "requests",
    }
)
_ACRONYMS = {"downward_api": "downwardAPI", "host_ipc": "hostIPC", "host_pid": "hostPID"}
# A Secret's values are in the clear, and sent as `stringData` (the provider's resource_kubernetes_secret_v1.go).
_SECRET_DATA = {"data": "stringData", "data_wo": "stringData", "binary_data": "data", "binary_data_wo": "data"}
_UNDERSCORE = regex.compile(r"_([a-z0-9])")


def manifest(body: Mapping, kind: str, api_version: str) -> Mapping:
    """The manifest of a resource, every name and value at its place in the resource's block."""
    renamed = _SECRET_DATA if kind == "Secret" else {}
    head = (_made("apiVersion", api_version, body), _made("kind", kind, body))
    return Mapping((*head, *_entries(body, renamed)), body.span, body.rest)


def with_entry(mapping: Mapping, key: str, value: Node) -> Mapping:
    """The mapping with this value for a key, which may have another."""
    entries = tuple(entry for entry in mapping.entries if entry.key.known != key)
    return Mapping((*entries, Entry(known(key, value.span), value)), mapping.span, mapping.rest)


def declared(context: Context, block: Block, root: Mapping) -> Iterator[Said]:
    """What the manifest of a block declares, read as manifests are."""
    # Imported here: few configurations have Kubernetes' objects in them.
    from rolecall.adapt import kubernetes  # noqa: PLC0415

    return kubernetes.declared(root, _declared_at(context, block, root), context.documents.text_of)


def _declared_at(context: Context, block: Block, root: Mapping) -> Origin:
    """Where a manifest's object is declared: at its name, if that is written in the block or in the manifest's text."""
    origin = context.origin(block)
    name = root.at("metadata", "name")
    own = name is not None and (_within(name.span, block.whole) or _within(name.span, root.span))
    return replace(origin, span=name.span) if name is not None and own else origin


def _within(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end


def _made(key: str, text: str, body: Mapping) -> Entry:
    return Entry(known(key, body.span), known(text, body.span))


def _entries(body: Mapping, renamed: dict[str, str]) -> tuple[Entry, ...]:
    found = []
    for entry in body.entries:
        name = entry.key.known
        value = _value(name, entry.value) if name is not None else entry.value
        if value is not None:
            found.append(Entry(_key(entry.key, renamed), value))
    return tuple(found)


def _key(key: Scalar, renamed: dict[str, str]) -> Scalar:
    name = key.known
    if name is None:
        return key
    listed = _LISTS.get(name) or _ACRONYMS.get(name)
    written = renamed.get(name) or listed or _UNDERSCORE.sub(lambda match: match[1].upper(), name)
    return key if written == name else Scalar((written,), key.kind, key.span)


def _value(name: str, value: Node) -> Node | None:
    """A value in the manifest; None where no block of the kind is there."""
    if name in _VERBATIM or isinstance(value, Scalar):
        return value
    if name in _LISTS:
        items = (value,) if isinstance(value, Mapping) else value.items
        rest = value.rest if isinstance(value, Sequence) else None
        return Sequence(tuple(_block(item) for item in items), value.span, rest)
    if isinstance(value, Mapping):
        return _block(value)
    if any(not isinstance(item, Mapping) for item in value.items):
        return value
    if value.items:
        return _block(value.items[0])
    return unknown(value.rest, value.span) if value.rest is not None else None


def _block(node: Node) -> Node:
    return Mapping(_entries(node, {}), node.span, node.rest) if isinstance(node, Mapping) else node


def unseen(root: Mapping, *path: str) -> Hole | None:
    """The hole for which what stands at the end of a path, or some of it, is not seen."""
    node: Node = root
    for key in path:
        if not isinstance(node, Mapping):
            break
        below = node.get(key)
        if below is None:
            return node.rest
        node = below
    if isinstance(node, Sequence):
        loose = (the_hole(item) for item in node.items)
        return node.rest or next((hole for hole in loose if hole is not None), None)
    return the_hole(node)
