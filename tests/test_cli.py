"""The command as a user runs it: output, exit codes, and what it does not import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from rolecall import __version__
from rolecall.config.file import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

# Keys from nowhere.
MANIFEST = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: pay
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::11112222333:role/app
"""
CLEAN = MANIFEST.replace("11112222333:", "111122223333:")
BROKEN = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: [\n  eks.amazonaws.com/role-arn\n"


def rolecall(
    directory: Path, *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "rolecall", *arguments],
        cwd=directory,
        input=stdin,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    (tmp_path / "sa.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    (tmp_path / "sa.yaml").write_text(CLEAN, encoding="utf-8")
    return tmp_path


def test_findings(wrong: Path) -> None:
    done = rolecall(wrong, "check")
    assert done.returncode == 1
    assert b"high[irsa-role-arn-malformed]: " in done.stdout
    assert b" --> sa.yaml:7:" in done.stdout
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


def test_nothing_found(clean: Path) -> None:
    done = rolecall(clean, "check")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == "summary: no findings\n  read: 1 file (1 YAML)\n"


def test_exit_zero_is_about_findings_only(wrong: Path) -> None:
    assert rolecall(wrong, "check", "--exit-zero").returncode == 0
    (wrong / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert rolecall(wrong, "check", "--exit-zero").returncode == 2


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_checked(wrong: Path) -> None:
    (wrong / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    done = rolecall(wrong, "check", ".", "missing.yaml")
    assert done.returncode == 2
    assert b"high[irsa-role-arn-malformed]: " in done.stdout
    assert b"error[syntax]: " in done.stdout
    assert b" --> broken.yaml:" in done.stdout
    assert b" --> missing.yaml" in done.stdout


def test_standard_input(tmp_path: Path) -> None:
    done = rolecall(tmp_path, "check", "-", stdin=MANIFEST.encode())
    assert done.returncode == 1
    assert b" --> -:7:" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--format", "sariff"], "did you mean 'sarif'?"),
        (["check", "--min-severity", "hihg"], "did you mean 'high'?"),
        (["check", "--persona", "me"], "is none of regular, pedantic, auditor"),
        (["check", "--no-such-option"], "No such option"),
        (["rule", "irsa-sub-missmatch"], "did you mean 'irsa-sub-mismatch'?"),
    ],
)
def test_usage_errors(arguments: list[str], said: str, clean: Path) -> None:
    done = rolecall(clean, *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.decode().split())
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_an_unknown_rule_on_the_command_line(wrong: Path) -> None:
    done = rolecall(wrong, "check", "--ignore", "irsa-role-arn-malformd")
    assert done.returncode == 2
    assert b"did you mean 'irsa-role-arn-malformed'?" in done.stdout.replace(b"\n", b" ")
    assert b"high[irsa-role-arn-malformed]: " in done.stdout


def test_an_unknown_rule_in_the_configuration(wrong: Path) -> None:
    (wrong / "rolecall.toml").write_text('ignore = ["nope"]\n', encoding="utf-8")
    done = rolecall(wrong, "check")
    assert done.returncode == 2
    assert b" --> rolecall.toml:1:11" in done.stdout
    assert b"high[irsa-role-arn-malformed]: " in done.stdout


def test_a_configuration_that_is_no_toml_stops_the_run(wrong: Path) -> None:
    (wrong / "rolecall.toml").write_text("=\n", encoding="utf-8")
    done = rolecall(wrong, "check", "--format", "sarif")
    assert done.returncode == 2
    assert json.loads(done.stdout)["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert done.stderr.startswith(b"rolecall.toml:1:1: ")


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ('ignore = ["irsa-role-*"]', 0),
        ('select = ["static-key-literal"]', 0),
        ('min-severity = "critical"', 0),
        ('severity.irsa-role-arn-malformed = "critical"\nmin-severity = "critical"', 1),
        ('per-path-ignores."sa.yaml" = ["irsa-role-arn-malformed"]', 0),
        ('per-path-ignores."other/**" = ["irsa-role-arn-malformed"]', 1),
        ('exclude = ["sa.yaml"]', 0),
    ],
)
def test_the_configuration_holds(config: str, code: int, wrong: Path) -> None:
    (wrong / "rolecall.toml").write_text(config + "\n", encoding="utf-8")
    assert rolecall(wrong, "check").returncode == code


def test_suppressions(wrong: Path) -> None:
    text = MANIFEST.replace("role/app", "role/app  # rolecall: ignore[irsa-role-arn-malformed] until Q3")
    (wrong / "sa.yaml").write_text(text + "# rolecall: ignore[irsa-role-arn-malformd]\n", encoding="utf-8")
    done = rolecall(wrong, "check")
    assert done.returncode == 0
    said = " ".join(done.stdout.decode().split())
    assert "not shown: 1 suppressed" in said
    assert "unused suppression: sa.yaml:8:1: ignore[irsa-role-arn-malformd]: there is no rule" in said
    assert rolecall(wrong, "check", "--no-ignores").returncode == 1


def test_the_json_report_follows_its_schema(wrong: Path) -> None:
    (wrong / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    (wrong / "two.yaml").write_text(MANIFEST + "# rolecall: ignore\n", encoding="utf-8")
    (wrong / "three.yaml").write_text(MANIFEST.rstrip() + " # rolecall: ignore x\n", encoding="utf-8")
    done = rolecall(wrong, "check", "--format", "json")
    report = json.loads(done.stdout)
    schema = json.loads((SCHEMA.parent / "report.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(report)
    places = [(finding["at"]["path"], finding["suppressed"] is None) for finding in report["findings"]]
    assert places == [("sa.yaml", True), ("two.yaml", True), ("three.yaml", False)]
    assert [problem["path"] for problem in report["problems"]] == ["broken.yaml"]
    assert report["summary"]["findings"]["high"] == 2
    assert b"broken.yaml:" in done.stderr


def test_github_annotations(wrong: Path) -> None:
    directory = wrong / "a,b"
    directory.mkdir()
    (wrong / "sa.yaml").rename(directory / "100%.yaml")
    line, *more = rolecall(wrong, "check", "--format", "github").stdout.decode().splitlines()
    assert more == []
    head = "::error file=a%2Cb/100%25.yaml,line=7,endLine=7,col=33,endColumn=65,title=irsa-role-arn-malformed::"
    assert line.startswith(head)


def test_a_report_in_a_file_is_whole_or_not_there(wrong: Path) -> None:
    done = rolecall(wrong, "check", "--format", "sarif", "--output", "out.sarif")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(json.loads((wrong / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]) == 1
    assert sorted(path.name for path in wrong.iterdir()) == ["out.sarif", "sa.yaml"]
    done = rolecall(wrong, "check", "--output", "no/such/folder.txt")
    assert done.returncode == 2
    assert done.stderr == b"no/such/folder.txt cannot be written: No such file or directory\n"


def test_colour_when_it_is_asked_for(wrong: Path) -> None:
    assert b"\x1b[" in rolecall(wrong, "check", "--color", "always").stdout
    assert b"\x1b[" in rolecall(wrong, "check", environment={"FORCE_COLOR": "1", "NO_COLOR": ""}).stdout


def test_a_reader_that_goes_away_is_no_error(wrong: Path) -> None:
    command = f'"{sys.executable}" -m rolecall check --verbose | true; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], cwd=wrong, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"1\n", b"")


def test_an_output_that_cannot_show_every_character(wrong: Path) -> None:
    (wrong / "sa.yaml").write_text(MANIFEST.replace("role/app", "role/app # 日本"), encoding="utf-8")
    done = rolecall(wrong, "check", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


def test_version_rules_and_pages(clean: Path) -> None:
    assert rolecall(clean, "--version").stdout.decode() == f"rolecall {__version__}\n"
    listed = json.loads(rolecall(clean, "rules", "--format", "json").stdout)
    assert "irsa-sub-mismatch" in [rule["name"] for rule in listed]
    table = rolecall(clean, "rules").stdout.decode()
    assert all(rule["name"] in table for rule in listed)
    page = rolecall(clean, "rule", "irsa-sub-mismatch")
    assert page.returncode == 0
    assert page.stdout.startswith(b"# irsa-sub-mismatch\n")
    assert b"## How to fix it" in page.stdout


def test_the_configurations_schema_is_printed(clean: Path) -> None:
    assert rolecall(clean, "config", "--schema").stdout == SCHEMA.read_bytes()


def test_a_run_on_yaml_imports_nothing_that_only_others_need(wrong: Path) -> None:
    code = (
        "import sys\n"
        "from rolecall.start import _run\n"
        "try:\n    code = _run(sys.argv[1:])\n"
        "except SystemExit as done:\n    code = done.code\n"
        "heavy = {'hcl2', 'lark', 'jsonschema', 'sarif_om', 'attr', 'pydantic', 'rich', 'tomllib', 'typer'}\n"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    for arguments, imported in ((["sa.yaml"], []), (["--verbose", "sa.yaml"], ["typer"])):
        command = [sys.executable, "-c", code, "check", *arguments]
        done = subprocess.run(command, cwd=wrong, capture_output=True, check=False)
        assert done.stderr.decode() == f"1 {imported}\n"


def test_a_check_without_options_is_one_with_their_defaults(wrong: Path) -> None:
    without = rolecall(wrong, "check", "sa.yaml")
    assert (without.returncode, without.stderr) == (1, b"")
    defaults = ("--format", "text", "--color", "auto")
    assert rolecall(wrong, "check", *defaults, "sa.yaml").stdout == without.stdout
    assert rolecall(wrong, "check").stdout == without.stdout
    assert rolecall(wrong, "check", "-", stdin=MANIFEST.encode()).returncode == 1


def test_what_is_not_evaluated_fails_only_if_asked(clean: Path) -> None:
    (clean / "notes.yaml").write_text("account:\n  eks.amazonaws.com/role-arn: x\n", encoding="utf-8")
    done = rolecall(clean, "check")
    assert done.returncode == 0
    assert b"not evaluated: 1\n" in done.stdout
    assert rolecall(clean, "check", "--fail-on-unresolved").returncode == 1
    assert rolecall(clean, "check", "--fail-on-unresolved", "--exit-zero").returncode == 0


def test_rules_may_be_named_one_by_one_or_with_commas(wrong: Path) -> None:
    one = rolecall(wrong, "check", "--select", "irsa-*", "--select", "pi-*", "--ignore", "irsa-on-*").stdout
    assert rolecall(wrong, "check", "--select", "irsa-*, pi-*", "--ignore", "irsa-on-*").stdout == one
    for nothing in ("", "irsa-*,"):
        done = rolecall(wrong, "check", "--select", nothing)
        assert done.returncode == 2
        assert b"there is no rule ''" in done.stdout
