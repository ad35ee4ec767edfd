"""Patches: strategic merge and JSON Patch, on trees whose nodes keep their places.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/,
https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md,
https://datatracker.ietf.org/doc/html/rfc6902.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from rolecall.tree import Node

_DIRECTIVE = "$patch"
# The merge keys of the built-in types (`patchMergeKey` in k8s.io/api/core/v1); other lists are replaced.
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "secrets": "name",
    "ownerReferences": "uid",
    "topologySpreadConstraints": "topologyKey",
}


class PatchError(Exception):
    """A patch that does not apply; the text says why."""


def merge(base: Node, patch: Node, *, typed: bool, field: str = "") -> Node | None:
    """A strategic merge; None where the patch deletes the whole.

    `typed`: the object is of a built-in kind, whose lists have merge keys. Lists of others are replaced.
    """
    if isinstance(base, Mapping) and isinstance(patch, Mapping):
        return _mapping(base, patch, typed=typed)
    if isinstance(base, Sequence) and isinstance(patch, Sequence) and typed and field in _MERGE_KEYS:
        return _sequence(base, patch, _MERGE_KEYS[field])
    return _plain(patch)


def _mapping(base: Mapping, patch: Mapping, *, typed: bool) -> Mapping | None:
    directive = patch.text(_DIRECTIVE)
    if directive == "delete":
        return None
    if directive == "replace":
        made = _plain(patch)
        return made if isinstance(made, Mapping) else None
    entries = {_key(entry): entry for entry in base.entries}
    for entry in patch.entries:
        key = _key(entry)
        if isinstance(key, str) and key.startswith("$"):
            continue
        if isinstance(entry.value, Scalar) and entry.value.is_null:
            entries.pop(key, None)
            continue
        before = entries.get(key)
        if before is None:
            value = _plain(entry.value)
        else:
            value = merge(before.value, entry.value, typed=typed, field=key if isinstance(key, str) else "")
        if value is None:
            entries.pop(key, None)
        else:
            # The key stays where it was first written, unless the patch brings it.
            entries[key] = Entry(entry.key, value)
    rest = base.rest or patch.rest
    return Mapping(tuple(entries.values()), base.span, rest)


def _sequence(base: Sequence, patch: Sequence, key: str) -> Sequence:
    """Items with an equal merge key are merged. Those of the patch come first, in its order, as Kustomize has them."""
    left = list(base.items)
    first: list[Node] = []
    for item in patch.items:
        name = _value(item, key)
        index = next((n for n, one in enumerate(left) if name is not None and _value(one, key) == name), None)
        made = _plain(item) if index is None else merge(left.pop(index), item, typed=True)
        first += [made] if made is not None else []
    return Sequence((*first, *left), base.span, base.rest or patch.rest)


def _plain(node: Node) -> Node | None:
    """A part of a patch where there is nothing to merge it with: without directives and nulls."""
    if isinstance(node, Mapping):
        if node.text(_DIRECTIVE) == "delete":
            return None
        kept = []
        for entry in node.entries:
            key = _key(entry)
            if (isinstance(key, str) and key.startswith("$")) or (
                isinstance(entry.value, Scalar) and entry.value.is_null
            ):
                continue
            value = _plain(entry.value)
            kept += [Entry(entry.key, value)] if value is not None else []
        return Mapping(tuple(kept), node.span, node.rest)
    if isinstance(node, Sequence):
        made = [_plain(item) for item in node.items]
        return Sequence(tuple(item for item in made if item is not None), node.span, node.rest)
    return node


def _key(entry: Entry) -> object:
    known = entry.key.known
    return known if known is not None else entry.key


def _value(node: Node, key: str) -> str | None:
    return node.text(key) if isinstance(node, Mapping) else None


def apply(root: Mapping, operations: Sequence) -> Mapping:
    """A JSON Patch, operation by operation.

    Raises:
        PatchError: an operation is none, or does not apply.
    """
    node: Node | None = root
    for operation in operations.items:
        if not isinstance(operation, Mapping) or node is None:
            raise PatchError("an operation is no object")
        node = _operate(node, operation)
    if not isinstance(node, Mapping):
        raise PatchError("it leaves no object")
    return node


def _operate(root: Node, operation: Mapping) -> Node | None:
    op, path = operation.text("op"), operation.text("path")
    if path is None or (path and not path.startswith("/")):
        raise PatchError("an operation has no path that begins with a slash")
    tokens = _tokens(path)
    if op in ("add", "replace"):
        value = operation.get("value")
        if value is None:
            raise PatchError(f"the operation {op} has no value")
        return _set(root, tokens, value, adding=op == "add")
    if op == "remove":
        return _set(root, tokens, None, adding=False)
    if op == "test":
        value, found = operation.get("value"), _get(root, tokens)
        if isinstance(value, Scalar) and isinstance(found, Scalar) and value.known != found.known:
            raise PatchError(f"the test of {path} fails")
        return root
    if op in ("move", "copy"):
        source = operation.text("from")
        if source is None:
            raise PatchError(f"the operation {op} does not say where from")
        value = _get(root, _tokens(source))
        rest = _set(root, _tokens(source), None, adding=False) if op == "move" else root
        return _set(rest, tokens, value, adding=True) if rest is not None else None
    raise PatchError(f"there is no operation {op}")


def _tokens(path: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]


def _get(node: Node, tokens: list[str]) -> Node:
    for token in tokens:
        found: Node | None = None
        if isinstance(node, Mapping):
            found = node.get(token)
        elif isinstance(node, Sequence) and token.isdecimal() and int(token) < len(node.items):
            found = node.items[int(token)]
        if found is None:
            raise PatchError(f"there is no {token}")
        node = found
    return node


def _set(node: Node, tokens: list[str], value: Node | None, *, adding: bool) -> Node | None:
    """The node with the value at a path added, replaced, or (None) removed."""
    if not tokens:
        return value
    token, *rest = tokens
    if isinstance(node, Mapping):
        return _set_entry(node, token, rest, value, adding=adding)
    if isinstance(node, Sequence):
        return _set_item(node, token, rest, value, adding=adding)
    raise PatchError(f"there is nothing that has {token}")


def _set_entry(node: Mapping, token: str, rest: list[str], value: Node | None, *, adding: bool) -> Mapping:
    entry = node.entry(token)
    if rest:
        if entry is None:
            raise PatchError(f"there is no {token}")
        made = _set(entry.value, rest, value, adding=adding)
    elif entry is None and value is None:
        # To replace what is not there is to add it, for the library that Kustomize uses; to remove it is an error.
        raise PatchError(f"there is no {token}")
    else:
        made = value
    entries = [one for one in node.entries if one.key.known != token]
    if made is not None:
        # Of a value that a patch brings, the key stands there too.
        like = made.span if not rest else None
        key = entry.key if entry is not None and like is None else _keyed(token, made, entry)
        entries.append(Entry(key, made))
    return replace(node, entries=tuple(entries))


def _keyed(token: str, value: Node, entry: Entry | None) -> Scalar:
    return entry.key if entry is not None else Scalar((token,), Kind.STRING, value.span)


_END = ("-",)


def _set_item(node: Sequence, token: str, rest: list[str], value: Node | None, *, adding: bool) -> Sequence:
    items = list(node.items)
    if token in _END and adding and not rest and value is not None:
        return replace(node, items=(*items, value))
    if not token.isdecimal() or int(token) > len(items) or (int(token) == len(items) and (rest or not adding)):
        raise PatchError(f"there is no item {token}")
    index = int(token)
    if rest:
        made = _set(items[index], rest, value, adding=adding)
        items[index : index + 1] = [made] if made is not None else []
    elif value is None:
        del items[index]
    elif adding:
        items.insert(index, value)
    else:
        items[index] = value
    return replace(node, items=tuple(items))
