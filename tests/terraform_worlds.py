"""Terraform text as entities, for tests."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, TypeVar

from rolecall.facts import Facts, collect
from rolecall.source import Source
from rolecall.terraform import unit
from rolecall.terraform.library import Library
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from rolecall.model import Statement
    from rolecall.rule import Rule

T = TypeVar("T")

EC2_TRUST = """
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
"""

HEREDOC = """
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"]
      }]
    }
  EOF
}
"""
ENCODED = """
resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
    }]
  })
}
"""
DATA_SOURCE = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""
PODS: tuple[object, ...] = ("Allow", [("Service", "pods.eks.amazonaws.com")], ["sts:AssumeRole", "sts:TagSession"], [])


def read(text: str, directory: str = "infra", root: Path | None = None) -> Facts:
    """What a directory with one file says."""
    source = Source(f"{directory}/main.tf", dedent(text))
    workspace = Workspace(root or Path("/nonexistent"))
    return collect(directory, unit.adapt(directory, (source,), Library(workspace)), (source.path,))


def every(facts: Facts, kind: type[T]) -> list[T]:
    """The entities of a type."""
    return [entity for entity in facts.entities if isinstance(entity, kind)]


def only(facts: Facts, kind: type[T]) -> T:
    """The one entity of a type."""
    (entity,) = every(facts, kind)
    return entity


def built_in(name: str) -> Rule:
    """A rule of the pack."""
    family = "metadata" if name.startswith("imds") else "node_roles"
    module = name.replace("-", "_")
    found: Rule = getattr(import_module(f"rolecall_rules.{family}.{module}"), module)
    return found


def shape(statement: Statement) -> tuple[object, ...]:
    """Effect, principals, actions and resources of a statement as plain values."""
    principals = [(principal.type.known, principal.value.known) for principal in statement.principals]
    return (
        statement.effect.known if statement.effect else None,
        principals,
        [action.known for action in statement.actions],
        [resource.known for resource in statement.resources],
    )
