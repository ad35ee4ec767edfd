"""Rules over a graph: every finding once, the general ones silent where a specific one speaks, crashes kept."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, get_args

from rolecall.model import Origin
from rolecall.parallel import mapped
from rolecall.problem import Problem, Unevaluated, crash
from rolecall.records import dataclass
from rolecall.result import Diagnostic
from rolecall.rule import Confidence, Finding, Label, Persona, Severity
from rolecall.secrets import mask
from rolecall.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.graph import Graph
    from rolecall.rule import Rule

_PATIENCE = 0.3
"""Seconds after which the rest of the rules is shared among processes: each has to join the world for itself."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What rules said about a graph: findings in order of place, what they could not evaluate, and their crashes."""

    diagnostics: tuple[Diagnostic, ...]
    unevaluated: tuple[Unevaluated, ...]
    problems: tuple[Problem, ...]


def judge(rules: Iterable[Rule], graph: Graph, shown: Callable[[Diagnostic], bool] = lambda _: True) -> Judgement:
    """Run rules over a graph. A rule that raises is a problem, and the others go on.

    A rule speaks once about one text, with its most severe finding and the number of the others: the instances of a
    `for_each` share theirs. What is not `shown` to the user silences no general rule.
    """
    diagnostics: dict[tuple[str, Span], Diagnostic] = {}
    subjects: dict[tuple[str, Span], set[str]] = {}
    unevaluated: dict[Unevaluated, None] = {}
    problems: dict[Problem, None] = {}
    rules = tuple(rules)
    for rule, everything in zip(
        rules, mapped(lambda rule: tuple(_said(rule, graph)), rules, patience=_PATIENCE), strict=True
    ):
        for said in everything:
            if isinstance(said, Problem):
                problems[said] = None
            elif isinstance(said, Unevaluated):
                unevaluated[said] = None
            else:
                found = _diagnostic(rule, _with_plan(said, graph))
                key = (rule.name, found.at)
                subjects.setdefault(key, set()).add(said.subject)
                earlier = diagnostics.setdefault(key, found)
                if (found.severity, found.confidence) > (earlier.severity, earlier.confidence):
                    diagnostics[key] = found
    counted = tuple(_with_others(found, len(subjects[key])) for key, found in diagnostics.items())
    spoken = _without_the_general(counted, shown)
    return Judgement(tuple(sorted(spoken, key=_order)), tuple(unevaluated), tuple(problems))


def _said(rule: Rule, graph: Graph) -> Iterator[Finding | Unevaluated | Problem]:
    try:
        kinds = get_args(rule.subject_type) or (rule.subject_type,)
        subjects: tuple[object, ...] = tuple(subject for kind in kinds for subject in graph.all(kind))
    except Exception as error:  # noqa: BLE001 - nothing is swallowed: it becomes a problem
        yield _crash(rule, error, None)
        return
    for subject in subjects:
        try:
            for said in rule.check(subject, graph) if rule.takes_graph else rule.check(subject):
                if not isinstance(said, (Finding, Unevaluated)):
                    raise TypeError("a rule yields findings")  # noqa: TRY301 - a crash of the rule like any other
                yield _with_calls(said, subject) if isinstance(said, Finding) else said
        except Exception as error:  # noqa: BLE001 - likewise
            yield _crash(rule, error, subject)


def _with_plan(finding: Finding, graph: Graph) -> Finding:
    """The finding with the place in a Terraform plan that says the same, or says what the source leaves open."""
    place = graph.planned(finding.at.span)
    if place is None or any(label.span.overlaps(place) for label in finding.related):
        return finding
    return replace(finding, related=(*finding.related, Label(place, "what Terraform makes of it")))


def _with_calls(finding: Finding, subject: object) -> Finding:
    """The finding, and by which module calls its subject is there, where it says nothing of the calling file."""
    paths = {finding.at.span.path, *(label.span.path for label in finding.related)}
    calls = tuple(Label(call, "called here") for call in _calls(subject) if call.path not in paths)
    return replace(finding, related=(*finding.related, *calls)) if calls else finding


def _crash(rule: Rule, error: Exception, subject: object) -> Problem:
    """A rule's crash, at the place of the subject that it was given."""
    span = _place(subject)
    advice = "this is a mistake in the rule, not in your files; the other rules went on"
    return crash(f"rule {rule.name}", error, advice, span.path if span else "", span)


def _calls(subject: object) -> tuple[Span, ...]:
    """The module calls that lead to an entity, or to the first entity of a view."""
    return next((thing.calls for thing in _parts(subject) if isinstance(thing, Origin)), ())


def _place(subject: object) -> Span | None:
    """Where an entity, or the first entity of a view, is declared."""
    return next((thing for thing in _parts(subject) if isinstance(thing, Span)), None)


def _parts(subject: object) -> Iterator[object]:
    """What an entity or a view is made of, as far as it says where it is declared."""
    waiting: list[object] = [subject]
    for _ in range(20):
        if not waiting:
            break
        thing = waiting.pop(0)
        yield thing
        own = ("origin", "span", "at", "service_account", "container", "workload", "role", "name", "group", "node_role")
        waiting += [value for name in own if (value := getattr(thing, name, None)) is not None]


def _diagnostic(rule: Rule, finding: Finding) -> Diagnostic:
    severity = rule.severity if finding.severity is None else finding.severity
    confidence = rule.confidence if finding.confidence is None else finding.confidence
    persona = finding.persona
    if persona is None:
        quiet = severity is Severity.INFO or confidence is Confidence.LOW
        persona = max(rule.persona, Persona.PEDANTIC) if quiet else rule.persona
    return Diagnostic(rule, _masked(finding), severity, confidence, persona)


def _with_others(diagnostic: Diagnostic, subjects: int) -> Diagnostic:
    """The finding with how many others its text makes: the calls of a module, the instances of a `for_each`."""
    if subjects < 2:
        return diagnostic
    message = f"{diagnostic.finding.message}; this text does the same for {subjects - 1} more"
    return replace(diagnostic, finding=replace(diagnostic.finding, message=message))


def _masked(finding: Finding) -> Finding:
    """The finding with whatever looks like key material masked, should a rule have quoted it."""
    return replace(
        finding,
        message=mask(finding.message),
        help=mask(finding.help),
        subject=mask(finding.subject),
        at=_masked_label(finding.at),
        related=tuple(map(_masked_label, finding.related)),
    )


def _masked_label(label: Label) -> Label:
    return replace(label, text=mask(label.text)) if label.text else label


def _without_the_general(
    diagnostics: tuple[Diagnostic, ...], shown: Callable[[Diagnostic], bool]
) -> Iterator[Diagnostic]:
    """The diagnostics but for those whose rule yields to one that speaks on the same text."""
    places: dict[tuple[str, str], list[Span]] = {}
    for diagnostic in filter(shown, diagnostics):
        places.setdefault((diagnostic.rule.name, diagnostic.at.path), []).append(diagnostic.at)
    spoken = {key: _Spoken(spans) for key, spans in places.items()}
    for diagnostic in diagnostics:
        others = (spoken.get((name, diagnostic.at.path)) for name in diagnostic.rule.yields_to)
        if not any(other is not None and other.on(diagnostic.at) for other in others):
            yield diagnostic


class _Spoken:
    """The places in one file on which a rule speaks, for asking whether one of them overlaps another."""

    def __init__(self, spans: list[Span]) -> None:
        spans.sort(key=lambda span: span.start)
        self._starts = [span.start for span in spans]
        self._furthest = list(accumulate((span.end for span in spans), max))

    def on(self, span: Span) -> bool:
        """Whether some place shares a character with a span, or starts where it does."""
        before = bisect_left(self._starts, span.end)
        if before and self._furthest[before - 1] > span.start:
            return True
        same = bisect_left(self._starts, span.start)
        return same < len(self._starts) and self._starts[same] == span.start


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, int, str, str]:
    at = diagnostic.at
    return at.path, at.line, at.column, at.end, diagnostic.rule.name, diagnostic.finding.message
