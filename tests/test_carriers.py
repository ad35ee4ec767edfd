"""What rules say they say of the same thing however it is written: every fixture, with its words in other carriers."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests import carried, carried_json, carried_manifests
from tests.fixtures import Case, Expectation, cases
from tests.planned import Unplannable, plan_of
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

RULES = {rule.name: rule for rule in BUILTIN}
ACCOUNT = re.compile(r"^ +(?:assume_role +\{|alias +=)", re.MULTILINE)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)


def is_movable(case: Case) -> bool:
    """Whether a case is Terraform's, without what only a root module has."""
    names = {path.name for path in case.directory.rglob("*")}
    return any(case.directory.glob("*.tf*")) and not any("tfvars" in name or name == "modules.json" for name in names)


MANIFESTS = [case for case in cases() if any(case.directory.rglob("*.y*ml"))]
TERRAFORM = [case for case in cases() if is_movable(case)]
NATIVE = [case for case in TERRAFORM if any(case.directory.glob("*.tf"))]


def names(among: Iterable[Case], without: frozenset[str] = frozenset()) -> list[str]:
    """The rules of some cases."""
    return sorted({case.rule for case in among} - without)


def differing(
    name: str, among: Iterable[Case], root: Path, rewrite: Callable[[Path], bool], without: frozenset[str] = frozenset()
) -> list[tuple[str, set[str], list[str]]]:
    """The cases of a rule that are judged otherwise once they are rewritten, where they can be."""
    found = []
    for number, case in enumerate(case for case in among if case.rule == name):
        world = root / str(number)
        shutil.copytree(case.directory, world)
        if not rewrite(world):
            continue
        is_right = case.verdict == "pass"
        read, judgement = judge(world, BUILTIN if is_right else [RULES[name]])
        said = {one.rule.name for one in judgement.diagnostics}
        expected = {one.rule for one in case.expectations() if is_right or one.rule == name}
        problems = [problem.message for problem in (*read.problems, *judgement.problems)]
        if said ^ expected - without or problems:
            found.append((case.id, said ^ expected, problems))
    return found


def called(case: Case, root: Path) -> None:
    """A root module that calls the case's module, and hands on its outputs."""
    shutil.copytree(case.directory, root / "called")
    text = "".join(path.read_text(encoding="utf-8") for path in case.directory.glob("*.tf"))
    outputs = "".join(f'output "{name}" {{\n  value = module.it[0].{name}\n}}\n' for name in OUTPUT.findall(text))
    calling = f'module "it" {{\n  count  = 1\n  source = "./called"\n}}\n{outputs}'
    (root / "main.tf").write_text(calling, encoding="utf-8")


def is_callable(case: Case) -> bool:
    """Whether a case has no configurations of providers that decide where it is: only a root module may have those."""
    texts = (path.read_text(encoding="utf-8") for path in case.directory.glob("*.tf"))
    return not any(ACCOUNT.search(text) for text in texts)


@pytest.mark.parametrize("case", [case for case in TERRAFORM if is_callable(case)], ids=lambda case: case.id)
def test_a_called_module_is_judged_as_a_root_module_is(case: Case, tmp_path: Path) -> None:
    called(case, tmp_path)
    is_right = case.verdict == "pass"
    world, judgement = judge(tmp_path, BUILTIN if is_right else [RULES[case.rule]])
    assert (*world.problems, *judgement.problems) == ()
    found = {Expectation(one.at.path, one.at.line, one.rule.name) for one in judgement.diagnostics}
    expected = (one for one in case.expectations() if is_right or one.rule == case.rule)
    assert found == {Expectation(f"called/{one.path}", one.line, one.rule) for one in expected}


@pytest.mark.parametrize(
    "carrier", [carried.heredoc, carried.jsonencode, carried.data_source], ids=lambda it: it.__name__
)
@pytest.mark.parametrize("name", names(case for case in NATIVE if carried.has_policies(case.directory)))
def test_a_policy_is_judged_alike_by_whatever_it_is_carried(
    name: str, carrier: carried.Carrier, tmp_path: Path
) -> None:
    assert differing(name, NATIVE, tmp_path, partial(carried.rewritten, carrier=carrier)) == []


# What is used by nobody is not said of what Terraform makes, which may hand on its name; and Terraform's provider
# refuses what is no string by itself.
OF_FILES = frozenset({"irsa-annotation-bad-value", "irsa-sa-unused", "orphan-aws-key-in-configmap"})


@pytest.mark.parametrize("name", names(MANIFESTS, OF_FILES))
def test_a_manifest_is_judged_alike_in_terraform(name: str, tmp_path: Path) -> None:
    assert differing(name, MANIFESTS, tmp_path, carried_manifests.rewritten, OF_FILES) == []


# Comments have no place in JSON, and what a call that is not read is about cannot be told from its text.
NOT_IN_JSON = frozenset({"pi-agent-addon-missing", "temporary-key-committed"})


@pytest.mark.parametrize("name", names(NATIVE, NOT_IN_JSON))
def test_the_json_syntax_is_judged_as_the_native_one_is(name: str, tmp_path: Path) -> None:
    assert differing(name, NATIVE, tmp_path, carried_json.rewritten, NOT_IN_JSON) == []


# About what a plan does not have, or we do not read in it: outputs, configurations of providers, access keys, comments.
NOT_IN_PLANS = frozenset(
    {
        "legacy-iam-user-for-workload",
        "pi-role-without-association",
        "role-policy-detached",
        "static-key-literal",
        "temporary-key-committed",
        "tf-iam-access-key-to-cluster",
        "tf-provider-static-key",
    }
)


def planned(world: Path) -> bool:
    """Writes the plan of a directory in place of its files, if one can be made from them alone."""
    try:
        plan = plan_of(world)
    except Unplannable:
        return False
    for path in world.rglob("*.tf"):
        path.unlink()
    (world / "plan.json").write_text(json.dumps(plan, indent=1), encoding="utf-8")
    return True


@pytest.mark.parametrize("name", names(NATIVE, NOT_IN_PLANS))
def test_a_plan_is_judged_as_its_configuration_is(name: str, tmp_path: Path) -> None:
    assert differing(name, NATIVE, tmp_path, planned, NOT_IN_PLANS) == []
