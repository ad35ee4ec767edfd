"""IAM resources of Terraform as entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.model import (
    FargateProfile,
    InstanceProfile,
    PolicyAttachment,
    PolicyDocument,
    ProviderCredentials,
    Role,
    TrustPolicy,
)
from rolecall.model.secrets import MaterialKind
from rolecall.tree import Reference
from tests.terraform_trees import world_of
from tests.terraform_worlds import DATA_SOURCE, EC2_TRUST, ENCODED, HEREDOC, PODS, every, only, read, shape

if TYPE_CHECKING:
    from pathlib import Path


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
    (unevaluated,) = facts.unevaluated
    assert unevaluated.what == "trust policy of aws_iam_role.app"
    assert "var.trust" in unevaluated.reason


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


def test_a_fargate_profile_has_its_selectors() -> None:
    profile = only(
        read(
            'resource "aws_eks_fargate_profile" "app" {\n'
            '  cluster_name           = "shop"\n'
            "  pod_execution_role_arn = aws_iam_role.pods.arn\n"
            '  selector {\n    namespace = "batch-*"\n    labels    = { tier = "jobs" }\n  }\n'
            "  selector {\n    namespace = var.namespace\n    labels    = var.labels\n  }\n}\n"
        ),
        FargateProfile,
    )
    first, second = profile.selectors
    assert first.namespace is not None
    assert first.namespace.known == "batch-*"
    assert [entry.key.known for entry in first.labels] == ["tier"]
    assert first.labels_rest is None
    assert second.namespace is not None
    assert second.namespace.known is None
    assert second.labels_rest is not None
    assert profile.selectors_rest is None


def test_a_provider_with_a_vpc_endpoint_still_talks_to_aws() -> None:
    text = (
        'provider "aws" {\n  access_key = "AKIAQ2W3E4R5T6Y7U2I3"\n'
        '  endpoints {\n    sts = "https://vpce-0a1b.sts.eu-west-1.vpce.amazonaws.com"\n  }\n}\n'
    )
    assert not only(read(text), ProviderCredentials).emulator


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


def test_calls_of_modules_that_are_not_known_are_said_once_each() -> None:
    facts = read('module "eks" {\n  source = "example-org/eks/aws"\n  for_each = toset(["a", "b"])\n}\n')
    assert {thing.what for thing in facts.unevaluated} == {"module.eks (example-org/eks/aws)"}
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


def test_a_launch_template_of_a_node_group_that_is_not_known_is_counted(tmp_path: Path) -> None:
    text = """
=== main.tf
variable "template" {}
variable "on" {}
resource "aws_launch_template" "t" {}
resource "aws_eks_node_group" "own" {
  launch_template {
    id = aws_launch_template.t.id
  }
}
resource "aws_eks_node_group" "other" {
  launch_template {
    name = var.template
  }
}
resource "aws_eks_node_group" "perhaps" {
  dynamic "launch_template" {
    for_each = var.on ? [1] : []
    content {
      id = aws_launch_template.t.id
    }
  }
}
resource "aws_eks_node_group" "elsewhere" {
  launch_template {
    id = "lt-0123456789abcdef0"
  }
}
"""
    said = [(one.what, one.reason) for one in world_of(tmp_path, text).unevaluated]
    assert said == [
        ("launch template of aws_eks_node_group.other", "a variable without a default: var.template"),
        ("launch template of aws_eks_node_group.perhaps", "a variable without a default: var.on"),
    ]
