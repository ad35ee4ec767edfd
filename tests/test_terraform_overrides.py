"""Override files, and JSON's other ways to write a block. https://developer.hashicorp.com/terraform/language/files/override."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.model import ProviderCredentials
from tests.terraform_trees import output, plant, roles, root_of, world_of
from tests.test_terraform_eval import plain
from tests.worlds import judge

if TYPE_CHECKING:
    from pathlib import Path

PROVIDERS = """
=== main.tf
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "use1"
  region = "us-east-1"
}
"""


def test_what_overrides_a_provider_configuration_is_that_of_its_alias(tmp_path: Path) -> None:
    text = f"""{PROVIDERS}
=== localstack_providers_override.tf
provider "aws" {{
  access_key = "test"
  endpoints {{
    sts = "http://localhost:4566"
  }}
}}
provider "aws" {{
  alias      = "use1"
  access_key = "AKIAQ2W3E4R5T6Y7U2I3"
}}
"""
    world = world_of(tmp_path, text)
    found = {said.emulator: said.arguments[0][0].span.line for said in world.graph.all(ProviderCredentials)}
    assert found == {True: 2, False: 9}
    _, judgement = judge(tmp_path)
    assert [(one.rule.name, one.at.line) for one in judgement.diagnostics] == [("tf-provider-static-key", 9)]


def test_a_key_that_only_an_override_in_json_names_is_found(tmp_path: Path) -> None:
    override = '{"provider": {"aws": [{"alias": "use1", "access_key": "AKIAQ2W3E4R5T6Y7U2I3"}]}}'
    world = world_of(tmp_path, f"{PROVIDERS}\n=== keys_override.tf.json\n{override}\n")
    (said,) = world.graph.all(ProviderCredentials)
    assert not said.emulator


def test_a_key_of_a_called_module_s_provider_in_json_is_found(tmp_path: Path) -> None:
    text = """
=== main.tf
module "m" {
  source = "./m"
}
=== m/main.tf.json
{"provider": {"aws": {"access_key": "AKIAQ2W3E4R5T6Y7U2I3"}}}
"""
    assert len(world_of(tmp_path, text).graph.all(ProviderCredentials)) == 1


def test_blocks_in_json_take_the_place_of_blocks_whatever_their_type(tmp_path: Path) -> None:
    text = """
=== main.tf
resource "a" "r" {
  thing {
    name = "base"
  }
  other {
    name = "base"
  }
}
=== override.tf.json
{"resource": {"a": {"r": {"thing": [{"name": "over"}]}}}}
"""
    (block,) = root_of(tmp_path, text).blocks("resource")
    assert plain(block.body()) == {"thing": [{"name": "over"}], "other": [{"name": "base"}]}


def test_in_json_a_list_of_objects_is_one_body_at_every_level(tmp_path: Path) -> None:
    statement = '{"for_each": ["s3:GetObject"], "content": {"actions": ["${statement.value}"], "resources": ["*"]}}'
    text = f"""
=== main.tf.json
[
  {{"locals": {{"name": "one"}}}},
  {{"data": [{{"aws_iam_policy_document": [{{"d": {{"dynamic": [{{"statement": {statement}}}]}}}}]}}],
    "resource": {{"aws_iam_role": {{"r": {{"name": "${{local.name}}", "assume_role_policy": "{{}}"}}}}}},
    "output": {{"action": {{"value": "${{data.aws_iam_policy_document.d.statement[0].actions[0]}}"}}}}}}
]
"""
    plant(tmp_path, text)
    assert roles(world_of(tmp_path, text)) == {"aws_iam_role.r": "one"}
    assert plain(output(root_of(tmp_path, text), "action")) == "s3:GetObject"


def test_a_variable_in_json_has_its_type_and_no_templates(tmp_path: Path) -> None:
    text = """
=== main.tf.json
{"variable": {
  "number": {"type": "number", "default": "5", "description": "not a template: ${"},
  "object": {"type": "object({x = optional(string, \\"dd\\"), y = number})", "default": {"y": "3"}},
  "text": {"default": "${lit} $${esc}"}
}}
=== outputs.tf
output "all" {
  value = jsonencode([var.number, var.object, var.text])
}
"""
    module = root_of(tmp_path, text)
    assert plain(output(module, "all")) == '[5,{"x":"dd","y":3},"${lit} $${esc}"]'
    assert module.problems == ()


def test_a_template_or_a_type_in_json_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    text = """
=== main.tf.json
{"variable": {"v": {"type": "list("}},
 "resource": {"aws_iam_role": {"r": {"name": "${foo(", "assume_role_policy": "{}"}}}}
"""
    world = world_of(tmp_path, text)
    assert [(problem.path, problem.span.line if problem.span else 0) for problem in world.problems] == [
        ("main.tf.json", 1), ("main.tf.json", 2),
    ]  # fmt: skip
    assert "aws_iam_role.r" in roles(world)
