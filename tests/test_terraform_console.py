"""Terraform's expression language against a table that Terraform itself filled in."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from rolecall.terraform.functions import FUNCTIONS
from rolecall.tree import Kind, Scalar, walk
from tests.terraform_console import ERROR, Case, as_json, by_terraform, cases, evaluated

if TYPE_CHECKING:
    from pathlib import Path

CASES = tuple(cases())


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.known and case.expected != ERROR], ids=lambda case: f"line {case.line}"
)
def test_a_value_is_terraform_s(case: Case) -> None:
    assert as_json(case.expression) == case.expected, case.expression


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected == ERROR], ids=lambda case: f"line {case.line}"
)
def test_what_terraform_refuses_has_no_value(case: Case) -> None:
    assert as_json(case.expression) is None, case.expression
    answer = evaluated(f"can(\n{case.expression}\n)")
    assert isinstance(answer, Scalar)
    assert answer.known == ("false" if case.known else None), case.expression


def test_what_is_not_worked_out_is_unknown() -> None:
    for case in CASES:
        if not case.known:
            assert as_json(case.expression) is None, f"{case.expression} is known now: say so in the table"


def test_every_function_has_its_cases() -> None:
    elsewhere = {name for name in FUNCTIONS if "file" in name} | {
        "abspath", "base64gzip", "bcrypt", "pathexpand", "plantimestamp", "timestamp", "uuid",
    }  # fmt: skip
    written = " ".join(case.expression for case in CASES)
    assert [name for name in FUNCTIONS if f"{name}(" not in written and name not in elsewhere] == []


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"list", "map"}))
def test_a_function_of_the_unknown_gives_nothing_known(name: str) -> None:
    for count in range(6):
        value = evaluated(f"{name}({', '.join(['var.x'] * count)})", 'variable "x" {}')
        for node in walk([value]):
            if isinstance(node, Scalar):
                assert node.known is None, (name, count)
                assert node.kind is not Kind.NULL, (name, count)


@pytest.mark.skipif(
    not os.environ.get("ROLECALL_TERRAFORM_CONSOLE") or shutil.which("terraform") is None,
    reason="asks Terraform only where ROLECALL_TERRAFORM_CONSOLE is set and there is one",
)
def test_terraform_itself_says_so(tmp_path: Path) -> None:
    answers = by_terraform([case.expression for case in CASES], tmp_path)
    wrong = [
        f"line {case.line}: {case.expression} is {answer}, not {case.expected}"
        for case, answer in zip(CASES, answers, strict=True)
        if answer != case.expected
    ]
    assert wrong == []
