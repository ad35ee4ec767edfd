"""IAM resources of Terraform as entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.model import (
    InstanceProfile,
    OidcProvider,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    ProviderCredentials,
    Role,
    TrustPolicy,
)
from rolecall.model.secrets import MaterialKind
from rolecall.tree import Reference
from tests.terraform_worlds import EC2_TRUST, every, only, read

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.model import Statement

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


def shape(statement: Statement) -> tuple[object, ...]:
    principals = [(principal.type.known, principal.value.known) for principal in statement.principals]
    return (
        statement.effect.known if statement.effect else None,
        principals,
        [action.known for action in statement.actions],
        [resource.known for resource in statement.resources],
    )


PODS: tuple[object, ...] = ("Allow", [("Service", "pods.eks.amazonaws.com")], ["sts:AssumeRole", "sts:TagSession"], [])


@pytest.mark.parametrize("text", [HEREDOC, ENCODED, DATA_SOURCE], ids=["heredoc", "jsonencode", "data source"])
def test_a_trust_policy_is_the_same_however_it_is_written(text: str) -> None:
    facts = read(text)
    role = only(facts, Role)
    assert role.trust is not None
    assert [shape(statement) for statement in role.trust.document.statements] == [PODS]
    assert role.trust.document.rest is None
    assert facts.unevaluated == ()
    action = role.trust.document.statements[0].actions[1]
    assert text[action.span.start : action.span.end].strip('"') == "sts:TagSession"


def test_a_trust_policy_in_a_file_beside_the_module(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    body = '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}'
    (folder / "trust.json").write_text(body)
    text = 'resource "aws_iam_role" "app" {\n  assume_role_policy = file("${path.module}/trust.json")\n}\n'
    role = only(read(text, root=tmp_path), Role)
    assert role.trust is not None
    assert shape(role.trust.document.statements[0]) == ("Allow", [("AWS", "*")], ["sts:AssumeRole"], [])


def test_roles_that_share_a_document_share_one_object() -> None:
    facts = read(DATA_SOURCE + DATA_SOURCE[DATA_SOURCE.index("resource") :].replace('"app"', '"other"'))
    first, second = every(facts, Role)
    assert first.trust is not None
    assert second.trust is not None
    assert first.trust.document is second.trust.document
    assert every(facts, TrustPolicy) == []


def test_a_role_has_an_arn_whose_account_is_a_hole() -> None:
    role = only(read(ENCODED.replace('name = "app"', 'name = "app"\n  path = "/teams/"')), Role)
    assert role.arn is not None
    assert [part for part in role.arn.parts if isinstance(part, str)] == ["arn:aws:iam::", ":role/teams/app"]
    assert role.arn.holes[0].references == (Reference("infra", "aws_iam_role.app", "arn"),)


def test_names_that_terraform_makes_up() -> None:
    prefixed = only(read(ENCODED.replace('name = "app"', 'name_prefix = "app-"')), Role)
    nameless = only(read(ENCODED.replace('name = "app"', "")), Role)
    assert prefixed.name is not None
    assert prefixed.name.parts[0] == "app-"
    assert nameless.display == "aws_iam_role.app"


def test_a_trust_policy_that_is_not_known_is_said_with_the_reason() -> None:
    facts = read('variable "trust" {}\nresource "aws_iam_role" "app" {\n  assume_role_policy = var.trust\n}\n')
    role = only(facts, Role)
    assert role.trust is None
    assert role.trust_hole is not None
    (unevaluated,) = facts.unevaluated
    assert unevaluated.what == "trust policy of aws_iam_role.app"
    assert "var.trust" in unevaluated.reason


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


def test_attachments_of_every_kind_point_at_their_role() -> None:
    facts = read(f"""
        resource "aws_iam_role" "app" {{
          name = "app"
          {EC2_TRUST}
        }}
        resource "aws_iam_role_policy_attachment" "one" {{
          role       = aws_iam_role.app.name
          policy_arn = "arn:aws:iam::aws:policy/A"
        }}
        resource "aws_iam_role_policy_attachment" "each" {{
          for_each   = toset(["arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/C"])
          role       = aws_iam_role.app.name
          policy_arn = each.value
        }}
        resource "aws_iam_policy_attachment" "several" {{
          name       = "several"
          roles      = [aws_iam_role.app.name]
          policy_arn = "arn:aws:iam::aws:policy/D"
        }}
        resource "aws_iam_role_policy_attachments_exclusive" "all" {{
          role_name   = aws_iam_role.app.name
          policy_arns = ["arn:aws:iam::aws:policy/E"]
        }}
        resource "aws_iam_role_policy_attachment" "never" {{
          count      = 0
          role       = aws_iam_role.app.name
          policy_arn = "arn:aws:iam::aws:policy/Z"
        }}
        resource "aws_iam_role_policy" "inline" {{
          role   = aws_iam_role.app.id
          policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }}] }})
        }}
    """)
    attachments = every(facts, PolicyAttachment)
    arns = [attachment.policy_arn.known for attachment in attachments if attachment.policy_arn]
    assert [arn[-1] for arn in arns if arn] == ["A", "B", "C", "D", "E"] or sorted(arns, key=str) == [
        f"arn:aws:iam::aws:policy/{letter}" for letter in "ABCDE"
    ]
    (inline,) = [attachment for attachment in attachments if attachment.document]
    assert isinstance(inline.document, PolicyDocument)
    assert inline.roles[0].holes[0].references[0].address == "aws_iam_role.app"


def test_a_role_with_policies_inside() -> None:
    role = only(
        read(f"""
        variable "arns" {{ type = list(string) }}
        resource "aws_iam_role" "app" {{
          {EC2_TRUST}
          managed_policy_arns  = var.arns
          permissions_boundary = "arn:aws:iam::111122223333:policy/edge"
          inline_policy {{
            name   = "read"
            policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }}] }})
          }}
        }}
    """),
        Role,
    )
    assert role.managed == ()
    assert role.managed_rest is not None
    assert role.boundary is not None
    assert [len(document.statements) for document in role.inline] == [1]


def test_instance_profiles_name_their_role() -> None:
    facts = read('resource "aws_iam_instance_profile" "node" {\n  name = "node"\n  role = "node"\n}\n')
    profile = only(facts, InstanceProfile)
    assert profile.role is not None
    assert profile.role.known == "node"


KEY_ID, SECRET = "AKIAQ2W3E4R5T6Y7U2I3", "wJ9xQ2mV7cL4pR8sT1nB6kD3fG5hZ0yU+aE/oI2q"


def test_static_keys_of_providers_and_backends_are_masked() -> None:
    facts = read(f"""
        provider "aws" {{
          region     = "eu-west-1"
          access_key = "{KEY_ID}"
          secret_key = "{SECRET}"
        }}
        terraform {{
          backend "s3" {{
            bucket     = "state"
            access_key = "{KEY_ID}"
          }}
        }}
    """)
    provider, backend = every(facts, ProviderCredentials)
    kinds = [material.kind for _, material in provider.arguments]
    assert kinds == [MaterialKind.KEY_ID, MaterialKind.SECRET_KEY]
    assert [material.kind for _, material in backend.arguments] == [MaterialKind.KEY_ID]
    assert not provider.emulator
    assert SECRET not in repr(facts)
    assert KEY_ID not in repr(facts)


def test_providers_without_known_keys_are_no_credentials() -> None:
    facts = read('variable "key" {}\nprovider "aws" {\n  access_key = var.key\n  secret_key = ""\n}\n')
    assert every(facts, ProviderCredentials) == []


def test_a_provider_with_endpoints_of_its_own_is_an_emulators() -> None:
    facts = read("""
        provider "aws" {
          access_key = "test"
          secret_key = "test"
          endpoints {
            s3 = "http://localhost:4566"
          }
        }
    """)
    assert only(facts, ProviderCredentials).emulator


def test_module_calls_are_not_evaluated_and_said_once_each() -> None:
    facts = read('module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  for_each = toset(["a", "b"])\n}\n')
    assert {thing.what for thing in facts.unevaluated} == {"module.eks (terraform-aws-modules/eks/aws)"}
    assert len(facts.unevaluated) == 1


def test_a_file_cut_anywhere_is_no_crash() -> None:
    text = HEREDOC + DATA_SOURCE.replace('"app"', '"b"') + ENCODED.replace('"app"', '"c"')
    for end in range(0, len(text), 23):
        read(text[:end])


def test_odd_shapes_are_no_crash() -> None:
    facts = read("""
        resource "aws_iam_role" {
          name = "x"
        }
        resource "aws_iam_role" "a" {
          name               = ["x"]
          assume_role_policy = ["x"]
          inline_policy      = "x"
        }
        resource "aws_iam_role" "b" {
          assume_role_policy = "not json"
        }
        resource "aws_iam_role" "c" {
          assume_role_policy = null
        }
        resource "aws_iam_role_policy" "a" {
          role   = { a = 1 }
          policy = 3
        }
        data "aws_iam_policy_document" "a" {
          statement = "x"
          statement {
            principals = 4
            condition  = ["x"]
          }
          source_policy_documents = { a = "b" }
        }
        resource "aws_launch_template" "a" {
          metadata_options = "x"
          iam_instance_profile = 4
          tag_specifications = [[]]
        }
        resource "aws_autoscaling_group" "a" {
          tag  = "x"
          tags = [1]
        }
        terraform {
          backend "s3" {}
          backend = 3
        }
    """)
    assert [role.origin.address for role in every(facts, Role)]
