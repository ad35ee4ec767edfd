"""Releases of Flux, Argo CD and K3s: the values that they give to a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.helm_identities import Values, account, identities
from rolecall.adapt.helm_names import keys_of
from rolecall.adapt.helm_values import mentioned, merged, service_accounts, setting
from rolecall.adapt.kubernetes_values import name_of
from rolecall.problem import Unevaluated
from rolecall.syntax import embedded
from rolecall.tree import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.model import KubernetesObject
    from rolecall.tree import Node


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
        layers = [spec.mapping("values")]
    elif group == "helm.cattle.io":
        namespace = name_of(spec.get("targetNamespace")) or named.namespace
        layers = [_parsed(spec.get("valuesContent"), text_of), spec.mapping("set")]
    elif group == "argoproj.io":
        application = spec.at("template", "spec") if named.kind == "ApplicationSet" else spec
        if not isinstance(application, Mapping):
            return
        namespace = name_of(application.at("destination", "namespace"))
        for source in (application.get("source"), *application.items("sources")):
            helm = source.mapping("helm") if isinstance(source, Mapping) else None
            if helm is not None:
                yield from _identities(named, namespace, _argo(helm, text_of), text_of)
        return
    else:
        return
    yield from _identities(named, namespace, layers, text_of)


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


def _argo(helm: Mapping, text_of: Callable[[str], str | None]) -> list[Mapping | None]:
    """https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-value-precedence."""
    given = helm.mapping("valuesObject") or _parsed(helm.get("values"), text_of)
    return [given, *(_parameter(one) for one in helm.mappings("parameters"))]


def _parameter(one: Mapping) -> Mapping | None:
    name, value = one.scalar("name"), one.scalar("value")
    path = keys_of(name.known) if name is not None and name.known else None
    return setting(path, value, name.span) if path and value is not None and name is not None else None


def _parsed(node: Node | None, text_of: Callable[[str], str | None]) -> Mapping | None:
    tree = embedded.parse(node, text_of, yaml=True) if isinstance(node, Scalar) else None
    return tree if isinstance(tree, Mapping) else None


def _identities(
    named: KubernetesObject,
    namespace: Scalar | None,
    layers: list[Mapping | None],
    text_of: Callable[[str], str | None],
) -> Iterator[Said]:
    given = [layer for layer in layers if layer is not None]
    if given:
        values = merged(given, named.origin.whole)
        yield from identities(Values(values, named.display, named.origin, namespace, text_of))
