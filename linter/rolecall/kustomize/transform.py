"""What a kustomization changes in all of its objects: namespace, names and references to them, annotations, images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.kustomize.objects import rewritten, with_value
from rolecall.tree import Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.kustomize.objects import Built
    from rolecall.tree import Node

# Kinds whose names stay (api/internal/builtins/PrefixTransformer, prefixFieldSpecsToSkip).
_KEEPING_NAMES = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_ROLES = ("Role", "ClusterRole")
# Where a pod template's metadata is, by kind (api/internal/konfig/builtinpluginconsts, commonannotations).
_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
# Which fields name which objects (api/internal/konfig/builtinpluginconsts/namereference.go), by the last keys.
_REFERENCES = (
    (("serviceAccountName",), "ServiceAccount"),
    (("serviceAccount",), "ServiceAccount"),
    (("configMapRef", "name"), "ConfigMap"),
    (("configMapKeyRef", "name"), "ConfigMap"),
    (("configMap", "name"), "ConfigMap"),
    (("secretRef", "name"), "Secret"),
    (("secretKeyRef", "name"), "Secret"),
    (("secret", "secretName"), "Secret"),
    (("secret", "name"), "Secret"),
    (("imagePullSecrets", "name"), "Secret"),
    (("secrets", "name"), "Secret"),
    (("spec", "secretName"), "Secret"),
)


def set_namespace(objects: Iterable[Built], namespace: Scalar) -> None:
    """Put every namespaced object there; an object of kind Namespace becomes the one of that name."""
    for one in objects:
        if one.kind == "Namespace":
            one.root = with_value(one.root, ("metadata", "name"), namespace, namespace)
            one.names.append(namespace.known or namespace.display)
        if one.is_namespaced:
            one.namespaces.append(one.namespace)
            one.root = with_value(one.root, ("metadata", "namespace"), namespace, namespace)


def join_subjects(objects: list[Built], namespace: Scalar | None) -> None:
    """Let the subjects of role bindings follow the service accounts that they name; Kustomize asks for no kind.

    `default` follows the namespace (api/filters/namespace, roleBindingHack).
    """
    accounts = [one for one in objects if one.kind == "ServiceAccount"]
    for one in objects:
        subjects = one.root.get("subjects") if one.kind in _BINDINGS else None
        if isinstance(subjects, Sequence):
            items = tuple(_subject(item, accounts, namespace) for item in subjects.items)
            key = Scalar(("subjects",), Kind.STRING, subjects.span)
            one.root = with_value(one.root, ("subjects",), replace(subjects, items=items), key)


def _subject(item: Node, accounts: list[Built], namespace: Scalar | None) -> Node:
    name = item.scalar("name") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or name is None:
        return item
    where = item.text("namespace")
    meant = [one for one in accounts if name.known in one.names and _has_been_in(one, where)]
    if len(meant) == 1:
        now = meant[0].root.at("metadata", "namespace")
        item = with_value(item, ("name",), replace(name, parts=(meant[0].name,)), name)
        return with_value(item, ("namespace",), now, now) if isinstance(now, Scalar) else item
    if name.known == "default" and namespace is not None:
        return with_value(item, ("namespace",), namespace, namespace)
    return item


def _has_been_in(account: Built, namespace: str | None) -> bool:
    """Whether an account is, or was before it was put elsewhere, in the namespace that a subject says, if it says one.

    api/filters/nameref/nameref.go, filterMapCandidatesByNamespace.
    """
    return namespace is None or namespace in (account.namespace, *account.namespaces)


def rename(objects: list[Built], prefix: Scalar | None, suffix: Scalar | None) -> None:
    """Put a prefix and a suffix to every name, and to every reference to one of these objects."""
    before, after = _known(prefix), _known(suffix)
    if not before and not after:
        return
    renamed: dict[tuple[str, str], dict[str, str]] = {}
    for one in objects:
        if one.kind in _KEEPING_NAMES:
            continue
        old = one.root.at("metadata", "name")
        if isinstance(old, Scalar):
            new = f"{before}{one.name}{after}"
            parts = tuple(part for part in (before, *old.parts, after) if part != "")
            text = replace(old, parts=parts if old.holes else ("".join(map(str, parts)),))
            entry = one.root.entry("metadata")
            inner = entry.value.entry("name") if entry is not None and isinstance(entry.value, Mapping) else None
            key = inner.key if inner is not None else old
            one.root = with_value(one.root, ("metadata", "name"), text, key)
            renamed.setdefault((one.kind, one.name), {})[one.namespace] = new
            one.names.append(new)
    for one in objects:
        refer(one, renamed)


def refer(one: Built, renamed: dict[tuple[str, str], dict[str, str]]) -> None:
    """Let the references of an object follow names that have changed: by kind and old name, then by namespace."""

    def change(path: tuple[str, ...], scalar: Scalar) -> Scalar:
        text = scalar.known
        for kind in _referred(one, path) if text is not None else ():
            new = _new_name(one, kind, renamed.get((kind, text or ""), {}))
            if new is not None:
                return replace(scalar, parts=(new,))
        return scalar

    made = rewritten(one.root, change)
    one.root = made if isinstance(made, Mapping) else one.root


def _referred(one: Built, path: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds of which an object names one in the field at the end of some keys."""
    if one.kind in _BINDINGS and path == ("roleRef", "name"):
        role = one.root.mapping("roleRef")
        kind = role.text("kind") if role is not None else None
        return (kind,) if kind is not None else ()
    if one.kind in _ROLES and path == ("rules", "resourceNames"):
        return ("Secret", "ConfigMap")
    return tuple(kind for keys, kind in _REFERENCES if path[-len(keys) :] == keys)[:1]


def _new_name(one: Built, kind: str, named: dict[str, str]) -> str | None:
    """The new name of an object of the same namespace; to or from what is in none, of any (sameCurrentNamespace…)."""
    if one.is_namespaced and kind != "ClusterRole":
        return named.get(one.namespace)
    found = set(named.values())
    return found.pop() if len(found) == 1 else None


def annotate(objects: Iterable[Built], pairs: Mapping, field: str) -> None:
    """Put annotations, or labels, to every object and to the pods that it makes."""
    for one in objects:
        templates = [path for kind, path in _TEMPLATES.items() if kind == one.kind]
        for path in ((), *templates):
            if path and one.root.at(*path) is None:
                continue
            for entry in pairs.entries:
                if entry.key.known is not None:
                    whole = (*path, "metadata", field, entry.key.known)
                    one.root = with_value(one.root, whole, entry.value, entry.key)


def set_images(objects: Iterable[Built], images: Sequence) -> None:
    """Give images another name, tag or digest (api/filters/imagetag)."""
    wanted = [item for item in images.items if isinstance(item, Mapping) and item.text("name")]
    if not wanted:
        return

    def change(path: tuple[str, ...], scalar: Scalar) -> Scalar:
        if path[-1:] != ("image",) or not {"containers", "initContainers"} & set(path) or scalar.known is None:
            return scalar
        for item in wanted:
            made = _image(scalar, item)
            if made is not None:
                return made
        return scalar

    for one in objects:
        made = rewritten(one.root, change)
        one.root = made if isinstance(made, Mapping) else one.root


def _image(image: Scalar, wanted: Mapping) -> Scalar | None:
    text = image.known or ""
    name, at, digest = text.partition("@")
    tag = ""
    if ":" in name.rpartition("/")[2]:
        name, _, tag = name.rpartition(":")
    if name != wanted.text("name"):
        return None
    name = wanted.text("newName") or name
    if (new := wanted.text("digest")) is not None:
        at, digest, tag = "@", new, ""
    elif (new := wanted.text("newTag")) is not None:
        at, digest, tag = "", "", new
    return replace(image, parts=(name + (f":{tag}" if tag else "") + (f"{at}{digest}" if digest else ""),))


def _known(text: Scalar | None) -> str:
    return (text.known or "") if text is not None else ""
