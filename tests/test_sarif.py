"""SARIF, as code scanning reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rolecall.facts import Suppression
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.report import sarif
from rolecall.report.location import Locations
from rolecall.result import Acceptance, Result
from rolecall.rule import Severity
from rolecall.source import Source
from tests.multitool import complaints, needs_multitool
from tests.reports import KEY_ID, SECRET, diagnostic, label, lines_of, make_rule, result_of

HERE = Locations(Path("/repo/sub"), Path("/repo"))


def log_of(result: Result, *sources: Source) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(sarif.render(result, lines_of(*sources, secrets=dict(result.secrets)), HERE)))


def run_of(result: Result, *sources: Source) -> Any:  # noqa: ANN401 - JSON
    return log_of(result, *sources)["runs"][0]


def test_a_clean_run_has_results_that_are_empty() -> None:
    run = run_of(Result(rules=(make_rule(),)))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///repo/"


def test_every_enabled_rule_is_described() -> None:
    [described] = run_of(Result(rules=(make_rule("acme/bad-thing", Severity.CRITICAL),)))["tool"]["driver"]["rules"]
    assert described == {
        "id": "acme/bad-thing",
        "name": "AcmeBadThing",
        "shortDescription": {"text": "A bad thing."},
        "fullDescription": {"text": "It finds a bad thing. More."},
        "help": {
            "text": "## Why it matters\n\nIt does.\n\n## How to fix it\n\nFix it.",
            "markdown": (
                "## Why it matters\n\nIt does.\n\n## How to fix it\n\nFix it."
                "\n\n## References\n\n- <https://docs.aws.amazon.com/>"
            ),
        },
        "helpUri": "https://docs.aws.amazon.com/",
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "aws", "identity"],
            "precision": "high",
            "problem.severity": "error",
            "security-severity": "9.5",
        },
    }


@pytest.mark.parametrize("before", ["", "\t", "日本語 ", "😀\u200d ", "e\u0301 "])
def test_places_are_exact_in_code_points(before: str) -> None:
    source = Source("a.yaml", f"first\r\n{before}bad # 😀\nlast\n")
    [result] = run_of(result_of(diagnostic("x", label(source, "bad"))), source)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "sub/a.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {
        "startLine": 2,
        "startColumn": len(before) + 1,
        "endLine": 2,
        "endColumn": len(before) + 4,
        "snippet": {"text": "bad"},
    }
    assert place["contextRegion"] == {
        "startLine": 1,
        "endLine": 3,
        "snippet": {"text": f"first\n{before}bad # 😀\nlast"},
    }


def test_related_places_and_the_flow_along_them() -> None:
    source = Source("a.yaml", "one\ntwo\nthree\n")
    found = diagnostic("x [y](z)", label(source, "two", "here"), label(source, "one", "a"), label(source, "three", "b"))
    [result] = run_of(result_of(found), source)["results"]
    assert result["message"]["text"] == "x [y] (z)."
    assert [(place["id"], place["message"]["text"]) for place in result["relatedLocations"]] == [(1, "a"), (2, "b")]
    [flow] = result["codeFlows"][0]["threadFlows"]
    steps = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow["locations"]]
    assert steps == [1, 3, 2]


def test_what_is_never_reached_comes_last_in_the_flow() -> None:
    source = Source("a.yaml", "secret\nrole\nenvironment\n")
    role = replace(label(source, "role"), later=True)
    [result] = run_of(result_of(diagnostic("x", label(source, "environment"), role, label(source, "secret"))), source)[
        "results"
    ]
    [flow] = result["codeFlows"][0]["threadFlows"]
    steps = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow["locations"]]
    assert steps == [1, 3, 2]


def test_a_single_place_has_no_flow() -> None:
    source = Source("a.yaml", "one\n")
    [result] = run_of(result_of(diagnostic("x", label(source, "one"))), source)["results"]
    assert "codeFlows" not in result
    assert "relatedLocations" not in result
    assert result["suppressions"] == []


def test_suppressed_results_say_by_what() -> None:
    source = Source("a.yaml", "one # rolecall: ignore until Q3\n")
    written = Suppression((), "until Q3", source.span(0, 3), source.span(4, 20))
    rule = make_rule()
    one = diagnostic("x", label(source, "one"), rule=rule, accepted=Acceptance("until Q3", written.at))
    two = diagnostic("y", label(source, "one"), rule=rule, accepted=Acceptance("per-path-ignores"))
    first, second = run_of(result_of(one, two), source)["results"]
    assert first["suppressions"][0]["kind"] == "inSource"
    assert first["suppressions"][0]["justification"] == "until Q3"
    assert first["suppressions"][0]["location"]["physicalLocation"]["region"]["startColumn"] == 5
    assert second["suppressions"] == [{"kind": "external", "justification": "per-path-ignores"}]


def test_problems_and_what_was_not_evaluated_are_notifications() -> None:
    source = Source("a.yaml", "one\n")
    result = Result(
        problems=(Problem(ProblemKind.SYNTAX, "is broken", span=source.span(0, 1), help="repair it"),),
        unevaluated=(Unevaluated("policy", "no default: var.a", path="b.tf"), Unevaluated("x", "no default: var.b")),
    )
    [invocation] = run_of(result, source)["invocations"]
    assert invocation["executionSuccessful"] is False
    first, second = invocation["toolExecutionNotifications"]
    assert first["level"] == "error"
    assert first["message"]["text"] == "is broken. Repair it."
    assert first["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert second["level"] == "note"
    assert second["message"]["text"] == "Not evaluated (2): no default."


def test_no_snippet_shows_a_secret() -> None:
    source = Source("a.tf", f'a = "{KEY_ID}"\nb = "{SECRET}"\nc = "plainword"\n')
    found = diagnostic("x", label(source, KEY_ID), label(source, SECRET), label(source, "plainword", secret=True))
    start = source.text.index("plainword")
    result = Result(rules=(found.rule,), reported=(found,), secrets={"a.tf": ((start, start + 9),)})
    text = json.dumps(log_of(result, source))
    assert SECRET not in text
    assert KEY_ID not in text
    assert "plainword" not in text
    assert "AKIA\\u2026U2I3" in text


def test_paths_are_uris() -> None:
    assert HERE.uri("a b/ü#%.yaml") == ("sub/a%20b/%C3%BC%23%25.yaml", True)
    assert HERE.uri("../c.yaml") == ("c.yaml", True)
    assert HERE.uri("../../d e.yaml") == ("file:///d%20e.yaml", False)
    assert HERE.uri("/repository/x.yaml") == ("file:///repository/x.yaml", False)


def test_the_root_is_the_repositorys(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    assert Locations.of(inner).uri("c.yaml") == ("a/b/c.yaml", True)


def test_fingerprints_survive_moved_code() -> None:
    before = Source("a.yaml", "one bad\n")
    after = Source("a.yaml", "\n\n  more\n   bad\n")
    one = diagnostic("role of 1 is bad", label(before, "bad"), subject="Deployment pay/app")
    two = diagnostic("role of 2 is bad", label(after, "bad"), subject="Deployment pay/app")
    other = diagnostic("role of 1 is bad", label(before, "bad"), subject="Deployment pay/other")
    assert one.fingerprint == two.fingerprint != other.fingerprint


@needs_multitool
@pytest.mark.parametrize("kind", ["clean", "full"])
def test_microsofts_validator_accepts_it(kind: str, tmp_path: Path) -> None:
    source = Source("a b.yaml", "日本 one\n\ttwo # rolecall: ignore\nthree\n")
    rule = make_rule()
    one = diagnostic("x", label(source, "two", "here"), label(source, "one", "a"), rule=rule, help_="do it")
    two = diagnostic("y", label(source, "three"), rule=rule, accepted=Acceptance("", source.span(5, 6)))
    three = diagnostic("z", label(source, "three"), rule=rule, accepted=Acceptance("why"))
    full = Result(
        rules=(rule, make_rule("acme/other")),
        reported=(one,),
        suppressed=(two, three),
        problems=(Problem(ProblemKind.PLUGIN, "is broken"), Problem(ProblemKind.SYNTAX, "is bad", "c.yaml")),
        unevaluated=(Unevaluated("policy", "no default: var.a", path="b.tf"),),
    )
    path = tmp_path / "log.sarif"
    path.write_text(json.dumps(log_of(full if kind == "full" else Result(rules=(rule,)), source)), encoding="utf-8")
    assert complaints(path) == []
