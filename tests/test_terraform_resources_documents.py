"""The data source `aws_iam_policy_document`."""

from __future__ import annotations

import pytest

from rolecall.model import (
    OidcProvider,
    Policy,
    Role,
    TrustPolicy,
)
from tests.terraform_worlds import DATA_SOURCE, PODS, every, only, read, shape


def test_dynamic_statements_that_cannot_be_expanded_leave_the_document_open() -> None:
    facts = read("""
        variable "more" {}
        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRole"]
            principals {
              type        = "Service"
              identifiers = ["ec2.amazonaws.com"]
            }
          }
          dynamic "statement" {
            for_each = var.more
            content {
              actions = ["sts:AssumeRole"]
            }
          }
        }
        resource "aws_iam_role" "app" {
          assume_role_policy = data.aws_iam_policy_document.trust.json
        }
    """)
    role = only(facts, Role)
    assert role.trust is not None
    assert len(role.trust.document.statements) == 1
    assert role.trust.document.rest is not None
    assert [thing.what for thing in facts.unevaluated] == ["trust policy of aws_iam_role.app"]


def test_a_trust_document_that_no_role_here_takes_stands_alone() -> None:
    facts = read(DATA_SOURCE[: DATA_SOURCE.index("resource")])
    trust = only(facts, TrustPolicy)
    assert trust.role is None
    assert trust.origin.address == "data.aws_iam_policy_document.trust"


def test_a_permission_document_that_nothing_here_takes_is_a_policy_and_a_buckets_is_not() -> None:
    facts = read("""
        data "aws_iam_policy_document" "read" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "bucket" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
            principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
    """)
    assert only(facts, Policy).origin.address == "data.aws_iam_policy_document.read"
    assert every(facts, TrustPolicy) == []


def test_data_sources_merge_by_sid() -> None:
    facts = read("""
        data "aws_iam_policy_document" "one" {
          statement {
            sid       = "A"
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
          statement {
            sid       = "B"
            actions   = ["s3:PutObject"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "all" {
          source_policy_documents = [
            data.aws_iam_policy_document.one.json,
            jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] }),
          ]
          statement {
            sid       = "A"
            effect    = "Deny"
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
          override_policy_documents = [
            jsonencode({ Statement = { Sid = "B", Effect = "Allow", Action = "sns:Publish", Resource = "*" } }),
          ]
        }
        resource "aws_iam_policy" "all" {
          name   = "all"
          policy = data.aws_iam_policy_document.all.json
        }
    """)
    document = only(facts, Policy).document
    assert document is not None
    assert [shape(statement)[::2] for statement in document.statements] == [
        ("Deny", ["s3:GetObject"]),
        ("Allow", ["sns:Publish"]),
        ("Allow", ["sqs:SendMessage"]),
    ]


@pytest.mark.parametrize("use", ["one({}[*].json)", 'join("", {}[*].json)', "{}[0].json", "try({}[0].json, null)"])
def test_a_data_source_whose_count_is_not_known_is_read(use: str) -> None:
    counted = DATA_SOURCE.replace("statement {", "count = var.create ? 1 : 0\n  statement {", 1)
    used = counted.replace("data.aws_iam_policy_document.trust.json", use.format("data.aws_iam_policy_document.trust"))
    role = only(read('variable "create" {}\n' + used), Role)
    assert role.trust is not None
    assert [shape(statement) for statement in role.trust.document.statements] == [PODS]


def test_a_source_that_is_not_known_leaves_the_merged_document_open() -> None:
    facts = read("""
        variable "base" {}
        data "aws_iam_policy_document" "all" {
          source_policy_documents = [var.base]
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
        }
        resource "aws_iam_policy" "all" {
          policy = data.aws_iam_policy_document.all.json
        }
    """)
    document = only(facts, Policy).document
    assert document is not None
    assert len(document.statements) == 1
    assert document.rest is not None


def test_documents_that_take_in_each_other_end() -> None:
    facts = read("""
        data "aws_iam_policy_document" "a" {
          source_policy_documents = [data.aws_iam_policy_document.b.json]
        }
        data "aws_iam_policy_document" "b" {
          source_policy_documents = [data.aws_iam_policy_document.a.json, data.aws_iam_policy_document.a.json]
        }
        resource "aws_iam_role" "app" {
          assume_role_policy = data.aws_iam_policy_document.a.json
        }
    """)
    assert only(facts, Role).trust is None


def test_documents_that_double_each_step_stay_small() -> None:
    first = """
        data "aws_iam_policy_document" "d0" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
        }
    """
    steps = (
        f'data "aws_iam_policy_document" "d{n}" {{\n  source_policy_documents = ['
        f"data.aws_iam_policy_document.d{n - 1}.json, data.aws_iam_policy_document.d{n - 1}.json]\n}}\n"
        for n in range(1, 30)
    )
    document = only(read(first + "".join(steps)), Policy).document
    assert document is not None
    assert len(document.statements) <= 1000
    assert document.rest is not None


def test_conditions_of_one_test_and_variable_are_alternatives() -> None:
    facts = read("""
        data "aws_iam_policy_document" "read" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["arn:aws:s3:::home/&{aws:username}/*"]
            condition {
              test     = "StringLike"
              variable = "s3:prefix"
              values   = ["a"]
            }
            condition {
              test     = "StringLike"
              variable = "s3:prefix"
              values   = ["b"]
            }
          }
        }
    """)
    document = only(facts, Policy).document
    assert document is not None
    (statement,) = document.statements
    (condition,) = statement.conditions
    assert [value.known for value in condition.values] == ["a", "b"]
    assert statement.resources[0].known == "arn:aws:s3:::home/${aws:username}/*"


def test_an_expression_in_a_condition_key_keeps_its_known_end() -> None:
    facts = read("""
        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRoleWithWebIdentity"]
            principals {
              type        = "Federated"
              identifiers = [aws_iam_openid_connect_provider.eks.arn]
            }
            condition {
              test     = "StringEquals"
              variable = "${replace(aws_iam_openid_connect_provider.eks.url, "https://", "")}:sub"
              values   = ["system:serviceaccount:shop:shop"]
            }
          }
        }
        resource "aws_iam_openid_connect_provider" "eks" {
          url            = aws_eks_cluster.shop.identity[0].oidc[0].issuer
          client_id_list = ["sts.amazonaws.com"]
        }
        resource "aws_eks_cluster" "shop" {
          name = "shop"
        }
        resource "aws_iam_role" "app" {
          assume_role_policy = data.aws_iam_policy_document.trust.json
        }
    """)
    role = only(facts, Role)
    assert role.trust is not None
    key = role.trust.document.statements[0].conditions[0].key
    assert key.parts[-1] == ":sub"
    assert only(facts, OidcProvider).client_ids[0].known == "sts.amazonaws.com"
