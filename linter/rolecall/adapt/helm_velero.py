"""Velero: what its chart's values, and its locations, give it to authenticate to AWS with.

https://github.com/vmware-tanzu/helm-charts/blob/main/charts/velero/values.yaml and
https://github.com/vmware-tanzu/velero-plugin-for-aws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import ControllerCredentials
from rolecall.tree import Mapping, Scalar, Sequence, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import KubernetesObject, Origin
    from rolecall.span import Span
    from rolecall.tree import Entry, Node

CONTROLLER = "Velero"
_PROVIDERS = ("aws", "velero.io/aws")
_PLUGIN = "velero-plugin-for-aws"
_ROLE_ARN = "eks.amazonaws.com/role-arn"


def velero(values: Mapping, at: Callable[[str, Span, Span], Origin]) -> Iterator[ControllerCredentials]:
    """The credentials that values give to Velero, with the role of its service account beside them."""
    for node in walk((values,)):
        entry = node.entry("credentials") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or entry is None or not isinstance(entry.value, Mapping):
            continue
        given = entry.value
        if node.get("configuration") is None or not _is_for_aws(node):
            continue
        used = given.get("useSecret")
        if isinstance(used, Scalar) and not used.is_null and used.boolean is not True:
            continue
        static = (*_contents(given), *_named(given), *_locations(node))
        if static:
            origin = at("credentials", entry.key.span, node.span)
            yield ControllerCredentials(
                origin, "Velero's values", CONTROLLER, static=static, mechanism=entry.key, role=_role(node)
            )


def location(named: KubernetesObject, spec: Mapping) -> Iterator[ControllerCredentials]:
    """A location of backups or snapshots that names a Secret of its own (velero.io/docs, "Customize locations")."""
    if spec.text("provider") in _PROVIDERS:
        static = tuple(_credential(spec))
        if static:
            yield ControllerCredentials(
                named.origin,
                named.display,
                CONTROLLER,
                static=static,
                mechanism=static[0],
                namespace=named.namespace,
            )


def _is_for_aws(values: Mapping) -> bool:
    for location_ in _each(values, "backupStorageLocation", "volumeSnapshotLocation"):
        if location_.text("provider") in _PROVIDERS:
            return True
    plugins = (item.scalar("image") for item in values.mappings("initContainers"))
    if any(image is not None and _PLUGIN in image.display for image in plugins):
        return True
    return values.at("configuration", "provider") is not None and _text(values, "configuration", "provider") in (
        _PROVIDERS
    )


def _each(values: Mapping, *keys: str) -> Iterator[Mapping]:
    """The locations: a list, or one, by the version of the chart."""
    configuration = values.mapping("configuration")
    for key in keys if configuration is not None else ():
        node: Node | None = configuration.get(key) if configuration is not None else None
        items = node.items if isinstance(node, Sequence) else (node,)
        yield from (item for item in items if isinstance(item, Mapping))


def _contents(credentials: Mapping) -> Iterator[Scalar]:
    contents = credentials.mapping("secretContents")
    entries: tuple[Entry, ...] = contents.entries if contents is not None else ()
    yield from (entry.key for entry in entries if not (isinstance(entry.value, Scalar) and entry.value.is_empty))


def _named(credentials: Mapping) -> Iterator[Scalar]:
    name = name_of(credentials.get("existingSecret"))
    if name is not None:
        yield name


def _locations(values: Mapping) -> Iterator[Scalar]:
    for one in _each(values, "backupStorageLocation", "volumeSnapshotLocation"):
        yield from _credential(one)


def _credential(one: Mapping) -> Iterator[Scalar]:
    reference = one.mapping("credential")
    name = name_of(reference.get("name")) if reference is not None else None
    if name is not None:
        yield name


def _role(values: Mapping) -> Scalar | None:
    return name_of(values.at("serviceAccount", "server", "annotations", _ROLE_ARN))


def _text(values: Mapping, *path: str) -> str | None:
    node = values.at(*path)
    return node.known if isinstance(node, Scalar) else None
