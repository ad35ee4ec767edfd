"""Rules over a graph, and what is decided about their findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.config import PathIgnore, Settings
from rolecall.decide import decide
from rolecall.facts import Facts, Suppression
from rolecall.graph import Graph
from rolecall.judge import judge
from rolecall.model import KeyLiteral, Material, MaterialKind
from rolecall.problem import ProblemKind, Unevaluated
from rolecall.rule import Confidence, Finding, Label, Persona, Severity
from rolecall.source import Source
from tests.reports import KEY_ID, SECRET, diagnostic, make_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.rule import Rule

SOURCE = Source("a.yaml", "one two three\nfour\nfive\n")
ONE, TWO, FOUR = SOURCE.span(0, 3), SOURCE.span(4, 7), SOURCE.span(14, 18)
GRAPH = Graph([Facts("a.yaml", (KeyLiteral(Material(MaterialKind.KEY_ID), FOUR, "a.yaml"),))])


def rule(name: str, check: Callable[..., Iterator[Finding | Unevaluated]], *yields_to: str) -> Rule:
    made = make_rule(name)
    return replace(made, check=check, subject_type=KeyLiteral, takes_graph=False, yields_to=yields_to)


def saying(*findings: Finding | Unevaluated) -> Callable[..., Iterator[Finding | Unevaluated]]:
    def check(_: object) -> Iterator[Finding | Unevaluated]:
        yield from findings

    return check


def test_findings_stand_in_the_order_of_their_places_and_once() -> None:
    late, early = Finding("late", Label(FOUR)), Finding("early", Label(ONE))
    judgement = judge([rule("a", saying(late, early, late)), rule("b", saying(early))], GRAPH)
    assert [(one.at.line, one.rule.name) for one in judgement.diagnostics] == [(1, "a"), (1, "b"), (2, "a")]


def test_a_rule_that_raises_is_a_problem_and_the_others_go_on() -> None:
    def broken(_: object) -> Iterator[Finding]:
        yield Finding("before", Label(ONE))
        raise ValueError(SECRET)

    judgement = judge([rule("broken", broken), rule("fine", saying(Finding("x", Label(TWO))))], GRAPH)
    assert [one.finding.message for one in judgement.diagnostics] == ["before", "x"]
    [problem] = judgement.problems
    assert problem.kind is ProblemKind.INTERNAL
    assert problem.message.startswith("rule broken failed with ValueError (line ")
    assert problem.span == FOUR
    assert SECRET not in repr(problem)


def test_a_rule_that_yields_something_else_is_a_problem() -> None:
    def broken(_: object) -> Iterator[Finding]:
        yield "a finding"  # type: ignore[misc]

    [problem] = judge([rule("broken", broken)], GRAPH).problems
    assert problem.message.startswith("rule broken failed with TypeError")


def test_a_view_that_cannot_be_built_is_a_problem() -> None:
    class Broken(Graph):
        def all(self, kind: type) -> tuple[object, ...]:  # type: ignore[override]
            raise KeyError(kind)

    [problem] = judge([rule("fine", saying())], Broken([])).problems
    assert problem.message.startswith("rule fine failed with KeyError")


def test_a_rule_speaks_once_about_a_text_with_its_most_severe_finding() -> None:
    mild = Finding("instance a", Label(ONE), severity=Severity.LOW)
    grave = Finding("instance b", Label(ONE), severity=Severity.CRITICAL)
    for order in ((mild, grave), (grave, mild)):
        [found] = judge([rule("a", saying(*order))], GRAPH).diagnostics
        assert found.finding.message == "instance b"


def test_a_specific_finding_that_nobody_sees_silences_nothing() -> None:
    general = rule("general", saying(Finding("g", Label(ONE))), "specific")
    specific = rule("specific", saying(Finding("s", Label(ONE), persona=Persona.AUDITOR)))
    seen = judge([general, specific], GRAPH, lambda found: found.persona is Persona.REGULAR).diagnostics
    assert [one.finding.message for one in seen] == ["g", "s"]


def test_the_general_rule_is_silent_where_a_specific_one_speaks() -> None:
    general = rule("general", saying(*(Finding("g", Label(span)) for span in (ONE, TWO, FOUR))), "specific", "unknown")
    wide = SOURCE.span(2, 5)
    judgement = judge([general, rule("specific", saying(Finding("s", Label(wide))))], GRAPH)
    assert [(one.rule.name, one.at) for one in judgement.diagnostics] == [("specific", wide), ("general", FOUR)]


def test_a_rule_gets_the_graph_if_it_takes_it() -> None:
    def check(_: KeyLiteral, graph: Graph) -> Iterator[Finding]:
        yield Finding(str(len(graph.all(KeyLiteral))), Label(ONE))

    one = replace(rule("a", check), takes_graph=True)
    assert [one.finding.message for one in judge([one], GRAPH).diagnostics] == ["1"]


def test_what_a_rule_could_not_evaluate_is_kept_once() -> None:
    thing = Unevaluated("policy", "no default", ONE)
    assert judge([rule("a", saying(thing, thing)), rule("b", saying(thing))], GRAPH).unevaluated == (thing,)


def test_a_quiet_finding_is_for_the_pedantic_unless_it_says_otherwise() -> None:
    loud = Finding("x", Label(ONE))
    findings = (
        loud,
        replace(loud, message="info", severity=Severity.INFO),
        replace(loud, message="unsure", confidence=Confidence.LOW),
        replace(loud, message="said", severity=Severity.INFO, persona=Persona.REGULAR),
    )
    judgement = judge([rule(one.message, saying(one)) for one in findings], GRAPH)
    assert {one.finding.message: one.persona for one in judgement.diagnostics} == {
        "x": Persona.REGULAR,
        "info": Persona.PEDANTIC,
        "unsure": Persona.PEDANTIC,
        "said": Persona.REGULAR,
    }


def test_key_material_that_a_rule_quotes_is_masked() -> None:
    finding = Finding(f"key {KEY_ID}", Label(ONE, f"is {KEY_ID}"), (Label(TWO, KEY_ID),), KEY_ID, KEY_ID)
    assert KEY_ID not in repr(judge([rule("a", saying(finding))], GRAPH).diagnostics)


FOUND = diagnostic("x", Label(ONE), Label(FOUR))


def suppression(*rules: str, line: int = 1) -> Suppression:
    start = SOURCE.starts[line - 1]
    return Suppression(rules, "why", SOURCE.span(start, start + 3), SOURCE.span(start, start + 1))


def test_a_suppression_on_any_line_that_is_labelled_counts() -> None:
    for line, found in ((1, 1), (2, 1), (3, 0)):
        decision = decide([FOUND], [suppression(line=line)], Settings())
        assert len(decision.suppressed) == found
        assert len(decision.unused) == 1 - found


def test_only_the_rules_that_a_suppression_names_are_suppressed() -> None:
    names = ["bad-thing", "other", "idle"]
    decision = decide(
        [FOUND], [suppression("other", "idle", "bad-thing")], Settings(), names=names, enabled=["bad-thing", "other"]
    )
    assert [one.accepted is not None for one in decision.suppressed] == [True]
    assert [unused.message for unused in decision.unused] == ["ignore[other] suppresses nothing"]
    decision = decide([FOUND], [suppression("bad-thin")], Settings(), names=names, enabled=names)
    assert len(decision.reported) == 1
    assert [unused.message for unused in decision.unused] == [
        "ignore[bad-thin]: there is no rule 'bad-thin'; did you mean 'bad-thing'?"
    ]


def test_a_suppression_of_many_lines_counts() -> None:
    source = Source("a.yaml", "x\n" * 200)
    everything = Suppression((), "", source.whole(), source.whole())
    inside = diagnostic("x", Label(source.span(300, 301)))
    assert len(decide([inside], [everything], Settings()).suppressed) == 1
    elsewhere = diagnostic("x", Label(Source("b.yaml", "x").whole()))
    assert len(decide([elsewhere], [everything], Settings()).reported) == 1


def test_a_suppression_of_a_hidden_finding_is_in_use() -> None:
    decision = decide([replace(FOUND, persona=Persona.AUDITOR)], [suppression()], Settings())
    assert decision.unused == ()
    assert decision.hidden_by_persona == {Persona.AUDITOR: 1}


def test_the_users_severity_decides_what_is_shown() -> None:
    settings = Settings(min_severity=Severity.MEDIUM, severity={"bad-thing": Severity.LOW})
    assert decide([FOUND], [], settings).hidden_by_severity == 1
    settings = replace(settings, min_severity=Severity.LOW)
    assert [one.severity for one in decide([FOUND], [], settings).reported] == [Severity.LOW]


def test_no_ignores_reports_everything() -> None:
    settings = Settings(honour_ignores=False, per_path_ignores=(PathIgnore("**", ("*",)),))
    decision = decide([FOUND], [suppression("other")], settings)
    assert (len(decision.reported), decision.unused) == (1, ())
    assert len(decide([FOUND], [], replace(settings, honour_ignores=True)).suppressed) == 1


def test_a_finding_tells_of_the_others_that_its_text_makes() -> None:
    said = saying(*(Finding(f"{name} is wrong", Label(ONE), subject=name) for name in ("a", "b", "c", "b")))
    alone = saying(Finding("d is wrong", Label(ONE), subject="d"), Finding("d is wrong", Label(TWO), subject="d"))
    judgement = judge([rule("many", said), rule("one", alone)], GRAPH)
    assert [one.finding.message for one in judgement.diagnostics] == [
        "a is wrong; this text does the same for 2 more",
        "d is wrong",
        "d is wrong",
    ]
