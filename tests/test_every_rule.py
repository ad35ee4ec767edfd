"""One world in which every rule fires, through every report."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from rolecall import engine, registry
from rolecall.config import Settings
from rolecall.fingerprint import numbered
from rolecall.problem import Problem
from rolecall.report import github, sarif, text
from rolecall.report import json as json_report
from rolecall.report.location import Locations
from rolecall.report.masked import Lines
from rolecall.report.style import Style
from rolecall.result import Diagnostic, Result
from rolecall.rule import Persona
from rolecall.workspace import Workspace
from tests.fixtures import FIXTURES, ROOT
from tests.multitool import complaints, needs_multitool
from tests.worlds import BUILTIN, inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rolecall.source import Source

REGISTRY = registry.Registry(BUILTIN)
SETTINGS = Settings(persona=Persona.AUDITOR)
SECRETS = re.compile(
    r"(?:AKIA|ASIA)[A-Z2-7]{16}|(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[0-9])[A-Za-z0-9/+]{40}(?![\w/+=])"
)


@pytest.fixture(scope="module")
def everything() -> Iterator[tuple[Result, Lines]]:
    """The examples of all rules, each a world of its own, in one result."""
    workspace = Workspace(FIXTURES)
    with inside(FIXTURES):
        findings: list[Diagnostic] = []
        secrets: dict[str, tuple[tuple[int, int], ...]] = {}
        for rule in BUILTIN:
            result = engine.run([f"{rule.name}/fail/example"], SETTINGS, REGISTRY, workspace)
            findings += result.reported
            secrets |= result.secrets

        def read(path: str) -> Source | None:
            source = workspace.read(path)
            return None if isinstance(source, Problem) else source

        yield Result(rules=BUILTIN, reported=numbered(findings), secrets=secrets), Lines(read, secrets)


def log_of(everything: tuple[Result, Lines]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(sarif.render(*everything, Locations(FIXTURES, ROOT))))


def test_every_rule_has_a_result(everything: tuple[Result, Lines]) -> None:
    log = log_of(everything)
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {rule.name for rule in BUILTIN}


def test_every_region_is_the_text_it_shows(everything: tuple[Result, Lines]) -> None:
    """The columns of each primary place, counted in code points, are those of its first line in the file."""
    for result in log_of(everything)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        lines = (ROOT / place["artifactLocation"]["uri"]).read_text(encoding="utf-8").split("\n")
        region = place["region"]
        last = lines[region["endLine"] - 1]
        assert 1 <= region["startColumn"] <= len(lines[region["startLine"] - 1])
        assert 1 < region["endColumn"] <= len(last) + 1


@needs_multitool
def test_microsofts_validator_has_nothing_to_say(everything: tuple[Result, Lines], tmp_path: Path) -> None:
    path = tmp_path / "log.sarif"
    path.write_text(json.dumps(log_of(everything)), encoding="utf-8")
    assert complaints(path) == []


def test_no_report_shows_a_secret(everything: tuple[Result, Lines]) -> None:
    result, lines = everything
    reports = (
        json.dumps(sarif.render(result, lines, Locations(FIXTURES, ROOT))),
        json.dumps(json_report.render(result)),
        "\n".join(github.render(result)),
        "\n".join(text.render(result, lines, Style(), verbose=True)),
    )
    for report in reports:
        assert "static-key-literal" in report
        assert SECRETS.findall(report) == []
