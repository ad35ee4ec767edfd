"""Terragrunt: nothing is evaluated, and that is said; keys are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.terraform_trees import world_of
from tests.worlds import judge

if TYPE_CHECKING:
    from pathlib import Path

TREE = """
=== live/root.hcl
remote_state {
  backend = "s3"
}
locals {
  region = "eu-west-1"
}
=== live/app/terragrunt.hcl
terraform {
  # source = "../old"
  source = "../../modules//app"
  extra_arguments "x" {
    commands = ["plan"]
  }
}
include "root" {
  path = find_in_parent_folders("root.hcl")
}
inputs = {
  name = "app"
}
=== live/db/terragrunt.hcl
terraform { source = "git::https://example.com/modules.git//db?ref=${local.version}" }
=== live/included/terragrunt.hcl
include {
  path = find_in_parent_folders("root.hcl")
}
inputs = {}
=== stack/terragrunt.stack.hcl
unit "vpc" {
  source = "git::https://example.com/modules.git//vpc"
  path   = "vpc"
}
=== modules/app/main.tf
variable "name" {}
resource "aws_iam_role" "r" {
  name               = var.name
  assume_role_policy = "{}"
}
=== .terraform.lock.hcl
provider "registry.terraform.io/hashicorp/aws" {
  version = "5.0.0"
}
=== .tflint.hcl
plugin "aws" {
  source = "github.com/terraform-linters/tflint-ruleset-aws"
}
"""


def test_each_call_of_a_module_is_counted_at_its_source(tmp_path: Path) -> None:
    world = world_of(tmp_path, TREE)
    assert world.problems == ()
    said = [one for one in world.unevaluated if "Terragrunt" in one.reason]
    assert [(one.path, one.span.line if one.span else 0, one.what) for one in said] == [
        ("live/app/terragrunt.hcl", 3, "module ../../modules//app"),
        ("live/db/terragrunt.hcl", 1, "a module whose source is computed"),
        ("live/included/terragrunt.hcl", 4, "an included module"),
        ("stack/terragrunt.stack.hcl", 2, "module git::https://example.com/modules.git//vpc"),
    ]
    place = said[0].span
    assert place is not None
    assert (place.column, place.end_column) == (3, 32)


def test_keys_in_hcl_of_any_kind_are_found(tmp_path: Path) -> None:
    for number, name in enumerate(("app/terragrunt.hcl", "policy.hcl", "secrets.auto.pkrvars.hcl")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'key_{number} = "AKIAQ2W3E4R5T6Y7U2I3"\n')
    _, judgement = judge(tmp_path)
    assert {one.at.path for one in judgement.diagnostics} == {
        "app/terragrunt.hcl", "policy.hcl", "secrets.auto.pkrvars.hcl",
    }  # fmt: skip
