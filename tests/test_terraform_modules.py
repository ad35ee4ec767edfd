"""Modules: local and installed ones, what goes in and comes out, and those that are not as they should be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from rolecall.graph.roles import grants_of
from rolecall.model import Role
from rolecall.problem import ProblemKind
from rolecall.terraform.module import Module
from rolecall.tree import Mapping, Scalar
from tests.terraform_trees import name_of, output, plant, roles, root_of, roots, world_of
from tests.test_terraform_eval import hole, plain
from tests.worlds import judge, read

if TYPE_CHECKING:
    from pathlib import Path

ROLE = """
=== role/main.tf
variable "name" {}
variable "tags" {
  default = {}
}
resource "aws_iam_role" "this" {
  name = "role-${var.name}"
  tags = var.tags
  assume_role_policy = "{}"
}
output "name" {
  value = aws_iam_role.this.name
}
output "arn" {
  value = aws_iam_role.this.arn
}
output "echo" {
  value = { name = var.name, list = [var.name, "x"] }
}
"""


@pytest.mark.parametrize(
    ("call", "expression", "expected"),
    [
        ('name = "a"', "module.m.name", "role-a"),
        ('name = "a"', "module.m.echo.list[1]", "x"),
        ('name = "a"', 'module.m["name"]', "role-a"),
        ('name = "a"', "module.m.arn", "${module.m.aws_iam_role.this.arn}"),
        ('name = "a"', 'upper("${module.m.name}!")', "ROLE-A!"),
        ('count = 2\n  name = "c${count.index}"', "module.m[1].name", "role-c1"),
        ('count = 2\n  name = "c${count.index}"', "module.m[*].name", ["role-c0", "role-c1"]),
        ('count = 2\n  name = "c${count.index}"', "module.m[*].echo.list[0]", ["c0", "c1"]),
        ('count = 2\n  name = "c${count.index}"', "[for m in module.m : m.name]", ["role-c0", "role-c1"]),
        ('count = 0\n  name = "none"', "module.m[*].name", []),
        ('count = 0\n  name = "none"', 'try(module.m[0].name, "off")', "off"),
        ('count = 0\n  name = "none"', "one(module.m[*].name)", None),
        ('for_each = toset(["x", "y"])\n  name = each.key', 'module.m["y"].name', "role-y"),
        ('for_each = toset(["x", "y"])\n  name = each.key', "values(module.m)[*].name", ["role-x", "role-y"]),
        ('for_each = { x = "1" }\n  name = each.value', "{for k, m in module.m : k => m.name}", {"x": "role-1"}),
        ('for_each = { x = "1" }\n  name = each.value', "keys(module.m)", ["x"]),
        ("name = var.unset", "module.m.name", "role-${var.unset}"),
        ("for_each = var.unset\n  name = each.key", 'module.m["a"].name', "role-${module.m.each.key}"),
    ],
)
def test_outputs_come_up_and_inputs_go_down(tmp_path: Path, call: str, expression: str, expected: object) -> None:
    root = root_of(
        tmp_path,
        f"""
=== main.tf
variable "unset" {{}}
module "m" {{
  source = "./role"
  {call}
}}
output "x" {{
  value = {expression}
}}
{ROLE}""",
    )
    assert plain(output(root, "x")) == expected
    assert root.problems == ()


NESTED = (
    """
=== main.tf
module "team" {
  for_each = { blue = ["api", "jobs"], red = [] }
  source   = "./team"
  name     = each.key
  accounts = each.value
}
output "names" {
  value = { for team, made in module.team : team => made.names }
}
=== team/main.tf
variable "name" {}
variable "accounts" {}
module "role" {
  count  = length(var.accounts)
  source = "../role"
  name   = "${var.name}-${var.accounts[count.index]}"
}
output "names" {
  value = module.role[*].name
}
"""
    + ROLE
)


def test_nested_modules_are_evaluated_for_each_call(tmp_path: Path) -> None:
    world = world_of(tmp_path, NESTED)
    assert roles(world) == {
        'module.team["blue"].module.role[0].aws_iam_role.this': "role-blue-api",
        'module.team["blue"].module.role[1].aws_iam_role.this': "role-blue-jobs",
    }
    assert world.problems == ()
    root = root_of(tmp_path, NESTED)
    assert plain(output(root, "names")) == {"blue": ["role-blue-api", "role-blue-jobs"], "red": []}


@pytest.mark.parametrize(
    ("variable", "argument", "expected"),
    [
        ('default = "d"', "", "d"),
        ('default = "d"', 'v = "given"', "given"),
        ('default = "d"', "v = null", None),
        ('default = "d"\n  nullable = false', "v = null", "d"),
        ('default = "d"\n  nullable = true', "v = null", None),
        ("nullable = false", "v = null", "${module.m.var.v}"),
        ("", "", "${module.m.var.v}"),
        ("type = number", 'v = "12"', 12),
        ("type = string", "v = 12", "12"),
        ("type = list(string)", "v = [1, 2]", ["1", "2"]),
        ('type = object({ a = optional(string, "x"), b = optional(string) })', "v = {}", {"a": "x", "b": None}),
        (
            "type = object({ a = optional(object({ hops = optional(number, 1) }), {}) })",
            "v = { c = 1 }",
            {"a": {"hops": 1}},
        ),
        ('type = map(object({ p = optional(string, "/") }))', "v = { k = { p = null } }", {"k": {"p": "/"}}),
        ("type = object({ a = string })", "v = { a = null }", {"a": None}),
    ],
)
def test_variables_of_a_called_module(tmp_path: Path, variable: str, argument: str, expected: object) -> None:
    text = f"""
=== main.tf
data "aws_region" "r" {{}}
module "m" {{
  source = "./m"
  {argument}
}}
output "x" {{
  value = module.m.v
}}
=== m/main.tf
variable "v" {{
  {variable}
}}
output "v" {{
  value = var.v
}}
"""
    root = root_of(tmp_path, text)
    assert plain(output(root, "x")) == expected


def test_what_is_not_given_may_be_under_a_key_that_is_not_known(tmp_path: Path) -> None:
    text = """
=== main.tf
data "aws_region" "r" {}
module "m" {
  source = "./m"
  v      = { (data.aws_region.r.name) = "y" }
}
output "x" {
  value = module.m.v.a
}
=== m/main.tf
variable "v" {
  type = object({ a = optional(string, "x") })
}
output "v" {
  value = var.v
}
"""
    node = output(root_of(tmp_path, text), "x")
    assert [str(reference) for reference in hole(node).references] == ["data.aws_region.r.name"]


def test_an_input_that_comes_from_a_data_source_says_so(tmp_path: Path) -> None:
    root = root_of(
        tmp_path,
        f"""
=== main.tf
data "aws_region" "r" {{}}
module "m" {{
  source = "./role"
  name   = data.aws_region.r.name
}}
output "x" {{
  value = module.m.name
}}
{ROLE}""",
    )
    node = output(root, "x")
    assert plain(node) == "role-${data.aws_region.r.name}"
    assert isinstance(node, Scalar)
    assert node.holes[0].reason == "a data source"


FILES = """
=== live/main.tf
module "m" {
  source = "../m"
}
output "x" {
  value = module.m.all
}
=== live/own.json
{"of": "live"}
=== m/main.tf
output "all" {
  value = {
    own      = jsondecode(file("${path.module}/own.json")).of
    root     = jsondecode(file("own.json")).of
    path     = path.module
    top      = path.root
    made     = templatefile("${path.module}/t.tpl", { who = "m", items = ["a", "b"] })
    files    = fileset(path.module, "*.json")
    relative = jsondecode(file("${path.module}/../m/own.json")).of
  }
}
=== m/own.json
{"of": "m"}
=== m/t.tpl
${who}:%{ for item in items }<${item}>%{ endfor }
"""


def test_paths_of_a_called_module(tmp_path: Path) -> None:
    root = root_of(tmp_path, FILES, "live")
    assert plain(output(root, "x")) == {
        "own": "m",
        "root": "live",
        "path": "../m",
        "top": ".",
        "made": "m:<a><b>\n",
        "files": ["own.json"],
        "relative": "m",
    }


INSTALLED = """
=== live/main.tf
module "vendored" {
  source  = "example/role/aws"
  version = "1.0.0"
  name    = "v"
  trust   = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }]
  })
}
output "name" {
  value = module.vendored.name
}
=== live/.terraform/modules/modules.json
{"Modules": [
  {"Key": "", "Source": "", "Dir": "."},
  {"Key": "vendored", "Source": "registry.terraform.io/example/role/aws", "Dir": ".terraform/modules/vendored"},
  {"Key": "vendored.inner", "Source": "./inner", "Dir": ".terraform/modules/vendored/inner"}
]}
=== live/.terraform/modules/vendored/main.tf
variable "name" {}
variable "trust" {}
module "inner" {
  source = "./inner"
  name   = "${var.name}-inner"
  trust  = var.trust
}
output "name" {
  value = module.inner.name
}
=== live/.terraform/modules/vendored/inner/main.tf
variable "name" {}
variable "trust" {}
resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = var.trust
}
resource "aws_iam_role" "fixed" {
  name = "fixed"
  assume_role_policy = <<-EOT
    {"Version": "2012-10-17",
     "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
  EOT
}
output "name" {
  value = aws_iam_role.this.name
}
"""


def test_what_terraform_init_installed_is_read_and_its_places_are_moved_to_the_call(tmp_path: Path) -> None:
    world = world_of(tmp_path, INSTALLED)
    assert roles(world) == {
        "module.vendored.module.inner.aws_iam_role.this": "v-inner",
        "module.vendored.module.inner.aws_iam_role.fixed": "fixed",
    }
    assert {role.origin.span.path for role in world.graph.all(Role)} == {"live/main.tf"}
    assert {role.origin.span.line for role in world.graph.all(Role)} == {1}
    # What the module puts an input into stands where the input does.
    places = {name_of(role).known: (name_of(role).span.path, name_of(role).span.line) for role in world.graph.all(Role)}
    assert places == {"v-inner": ("live/main.tf", 4), "fixed": ("live/main.tf", 1)}
    assert world.problems == ()


def test_an_installed_module_that_a_local_one_calls_is_found_by_the_path_of_the_calls(tmp_path: Path) -> None:
    text = """
=== main.tf
module "own" {
  for_each = toset(["a"])
  source   = "./own"
}
=== own/main.tf
module "far" {
  source = "example/role/aws"
}
=== .terraform/modules/modules.json
{"Modules": [{"Key": "own.far", "Source": "x", "Dir": ".terraform/modules/own.far"}]}
=== .terraform/modules/own.far/main.tf
resource "aws_iam_role" "r" {
  name               = "far"
  assume_role_policy = "{}"
}
"""
    world = world_of(tmp_path, text)
    assert roles(world) == {'module.own["a"].module.far.aws_iam_role.r': "far"}
    (role,) = world.graph.all(Role)
    assert (role.origin.span.path, role.origin.span.line) == ("own/main.tf", 1)


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        '{"Modules": [{"Key": "far"}]}',
        '{"Modules": [{"Key": "far", "Dir": ".terraform/modules/gone"}]}',
        '{"Modules": [{"Key": "far", "Dir": "../../../../../../etc"}]}',
        '{"Modules": [{"Key": "far", "Dir": "/etc"}]}',
        '{"Modules": {"Key": 1}}',
        "[" * 100_000,
    ],
    ids=range(8),
)
def test_a_list_of_installed_modules_that_is_of_no_use_is_passed_by(tmp_path: Path, manifest: str) -> None:
    text = f"""
=== main.tf
module "far" {{
  source = "example/role/aws"
}}
output "x" {{
  value = module.far.x
}}
resource "aws_iam_role" "r" {{
  name               = module.far.x
  assume_role_policy = "{{}}"
}}
=== .terraform/modules/modules.json
{manifest}
"""
    world = world_of(tmp_path, text)
    assert [one.what for one in world.unevaluated if "far" in one.what] == ["module.far (example/role/aws)"]
    assert world.problems == ()


def test_findings_in_an_installed_module_are_at_the_call(tmp_path: Path) -> None:
    _, judgement = judge(plant(tmp_path, INSTALLED))
    found = [one.finding for one in judgement.diagnostics if one.rule.name == "trust-any-principal"]
    places = {(finding.at.span.path, finding.at.span.line) for finding in found}
    # The input at its own place, what the module itself says at the call.
    assert places == {("live/main.tf", 7), ("live/main.tf", 1)}
    paths = {label.span.path for finding in found for label in finding.related}
    assert not any(".terraform" in path for path in paths)


def test_findings_in_a_local_module_are_there_and_name_the_call(tmp_path: Path) -> None:
    text = """
=== main.tf
module "outer" {
  source = "./outer"
}
=== outer/main.tf
module "inner" {
  source = "../inner"
}
=== inner/main.tf
resource "aws_iam_role" "this" {
  name = "open"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }]
  })
}
"""
    _, judgement = judge(plant(tmp_path, text))
    (finding,) = [one.finding for one in judgement.diagnostics if one.rule.name == "trust-any-principal"]
    assert (finding.at.span.path, finding.at.span.line) == ("inner/main.tf", 5)
    calls = [(label.span.path, label.span.line) for label in finding.related if label.text == "called here"]
    assert calls == [("main.tf", 1), ("outer/main.tf", 1)]


def test_a_finding_that_an_input_causes_is_at_the_input(tmp_path: Path) -> None:
    text = """
=== main.tf
module "m" {
  source = "./m"
  who    = "*"
}
=== m/main.tf
variable "who" {}
resource "aws_iam_role" "this" {
  name = "open"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = var.who, Action = "sts:AssumeRole" }]
  })
}
"""
    _, judgement = judge(plant(tmp_path, text))
    (finding,) = [one.finding for one in judgement.diagnostics if one.rule.name == "trust-any-principal"]
    places = {(label.span.path, label.span.line) for label in (finding.at, *finding.related)}
    assert ("main.tf", 3) in places


def test_inputs_and_locals_in_json_may_be_called_as_blocks_are(tmp_path: Path) -> None:
    text = """
=== main.tf.json
{
  "locals": {"statement": [{"name": "orders"}]},
  "module": {"app": {"source": "./app", "set": {"name": "${local.statement[0].name}"}}}
}
=== app/main.tf
variable "set" {}
resource "aws_iam_role" "this" {
  name               = var.set.name
  assume_role_policy = "{}"
}
"""
    assert roles(world_of(tmp_path, text)) == {"module.app.aws_iam_role.this": "orders"}


def test_sources_and_versions_may_be_locals_and_variables(tmp_path: Path) -> None:
    text = """
=== main.tf
variable "kind" { default = "app" }
locals {
  base    = "./mods"
  version = "19.21.0"
}
module "own" {
  source = "${local.base}/${var.kind}"
  name   = "orders"
}
module "eks" {
  source                  = "terraform-aws-modules/eks/aws"
  version                 = local.version
  eks_managed_node_groups = { a = {} }
}
=== mods/app/main.tf
variable "name" {}
resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = "{}"
}
"""
    world, judgement = judge(plant(tmp_path, text))
    assert world.unevaluated == ()
    assert {role.name.known for role in world.graph.all(Role) if role.name} >= {"orders"}
    # Two hops are the default of that version, not of the newest.
    assert "imds-hop-limit-gt-1" in {one.rule.name for one in judgement.diagnostics}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('"./missing"', "a module that is not in the tree: missing"),
        ('"../outside"', "a module that is not in the tree: ../outside"),
        ('"example/unknown/aws"', "a module that is not evaluated"),
        ('"git::https://example.com/x.git"', "a module that is not evaluated"),
        ('"${var.where}"', "a module whose source is not known"),
        ('"terraform-aws-modules/eks/aws"\n  version = var.where', "a module whose version is not known"),
    ],
)
def test_modules_that_cannot_be_read_are_not_evaluated(tmp_path: Path, source: str, reason: str) -> None:
    text = f"""
=== main.tf
variable "where" {{}}
module "gone" {{
  source = {source}
  name   = "x"
}}
resource "aws_iam_role" "r" {{
  name               = "r-${{module.gone.name}}"
  assume_role_policy = "{{}}"
}}
"""
    world = world_of(tmp_path, text)
    assert roles(world) == {"aws_iam_role.r": "r-${module.gone.name}"}
    (left,) = [one for one in world.unevaluated if one.what.startswith("module.gone")]
    assert left.reason == reason
    assert left.span is not None
    assert (left.span.path, left.span.line) == ("main.tf", 2)
    assert world.problems == ()


def test_a_module_that_is_not_known_is_named_once(tmp_path: Path) -> None:
    text = """
=== main.tf
module "many" {
  count  = 5
  source = "./m"
}
=== m/main.tf
module "unknown" {
  for_each = toset(["a", "b"])
  source   = "example/unknown/aws"
}
resource "aws_iam_role" "r" {
  name               = module.unknown["a"].name
  path               = module.unknown["b"].path
  assume_role_policy = "{}"
}
"""
    world = world_of(tmp_path, text)
    assert [one.what for one in world.unevaluated if "unknown" in one.what] == ["module.unknown (example/unknown/aws)"]
    assert len(roles(world)) == 5


def test_modules_that_call_each_other_are_a_problem_with_the_ring(tmp_path: Path) -> None:
    text = """
=== main.tf
module "a" {
  source = "./a"
}
=== a/main.tf
module "b" {
  source = "../b"
}
resource "aws_iam_role" "a" {
  name               = "a"
  assume_role_policy = "{}"
}
=== b/main.tf
module "a" {
  source = "../a"
}
"""
    world = world_of(tmp_path, text)
    (problem,) = world.problems
    assert problem.kind is ProblemKind.SYNTAX
    assert problem.message == "modules that call each other: . → a → b → a"
    assert (problem.path, problem.span.line if problem.span else 0) == ("b/main.tf", 1)
    assert roles(world) == {"module.a.aws_iam_role.a": "a"}


def test_a_module_that_calls_itself_is_a_problem(tmp_path: Path) -> None:
    text = """
=== main.tf
module "self" {
  source = "./"
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = "{}"
}
"""
    world = world_of(tmp_path, text)
    (problem,) = world.problems
    assert problem.message == "modules that call each other: . → ."
    assert roles(world) == {"aws_iam_role.r": "r"}


def test_roots_are_the_directories_that_nobody_calls(tmp_path: Path) -> None:
    text = """
=== live/a/main.tf
module "m" {
  source = "../../modules/m"
}
=== live/b/main.tf
module "m" {
  source = "../../modules/m"
}
=== modules/m/main.tf
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
  name               = "m-${var.env}"
}
variable "env" {
  default = "none"
}
=== modules/alone/main.tf
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
  name               = "alone-${var.env}-${var.needed}"
}
variable "env" {
  default = "none"
}
variable "needed" {}
"""
    assert roots(tmp_path, text) == ["live/a", "live/b", "modules/alone"]
    world = read(tmp_path)
    assert roles(world) == {
        "live/a/module.m.aws_iam_role.r": "m-none",
        "live/b/module.m.aws_iam_role.r": "m-none",
        "modules/alone/aws_iam_role.r": "alone-none-${var.needed}",
    }


def test_of_a_ring_without_a_root_the_first_is_one(tmp_path: Path) -> None:
    text = """
=== x/main.tf
module "y" {
  source = "../y"
}
=== y/main.tf
module "x" {
  source = "../x"
}
resource "aws_iam_role" "r" {
  name               = "y"
  assume_role_policy = "{}"
}
"""
    assert roots(tmp_path, text) == ["x"]
    world = read(tmp_path)
    assert roles(world) == {"module.y.aws_iam_role.r": "y"}
    assert [problem.message for problem in world.problems] == ["modules that call each other: x → y → x"]


def test_what_is_no_resource_is_passed_by(tmp_path: Path) -> None:
    text = f"""
=== main.tf
provider "aws" {{
  alias = "east"
}}
module "m" {{
  source = "./role"
  name   = "m"
  providers = {{
    aws = aws.east
  }}
  depends_on = [module.m, aws_iam_role.missing]
}}
moved {{
  from = aws_iam_role.old
  to   = module.m.aws_iam_role.this
}}
removed {{
  from = aws_iam_role.gone
  lifecycle {{
    destroy = false
  }}
}}
import {{
  to = aws_iam_role.imported
  id = "imported"
}}
check "health" {{
  data "aws_iam_policy_document" "scoped" {{}}
  assert {{
    condition     = module.m.name == "m"
    error_message = "no"
  }}
}}
{ROLE}"""
    world = world_of(tmp_path, text)
    assert roles(world) == {"module.m.aws_iam_role.this": "role-m"}
    assert (world.problems, world.unevaluated) == ((), ())


def test_override_files_count_in_a_called_module_and_for_its_call(tmp_path: Path) -> None:
    text = """
=== main.tf
module "m" {
  source = "./other"
  name   = "base"
}
=== main_override.tf
module "m" {
  source = "./m"
  name   = "over"
}
=== m/main.tf
variable "name" {}
resource "aws_iam_role" "r" {
  name               = var.name
  path               = "/base/"
  assume_role_policy = "{}"
}
=== m/override.tf
resource "aws_iam_role" "r" {
  name = "${var.name}-${local.extra}"
}
locals {
  extra = "z"
}
=== m/a_override.tf
resource "aws_iam_role" "r" {
  name = "first"
}
"""
    world = world_of(tmp_path, text)
    assert roles(world) == {"module.m.aws_iam_role.r": "over-z"}
    (role,) = world.graph.all(Role)
    assert name_of(role).span.path == "m/override.tf"


def test_a_tofu_file_stands_for_the_tf_file_of_its_name(tmp_path: Path) -> None:
    text = """
=== main.tf
module "m" {
  source = "./m"
}
=== m/main.tf
resource "aws_iam_role" "r" {
  name               = "terraform"
  assume_role_policy = "{}"
}
=== m/main.tofu
resource "aws_iam_role" "r" {
  name               = "tofu"
  assume_role_policy = "{}"
}
=== m/other.tf
resource "aws_iam_role" "s" {
  name               = "other"
  assume_role_policy = "{}"
}
"""
    assert set(roles(world_of(tmp_path, text)).values()) == {"tofu", "other"}


def test_a_block_of_a_called_module_that_does_not_parse_is_a_problem_and_the_others_count(tmp_path: Path) -> None:
    text = """
=== main.tf
module "m" {
  source = "./m"
}
resource "aws_iam_role" "r" {
  name               = "${module.m.name}-${module.m.broken}"
  assume_role_policy = "{}"
}
=== m/main.tf
resource "aws_iam_role" "bad" {
  name = = "x"
}
resource "aws_iam_role" "good" {
  name               = "good"
  assume_role_policy = "{}"
}
output "name" {
  value = aws_iam_role.good.name
}
output "broken" {
  value = aws_iam_role.bad.name
}
"""
    world = world_of(tmp_path, text)
    (problem,) = world.problems
    assert (problem.path, problem.span.line if problem.span else 0) == ("m/main.tf", 2)
    found = roles(world)
    assert found["module.m.aws_iam_role.good"] == "good"
    assert found["aws_iam_role.r"] == "good-${module.m.aws_iam_role.bad.name}"


def test_very_many_calls_end(tmp_path: Path) -> None:
    calls = "".join(f'module "m{n}" {{\n  source = "./{n % 10}"\n  name = "{n}"\n}}\n' for n in range(1000))
    modules = "".join(
        f'=== {n}/main.tf\nvariable "name" {{}}\n'
        f'resource "aws_iam_role" "r" {{\n  name = "r${{var.name}}"\n  assume_role_policy = "{{}}"\n}}\n'
        for n in range(10)
    )
    started = time.monotonic()
    world = world_of(tmp_path, f"\n=== main.tf\n{calls}{modules}")
    assert time.monotonic() - started < 30
    assert len(roles(world)) == 1000
    assert world.problems == ()


def test_modules_that_multiply_are_bounded(tmp_path: Path) -> None:
    levels = "".join(f'=== {n}/main.tf\nmodule "m" {{\n  count = 10\n  source = "../{n + 1}"\n}}\n' for n in range(6))
    leaf = '=== 6/main.tf\nresource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = "{}"\n}\n'
    started = time.monotonic()
    world = world_of(tmp_path, f"\n{levels}{leaf}")
    assert time.monotonic() - started < 30
    assert 0 < len(roles(world)) <= 2000
    assert "more module calls than are evaluated" in {one.reason for one in world.unevaluated}


def test_a_deep_chain_of_modules_ends_with_a_word(tmp_path: Path) -> None:
    levels = "".join(f'=== {n}/main.tf\nmodule "m" {{\n  source = "../{n + 1}"\n}}\n' for n in range(30))
    leaf = '=== 30/main.tf\nresource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = "{}"\n}\n'
    world = world_of(tmp_path, f"\n{levels}{leaf}")
    assert roles(world) == {}
    assert {one.reason for one in world.unevaluated} == {"more module calls than are evaluated"}


def test_a_chain_of_eleven_modules_is_evaluated(tmp_path: Path) -> None:
    levels = "".join(
        f'=== {n}/main.tf\nvariable "v" {{\n  default = "top"\n}}\n'
        f'module "m" {{\n  source = "../{n + 1}"\n  v = "${{var.v}}{n}"\n}}\n'
        for n in range(11)
    )
    role = 'resource "aws_iam_role" "r" {\n  name = var.v\n  assume_role_policy = "{}"\n}\n'
    leaf = f'=== 11/main.tf\nvariable "v" {{}}\n{role}'
    assert list(roles(world_of(tmp_path, f"\n{levels}{leaf}")).values()) == ["top012345678910"]


def test_a_module_whose_input_is_its_own_output_is_a_problem(tmp_path: Path) -> None:
    text = f"""
=== main.tf
module "m" {{
  source = "./role"
  name   = module.m.name
}}
{ROLE}"""
    world = world_of(tmp_path, text)
    (problem,) = world.problems
    assert "a value that needs itself" in problem.message
    assert "module.m.output.name" in problem.message
    assert "module.m.module.m" not in problem.message
    (name,) = roles(world).values()
    assert name.startswith("role-")


def test_an_output_may_need_another_output_of_the_same_module(tmp_path: Path) -> None:
    text = f"""
=== main.tf
module "m" {{
  source = "./role"
  name   = "m"
  tags   = {{ self = module.n.name }}
}}
module "n" {{
  source = "./role"
  name   = module.m.echo.name
}}
{ROLE}"""
    world = world_of(tmp_path, text)
    assert world.problems == ()
    assert set(roles(world).values()) == {"role-m"}


REFERENCES = """
=== main.tf
resource "aws_iam_role" "app" {
  name_prefix        = "app-"
  assume_role_policy = "{}"
}
locals {
  through_a_local = aws_iam_role.app.name
}
module "attach" {
  source = "./attach"
  role   = local.through_a_local
}
module "made" {
  for_each = toset(["x", "y"])
  source   = "./made"
}
resource "aws_iam_role_policy_attachment" "up" {
  role       = module.made["y"].role
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
=== attach/main.tf
variable "role" {}
module "inner" {
  source = "./inner"
  role   = var.role
}
=== attach/inner/main.tf
variable "role" {}
resource "aws_iam_role_policy_attachment" "down" {
  role       = var.role
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
=== made/main.tf
resource "aws_iam_role" "made" {
  name_prefix        = "made-"
  assume_role_policy = "{}"
}
output "role" {
  value = aws_iam_role.made.name
}
"""


def test_references_go_through_locals_inputs_and_outputs(tmp_path: Path) -> None:
    root = root_of(tmp_path, REFERENCES)
    (up,) = root.blocks("resource", "aws_iam_role_policy_attachment")
    assert str(up.reference("role")) == 'module.made["y"].aws_iam_role.made.name'
    (call,) = root.blocks("module", "attach")
    attach = root.called(call)
    assert isinstance(attach, Module)
    (inner_call,) = attach.blocks("module", "inner")
    inner = attach.called(inner_call)
    assert isinstance(inner, Module)
    (down,) = inner.blocks("resource", "aws_iam_role_policy_attachment")
    reference = down.reference("role")
    assert str(reference) == "aws_iam_role.app.name"
    assert reference is not None
    resolved = root.resolve(reference)
    assert resolved is not None
    assert resolved.address == "aws_iam_role.app"


def test_a_value_keeps_its_place_and_the_places_it_went_through(tmp_path: Path) -> None:
    text = """
=== main.tf
locals {
  name = "here"
}
module "m" {
  source = "./m"
  name   = local.name
}
=== m/main.tf
variable "name" {}
resource "aws_iam_role" "r" {
  name               = var.name
  assume_role_policy = "{}"
}
"""
    (role,) = world_of(tmp_path, text).graph.all(Role)
    assert (name_of(role).span.path, name_of(role).span.line) == ("main.tf", 2)
    assert [(span.path, span.line) for span in name_of(role).via] == [("main.tf", 6), ("m/main.tf", 3)]


def test_a_module_whose_number_is_not_known_is_there_once(tmp_path: Path) -> None:
    text = f"""
=== main.tf
variable "on" {{}}
module "m" {{
  count  = var.on ? 1 : 0
  source = "./role"
  name   = "m"
}}
output "x" {{
  value = module.m[0].name
}}
output "all" {{
  value = module.m[*].name
}}
{ROLE}"""
    assert roles(world_of(tmp_path, text)) == {"module.m.aws_iam_role.this": "role-m"}
    root = root_of(tmp_path, text)
    assert plain(output(root, "x")) == "role-m"
    assert plain(output(root, "all")) == ["…"]


def test_a_module_may_be_given_a_whole_resource(tmp_path: Path) -> None:
    text = """
=== main.tf
resource "aws_iam_role" "app" {
  name                 = "app"
  max_session_duration = 7200
  assume_role_policy   = "{}"
}
module "m" {
  source = "./m"
  role   = aws_iam_role.app
}
output "x" {
  value = module.m.x
}
=== m/main.tf
variable "role" {
  type = object({ name = string, arn = string, max_session_duration = number })
}
output "x" {
  value = [var.role.name, var.role.max_session_duration, var.role.arn]
}
"""
    root = root_of(tmp_path, text)
    assert plain(output(root, "x")) == ["app", 7200, "${aws_iam_role.app.arn}"]


def test_an_output_that_is_not_there_is_a_hole(tmp_path: Path) -> None:
    text = f"""
=== main.tf
module "m" {{
  source = "./role"
  name   = "m"
}}
output "x" {{
  value = module.m.missing
}}
output "y" {{
  value = module.missing.name
}}
{ROLE}"""
    root = root_of(tmp_path, text)
    assert hole(output(root, "x")).reason == "an output that the module does not have"
    assert hole(output(root, "y")).reason == "not declared in this directory"
    assert isinstance(root.blocks("output", "x")[0].body(), Mapping)


def test_what_opentofu_does_not_enable_is_not_there(tmp_path: Path) -> None:
    text = f"""
=== main.tofu
variable "on" {{
  default = false
}}
variable "unknown" {{}}
resource "aws_iam_role" "off" {{
  name               = "off"
  assume_role_policy = "{{}}"
  lifecycle {{
    enabled = var.on
  }}
}}
resource "aws_iam_role" "perhaps" {{
  name               = "perhaps"
  assume_role_policy = "{{}}"
  lifecycle {{
    enabled = var.unknown
  }}
}}
module "off" {{
  source = "./role"
  name   = "off"
  lifecycle {{
    enabled = !true
  }}
}}
module "on" {{
  source = "./role"
  name   = "on"
  lifecycle {{
    enabled = !var.on
  }}
}}
output "all" {{
  value = [
    aws_iam_role.off == null, try(aws_iam_role.off.name, "none"), module.off != null ? "made" : "none", module.on.name,
  ]
}}
{ROLE}"""
    assert roles(world_of(tmp_path, text)) == {
        "aws_iam_role.perhaps": "perhaps",
        "module.on.aws_iam_role.this": "role-on",
    }
    assert plain(output(root_of(tmp_path, text), "all")) == [True, "none", "none", "role-on"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", ["aws_iam_role.r and 1 more"]),
        ("=== terraform.tfvars\non = false\n", []),
        ('=== own.tf\nresource "aws_iam_policy" "p" {\n  policy = "{}"\n}\n', []),
        ('=== call/main.tf\nmodule "m" {\n  source = "../"\n}\n', []),
    ],
    ids=["by default", "by a file of values", "in part", "called"],
)
def test_what_the_defaults_of_variables_turn_off_is_counted(tmp_path: Path, more: str, said: list[str]) -> None:
    text = f"""
=== main.tf
variable "on" {{
  default = false
}}
resource "aws_iam_role" "r" {{
  count              = var.on ? 1 : 0
  assume_role_policy = "{{}}"
}}
resource "aws_eks_node_group" "g" {{
  for_each      = var.on ? toset(["g"]) : []
  node_role_arn = aws_iam_role.r[0].arn
}}
{more}"""
    assert [one.what for one in world_of(tmp_path, text).unevaluated if "turn it off" in one.reason] == said


def test_what_a_number_turns_off_is_not_counted(tmp_path: Path) -> None:
    text = """
=== main.tf
resource "aws_iam_role" "r" {
  count              = 0
  assume_role_policy = "{}"
}
"""
    assert world_of(tmp_path, text).unevaluated == ()


def test_a_policy_is_attached_to_the_role_of_the_same_name_though_it_is_not_known(tmp_path: Path) -> None:
    text = """
=== main.tf
variable "namespace" {}
variable "other" {}
resource "aws_iam_role" "r" {
  name               = "${var.namespace}-irsa"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "s" {
  name               = "${var.other}-irsa"
  assume_role_policy = "{}"
}
resource "aws_iam_policy_attachment" "a" {
  name       = "a"
  roles      = [aws_iam_role.r.name]
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_role_policy_attachment" "s" {
  for_each   = toset(["arn:aws:iam::aws:policy/AmazonS3FullAccess"])
  role       = "${var.other}-irsa"
  policy_arn = each.value
}
resource "aws_iam_role_policy_attachment" "neither" {
  role       = "x-${uuid()}"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
}
"""
    graph = world_of(tmp_path, text).graph
    held = {role.origin.address: grants_of(graph, role) for role in graph.all(Role)}
    assert {
        name: [grant.policy_arn and grant.policy_arn.known for grant in grants] for name, grants in held.items()
    } == {
        "aws_iam_role.r": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "aws_iam_role.s": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    }


def test_the_source_of_a_module_may_be_computed_as_in_opentofu(tmp_path: Path) -> None:
    text = f"""
=== main.tofu
variable "modules" {{
  default = "."
}}
variable "unknown" {{}}
module "m" {{
  source = "${{var.modules}}/role"
  name   = "m"
}}
module "n" {{
  source = "${{var.unknown}}/role"
  name   = "n"
}}
{ROLE}"""
    world = world_of(tmp_path, text)
    assert "role-m" in roles(world).values()
    assert [(one.what, one.reason) for one in world.unevaluated] == [
        ("module.n", "a module whose source is not known"),
    ]
