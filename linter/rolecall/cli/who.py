"""`rolecall who`, `rolecall can`, `rolecall graph`: who can become a role, what a workload can do, and all of it."""

# ruff: noqa: PLC0415 - a question imports what answers it
from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.cli.output import complain
from rolecall.cli.worlds import IMPOSSIBLE, Scope, UnknownNameError, nearest, show, show_json, world_of

if TYPE_CHECKING:
    from rolecall.chain.becoming import Becoming
    from rolecall.chain.identities import Identities
    from rolecall.graph import Graph
    from rolecall.graph.role_names import NamedTrust
    from rolecall.graph.views import PodContainer
    from rolecall.span import Span

_MOST_LISTED = 10


def who(name: str, scope: Scope) -> int:
    """Show who can become a role; the exit code is 2 where there is no such role, or files could not be read."""
    world = world_of(scope)
    if world is None:
        return IMPOSSIBLE
    try:
        display, at, everybody = _everybody(world.graph, name)
    except UnknownNameError as error:
        complain(f"rolecall who: {error}")
        return IMPOSSIBLE
    from rolecall.report import becoming

    if scope.format == "json":
        show_json(becoming.who_data(display, at, everybody))
    else:
        show(becoming.who(display, at, everybody, scope.style))
    return IMPOSSIBLE if world.problems else 0


def _everybody(graph: Graph, name: str) -> tuple[str, Span | None, tuple[Becoming, ...]]:
    """Who can become the role of a name; also one that these files name, and do not declare."""
    from rolecall.chain.becoming import who_becomes, who_is_bound, written_role
    from rolecall.graph.views import ServiceAccountRole

    written = {one for binding in graph.all(ServiceAccountRole) if (one := written_role(binding))}
    meant = frozenset(one for one in written if name in (one, one.rpartition("/")[2], one.rpartition(":role/")[2]))
    try:
        found = _role(graph, name, tuple(one.rpartition("/")[2] for one in written))
    except UnknownNameError:
        if not meant:
            raise
        return f"role {name}, which these files do not declare", None, who_is_bound(graph, meant)
    return found.display, found.origin.span, who_becomes(graph, found.trust, found.role)


def _role(graph: Graph, name: str, others: tuple[str, ...] = ()) -> NamedTrust:
    from rolecall.graph.role_names import called, names

    found = called(graph, name)
    if not found:
        raise UnknownNameError(f"there is no role {name}{nearest(name, (*names(graph), *others))}")
    if len(found) > 1:
        several = "; ".join(f"{one.origin.address} ({one.origin.span})" for one in found[:_MOST_LISTED])
        raise UnknownNameError(f"several roles are called {name}; name one by its address: {several}")
    return found[0]


def containers_of(graph: Graph, workload: str) -> tuple[PodContainer, ...]:
    """The containers of the workloads that a text means.

    Raises:
        UnknownNameError: there is none.
    """
    from rolecall.graph.views import PodContainer
    from rolecall.graph.workload_names import workload_names, workloads_called

    meant = {id(one) for one in workloads_called(graph, workload)}
    if not meant:
        raise UnknownNameError(f"there is no workload {workload}{nearest(workload, workload_names(graph))}")
    return tuple(one for one in graph.all(PodContainer) if id(one.workload) in meant)


def can(workload: str, scope: Scope) -> int:
    """Show what a workload's containers can do; the exit code is 2 where there is none, or files cannot be read."""
    world = world_of(scope)
    if world is None:
        return IMPOSSIBLE
    try:
        containers = containers_of(world.graph, workload)
    except UnknownNameError as error:
        complain(f"rolecall can: {error}")
        return IMPOSSIBLE
    from rolecall.chain import chain_of
    from rolecall.chain.able import ability
    from rolecall.report import becoming

    chains = [chain_of(container, world.graph) for container in containers]
    if scope.format == "json":
        found = [becoming.able_data(chain, ability(chain, world.graph)) for chain in chains]
        show_json({"version": 1, "containers": found})
    else:
        for number, chain in enumerate(chains):
            show([""] if number else [])
            show(becoming.able(chain, ability(chain, world.graph), scope.style))
    return IMPOSSIBLE if world.problems else 0


def _check_namespace(namespace: str | None, found: Identities) -> None:
    names = {node.namespace for node in (*found.nodes, *found.plain) if node.namespace}
    if namespace is not None and namespace not in names:
        raise UnknownNameError(f"there is no namespace {namespace}{nearest(namespace, sorted(names))}")


def graph(scope: Scope, workload: str | None, role: str | None, namespace: str | None) -> int:
    """Show the identity graph, or what of it concerns a workload, a role or a namespace."""
    world = world_of(scope)
    if world is None:
        return IMPOSSIBLE
    from rolecall.chain.identities import identities, narrowed, role_key, workload_key
    from rolecall.report import identities as report

    found = identities(world.graph)
    try:
        workloads = None
        if workload is not None:
            workloads = frozenset(workload_key(one.workload) for one in containers_of(world.graph, workload))
        named = _role(world.graph, role).role if role else None
        _check_namespace(namespace, found)
    except UnknownNameError as error:
        complain(f"rolecall graph: {error}")
        return IMPOSSIBLE
    if workloads is not None or role or namespace is not None:
        roles = frozenset({role_key(named)}) if named is not None else frozenset() if role else None
        found = narrowed(found, workloads, roles, namespace)
    if scope.format == "json":
        show_json(report.data(found))
    elif scope.format == "dot":
        show(report.dot(found))
    elif scope.format == "mermaid":
        show(report.mermaid(found))
    else:
        lines = list(report.text(found, scope.style))
        show(lines or ["no workload, service account or role in these files"])
    return IMPOSSIBLE if world.problems else 0
