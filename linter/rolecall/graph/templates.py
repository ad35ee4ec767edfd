"""Workloads whose pods another object describes: what they get from it, and the service account that they run as."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.graph.namespaces import ByName, Place, meant, place_of
from rolecall.model import KubernetesObject, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.model import Entity, Origin, Pod, TemplateReference
    from rolecall.tree import Scalar

_MOST_STEPS = 4
"""Through how many objects a reference is followed."""

_MOST_OF_ONE = 2_000
"""How many pods and references of others are looked at for one workload; the others' own pods are checked there."""

_MOST = 50_000
"""How many for all of them."""

_WHOLE = frozenset({"Deployment", "ReplicaSet", "PodTemplate"})
"""Kinds whose pods are taken as they are."""


def linked(entities: Iterable[Entity]) -> list[Entity]:
    """The entities, workloads with the pods of the templates that they refer to.

    Of a template that is not among them only the service account is known, if that.
    """
    known = list(entities)
    linking = _Linking(entity for entity in known if isinstance(entity, Workload))
    return [linking.workload(entity) if isinstance(entity, Workload) and refers(entity) else entity for entity in known]


def refers(workload: Workload) -> bool:
    """Whether another object describes pods of a workload."""
    return any(pod.reference is not None for pod in workload.pods)


class _Linking:
    def __init__(self, workloads: Iterable[Workload]) -> None:
        by_kind: dict[str, list[Workload]] = defaultdict(list)
        for workload in workloads:
            by_kind[workload.kind].append(workload)
        self._by_kind = by_kind
        self._names: dict[tuple[str, bool], ByName[Workload]] = {}
        self._left = _MOST
        self._of_one = 0

    def workload(self, workload: Workload) -> KubernetesObject:
        own = len(workload.pods)
        self._of_one = own + min(_MOST_OF_ONE, self._left)
        before = self._of_one
        pods = tuple(self._pods(workload, workload, _MOST_STEPS))
        self._left -= max(before - self._of_one - own, 0)
        if pods:
            return replace(workload, pods=pods)
        one = workload
        return KubernetesObject(
            one.kind, one.api_version, one.name, one.namespace, one.annotations, one.labels, one.origin
        )

    def _pods(self, workload: Workload, seen_from: Workload, steps: int) -> Iterator[Pod]:
        for pod in workload.pods:
            self._of_one -= 1
            if self._of_one < 0:
                return
            if pod.reference is None:
                yield pod
                continue
            described = self._described(pod.reference, seen_from) if steps > 0 else None
            if described is None:
                if _is_given(pod.service_account):
                    yield replace(pod, reference=None)
                continue
            for one in self._pods(described, seen_from, steps - 1):
                if _is_meant(one, pod.reference):
                    yield one if pod.reference.kind in _WHOLE else _run(one, pod, pod.reference)

    def _described(self, reference: TemplateReference, seen_from: Workload) -> Workload | None:
        found = self._named(reference).find(reference.name, _place(seen_from, everywhere=reference.everywhere))
        return meant(found, _origin, seen_from.origin)

    def _named(self, reference: TemplateReference) -> ByName[Workload]:
        key = (reference.kind, reference.everywhere)
        if key not in self._names:
            everywhere = reference.everywhere
            self._names[key] = ByName(
                (one, one.name, _place(one, everywhere=everywhere)) for one in self._by_kind[reference.kind]
            )
        return self._names[key]


def _place(workload: Workload, *, everywhere: bool) -> Place:
    """Where a template is looked for: one of the whole cluster is in no namespace."""
    return Place(None, "cluster", open=True) if everywhere else place_of(workload)


def _is_meant(pod: Pod, reference: TemplateReference) -> bool:
    if reference.template is None:
        return True
    return pod.template is not None and pod.template.known == reference.template.known


def _run(described: Pod, runs: Pod, reference: TemplateReference) -> Pod:
    """A pod as the one runs it who refers to its template."""
    if described.keeps_account:
        return replace(described, template=runs.template or described.template)
    called = described.template.known if described.template is not None else None
    given = next((name for task, name in reference.accounts if task == called), runs.service_account)
    if reference.inherits and not _is_given(given) and _is_given(described.service_account):
        given = described.service_account
    return replace(described, service_account=given, template=runs.template or described.template)


def _is_given(account: Scalar | None) -> bool:
    """Whether a service account is named."""
    return account is not None and any(isinstance(part, str) and part for part in account.parts)


def _origin(workload: Workload) -> Origin:
    return workload.origin
