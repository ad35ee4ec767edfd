"""The configuration: what it may say, and what is said about its mistakes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from rolecall.config import PathIgnore, Settings, matches, unknown_rules
from rolecall.config.file import SCHEMA, find, load, parse
from rolecall.problem import ProblemKind
from rolecall.rule import Persona, Severity
from rolecall.source import Source

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("irsa-sub-mismatch", "static-key-literal", "acme/own")


def mistakes(text: str, path: str = "rolecall.toml") -> list[tuple[int, int, str]]:
    loaded = parse(Source(path, text), NAMES)
    assert all(problem.kind is ProblemKind.CONFIGURATION for problem in loaded.problems)
    return [(p.span.line, p.span.column, p.message) if p.span else (0, 0, p.message) for p in loaded.problems]


def test_every_setting() -> None:
    text = """
select = ["irsa-*", "static-key-literal"]
ignore = ["acme/own"]
min-severity = "medium"
persona = "auditor"
exclude = ["vendor/**"]
fail-on-unresolved = true

[severity]
static-key-literal = "info"

[per-path-ignores]
"examples/**" = ["static-*"]
"""
    loaded = parse(Source("rolecall.toml", text), NAMES)
    assert loaded.problems == ()
    assert loaded.settings == Settings(
        select=("irsa-*", "static-key-literal"),
        ignore=("acme/own",),
        min_severity=Severity.MEDIUM,
        persona=Persona.AUDITOR,
        severity={"static-key-literal": Severity.INFO},
        per_path_ignores=(PathIgnore("examples/**", ("static-*",)),),
        exclude=("vendor/**",),
        fail_on_unresolved=True,
        source="rolecall.toml",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('\nselekt = ["x"]\n', (2, 1, "there is no setting 'selekt'; did you mean 'select'?")),
        ("a = 1\n", (1, 1, "there is no setting 'a'")),
        (
            '# x\nmin-severity = "hihg"\n',
            (2, 1, "min-severity: 'hihg' is none of info, low, medium, high, critical; did you mean 'high'?"),
        ),
        ("ignore = 'x'\n", (1, 1, "ignore must be a list")),
        ("fail-on-unresolved = 'x'\n", (1, 1, "fail-on-unresolved must be true or false")),
        (
            'ignore = [\n  "static-key-literal",\n  "irsa-sub-missmatch",\n]\n',
            (3, 3, "ignore: there is no rule 'irsa-sub-missmatch'; did you mean 'irsa-sub-mismatch'?"),
        ),
        ('[severity]\n"acme/owm" = "low"\n', (2, 1, "severity: there is no rule 'acme/owm'; did you mean 'acme/own'?")),
        (
            'severity.static-key-literal = "loud"\n',
            (1, 1, "severity.static-key-literal: 'loud' is none of info, low, medium, high, critical"),
        ),
        (
            '[per-path-ignores]\n"a/**" = ["nothing-*"]\n',
            (2, 11, "per-path-ignores: there is no rule 'nothing-*'"),
        ),
        ("x = \n", (1, 5, "is not valid TOML: Invalid value")),
    ],
)
def test_a_mistake_has_its_place_and_what_was_probably_meant(text: str, expected: tuple[int, int, str]) -> None:
    assert mistakes(text) == [expected]


def test_a_mistake_in_pyproject_has_its_place_there() -> None:
    text = '[project]\nname = "x"\nselect = 1\n\n[tool.rolecall]\nselekt = []\n[tool.other]\nselekt = 1\n'
    assert mistakes(text, "pyproject.toml") == [(6, 1, "there is no setting 'selekt'; did you mean 'select'?")]


def test_what_is_right_holds_beside_a_mistake() -> None:
    loaded = parse(Source("rolecall.toml", 'persona = "auditor"\nignore = [1, "acme/own"]\nmin = 1\n'), NAMES)
    assert len(loaded.problems) == 2
    assert loaded.settings is not None
    assert (loaded.settings.persona, loaded.settings.ignore) == (Persona.AUDITOR, ("acme/own",))


def test_a_file_that_is_no_toml_gives_no_settings(tmp_path: Path) -> None:
    for name, data in (("a.toml", b"\xff\xfe"), ("b.toml", b"="), ("c.toml", b"a=" + b"[" * 5000)):
        (tmp_path / name).write_bytes(data)
        loaded = load(tmp_path / name, NAMES)
        assert loaded.settings is None
        assert len(loaded.problems) == 1
    assert load(tmp_path / "missing.toml", NAMES).problems[0].message == "cannot be read: No such file or directory"


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.rolecall]\n", encoding="utf-8")
    assert find(inner) == tmp_path / "pyproject.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert find(inner) == tmp_path / "pyproject.toml"
    (tmp_path / "a" / "rolecall.toml").write_text("", encoding="utf-8")
    assert find(inner) == tmp_path / "a" / "rolecall.toml"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_patterns_name_rules() -> None:
    assert matches("irsa-sub-mismatch", ("irsa-*",))
    assert not matches("acme/irsa-x", ("irsa-*",))
    assert unknown_rules(("acme/*", "irsa-*"), NAMES, None, "--select") == []
    assert [problem.message for problem in unknown_rules(("pi-*",), NAMES, None, "--select")] == [
        "--select: there is no rule 'pi-*'"
    ]


def test_images_lead_to_dockerfiles_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "rolecall.toml").write_text('[images]\n"*/pay" = "src/Dockerfile"\n', encoding="utf-8")
    loaded = load(tmp_path / "rolecall.toml", ())
    assert loaded.problems == ()
    assert loaded.settings is not None
    assert loaded.settings.images == (("*/pay", (tmp_path / "src" / "Dockerfile").as_posix()),)
