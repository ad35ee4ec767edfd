"""What a chart's values say of identity, wherever they are written: service accounts, keys, Velero's credentials."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.helm_keys import credentials_files, keys
from rolecall.adapt.helm_values import MADE_UP, service_accounts
from rolecall.adapt.helm_velero import velero
from rolecall.adapt.kubernetes import declared
from rolecall.adapt.kubernetes_buckets import bucket_clients_of_values
from rolecall.adapt.kubernetes_values import pairs
from rolecall.model import Pod, Workload
from rolecall.records import dataclass
from rolecall.tree import Entry, Mapping, known, unknown, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.span import Span
    from rolecall.tree import Node, Scalar

_POD_ANNOTATIONS = regex.compile(r".*pod[-_]?annotations", re.IGNORECASE)
_KUBE2IAM = "iam.amazonaws.com/"


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one release, with who has them: `display` names them in a message.

    `origin` is the declaration that gives them, `namespace` where the release goes.
    """

    tree: Mapping
    display: str
    origin: Origin
    namespace: Scalar | None
    text_of: Callable[[str], str | None]

    def at(self, path: str, span: Span, whole: Span) -> Origin:
        """The origin of what some of the values declare."""
        origin = self.origin
        return replace(origin, address=f"{origin.address} {path}".strip(), span=span, whole=whole)


def identities(values: Values) -> Iterator[Said]:
    """All that values say."""
    for path, metadata in service_accounts(values.tree):
        yield from account(values, path, metadata)
    yield from others(values)


def others(values: Values) -> Iterator[Said]:
    """All but the service accounts: what stands there as it is, whatever values come over these."""
    yield from keys(values.tree, values.display, values.at)
    yield from credentials_files(values.tree, values.at, values.text_of)
    yield from velero(values.tree, values.at)
    yield from bucket_clients_of_values(values.tree, values.display, values.at, values.text_of)
    yield from _pods(values)


def account(values: Values, path: str, metadata: Mapping) -> Iterator[Said]:
    """A service account that values ask for, as the manifest that the chart makes of them."""
    place = metadata.span
    if values.namespace is not None:
        namespace = Entry(known("namespace", values.namespace.span), values.namespace)
        metadata = replace(metadata, entries=(*metadata.entries, namespace))
    root = Mapping(
        (
            Entry(known("apiVersion", place), known("v1", place)),
            Entry(known("kind", place), known("ServiceAccount", place)),
            Entry(known("metadata", place), metadata),
        ),
        place,
    )
    name = metadata.scalar("name")
    span = name.span if name is not None else place
    yield from declared(root, values.at(path, span, place), values.text_of)


def _pods(values: Values) -> Iterator[Workload]:
    """The annotations that pods get, where kube2iam reads some of them."""
    for node in walk((values.tree,)):
        for entry in node.entries if isinstance(node, Mapping) else ():
            name = entry.key.known
            if name is None or not isinstance(node, Mapping) or not _POD_ANNOTATIONS.fullmatch(name):
                continue
            if not _asks_kube2iam(entry.value):
                continue
            made = tuple(one for one in pairs(node, name) if (one.key.known or "").startswith(_KUBE2IAM))
            called = unknown(MADE_UP, entry.key.span)
            origin = values.at(name, entry.key.span, entry.value.span)
            pod = Pod(made, (), unknown(MADE_UP, entry.key.span), (), (), entry.key.span)
            yield Workload("Pod", "v1", called, values.namespace, made, (), origin, pods=(pod,))


def _asks_kube2iam(node: Node) -> bool:
    entries = node.entries if isinstance(node, Mapping) else ()
    return any((entry.key.known or "").startswith(_KUBE2IAM) for entry in entries)
