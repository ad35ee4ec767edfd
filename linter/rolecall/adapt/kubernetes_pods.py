"""Pod specs: containers, their environment, and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_values import flag, judged, kept, name_of, pairs
from rolecall.model import Container, EnvFrom, EnvVar, Mount, Pod, ProjectedToken, Volume
from rolecall.model.kubernetes import SourceKind
from rolecall.tree import Hole, Mapping, Scalar, Sequence, one_or_many, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span
    from rolecall.tree import Node

NAMELESS = Hole("no name is written")
"""Stands for the name of a container that has none."""

_ROLES = (("containers", "container"), ("initContainers", "initContainer"), ("ephemeralContainers", "ephemeral"))
_REFERENCES = (("secretKeyRef", SourceKind.SECRET), ("configMapKeyRef", SourceKind.CONFIG_MAP))
_FIELDS = ("fieldRef", "resourceFieldRef")
_SOURCES = {"secret": SourceKind.SECRET, "configMap": SourceKind.CONFIG_MAP}
_FROM = (("secretRef", SourceKind.SECRET), ("configMapRef", SourceKind.CONFIG_MAP))


def pod(  # noqa: PLR0913 - what only some carriers have is named by keyword
    spec: Mapping,
    metadata: Mapping | None,
    span: Span,
    service_account: Scalar | None = None,
    containers: tuple[Container, ...] | None = None,
    *,
    partial: bool = False,
) -> Pod:
    """The pod of a pod spec.

    Args:
        spec: the mapping with `containers`.
        metadata: the metadata of the template around it, if it has one.
        span: the narrowest text for the pod spec.
        service_account: holds where the spec itself names none.
        containers: given where they are not found by the usual keys.
        partial: the spec is a patch: what it does not write is decided elsewhere.
    """
    host_network = spec.get("hostNetwork")
    return Pod(
        annotations=pairs(metadata, "annotations"),
        labels=pairs(metadata, "labels"),
        service_account=account(spec) or service_account or _unseen(spec, span),
        containers=tuple(_containers(spec, partial=partial)) if containers is None else containers,
        volumes=tuple(volume(item) for item in spec.mappings("volumes")),
        span=span,
        host_network=flag(host_network),
        host_network_at=host_network.span if host_network is not None else None,
        node_selector=pairs(spec, "nodeSelector"),
        windows_at=next(_windows_affinity(spec), None),
    )


_OS_LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")


def _windows_affinity(spec: Mapping) -> Iterator[Span]:
    """Where a required node affinity asks for nodes that run Windows."""
    required = spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    for term in required.mappings("nodeSelectorTerms") if isinstance(required, Mapping) else ():
        for expression in term.mappings("matchExpressions"):
            values = one_or_many(expression.get("values"))[0]
            if expression.text("key") in _OS_LABELS and expression.text("operator") == "In":
                yield from (value.span for value in values if value.known == "windows")


def account(spec: Mapping) -> Scalar | None:
    """The service account that a spec names; the old alias counts where the name itself is empty."""
    return name_of(spec.get("serviceAccountName")) or name_of(spec.get("serviceAccount"))


def _containers(spec: Mapping, *, partial: bool) -> Iterator[Container]:
    for key, role in _ROLES:
        for item in spec.mappings(key):
            yield container(item, role, partial=partial)


def container(item: Mapping, role: str, *, partial: bool = False) -> Container:
    """A container, a step of a task, or anything else with a container's fields."""
    name = name_of(item.get("name"))
    image = name_of(item.get("image"))
    at = name or image
    env = item.get("env")
    return Container(
        name=name or unknown(NAMELESS, at.span if at else item.span),
        role=role,
        image=kept(image) if image else None,
        env=tuple(_env(env)),
        env_from=tuple(_env_from(item)),
        mounts=tuple(_mounts(item)),
        command=tuple(kept(word) for key in ("command", "args") for word in one_or_many(item.get(key))[0]),
        span=at.span if at else item.span,
        env_rest=partial or not _seen(item, "env") or not _seen(item, "envFrom"),
        mounts_rest=partial or not _seen(item, "volumeMounts"),
    )


def _unseen(spec: Mapping, span: Span) -> Scalar | None:
    """The name of a service account that a part of the spec may give which is not seen."""
    return unknown(spec.rest, span) if spec.rest is not None else None


def _seen(item: Mapping, key: str) -> bool:
    """Whether all is seen that a container has under a key."""
    node = item.get(key)
    return _enumerable(node) and (node is not None or item.rest is None)


def _enumerable(node: Node | None) -> bool:
    """Whether all that a list holds is seen."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return True
    if not isinstance(node, Sequence) or node.rest is not None:
        return False
    return all(isinstance(item, Mapping) and item.rest is None for item in node.items)


def _env(node: Node | None) -> Iterator[EnvVar]:
    for item in node.items if isinstance(node, Sequence) else ():
        name = name_of(item.get("name")) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and name is not None:
            yield _variable(item, name)


def _variable(item: Mapping, name: Scalar) -> EnvVar:
    source = item.mapping("valueFrom")
    for key, kind in _REFERENCES:
        reference = source.mapping(key) if source else None
        if reference:
            return EnvVar(
                name=name,
                kind=kind,
                span=name.span,
                object_name=name_of(reference.get("name")),
                object_key=name_of(reference.get("key")),
                optional=flag(reference.get("optional")) is not False,
            )
    if source is not None:
        field = any(source.get(key) is not None for key in _FIELDS)
        return EnvVar(name, SourceKind.FIELD if field else SourceKind.OTHER, name.span)
    value = item.get("value")
    if isinstance(value, Scalar) and item.get("valueFrom") is None:
        material, text = judged(name.known or "", value)
        return EnvVar(name, SourceKind.LITERAL, value_span(name, value), text, material)
    if value is None and (item.get("valueFrom") is None and item.rest is None):
        return EnvVar(name, SourceKind.LITERAL, name.span)
    return EnvVar(name, SourceKind.OTHER, name.span)


def value_span(key: Scalar, value: Scalar) -> Span:
    """The narrowest text for a value: its own where it fills one line or less, else its key's."""
    one_line = value.span.line == value.span.end_line and value.span.start < value.span.end
    return value.span if one_line else key.span


def _env_from(item: Mapping) -> Iterator[EnvFrom]:
    for source in item.mappings("envFrom"):
        for key, kind in _FROM:
            reference = source.mapping(key)
            name = name_of(reference.get("name")) if reference else None
            if reference and name is not None:
                prefix = name_of(source.get("prefix"))
                yield EnvFrom(kind, name, prefix, optional=flag(reference.get("optional")) is not False)


def _mounts(item: Mapping) -> Iterator[Mount]:
    for mount in item.mappings("volumeMounts"):
        name, path = name_of(mount.get("name")), name_of(mount.get("mountPath"))
        if name is not None and path is not None:
            yield Mount(name, path, name_of(mount.get("subPath")) or name_of(mount.get("subPathExpr")))


def volume(item: Mapping) -> Volume:
    """A volume of a pod."""
    name = name_of(item.get("name")) or unknown(NAMELESS, item.span)
    kinds = [entry.key.known or "" for entry in item.entries if entry.key.known != "name"]
    kind = next(iter(kinds), "")
    body = item.mapping(kind)
    if body is None:
        return Volume(name, kind, name.span)
    shown = tuple(_shown(kind, body))
    # Only some keys are shown where every source says which.
    narrowed = bool(shown) and all(part.items("items") for _, part in shown)
    return Volume(
        name=name,
        type=kind,
        span=name.span,
        sources=tuple((source, object_name) for source, part in shown if (object_name := _object_name(part))),
        items=tuple(pair for _, part in shown for pair in _items(part)) if narrowed else (),
        host_path=name_of(body.get("path")) if kind == "hostPath" else None,
        provider_class=_provider_class(body) if kind == "csi" else None,
        tokens=tuple(_tokens(body)) if kind == "projected" else (),
    )


def _tokens(body: Mapping) -> Iterator[ProjectedToken]:
    """https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/."""
    for source in body.mappings("sources"):
        token = source.mapping("serviceAccountToken")
        path = name_of(token.get("path")) if token is not None else None
        if token is not None and path is not None:
            yield ProjectedToken(path, name_of(token.get("audience")))


def _provider_class(body: Mapping) -> Scalar | None:
    """https://secrets-store-csi-driver.sigs.k8s.io/getting-started/usage."""
    attributes = body.mapping("volumeAttributes")
    if attributes is None or body.text("driver") != "secrets-store.csi.k8s.io":
        return None
    return name_of(attributes.get("secretProviderClass"))


def _shown(kind: str, body: Mapping) -> Iterator[tuple[SourceKind, Mapping]]:
    """The Secrets and ConfigMaps in a volume, with how they are shown."""
    if kind in _SOURCES:
        yield _SOURCES[kind], body
    for source in body.mappings("sources") if kind == "projected" else ():
        for key, source_kind in _SOURCES.items():
            part = source.mapping(key)
            if part:
                yield source_kind, part


def _object_name(part: Mapping) -> Scalar | None:
    # A Secret volume calls it secretName; a ConfigMap volume and every projected source, name.
    return name_of(part.get("secretName")) or name_of(part.get("name"))


def _items(part: Mapping) -> Iterator[tuple[Scalar, Scalar]]:
    for item in part.mappings("items"):
        key, path = name_of(item.get("key")), name_of(item.get("path"))
        if key is not None and path is not None:
            yield key, path
