"""Custom resources for which an operator makes pods and a service account: where each says what these get."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_pods import account, container, pod
from rolecall.adapt.kubernetes_values import name_of, pairs
from rolecall.model import ServiceAccount
from rolecall.records import dataclass
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, merged, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import KubernetesObject, Pod
    from rolecall.tree import Node

_STRIMZI = "kafka.strimzi.io"
_CROSSPLANE = ("pkg.crossplane.io", "DeploymentRuntimeConfig")
_PROVIDERS = Hole("the namespace that Crossplane is installed in")
_REVISION = Hole("the name of the package's revision")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of resource describes its pods; paths start at `within` its spec.

    The service account has the resource's name with `suffix`, and what stands under `account`, metadata, is its own.
    """

    suffix: str
    container: str
    account: tuple[str, ...]
    variables: tuple[tuple[str, ...], ...]
    within: tuple[str, ...] = ()


def _strimzi(suffix: str, container: str, *more: tuple[str, ...], within: tuple[str, ...] = ()) -> _Form:
    """https://strimzi.io/docs/operators/latest/configuring, "…Template schema reference"."""
    own = ("template", container, "env")
    return _Form(suffix, suffix.removeprefix("-"), ("template", "serviceAccount", "metadata"), (own, *more), within)


_EXTERNAL = ("externalConfiguration", "env")
_FORMS = {
    # https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/ (ClusterSpec)
    ("postgresql.cnpg.io", "Cluster"): _Form("", "postgres", ("serviceAccountTemplate", "metadata"), (("env",),)),
    (_STRIMZI, "Kafka"): _strimzi("-kafka", "kafkaContainer", within=("kafka",)),
    (_STRIMZI, "KafkaBridge"): _strimzi("-bridge", "bridgeContainer"),
    (_STRIMZI, "KafkaConnect"): _strimzi("-connect", "connectContainer", _EXTERNAL),
    (_STRIMZI, "KafkaMirrorMaker2"): _strimzi("-mirrormaker2", "connectContainer", _EXTERNAL),
}


def is_operated(kind: str, group: str) -> bool:
    """Whether an operator makes the pods of a kind, and chooses their images."""
    return (group, kind) in _FORMS or (group, kind) == _CROSSPLANE


def pods(root: Mapping, kind: str, group: str) -> Iterator[Pod]:
    """The pods that an operator makes for a resource."""
    spec = _spec(root, kind, group)
    if spec is None:
        return
    at = root.entry("kind")
    span = at.value.span if at is not None else root.span
    form = _FORMS.get((group, kind))
    if form is None:
        template = spec.at("deploymentTemplate", "spec", "template")
        inner = template.mapping("spec") if isinstance(template, Mapping) else None
        if isinstance(template, Mapping) and inner is not None:
            yield pod(inner, template.mapping("metadata"), span, _account_name(root, kind, group))
        return
    variables = [item for path in form.variables for item in _items(spec.at(*path))]
    given = (Entry(known("env", span), Sequence(tuple(variables), span)), *_entries(spec, "envFrom", "volumeMounts"))
    item = Mapping((Entry(known("name", span), known(form.container, span)), *given), spec.span)
    yield pod(spec, None, span, _account_name(root, kind, group), (container(item, "container"),))


def accounts(named: KubernetesObject, root: Mapping) -> Iterator[ServiceAccount]:
    """The service account that an operator makes for a resource, unless that names one of its user's."""
    group = named.api_version.rpartition("/")[0]
    spec = _spec(root, named.kind, group) if is_operated(named.kind, group) else None
    name = _account_name(root, named.kind, group)
    if spec is None or name is None or account(spec) is not None:
        return
    form = _FORMS.get((group, named.kind))
    metadata = spec.at(*(form.account if form is not None else ("serviceAccountTemplate", "metadata")))
    if form is None and not isinstance(metadata, Mapping):
        return
    own = metadata if isinstance(metadata, Mapping) else None
    where = named.namespace if form is not None else unknown(_PROVIDERS, name.span)
    called = f"{where.display}/{name.display}" if where is not None else name.display
    yield ServiceAccount(
        kind="ServiceAccount",
        api_version="v1",
        name=name,
        namespace=where,
        annotations=pairs(own, "annotations"),
        labels=pairs(own, "labels"),
        origin=replace(named.origin, address=f"ServiceAccount {called} of {named.display}", span=name.span),
    )


def _spec(root: Mapping, kind: str, group: str) -> Mapping | None:
    form = _FORMS.get((group, kind))
    found = root.at("spec", *(form.within if form is not None else ()))
    return found if isinstance(found, Mapping) else None


def _account_name(root: Mapping, kind: str, group: str) -> Scalar | None:
    """What the service account is called that the operator makes."""
    form = _FORMS.get((group, kind))
    if form is None:
        template = root.at("spec", "serviceAccountTemplate", "metadata")
        given = name_of(template.get("name")) if isinstance(template, Mapping) else None
        at = root.entry("metadata")
        return given or unknown(_REVISION, at.key.span if at is not None else root.span)
    name = name_of(root.at("metadata", "name"))
    return Scalar(merged((*name.parts, form.suffix)), name.kind, name.span) if name is not None else None


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _entries(spec: Mapping, *keys: str) -> Iterator[Entry]:
    return (entry for key in keys if (entry := spec.entry(key)) is not None)
