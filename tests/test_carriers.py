"""What rules say of Terraform they say of it however it is written: every fixture, with its words in other carriers."""

from __future__ import annotations

import json
import re
import shutil
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.carried import data_source, heredoc, jsonencode, rewritten
from tests.carried_manifests import rewritten as in_terraform
from tests.fixtures import Case, Expectation, cases
from tests.planned import Unplannable, plan_of
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from pathlib import Path

RULES = {rule.name: rule for rule in BUILTIN}
POLICY = re.compile(r"\bpolicy\s*=|assume_role_policy")
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)


def is_movable(case: Case) -> bool:
    """Whether a case is Terraform's, without what only a root module has."""
    names = {path.name for path in case.directory.rglob("*")}
    return any(case.directory.glob("*.tf*")) and not any("tfvars" in name or name == "modules.json" for name in names)


def has_policies(case: Case) -> bool:
    """Whether a case may have policies that can be written by other means."""
    return any(POLICY.search(path.read_text(encoding="utf-8")) for path in case.directory.glob("*.tf"))


def called(case: Case, root: Path) -> None:
    """A root module that calls the case's module, and hands on its outputs."""
    shutil.copytree(case.directory, root / "called")
    text = "".join(path.read_text(encoding="utf-8") for path in case.directory.glob("*.tf"))
    outputs = "".join(f'output "{name}" {{\n  value = module.it[0].{name}\n}}\n' for name in OUTPUT.findall(text))
    calling = f'module "it" {{\n  count  = 1\n  source = "./called"\n}}\n{outputs}'
    (root / "main.tf").write_text(calling, encoding="utf-8")


CASES = [case for case in cases() if is_movable(case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_called_module_is_judged_as_a_root_module_is(case: Case, tmp_path: Path) -> None:
    called(case, tmp_path)
    is_right = case.verdict == "pass"
    world, judgement = judge(tmp_path, BUILTIN if is_right else [RULES[case.rule]])
    assert (*world.problems, *judgement.problems) == ()
    found = {Expectation(one.at.path, one.at.line, one.rule.name) for one in judgement.diagnostics}
    expected = (one for one in case.expectations() if is_right or one.rule == case.rule)
    assert found == {Expectation(f"called/{one.path}", one.line, one.rule) for one in expected}


@pytest.mark.parametrize("name", sorted({case.rule for case in CASES if has_policies(case)}))
def test_a_policy_is_judged_alike_by_whatever_it_is_carried(name: str, tmp_path: Path) -> None:
    differing = []
    of_rule = (case for case in CASES if case.rule == name and has_policies(case))
    for number, (case, carrier) in enumerate(product(of_rule, (heredoc, jsonencode, data_source))):
        world = tmp_path / str(number)
        shutil.copytree(case.directory, world)
        if not rewritten(world, carrier):
            continue
        is_right = case.verdict == "pass"
        read, judgement = judge(world, BUILTIN if is_right else [RULES[name]])
        found = {one.rule.name for one in judgement.diagnostics}
        expected = {one.rule for one in case.expectations() if is_right or one.rule == name}
        problems = [problem.message for problem in (*read.problems, *judgement.problems)]
        if found != expected or problems:
            differing.append((case.id, carrier.__name__, found ^ expected, problems))
    assert differing == []


# What is used by nobody is not said of what Terraform makes, which may hand on its name; and Terraform's provider
# refuses what is no string by itself.
OF_FILES = {"irsa-annotation-bad-value", "irsa-sa-unused", "orphan-aws-key-in-configmap"}
MANIFESTS = sorted({case.rule for case in cases() if any(case.directory.rglob("*.y*ml"))} - OF_FILES)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_judged_alike_in_terraform(name: str, tmp_path: Path) -> None:
    differing = []
    for number, case in enumerate(case for case in cases() if case.rule == name):
        world = tmp_path / str(number)
        shutil.copytree(case.directory, world)
        if not in_terraform(world):
            continue
        is_right = case.verdict == "pass"
        read, judgement = judge(world, BUILTIN if is_right else [RULES[name]])
        found = {one.rule.name for one in judgement.diagnostics} - OF_FILES
        expected = {one.rule for one in case.expectations() if is_right or one.rule == name} - OF_FILES
        problems = [problem.message for problem in (*read.problems, *judgement.problems)]
        if found != expected or problems:
            differing.append((case.id, found ^ expected, problems))
    assert differing == []


# About what a plan does not have, or we do not read in it: outputs, configurations of providers, access keys, comments.
OF_SOURCES = {
    "legacy-iam-user-for-workload",
    "oidc-provider-duplicate",
    "pi-role-without-association",
    "role-policy-detached",
    "static-key-literal",
    "temporary-key-committed",
    "tf-iam-access-key-to-cluster",
    "tf-provider-static-key",
}
PLANNED = sorted({case.rule for case in CASES if any(case.directory.glob("*.tf"))} - OF_SOURCES)


@pytest.mark.parametrize("name", PLANNED)
def test_a_plan_is_judged_as_its_configuration_is(name: str, tmp_path: Path) -> None:
    differing = []
    for number, case in enumerate(case for case in CASES if case.rule == name):
        world = tmp_path / str(number)
        shutil.copytree(case.directory, world)
        try:
            plan = plan_of(world)
        except Unplannable:
            continue
        for path in world.rglob("*.tf"):
            path.unlink()
        (world / "plan.json").write_text(json.dumps(plan, indent=1), encoding="utf-8")
        is_right = case.verdict == "pass"
        read, judgement = judge(world, BUILTIN if is_right else [RULES[name]])
        found = {one.rule.name for one in judgement.diagnostics} - OF_SOURCES
        expected = {one.rule for one in case.expectations() if is_right or one.rule == name} - OF_SOURCES
        problems = [problem.message for problem in (*read.problems, *judgement.problems)]
        if found != expected or problems:
            differing.append((case.id, found ^ expected, problems))
    assert differing == []
