"""Terraform that is made to take for ever or to break the reader: each gives an answer that says what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.engine import World, read
from rolecall.model import Role
from rolecall.problem import ProblemKind
from rolecall.workspace import Workspace
from tests.terraform_trees import world_of

if TYPE_CHECKING:
    from pathlib import Path

TRUST = 'jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = %s } }] })'


def role(service: str, name: str = '"app"', label: str = "app", more: str = "") -> str:
    """A role whose trust policy admits what an expression gives."""
    return (
        f'resource "aws_iam_role" "{label}" {{\n{more}  name = {name}\n  assume_role_policy = {TRUST % service}\n}}\n'
    )


def trusting(policy: str) -> str:
    """A role whose whole trust policy is an expression."""
    return f'resource "aws_iam_role" "app" {{\n  name = "app"\n  assume_role_policy = {policy}\n}}\n'


def chained(steps: int, step: str, first: str = '"x"') -> str:
    """Locals each of which is made of the one before it."""
    lines = (f"  a{number} = {step.replace('@', f'local.a{number - 1}')}\n" for number in range(1, steps + 1))
    return f"locals {{\n  a0 = {first}\n{''.join(lines)}}}\n"


def answer(directory: Path, files: dict[str, str]) -> World:
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    world = read(["."], Workspace(directory))
    assert [one for one in world.problems if one.kind is ProblemKind.INTERNAL] == []
    return world


def problems(world: World) -> list[str]:
    return [problem.message for problem in world.problems]


def reasons(world: World) -> set[str]:
    return {f"{thing.what}: {thing.reason}" for thing in world.unevaluated}


@pytest.mark.parametrize(
    "text",
    [
        chained(59, '"${@}${@}"') + trusting("local.a59"),
        chained(59, "concat(@, @)", '["x"]') + trusting("jsonencode(local.a59)"),
        chained(3000, "@") + trusting("local.a3000"),
        trusting("jsonencode(range(100000000))"),
        trusting("jsonencode([for a in range(1000) : [for b in range(1000) : a * b]])"),
        trusting("jsonencode({ Statement = [" + "+".join(["1"] * 101_000) + "] })"),
        trusting('join(",", [for i in range(1000) : join(",", range(1000))])'),
        trusting("jsonencode(setproduct(range(1000), range(1000), range(1000)))"),
    ],
    ids=["strings", "lists", "chain", "range", "for", "sum", "join", "product"],
)
def test_what_explodes_is_not_evaluated(text: str, tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": text})
    assert problems(world) == []
    assert [one.name.known for one in world.graph.all(Role) if one.name] == ["app"]
    (reason,) = reasons(world)
    assert reason.startswith("trust policy of aws_iam_role.app: ")
    assert " too " in reason or " more than " in reason


@pytest.mark.parametrize(
    "expression",
    [
        "[" * 50_000 + "]" * 50_000,
        '"${' * 1000 + "1" + '}"' * 1000,
        "true ? 1 : " * 5000 + "2",
        "-(" * 500 + "1" + ")" * 500,
    ],
)
def test_what_is_nested_deeply_is_a_problem_and_the_rest_counts(expression: str, tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": role(expression) + role('"ec2.amazonaws.com"', '"other"', "other")})
    assert problems(world) == ["this is nested too deeply to be read"]
    assert "other" in [one.name.known for one in world.graph.all(Role) if one.name]


def test_blocks_in_blocks(tmp_path: Path) -> None:
    text = 'resource "aws_iam_role" "a" {\n' + "a {\n" * 5000 + "}\n" * 5000 + "}\n"
    assert problems(answer(tmp_path, {"main.tf": text})) == ["this is nested too deeply to be read"]


def test_locals_that_need_each_other(tmp_path: Path) -> None:
    text = "locals {\n" + "".join(f"  a{number} = local.a{(number + 1) % 20}\n" for number in range(20)) + "}\n"
    world = answer(tmp_path, {"main.tf": text + role("local.a0")})
    assert problems(world) == ["a value that needs itself: local.a0 → local.a1 → local.a2 → … → local.a0"]


def test_modules_that_call_each_other(tmp_path: Path) -> None:
    def calls(path: str) -> str:
        return f'module "m" {{\n  source = "{path}"\n}}\n' + role('"ec2.amazonaws.com"')

    world = answer(tmp_path, {"main.tf": calls("./a"), "a/main.tf": calls("../b"), "b/main.tf": calls("../a")})
    assert problems(world) == ["modules that call each other: . → a → b → a"]
    assert len(list(world.graph.all(Role))) == 3


def test_modules_that_call_each_other_and_hold_nothing_end(tmp_path: Path) -> None:
    text = """
=== main.tf
module "a" {
  source = "./a"
}
=== a/main.tf
module "b" {
  source = "../b"
}
module "again" {
  source = "../b"
}
=== b/main.tf
module "a" {
  source = "../a"
}
"""
    assert set(problems(world_of(tmp_path, text))) == {"modules that call each other: . → a → b → a"}


def test_a_merge_that_is_not_done_is_a_problem_wherever_it_stands(tmp_path: Path) -> None:
    torn = "locals {\n<<<<<<< HEAD\n  a = 1\n=======\n  a = 2\n>>>>>>> branch\n}\n"
    text = "locals {\n  b = <<-EOT\n<<<<<<< HEAD\n  EOT\n}\n"
    world = answer(tmp_path, {"main.tf": torn + text + role('"ec2.amazonaws.com"')})
    assert [(problem.path, problem.span and problem.span.line) for problem in world.problems] == [("main.tf", 2)]
    assert len(list(world.graph.all(Role))) == 1


def test_very_deep_calls_end(tmp_path: Path) -> None:
    calls = "".join(
        f'=== m{n}/main.tf\nmodule "x" {{\n  source = "../m{n + 1}"\n}}\nmodule "y" {{\n  source = "../m{n + 1}"\n}}\n'
        for n in range(400)
    )
    world = world_of(tmp_path, f'{calls}=== m400/main.tf\nresource "aws_iam_role" "r" {{\n  name = "x"\n}}\n')
    assert problems(world) == []
    assert {one.reason for one in world.unevaluated} == {"more module calls than are evaluated"}


def test_modules_that_call_ten_modules_that_call_ten_modules(tmp_path: Path) -> None:
    def level(number: int) -> str:
        calls = (
            f'module "m{one}" {{\n  source = "../l{number + 1}"\n  x = "${{var.x}}{one}"\n}}\n' for one in range(10)
        )
        below = "".join(calls) if number < 4 else ""
        return f'variable "x" {{\n  default = ""\n}}\n{role(chr(34) + "s" + chr(34), "var.x")}{below}'

    world = answer(tmp_path, {f"l{number}/main.tf": level(number) for number in range(5)})
    assert problems(world) == []
    assert any("more module calls than are evaluated" in one for one in reasons(world))
    roles = list(world.graph.all(Role))
    assert 500 < len(roles) <= 2000


def test_a_chain_of_modules(tmp_path: Path) -> None:
    files = {
        f"m{number}/main.tf": f'module "m" {{\n  source = "../m{number + 1}"\n}}\n{role(chr(34) + "s" + chr(34))}'
        for number in range(40)
    }
    world = answer(tmp_path, files)
    assert any("more module calls than are evaluated" in one for one in reasons(world))
    assert len(list(world.graph.all(Role))) == 12


def test_one_directory_that_500_root_modules_call(tmp_path: Path) -> None:
    files = {
        f"r{number}/main.tf": f'module "m" {{\n  source = "../m"\n  name = "n{number}"\n}}\n' for number in range(500)
    }
    world = answer(tmp_path, {**files, "m/main.tf": 'variable "name" {}\n' + role('"s"', "var.name")})
    assert problems(world) == []
    names = {one.name.known for one in world.graph.all(Role) if one.name}
    assert names == {f"n{number}" for number in range(500)}


@pytest.mark.parametrize("more", ["count = 1000000", "for_each = toset([for i in range(600) : tostring(i)])"])
def test_more_instances_than_are_evaluated(more: str, tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": role('"s"', more=f"  {more}\n")})
    assert "aws_iam_role.app: more instances than are evaluated" in reasons(world)
    # One stands for all.
    assert [one.name.known for one in world.graph.all(Role) if one.name] == ["app"]


def test_many_blocks_with_many_instances(tmp_path: Path) -> None:
    text = "".join(role('"s"', label=f"r{number}", more="  count = 500\n") for number in range(6))
    world = answer(tmp_path, {"main.tf": text})
    assert "aws_iam_role.r5: more instances than are evaluated" in reasons(world)
    assert len(list(world.graph.all(Role))) == 4 * 500 + 2


def test_modules_with_many_instances(tmp_path: Path) -> None:
    def calls(path: str) -> str:
        return f'module "m" {{\n  source = "{path}"\n  count = 400\n}}\n'

    files = {"main.tf": calls("./a"), "a/main.tf": calls("../b"), "b/main.tf": role('"s"')}
    assert any(" than are evaluated" in one for one in reasons(answer(tmp_path, files)))


@pytest.mark.parametrize(
    "block",
    [
        'locals {\n  a = "' + "x" * 5_000_000 + '"\n}\n',
        "locals {\n  a = <<E\n" + "\n" * 5_000_000 + "E\n}\n",
        "locals {\n  a = {\n" + "".join(f'    k{number} = "v"\n' for number in range(100_000)) + "  }\n}\n",
        "locals {\n/*" + "x\n" * 2_500_000 + "*/\n  a = 1\n}\n",
    ],
    ids=["string", "heredoc", "object", "comment"],
)
def test_a_block_of_megabytes(block: str, tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": block + role("local.a", "local.a")})
    assert problems(world) == ["this is too long to be read: more than 1,000,000 characters"]
    assert len(list(world.graph.all(Role))) == 1


def test_megabytes_of_comments_between_blocks(tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": "# x\n" * 1_250_000 + "/*" + "x\n" * 10 + "*/\n" + role('"s"')})
    assert problems(world) == []
    assert len(list(world.graph.all(Role))) == 1


@pytest.mark.parametrize(
    "open_", ["/*", '"', "<<E\n", "${", "{", "resource {\n", 'resource "aws_iam_role" "a" {\n  a = <<E\n']
)
def test_what_is_opened_and_never_closed(open_: str, tmp_path: Path) -> None:
    world = answer(tmp_path, {"main.tf": role('"s"') + open_ * 100_000})
    assert 1 <= len(problems(world)) <= 40
    assert len(list(world.graph.all(Role))) == 1


def test_empty_lines_in_a_heredoc_and_many_markers(tmp_path: Path) -> None:
    many = "".join(f"  a{number} = <<E{number}\nx\nE{number}\t\n" for number in range(5000))
    text = "locals {\n  a = <<EOF\n" + "\n" * 200_000 + "EOF\n}\nlocals {\n" + many + "}\n"
    world = answer(tmp_path, {"main.tf": text + role("local.a4999", "chomp(local.a4999)")})
    assert problems(world) == []
    assert [one.name.known for one in world.graph.all(Role) if one.name] == ["x"]


def test_ten_thousand_blocks_and_locals(tmp_path: Path) -> None:
    blocks = "".join(f'resource "null_resource" "r{number}" {{\n  a = [\n}}\n' for number in range(10_000))
    several = "".join(f'locals {{\n  a{number} = "x"\n}}\n' for number in range(10_000))
    world = answer(tmp_path, {"main.tf": blocks + several + role('"s"', "local.a7")})
    # What nobody asks for is not parsed, so nobody sees that it is no HCL.
    assert problems(world) == []
    assert [one.name.known for one in world.graph.all(Role) if one.name] == ["x"]


@pytest.mark.parametrize("name", ["terraform.tfvars", "a.auto.tfvars.json"])
def test_values_that_cannot_be_read_are_unknown_and_not_the_defaults(name: str, tmp_path: Path) -> None:
    value = '"' + "x" * 3_000_000 + '"'
    text = f'{{"name": {value}}}' if name.endswith("json") else f"name = {value}\n"
    world = answer(
        tmp_path,
        {
            name: text,
            "z.auto.tfvars": 'later = "later"\n',
            "main.tf": 'variable "name" {\n  default = "x"\n}\nvariable "later" {}\n'
            + role('"s"', '"${var.name}-${var.later}"'),
        },
    )
    assert len(problems(world)) == 1
    assert "this is too long to be read" in problems(world)[0]
    (found,) = world.graph.all(Role)
    assert found.name is not None
    assert [part if isinstance(part, str) else part.reason for part in found.name.parts] == [
        "a file of values that could not be read",
        "-",
        "later",
    ]
