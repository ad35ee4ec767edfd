"""`rolecall chain`: the credential chain of each container, and who it becomes."""

# ruff: noqa: PLC0415 - a question imports what answers it
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.cli.output import complain
from rolecall.cli.who import containers_of
from rolecall.cli.worlds import IMPOSSIBLE, Scope, UnknownNameError, show, show_json, world_of
from rolecall.workspace import STDIN

if TYPE_CHECKING:
    from rolecall.chain import Chain
    from rolecall.engine import World


def named_first(first: str | None, paths: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The name and the paths of a command whose name may be left out: a first argument that is there is a path."""
    if first is not None and (first == STDIN or Path(first).exists()):
        return None, (first, *paths)
    return first, paths or (".",)


def perform(workload: str | None, scope: Scope) -> int:
    """Show the chains; the exit code is 2 where files could not be read, or there is no such workload."""
    world = world_of(scope)
    if world is None:
        return IMPOSSIBLE
    try:
        chains = _chains(world, workload)
    except UnknownNameError as error:
        complain(f"rolecall chain: {error}")
        return IMPOSSIBLE
    _print(chains, scope, whole=workload is not None)
    return IMPOSSIBLE if world.problems else 0


def _chains(world: World, workload: str | None) -> tuple[Chain, ...]:
    from rolecall.chain import chain_of
    from rolecall.graph.views import PodContainer

    graph = world.graph
    containers = graph.all(PodContainer) if workload is None else containers_of(graph, workload)
    return tuple(chain_of(container, graph) for container in containers)


def _print(chains: tuple[Chain, ...], scope: Scope, *, whole: bool) -> None:
    from rolecall.report import chain as report

    if scope.format == "json":
        show_json({"version": 1, "containers": [report.data(chain) for chain in chains]})
        return
    shown = tuple(chain for chain in chains if whole or report.is_remarkable(chain))
    if scope.format == "markdown":
        show(report.markdown(shown))
        return
    style = scope.style
    show(report.text(shown, style))
    if shown and len(shown) < len(chains):
        show([""])
    show(report.folded(tuple(chain for chain in chains if chain not in shown), style))
    if not chains:
        show(["no workloads in these files"])
