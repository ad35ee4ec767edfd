"""Releases of Flux, Argo CD and K3s: the values that they give to a chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt import helm_settings
from rolecall.adapt.helm_identities import Values, account, identities
from rolecall.adapt.helm_settings import Asked, given_by
from rolecall.adapt.helm_values import mentioned, service_accounts
from rolecall.adapt.kubernetes_values import name_of
from rolecall.model import HelmRelease
from rolecall.problem import Unevaluated
from rolecall.syntax import embedded
from rolecall.tree import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.adapt.helm_settings import Given
    from rolecall.facts import Said
    from rolecall.model import KubernetesObject
    from rolecall.tree import Node


_COMMA = regex.compile(r"(?<!\\),")


def releases(named: KubernetesObject, root: Mapping, text_of: Callable[[str], str | None]) -> Iterator[Said]:
    """What the values say that an object gives to a chart.

    Values that are written in the object have the last word over files and objects that it names.
    """
    spec = root.mapping("spec")
    group = named.api_version.rpartition("/")[0]
    if spec is None:
        return
    if group == "helm.toolkit.fluxcd.io":
        namespace = name_of(spec.get("targetNamespace")) or named.namespace
        values = spec.mapping("values")
        if values is not None:
            yield from identities(Values(values, named.display, named.origin, namespace, text_of))
    elif group == "helm.cattle.io":
        yield from _k3s(named, spec, text_of)
    elif group == "argoproj.io":
        application = spec.at("template", "spec") if named.kind == "ApplicationSet" else spec
        if not isinstance(application, Mapping):
            return
        namespace = name_of(application.at("destination", "namespace"))
        for source in (application.get("source"), *application.items("sources")):
            if isinstance(source, Mapping):
                yield from _argo(named, namespace, source, text_of)


def kept(named: KubernetesObject, root: Mapping, text_of: Callable[[str], str | None]) -> Iterator[Said]:
    """The service accounts that values ask for which a ConfigMap keeps, as a `valuesFrom` of Flux is given them.

    https://fluxcd.io/flux/components/helm/helmreleases/#values-references: in the namespace of the release.
    """
    data = root.mapping("data")
    for entry in data.entries if data is not None else ():
        tree = _parsed(entry.value, text_of)
        if tree is None or tree.get("apiVersion") is not None:
            continue
        values = Values(tree, named.display, named.origin, named.namespace, text_of)
        for path, metadata in service_accounts(tree):
            yield from account(values, path, metadata)
        for key in mentioned(tree):
            yield Unevaluated(f"{key.display} among values", "the chart decides what it annotates", key.span)


def _k3s(named: KubernetesObject, spec: Mapping, text_of: Callable[[str], str | None]) -> Iterator[Said]:
    """K3s hands the keys of `set` to Helm as `--set` (pkg/controllers/chart/chart.go of helm-controller, args)."""
    namespace = name_of(spec.get("targetNamespace")) or named.namespace
    written = spec.mapping("set")
    settings = tuple(given_by(entry.key, entry.value) for entry in written.entries) if written is not None else ()
    if spec.get("chart") is not None:
        yield HelmRelease(
            origin=named.origin,
            name=named.name,
            namespace=namespace,
            chart=name_of(spec.get("chart")),
            repository=name_of(spec.get("repo")),
            settings=tuple(one.setting for one in settings),
        )
    yield from _asked(named, namespace, _parsed(spec.get("valuesContent"), text_of), settings, text_of)


def _asked(
    named: KubernetesObject,
    namespace: Scalar | None,
    given: Mapping | None,
    settings: tuple[Given, ...],
    text_of: Callable[[str], str | None],
) -> Iterator[Said]:
    if given is not None or settings:
        layers = (given,) if given is not None else ()
        asked = Asked(named.display, replace(named.origin, span=named.origin.whole), namespace, layers, settings)
        yield from helm_settings.identities(asked, text_of)


def _argo(
    named: KubernetesObject, namespace: Scalar | None, source: Mapping, text_of: Callable[[str], str | None]
) -> Iterator[Said]:
    """https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-value-precedence."""
    helm = source.mapping("helm")
    chart = name_of(source.get("chart")) or (name_of(source.get("path")) if helm is not None else None)
    if chart is None and helm is None:
        return
    parameters = tuple(_parameters(helm)) if helm is not None else ()
    yield HelmRelease(
        origin=named.origin,
        name=(name_of(helm.get("releaseName")) if helm is not None else None) or named.name,
        namespace=namespace,
        chart=chart,
        repository=name_of(source.get("repoURL")),
        settings=tuple(one.setting for one in parameters),
    )
    given = (helm.mapping("valuesObject") or _parsed(helm.get("values"), text_of)) if helm is not None else None
    yield from _asked(named, namespace, given, parameters, text_of)


def _parameters(helm: Mapping) -> Iterator[Given]:
    """What Argo CD hands to Helm as `--set`: names as they are, values with their commas escaped.

    See reposerver/repository/repository.go (helmTemplate) and util/helm/cmd.go (cleanSetParameters) of argo-cd.
    """
    for one in helm.mappings("parameters"):
        name, value = one.scalar("name"), one.scalar("value")
        if name is not None and value is not None:
            text = value.known or ""
            escaped = text if text.startswith("{") and text.endswith("}") else _COMMA.sub(r"\\,", text)
            yield given_by(name, value if escaped == text else replace(value, parts=(escaped,), places=()))


def _parsed(node: Node | None, text_of: Callable[[str], str | None]) -> Mapping | None:
    tree = embedded.parse(node, text_of, yaml=True) if isinstance(node, Scalar) else None
    return tree if isinstance(tree, Mapping) else None
