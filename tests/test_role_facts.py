"""What is read about roles besides their policies: sessions, tags, policies of resources, where values go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rolecall.model import DefaultTags, HandedOut, ResourcePolicy, Role
from tests.worlds import read

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.graph import Graph

TRUST = """
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "pods.eks.amazonaws.com" } }]
  })
"""


def graph_of(tmp_path: Path, text: str, name: str = "main.tf") -> Graph:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read(tmp_path).graph


def test_session_and_tags_of_a_role(tmp_path: Path) -> None:
    text = (
        f'resource "aws_iam_role" "app" {{\n  max_session_duration = 2 * 3600\n  tags = {{ team = "shop" }}\n{TRUST}}}'
    )
    (role,) = graph_of(tmp_path, text).all(Role)
    assert role.max_session_duration is not None
    assert role.max_session_duration.number == 7200
    assert [tag.known for tag in role.tags] == ["team"]
    assert role.tags_rest is None


def test_tags_that_are_not_known_are_a_hole(tmp_path: Path) -> None:
    text = f'variable "tags" {{}}\nresource "aws_iam_role" "app" {{\n  tags = merge(var.tags, {{ a = 1 }})\n{TRUST}}}'
    (role,) = graph_of(tmp_path, text).all(Role)
    assert role.tags_rest is not None


def test_default_tags_of_a_provider(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  default_tags {\n    tags = { team = "shop" }\n  }\n}'
    (found,) = graph_of(tmp_path, text).all(DefaultTags)
    assert [tag.known for tag in found.tags] == ["team"]


def test_outputs_and_unread_modules_name_roles_and_no_secrets(tmp_path: Path) -> None:
    text = f"""
resource "aws_iam_role" "app" {{
  name = "app"
{TRUST}}}
output "role" {{
  value = {{ name = aws_iam_role.app.name, key = "AKIAQ2W3E4R5T6Y7U2I3" }}
}}
output "other" {{
  value = "nothing of the kind"
}}
module "more" {{
  source = "git::https://git.example.com/more.git"
  role   = aws_iam_role.app.arn
}}
"""
    handed = [(one.origin.address, one.value.display) for one in graph_of(tmp_path, text).all(HandedOut)]
    assert ("output.role", "app") in handed
    assert any(address == "module.more" and "aws_iam_role.app" in value for address, value in handed)
    assert not any("AKIA" in value for _, value in handed)
    assert not any(address == "output.other" for address, _ in handed)


def test_a_policy_of_a_resource_is_no_policy_of_a_role(tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "arn:aws:s3:::a/*"}
    graph = graph_of(tmp_path, json.dumps({"Statement": [statement]}), "policy.json")
    (found,) = graph.all(ResourcePolicy)
    assert found.document.statements[0].actions[0].known == "s3:GetObject"
