"""Workloads as a user names them: `app`, `pay/app`, `Deployment app`, `deployment/app`, `Deployment pay/app`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall.model import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph


def workloads_called(graph: Graph, text: str) -> tuple[Workload, ...]:
    """The workloads that a text means; kinds in any case, also as `deployment/app` and `pay/deployment/app`."""
    index: dict[str, list[Workload]] = graph.keep(_index)
    return tuple(index.get(" ".join(text.split()).lower(), ()))


def workload_names(graph: Graph) -> tuple[str, ...]:
    """What workloads are called, with their namespace where it is known, as `workloads_called` takes it."""
    return tuple(workload.display.partition(" ")[2] for workload in graph.all(Workload))


def _index(graph: Graph) -> dict[str, list[Workload]]:
    found: dict[str, list[Workload]] = defaultdict(list)
    for workload in graph.all(Workload):
        for name in dict.fromkeys(_names(workload)):
            found[name.lower()].append(workload)
    return found


def _names(workload: Workload) -> Iterator[str]:
    name, kind = workload.name.display, workload.kind
    namespace = workload.namespace.known if workload.namespace is not None else None
    yield name
    yield f"{kind} {name}"
    yield f"{kind}/{name}"
    yield workload.origin.address
    if namespace:
        yield f"{namespace}/{name}"
        yield f"{kind} {namespace}/{name}"
        yield f"{namespace}/{kind}/{name}"
