"""From paths to a result: files are read, joined and judged, and whatever fails on the way is kept as a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rolecall.decide import decide
from rolecall.model import KeyLiteral
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.result import Diagnostic, Result
from rolecall.rule import Confidence, Finding, Persona, Severity
from rolecall.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rolecall.config import Settings
    from rolecall.facts import Suppression
    from rolecall.graph import Graph
    from rolecall.registry import Registry
    from rolecall.rule import Rule
    from rolecall.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """All that was read: the graph, what the readers said besides entities, and how many files of each kind."""

    graph: Graph
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]
    suppressions: tuple[Suppression, ...]
    files: Mapping[str, int]


def run(paths: Sequence[str], settings: Settings, registry: Registry, workspace: Workspace) -> Result:
    """Check files and directories (`-` is standard input) as one world."""
    rules = settings.enabled(registry.rules)
    world = read(paths, workspace, settings.exclude)
    judgement = judge(rules, world.graph)
    decision = decide(judgement.diagnostics, world.suppressions, settings)
    return Result(
        rules=rules,
        reported=decision.reported,
        suppressed=decision.suppressed,
        hidden_by_persona=decision.hidden_by_persona,
        hidden_by_severity=decision.hidden_by_severity,
        problems=_unique((*registry.problems, *world.problems, *judgement.problems)),
        unevaluated=_unique((*world.unevaluated, *judgement.unevaluated)),
        unused=decision.unused,
        files=world.files,
        secrets=_secrets(world.graph, judgement.diagnostics),
    )


def read(paths: Sequence[str], workspace: Workspace, exclude: tuple[str, ...] = ()) -> World:
    """Discover, parse and adapt, and link what came of it."""
    from rolecall.discover import discover
    from rolecall.graph import Graph
    from rolecall.reading import read_unit

    discovery = discover(paths, workspace, exclude=exclude)
    facts = [read_unit(unit, workspace) for unit in discovery.units]
    return World(
        Graph(facts),
        (*discovery.problems, *(problem for unit in facts for problem in unit.problems)),
        (*discovery.unevaluated, *(thing for unit in facts for thing in unit.unevaluated)),
        tuple(suppression for unit in facts for suppression in unit.suppressions),
        discovery.counts,
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What rules said about a graph: findings in order of place, what they could not evaluate, and their crashes."""

    diagnostics: tuple[Diagnostic, ...]
    unevaluated: tuple[Unevaluated, ...]
    problems: tuple[Problem, ...]


def judge(rules: Iterable[Rule], graph: Graph) -> Judgement:
    """Run rules over a graph. A rule that raises is a problem, and the others go on."""
    diagnostics: dict[tuple[object, ...], Diagnostic] = {}
    unevaluated: dict[Unevaluated, None] = {}
    problems: dict[Problem, None] = {}
    chosen = tuple(rules)
    for rule in chosen:
        for said in _said(rule, graph):
            if isinstance(said, Problem):
                problems[said] = None
            elif isinstance(said, Unevaluated):
                unevaluated[said] = None
            else:
                diagnostics.setdefault((rule.name, said.at.span, said.message), _diagnostic(rule, said))
    spoken = _without_the_general(tuple(diagnostics.values()))
    return Judgement(tuple(sorted(spoken, key=_order)), tuple(unevaluated), tuple(problems))


def _said(rule: Rule, graph: Graph) -> Iterator[Finding | Unevaluated | Problem]:
    subject: object = None
    try:
        subjects = graph.all(rule.subject_type)
    except Exception as error:  # noqa: BLE001 - nothing is swallowed: it becomes a problem
        yield _crash(rule, error, None)
        return
    for subject in subjects:
        try:
            for said in rule.check(subject, graph) if rule.takes_graph else rule.check(subject):
                if isinstance(said, (Finding, Unevaluated)):
                    yield said
                else:
                    yield _crash(rule, TypeError(), subject)
        except Exception as error:  # noqa: BLE001 - likewise
            yield _crash(rule, error, subject)


def _crash(rule: Rule, error: Exception, subject: object) -> Problem:
    """A crash as a problem: the exception's type and the subject's place, never its text, which may quote the input."""
    span = _place(subject)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" (line {trace.tb_lineno} of {trace.tb_frame.f_globals.get('__name__', '?')})" if trace else ""
    return Problem(
        ProblemKind.INTERNAL,
        f"rule {rule.name} failed with {type(error).__name__}{where}",
        path=span.path if span else "",
        span=span,
        help="this is a mistake in the rule, not in your files; the other rules went on",
    )


def _place(subject: object) -> Span | None:
    """Where a subject is declared, as far as it says so."""
    for path in (("origin", "span"), ("span",), ("at",), ("annotation", "key", "span"), ("container", "name", "span")):
        value: object = subject
        for name in path:
            value = getattr(value, name, None)
        if isinstance(value, Span):
            return value
    for name in ("service_account", "role", "workload", "container"):
        inner = getattr(subject, name, None)
        span = getattr(getattr(inner, "origin", None), "span", None)
        if isinstance(span, Span):
            return span
    return None


def _diagnostic(rule: Rule, finding: Finding) -> Diagnostic:
    severity = rule.severity if finding.severity is None else finding.severity
    confidence = rule.confidence if finding.confidence is None else finding.confidence
    persona = finding.persona
    if persona is None:
        quiet = severity is Severity.INFO or confidence is Confidence.LOW
        persona = max(rule.persona, Persona.PEDANTIC) if quiet else rule.persona
    return Diagnostic(rule, finding, severity, confidence, persona)


def _without_the_general(diagnostics: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    """The diagnostics but for those whose rule yields to one that speaks on the same text."""
    specific: dict[tuple[str, str], list[Span]] = {}
    for diagnostic in diagnostics:
        specific.setdefault((diagnostic.rule.name, diagnostic.at.path), []).append(diagnostic.at)
    for diagnostic in diagnostics:
        others = (span for name in diagnostic.rule.yields_to for span in specific.get((name, diagnostic.at.path), ()))
        if not any(span.overlaps(diagnostic.at) for span in others):
            yield diagnostic


def _secrets(graph: Graph, diagnostics: Iterable[Diagnostic]) -> dict[str, tuple[tuple[int, int], ...]]:
    """The stretches of text, by path, that no output may show: key literals, and what a rule says is secret."""
    found: dict[str, set[tuple[int, int]]] = {}
    for literal in graph.all(KeyLiteral):
        found.setdefault(literal.span.path, set()).add((literal.span.start, literal.span.end))
    for diagnostic in diagnostics:
        for label in diagnostic.labels:
            if label.secret:
                found.setdefault(label.span.path, set()).add((label.span.start, label.span.end))
    return {path: tuple(sorted(spans)) for path, spans in found.items()}


def _unique(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, int, str, str]:
    at = diagnostic.at
    return at.path, at.line, at.column, at.end, diagnostic.rule.name, diagnostic.finding.message
