"""Every rule on its own fixtures, and all rules on all that must be silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.secrets import mask
from tests.fixtures import FIXTURES, Case, Expectation, cases
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from rolecall.engine import Judgement

CASES = cases()
RULES = {rule.name: rule for rule in BUILTIN}


def found(judgement: Judgement) -> set[Expectation]:
    return {Expectation(one.at.path, one.at.line, one.rule.name) for one in judgement.diagnostics}


@pytest.mark.parametrize("case", [case for case in CASES if case.verdict == "fail"], ids=lambda case: case.id)
def test_a_rule_finds_what_is_marked_and_nothing_else(case: Case) -> None:
    expected = {one for one in case.expectations() if one.rule == case.rule}
    assert expected, "a fail case marks where the finding is expected"
    world, judgement = judge(case.directory, [RULES[case.rule]])
    assert (*world.problems, *judgement.problems) == ()
    assert found(judgement) == expected
    for one in judgement.diagnostics:
        assert mask(one.finding.message) == one.finding.message, "the message's own words look like a secret"
        assert mask(one.finding.help) == one.finding.help, "the help's own words look like a secret"


@pytest.mark.parametrize("case", [case for case in CASES if case.verdict == "pass"], ids=lambda case: case.id)
def test_all_rules_are_silent_where_nothing_is_wrong(case: Case) -> None:
    expected = case.expectations()
    assert case.rule not in {one.rule for one in expected}, "a pass case is one on which its own rule is silent"
    world, judgement = judge(case.directory)
    assert (*world.problems, *judgement.problems) == ()
    assert found(judgement) == expected


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_has_an_example_of_wrong_and_of_right(name: str) -> None:
    ids = {case.id for case in CASES}
    assert {f"{name}/fail/example", f"{name}/pass/example"} <= ids


def test_every_fixture_folder_belongs_to_a_rule() -> None:
    assert {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()} - {"demo"} == set(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_is_documented(name: str) -> None:
    rule = RULES[name]
    assert "## Why it matters" in rule.documentation
    assert "## How to fix it" in rule.documentation
    assert rule.references
    assert rule.formats
    assert not rule.summary.endswith(".")
    assert rule.summary[0].islower() or rule.summary.split()[0].isupper() or rule.summary[:2] in ("AW", "IA", "EK")
    module = rule.check.__module__.rpartition(".")[2]
    assert module == name.replace("-", "_"), "a rule's file is named for it"


def test_a_rule_yields_to_rules_that_exist() -> None:
    assert {name for rule in BUILTIN for name in rule.yields_to} <= set(RULES)


def test_findings_are_the_same_in_every_run() -> None:
    directory = FIXTURES / "demo"
    assert judge(directory)[1] == judge(directory)[1]
