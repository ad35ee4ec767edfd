"""What a block is to the expressions that refer to it: attributes that it sets, and those that the provider does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.tree import Kind, Mapping, Scalar
from tests.test_terraform_eval import module, plain, value

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = """
variable "create" { default = true }
resource "aws_eks_cluster" "c" {
  name = "c"
  vpc_config {
    subnet_ids = ["a"]
    security_group_ids = null
  }
  kubernetes_network_config {
    service_ipv4_cidr = null
    elastic_load_balancing {
      enabled = null
    }
  }
  dynamic "remote_network_config" {
    for_each = var.create ? [] : [1]
    content {}
  }
}
resource "aws_iam_role" "many" {
  count                = 2
  name                 = "role-${count.index}"
  max_session_duration = 3600
  inline_policy {
    name = "inline"
  }
}
resource "aws_iam_role" "each" {
  for_each = { a = "x" }
  name     = each.key
  path     = "/${each.value}/"
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_eks_cluster.c.vpc_config[0].subnet_ids", ["a"]),
        # What a block does not set, or sets to null, or leaves out, the provider may set.
        ("aws_eks_cluster.c.vpc_config[0].vpc_id", "${aws_eks_cluster.c.vpc_config[0].vpc_id}"),
        ("aws_eks_cluster.c.vpc_config[0].security_group_ids", "${aws_eks_cluster.c.vpc_config[0].security_group_ids}"),
        (
            'try(aws_eks_cluster.c.kubernetes_network_config[0].service_ipv4_cidr, "none")',
            "${aws_eks_cluster.c.kubernetes_network_config[0].service_ipv4_cidr}",
        ),
        (
            "aws_eks_cluster.c.kubernetes_network_config[0].elastic_load_balancing[0].enabled",
            "${aws_eks_cluster.c.kubernetes_network_config[0].elastic_load_balancing[0].enabled}",
        ),
        ("aws_eks_cluster.c.remote_network_config[0].x", "${aws_eks_cluster.c.remote_network_config[0].x}"),
        # A whole resource has what its block sets, and more.
        ("[for r in aws_iam_role.many : r.max_session_duration]", [3600, 3600]),
        ("[for r in aws_iam_role.many : r.inline_policy[0].name]", ["inline", "inline"]),
        ("[for r in aws_iam_role.many : r.unique_id][1]", "${aws_iam_role.many[1].unique_id}"),
        ("[for k, r in aws_iam_role.each : r.path]", ["/x/"]),
        ("values(aws_iam_role.each)[*].path", ["/x/"]),
        ("aws_iam_role.many[*].max_session_duration", [3600, 3600]),
        ("aws_iam_role.many[*].inline_policy[0].name", ["inline", "inline"]),
        ("aws_iam_role.many[*].inline_policy[*].name", [["inline"], ["inline"]]),
        ("aws_iam_role.many.*.name", ["role-0", "role-1"]),
        ("aws_iam_role.many[*].arn[0]", ["${aws_iam_role.many[0].arn[0]}", "${aws_iam_role.many[1].arn[0]}"]),
    ],
)
def test_attributes_of_blocks(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression, CLUSTER)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # A splat reaches to the end, further splats included.
        ("[{a = [{b = 1}]}, {a = [{b = 2}, {b = 3}]}][*].a[*].b", [[1], [2, 3]]),
        ("[[1, 2], [3]][*][0]", [1, 3]),
        ("([{a = [1, 2]}][*].a)[0]", [1, 2]),
        # The old one takes attributes only.
        ("[{a = [1, 2]}].*.a[0]", [1, 2]),
        ("[{a = [1, 2]}].*.a.0", [1]),
        ("[{a = {b = [1]}}].*.a.b[0][0]", 1),
    ],
)
def test_the_reach_of_splats(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('try("ex-${replace(basename(path.cwd), "_", "-")}", "y")', "ex-${path.cwd}"),
        ('try("x-${try(path.cwd, "")}", "y")', "x-${path.cwd}"),
        ('"${try(regex("a", path.cwd), "y")}-x"', "${path.cwd}-x"),
        ('try("x-${jsondecode(data.a.b.c).d}", "y")', "${data.a.b.c}"),
    ],
)
def test_known_parts_survive_a_try_that_cannot_fail(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression)) == expected


def test_very_many_splats_end(tmp_path: Path) -> None:
    found = module(tmp_path, 'output "x" {\n  value = [1]' + "[*]" * 5000 + "\n}\n")
    assert isinstance(found.blocks("output")[0].body(), Mapping)


def test_what_terraform_reads_of_a_block_is_no_attribute(tmp_path: Path) -> None:
    node = value(tmp_path, "aws_iam_role.many[0]", CLUSTER)
    assert isinstance(node, Mapping)
    assert [entry.key.known for entry in node.entries] == ["name", "max_session_duration", "inline_policy", "id", "arn"]


def test_a_nested_block_may_have_the_name_of_something_of_terraforms(tmp_path: Path) -> None:
    text = (
        'resource "aws_eks_cluster" "c" {\n  encryption_config {\n    provider {\n      key_arn = "k"\n    }\n  }\n}\n'
    )
    (block,) = module(tmp_path, text).blocks("resource")
    assert plain(block.body()) == {"encryption_config": [{"provider": [{"key_arn": "k"}]}]}


def test_blocks_of_one_address_have_each_their_own_body(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  alias  = "b"\n  region = "b"\n}\n'
    bodies = [block.body() for block in module(tmp_path, text).blocks("provider")]
    assert [body.text("region") for body in bodies] == ["a", "b"]


def test_what_a_block_depends_on_is_not_evaluated(tmp_path: Path) -> None:
    text = 'resource "aws_iam_role" "a" {\n  name = "a"\n  depends_on = [aws_iam_role.a, module.missing]\n}\n'
    found = module(tmp_path, text)
    assert plain(found.blocks("resource")[0].body()) == {"name": "a"}
    assert found.problems == ()
    assert not found.configuration.unevaluated


def test_what_is_unknown_is_of_no_kind(tmp_path: Path) -> None:
    node = value(tmp_path, "aws_eks_cluster.c.kubernetes_network_config[0].service_ipv4_cidr", CLUSTER)
    assert isinstance(node, Scalar)
    assert node.kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("kubectl_manifest.shop.name", "shop-live"),
        ("kubectl_manifest.shop.kind", "Namespace"),
        ("kubectl_manifest.shop.api_version", "v1"),
        ("kubectl_manifest.shop.namespace", "${kubectl_manifest.shop.namespace}"),
        ("kubectl_manifest.shop.uid", "${kubectl_manifest.shop.uid}"),
        ("kubectl_manifest.broken.name", "${text that is not YAML}"),
    ],
)
def test_what_a_manifest_says_of_itself(tmp_path: Path, expression: str, expected: object) -> None:
    text = """
variable "stage" { default = "live" }
resource "kubectl_manifest" "shop" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop-${var.stage}
  YAML
}
resource "kubectl_manifest" "broken" { yaml_body = "metadata: [" }
"""
    assert plain(value(tmp_path, expression, text)) == expected
