"""What rules say of Terraform they say of it in a called module, too: every fixture, moved into one."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import Case, Expectation, cases
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from pathlib import Path

RULES = {rule.name: rule for rule in BUILTIN}
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)


def is_movable(case: Case) -> bool:
    """Whether a case is Terraform's, without what only a root module has."""
    names = {path.name for path in case.directory.rglob("*")}
    return any(case.directory.glob("*.tf*")) and not any("tfvars" in name or name == "modules.json" for name in names)


def called(case: Case, root: Path) -> None:
    """A root module that calls the case's module, and hands on its outputs."""
    shutil.copytree(case.directory, root / "called")
    text = "".join(path.read_text(encoding="utf-8") for path in case.directory.glob("*.tf"))
    outputs = "".join(f'output "{name}" {{\n  value = module.it[0].{name}\n}}\n' for name in OUTPUT.findall(text))
    calling = f'module "it" {{\n  count  = 1\n  source = "./called"\n}}\n{outputs}'
    (root / "main.tf").write_text(calling, encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in cases() if is_movable(case)], ids=lambda case: case.id)
def test_a_called_module_is_judged_as_a_root_module_is(case: Case, tmp_path: Path) -> None:
    called(case, tmp_path)
    is_right = case.verdict == "pass"
    world, judgement = judge(tmp_path, BUILTIN if is_right else [RULES[case.rule]])
    assert (*world.problems, *judgement.problems) == ()
    found = {Expectation(one.at.path, one.at.line, one.rule.name) for one in judgement.diagnostics}
    expected = (one for one in case.expectations() if is_right or one.rule == case.rule)
    assert found == {Expectation(f"called/{one.path}", one.line, one.rule) for one in expected}
