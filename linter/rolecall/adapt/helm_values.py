"""The values of a chart: how several of them become one tree, and the service accounts that it asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.span import Span
    from rolecall.tree import Node

_ACCOUNT = regex.compile(r".*service[-_]?accounts?", re.IGNORECASE)
_ANNOTATIONS = regex.compile(r".*service[-_]?accounts?[-_]?annotations", re.IGNORECASE)
MADE_UP = Hole("a name that the chart makes up")
# Those of pods are read elsewhere.
_ANNOTATED = regex.compile(r".*(?:service[-_]?accounts?|pod)[-_]?annotations", re.IGNORECASE)
_ROLES = frozenset({"eks.amazonaws.com/role-arn", "iam.amazonaws.com/role"})
_DEEPEST = 30
_MOST = 20_000


def merged(values: Iterable[Mapping], span: Span) -> Mapping:
    """Values over values, as Helm merges them: mappings key by key, anything else as a whole."""
    whole = Mapping((), span)
    for value in values:
        whole = _over(whole, value, _DEEPEST)
    return whole


def _over(below: Mapping, above: Mapping, depth: int) -> Mapping:
    entries: dict[object, Entry] = {_identity(entry.key): entry for entry in below.entries}
    for entry in above.entries:
        identity = _identity(entry.key)
        before = entries.pop(identity, None)
        if before is not None and depth and isinstance(before.value, Mapping) and isinstance(entry.value, Mapping):
            entries[identity] = Entry(entry.key, _over(before.value, entry.value, depth - 1))
        else:
            entries[identity] = entry
    return Mapping(tuple(entries.values()), above.span, below.rest or above.rest)


def _identity(key: Scalar) -> object:
    return key.known if key.known is not None else key


def setting(path: tuple[str | int, ...], value: Node, name: Span) -> Mapping | None:
    """The values that one setting makes; None where it leads through a list."""
    node = value
    for key in reversed(path):
        if isinstance(key, int):
            return None
        node = Mapping((Entry(known(key, name), node),), name)
    return node if isinstance(node, Mapping) else None


def service_accounts(values: Mapping) -> Iterator[tuple[str, Mapping]]:
    """The metadata of each service account that a chart is asked to make, with the path of the values that ask.

    Charts keep them under a key such as `serviceAccount`, one mapping each or a mapping of several (`serviceAccounts`),
    with `create`, `name` and `annotations`. What is not to be created is somebody else's, and what has neither name
    nor annotations says nothing.
    """
    stack: list[tuple[tuple[str, ...], Scalar | None, Mapping]] = [((), None, values)]
    for _ in range(_MOST):
        if not stack:
            return
        path, key, node = stack.pop()
        if key is not None and _ANNOTATIONS.fullmatch(path[-1]):
            name = Entry(known("name", key.span), unknown(MADE_UP, key.span))
            yield ".".join(path), Mapping((name, Entry(known("annotations", key.span), node)), node.span)
            continue
        if key is not None and _is_account(path, node):
            metadata = _metadata(key, node)
            if metadata is not None:
                yield ".".join(path), metadata
            continue
        stack.extend(
            ((*path, entry.key.known), entry.key, entry.value)
            for entry in reversed(node.entries)
            if isinstance(entry.value, Mapping) and entry.key.known is not None and len(path) < _DEEPEST
        )


def mentioned(values: Mapping) -> Iterator[Scalar]:
    """The keys of role annotations that stand where it does not show what they annotate."""
    stack: list[tuple[tuple[str, ...], bool, Node]] = [((), False, values)]
    for _ in range(_MOST):
        if not stack:
            return
        path, of_account, node = stack.pop()
        name = path[-1] if path else ""
        if isinstance(node, Sequence):
            stack.extend((path, of_account, item) for item in reversed(node.items))
        if not isinstance(node, Mapping) or (name == "annotations" and of_account) or _ANNOTATED.fullmatch(name):
            continue
        account = bool(path) and _is_account(path, node)
        for entry in reversed(node.entries):
            if entry.key.known in _ROLES and not (isinstance(entry.value, Scalar) and entry.value.is_empty):
                yield entry.key
            elif not isinstance(entry.value, Scalar):
                stack.append(((*path[-1:], entry.key.known or ""), account, entry.value))


def _is_account(path: tuple[str, ...], node: Mapping) -> bool:
    own = _ACCOUNT.fullmatch(path[-1]) is not None
    one_of_several = len(path) > 1 and _ACCOUNT.fullmatch(path[-2]) is not None
    fields = any(node.get(field) is not None for field in ("create", "name", "annotations"))
    return (own or one_of_several) and fields and not isinstance(node.get("name"), Mapping)


def _metadata(key: Scalar, node: Mapping) -> Mapping | None:
    create, name, annotations = node.get("create"), node.scalar("name"), node.entry("annotations")
    if isinstance(create, Scalar) and create.boolean is not True and not create.is_null:
        # Where it is not known, nothing is known of the account either.
        return None
    named = name is not None and not name.is_empty
    if not named and (annotations is None or not isinstance(annotations.value, Mapping)):
        return None
    called = name if name is not None and named else unknown(MADE_UP, key.span)
    entries = (Entry(known("name", called.span), called), *((annotations,) if annotations else ()))
    return Mapping(entries, node.span)
