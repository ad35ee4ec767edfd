"""Kubernetes manifests: workloads, service accounts, Secrets, ConfigMaps, and every other object's metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.kubernetes_access import GROUP, access
from rolecall.adapt.kubernetes_aws import resources
from rolecall.adapt.kubernetes_buckets import bucket_clients
from rolecall.adapt.kubernetes_config import config_map, external_secret, generated, sealed_secret, secret
from rolecall.adapt.kubernetes_delivery import KINDS, credentials
from rolecall.adapt.kubernetes_network import network_policy
from rolecall.adapt.kubernetes_nodes import node_class, role_mappings
from rolecall.adapt.kubernetes_operators import accounts
from rolecall.adapt.kubernetes_templates import pods
from rolecall.adapt.kubernetes_values import name_of, pairs
from rolecall.charts import may_be_values
from rolecall.facts import Suppression
from rolecall.model import ConfigObject, KubernetesObject, Origin, SecretProviderClass, ServiceAccount, Workload
from rolecall.problem import Unevaluated
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, unknown, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.syntax.document import Document

IGNORE = "rolecall.dev/ignore"
"""The annotation by which an object accepts findings: rule names with commas or `*`, then a reason."""

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What Kustomize calls its files; they need not say `apiVersion` and `kind`."""

INSTALLING = frozenset({"HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet"})
"""Kinds of Flux, K3s and Argo CD that give values to a chart."""

_RULE_NAMES = regex.compile(r"\*|[a-z0-9][a-z0-9/_-]*(?:\s*,\s*[a-z0-9][a-z0-9/_-]*)*")
# The versions that charts choose by the cluster's are of one group.
_VERSIONS = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("Pod", "ServiceAccount", "Secret", "ConfigMap", "Namespace"), "v1"),
    "NetworkPolicy": "networking.k8s.io/v1",
    **dict.fromkeys(("SecretStore", "ClusterSecretStore", "ExternalSecret"), "external-secrets.io/v1"),
}
_GENERATED = Hole("a generated name")
_NAMELESS = Hole("no name is written")
_CORE = "v1"
_CONFIG = {
    (_CORE, "Secret"): secret,
    (_CORE, "ConfigMap"): config_map,
    ("bitnami.com", "SealedSecret"): sealed_secret,
    ("external-secrets.io", "ExternalSecret"): external_secret,
}


def adapt(document: Document, source: Source, group: str) -> Iterator[Said]:
    """What one manifest says.

    Args:
        document: a document with `apiVersion` and `kind`, or a Kustomization; anything else says nothing.
        source: the file it stands in.
        group: what the document is applied together with (see `Origin.group`).

    Yields:
        The object as an entity, and the suppression that it carries.
    """
    root = document.root
    if not isinstance(root, Mapping):
        return
    kind, api_version = root.text("kind"), root.text("apiVersion")
    if kind is None and source.path.rpartition("/")[2] in KUSTOMIZATION_FILES:
        # Kustomize fills in both fields (api/types/kustomization.go, FixKustomizationPostUnmarshalling).
        kind, api_version = "Kustomization", api_version or "kustomize.config.k8s.io/v1beta1"
    if document.language and (not kind or not api_version):
        if not kind and isinstance(root.at("spec", "template", "spec", "containers"), Sequence):
            # A Deployment or its like, whichever it is: they differ in nothing that is read.
            kind = "Deployment"
            root = _with(root, "kind", kind)
        if not api_version:
            root = _with(root, "apiVersion", _VERSIONS.get(kind or ""))
        api_version = root.text("apiVersion")
        if not kind or (not api_version and _may_matter(root)):
            reason = "the template decides which kind of object it is"
            yield Unevaluated(document.language, reason, root.entries[0].key.span, source.path)
            return
    if not kind or not api_version or kind == "CustomResourceDefinition":
        return
    if kind in ("Kustomization", "Component") and api_version.startswith("kustomize."):
        yield from generated(root, source.path, group, _text_of(source))
        return
    metadata = root.mapping("metadata")
    if metadata is None:
        return
    name, namespace = _name(root, metadata), name_of(metadata.get("namespace"))
    origin = Origin(
        unit=source.path,
        address=_address(kind, name, namespace),
        span=name.span,
        whole=root.span,
        group=group,
        template=document.template,
        chart=document.chart,
        possible=document.possible,
    )
    yield from declared(root, origin, _text_of(source))


def declared(root: Mapping, origin: Origin, text_of: Callable[[str], str | None]) -> Iterator[Said]:
    """The object that a manifest's tree declares, in whatever format it is written; nothing without its metadata.

    `text_of` gives the text of a file by its path, for places inside of strings.
    """
    metadata = root.mapping("metadata")
    kind, api_version = root.text("kind"), root.text("apiVersion")
    if metadata is None or not kind or not api_version:
        return
    named = KubernetesObject(
        kind=kind,
        api_version=api_version,
        name=_name(root, metadata),
        namespace=name_of(metadata.get("namespace")),
        annotations=pairs(metadata, "annotations"),
        labels=pairs(metadata, "labels"),
        origin=origin,
    )
    yield _entity(named, root, text_of)
    yield from accounts(named, root)
    yield from node_class(named, root)
    yield from credentials(named, root)
    yield from bucket_clients(named, root, text_of)
    yield from resources(named, root, text_of)
    yield from role_mappings(named, root, text_of)
    if kind in INSTALLING:
        from rolecall.adapt import helm_releases  # noqa: PLC0415 - which adapts manifests itself

        yield from helm_releases.releases(named, root, text_of)
    elif kind == "ConfigMap" and any(may_be_values(text) for text in _texts(root)):
        from rolecall.adapt import helm_releases  # noqa: PLC0415 - likewise

        yield from helm_releases.kept(named, root, text_of)
    yield from _suppressions(named)


def _texts(root: Mapping) -> Iterator[str]:
    """The texts in the data of a ConfigMap, as far as they are known."""
    data = root.mapping("data")
    for entry in data.entries if data is not None else ():
        if isinstance(entry.value, Scalar):
            yield "".join(part for part in entry.value.parts if isinstance(part, str))


def _entity(named: KubernetesObject, root: Mapping, text_of: Callable[[str], str | None]) -> KubernetesObject:
    group = named.api_version.rpartition("/")[0] or named.api_version
    config = _CONFIG.get((group, named.kind))
    if config is not None:
        data, complete = config(root, text_of)
        made_by = named.kind if group != _CORE else ""
        secret_name = _target(root, named.name)
        return ConfigObject(
            kind="Secret" if made_by else named.kind,
            api_version=named.api_version,
            name=secret_name,
            namespace=named.namespace,
            annotations=named.annotations,
            labels=named.labels,
            origin=named.origin,
            data=data,
            complete=complete,
            made_by=made_by,
        )
    fields = (named.kind, named.api_version, named.name, named.namespace, named.annotations, named.labels, named.origin)
    if named.kind == "ServiceAccount" and group == _CORE:
        return ServiceAccount(*fields)
    if named.kind == "SecretProviderClass" and group == "secrets-store.csi.x-k8s.io":
        parameters = root.at("spec", "parameters")
        asked = parameters.scalar("usePodIdentity") if isinstance(parameters, Mapping) else None
        return SecretProviderClass(*fields, provider=name_of(root.at("spec", "provider")), pod_identity=asked)
    if named.kind == "NetworkPolicy" and group == "networking.k8s.io":
        return network_policy(named, root)
    if group == GROUP:
        return access(named, root) or named
    made = pods(root, named.kind, named.api_version)
    return Workload(*fields, pods=made) if made else named


def _with(root: Mapping, key: str, text: str | None) -> Mapping:
    """A manifest with a text, if there is one, in the place of what an expression makes."""
    entry = root.entry(key)
    if entry is None or text is None:
        return root
    others = (one for one in root.entries if one is not entry)
    return replace(root, entries=(Entry(entry.key, known(text, entry.value.span)), *others))


def _may_matter(root: Mapping) -> bool:
    """Whether an object of a kind of unknown version may be one of those that are read for more than metadata."""
    return root.text("kind") in KINDS or any(
        isinstance(node, Mapping) and node.get("containers") is not None for node in walk((root,))
    )


def _text_of(source: Source) -> Callable[[str], str | None]:
    return lambda path: source.text if path == source.path else None


def _target(root: Mapping, name: Scalar) -> Scalar:
    """The name of the Secret that an ExternalSecret makes (`spec.target.name`), else its own."""
    return name_of(root.at("spec", "target", "name")) or name


def _name(root: Mapping, metadata: Mapping) -> Scalar:
    name = name_of(metadata.get("name"))
    if name is not None:
        return name
    prefix = name_of(metadata.get("generateName"))
    if prefix is not None:
        return Scalar((*prefix.parts, _GENERATED), prefix.kind, prefix.span)
    entry = root.entry("kind")
    return unknown(_NAMELESS, entry.value.span if entry else root.span)


def _address(kind: str, name: Scalar, namespace: Scalar | None) -> str:
    return f"{kind} {namespace.display}/{name.display}" if namespace else f"{kind} {name.display}"


def _suppressions(named: KubernetesObject) -> Iterator[Suppression]:
    entry = named.annotation(IGNORE)
    text = entry.value.known if entry and isinstance(entry.value, Scalar) else None
    match = _RULE_NAMES.match(text.strip()) if text else None
    if entry is None or text is None or match is None:
        return
    rules = () if match[0] == "*" else tuple(rule.strip() for rule in match[0].split(","))
    yield Suppression(rules, text.strip()[match.end() :].strip(), named.origin.whole, entry.value.span)
