"""From paths to a result: files are read, joined and judged, and whatever fails on the way is kept as a problem."""

# ruff: noqa: PLC0415 - parsers are imported once there is something to read
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from rolecall.decide import decide, is_shown
from rolecall.fingerprint import numbered
from rolecall.judge import Judgement, judge
from rolecall.model import KeyLiteral, Plan
from rolecall.problem import once_a_place
from rolecall.records import dataclass
from rolecall.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rolecall.config import Settings
    from rolecall.discover import Discovery
    from rolecall.facts import Facts, Suppression
    from rolecall.graph import Graph
    from rolecall.problem import Problem, Unevaluated
    from rolecall.registry import Deferred, Registry
    from rolecall.result import Diagnostic
    from rolecall.source import Source
    from rolecall.workspace import Workspace

__all__ = ["Judgement", "World", "judge", "read", "run", "secrets"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """All that was read: the graph, what the readers said besides entities, and how many files of each kind."""

    graph: Graph
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]
    suppressions: tuple[Suppression, ...]
    files: Mapping[str, int]
    looked_at: int
    passed_by: int


def run(
    paths: Sequence[str],
    settings: Settings,
    registry: Registry | Deferred,
    workspace: Workspace,
    problems: Iterable[Problem] = (),
) -> Result:
    """Check files and directories (`-` is standard input) as one world.

    `problems` are those met on the way here, with the configuration.
    """
    from rolecall.registry import Deferred

    if isinstance(registry, Deferred) and registry.is_ours:
        world = read(paths, workspace, settings, meanwhile=registry.load)
        rules = settings.enabled(registry.rules)
    else:
        rules = settings.enabled(registry.rules)
        world = read(paths, workspace, settings, everything=any("/" in rule.name for rule in rules))
    judgement = judge(rules, world.graph, partial(is_shown, settings))
    decision = decide(
        numbered(judgement.diagnostics),
        world.suppressions,
        settings,
        names=registry.names,
        enabled=[rule.name for rule in rules],
    )
    return Result(
        rules=tuple(replace(rule, severity=settings.severity.get(rule.name, rule.severity)) for rule in rules),
        reported=decision.reported,
        suppressed=decision.suppressed,
        hidden_by_persona=decision.hidden_by_persona,
        hidden_by_severity=decision.hidden_by_severity,
        problems=_unique((*problems, *registry.problems, *world.problems, *judgement.problems)),
        unevaluated=once_a_place((*world.unevaluated, *judgement.unevaluated)),
        unused=decision.unused,
        files=world.files,
        looked_at=world.looked_at,
        passed_by=world.passed_by,
        secrets=secrets(world.graph, judgement.diagnostics),
    )


def read(
    paths: Sequence[str],
    workspace: Workspace,
    settings: Settings | None = None,
    *,
    everything: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> World:
    """Discover, parse and adapt, and link what came of it.

    `everything`: manifests that have nothing to do with AWS, too; other people's rules may be about them.
    `meanwhile` is called where other processes read, too.
    """
    from rolecall.discover import discover
    from rolecall.discover.modules import with_roots
    from rolecall.graph import Graph
    from rolecall.parallel import mapped
    from rolecall.reading import Reader

    excluded = _excluded(settings.exclude if settings else ())
    images = frozenset(name for name, _ in settings.images) if settings else frozenset()
    discovery = _without(discover(paths, workspace, everything=everything, images=images), excluded)
    values, problems = _values(workspace, settings.var_files if settings else ())
    units, reader = with_roots(discovery.units), Reader(discovery.workspace, values, excluded, discovery.sources)
    facts = mapped(reader.read, units, meanwhile=meanwhile)
    files = Counter[str]()
    for unit in units:
        files[unit.kind.value] += len(unit.paths)
    graph = Graph((*facts, _images(workspace, settings)), discovery.mentions)
    unevaluated = [
        thing
        for unit in facts
        for thing in unit.unevaluated
        if thing.span is None or not graph.is_settled(thing.span, unit.unit)
    ]
    return World(
        graph,
        (*problems, *discovery.problems, *(problem for unit in facts for problem in unit.problems)),
        (*discovery.unevaluated, *unevaluated),
        _unique(suppression for unit in facts for suppression in unit.suppressions),
        files,
        discovery.looked_at,
        discovery.passed_by,
    )


def _images(workspace: Workspace, settings: Settings | None) -> Facts:
    """Which Dockerfiles images are built from, as the user says it."""
    from rolecall.facts import Facts
    from rolecall.model import ImageSource, Origin
    from rolecall.span import Span

    found = []
    for name, path in settings.images if settings is not None else ():
        at = Span(settings.source if settings is not None else "", 0, 0, 1, 1, 1, 1)
        found.append(ImageSource(Origin(at.path, f"image {name}", at, at), name, workspace.shown(path)))
    return Facts("configuration", tuple(found))


def _excluded(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether the user's patterns exclude a path."""
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file


def _values(workspace: Workspace, paths: tuple[str, ...]) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """The files with values of Terraform's variables that the user named."""
    from rolecall.problem import Problem

    read = [workspace.naming((path,)).read(path) for path in paths]
    problems = tuple(one for one in read if isinstance(one, Problem))
    return tuple(one for one in read if not isinstance(one, Problem)), problems


def _without(discovery: Discovery, excluded: Callable[[str], bool]) -> Discovery:
    """What was discovered, but for the files that the user's patterns exclude."""
    units = []
    for unit in discovery.units:
        paths = tuple(path for path in unit.paths if not excluded(path))
        if paths:
            units.append(replace(unit, paths=paths))
    problems = tuple(problem for problem in discovery.problems if not excluded(problem.path))
    unevaluated = tuple(thing for thing in discovery.unevaluated if not excluded(thing.path))
    return replace(discovery, units=tuple(units), problems=problems, unevaluated=unevaluated)


def secrets(graph: Graph, diagnostics: Iterable[Diagnostic] = ()) -> dict[str, tuple[tuple[int, int], ...]]:
    """The stretches of text, by path, that no output may show: key literals, and what a rule says is secret."""
    found: dict[str, set[tuple[int, int]]] = {}
    for literal in graph.all(KeyLiteral):
        found.setdefault(literal.span.path, set()).add((literal.span.start, literal.span.end))
    for plan in graph.all(Plan):
        found.setdefault(plan.origin.span.path, set()).update((span.start, span.end) for span in plan.secrets)
    for diagnostic in diagnostics:
        for label in diagnostic.labels:
            if label.secret:
                found.setdefault(label.span.path, set()).add((label.span.start, label.span.end))
    return {path: tuple(sorted(spans)) for path, spans in found.items()}


def _unique(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
