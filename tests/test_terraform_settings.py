"""What the user says beside the configuration: files of values, directories to leave out, accepted findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from rolecall.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path

ROOT = """
variable "subject" {}

module "role" {
  source  = "../modules/role"
  subject = var.subject
}
"""
ROLE = """
variable "subject" {}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }%s
      Action    = "sts:AssumeRole"
      Condition = { StringLike = { "aws:PrincipalArn" = var.subject } }
    }]
  })
}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "live").mkdir()
    (tmp_path / "modules" / "role").mkdir(parents=True)
    (tmp_path / "live" / "main.tf").write_text(ROOT)
    (tmp_path / "modules" / "role" / "main.tf").write_text(ROLE % "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(app, ["check", "--format", "json", "--select", "trust-any-principal", *arguments])
    report: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, report


def places(report: dict[str, Any]) -> list[str]:
    return [f"{one['at']['path']}:{one['at']['line']}" for one in report["findings"]]


def test_a_value_that_nobody_gives_is_not_evaluated(tree: Path) -> None:
    del tree
    code, report = check()
    assert (code, report["findings"]) == (0, [])
    assert [thing["reason"] for thing in report["unevaluated"]] == ["a variable without a default: var.subject"]


def test_a_file_of_values_that_the_user_names_counts(tree: Path) -> None:
    (tree / "open.tfvars").write_text('subject = "*"\n')
    (tree / "one.tfvars").write_text('subject = "arn:aws:iam::111122223333:role/one"\n')
    assert check("--var-file", "one.tfvars")[1]["unevaluated"] == []
    assert check("--var-file", "one.tfvars")[1]["findings"] == []
    assert len(check("--var-file", "one.tfvars", "--var-file", "open.tfvars")[1]["findings"]) == 1


def test_the_configuration_names_files_of_values_relative_to_itself(tree: Path) -> None:
    (tree / "values").mkdir()
    (tree / "values" / "one.tfvars").write_text('subject = "arn:aws:iam::111122223333:role/one"\n')
    (tree / "rolecall.toml").write_text('var-files = ["values/one.tfvars"]\n')
    assert check()[1]["unevaluated"] == []


def test_a_file_of_values_that_is_not_there_is_a_problem(tree: Path) -> None:
    del tree
    code, report = check("--var-file", "none.tfvars")
    assert code == 2
    assert [problem["path"] for problem in report["problems"]] == ["none.tfvars"]


def test_a_finding_in_an_excluded_module_stands_at_its_call(tree: Path) -> None:
    (tree / "modules" / "role" / "main.tf").write_text(ROLE.replace("Condition", "# Condition") % "")
    assert places(check()[1]) == ["modules/role/main.tf:10"]
    (tree / "rolecall.toml").write_text('exclude = ["modules/**"]\n')
    assert places(check()[1]) == ["live/main.tf:4"]


def test_a_comment_in_a_called_module_accepts_a_finding_there(tree: Path) -> None:
    accepted = "  # rolecall: ignore[trust-any-principal] a demonstration"
    (tree / "modules" / "role" / "main.tf").write_text(ROLE.replace("Condition", "# Condition") % accepted)
    for paths in ((), ("live",)):
        code, report = check(*paths)
        assert (code, report["summary"]["suppressed"]) == (0, 1)
