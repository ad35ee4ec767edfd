"""Node roles, what they may do, and the metadata options of nodes."""

from __future__ import annotations

import pytest

from rolecall.facts import Facts
from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.breadth import Breadth
from rolecall.judge import judge
from rolecall.model import LaunchTemplate
from rolecall.problem import Unevaluated
from rolecall.rule import Finding, Severity
from tests.terraform_worlds import EC2_TRUST, built_in, only, read

ROLE = f'resource "aws_iam_role" "node" {{\n  name = "node"\n{EC2_TRUST}}}\n'
GROUP = """
resource "aws_eks_node_group" "shop" {
  cluster_name    = "shop"
  node_group_name = "shop"
  node_role_arn   = aws_iam_role.node.arn
  launch_template {
    id = aws_launch_template.node.id
  }
}
"""


def attached(name: str) -> str:
    return f"""
resource "aws_iam_role_policy_attachment" "{name}" {{
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/{name}"
}}
"""


def inline(statement: str, name: str = "inline") -> str:
    return f"""
data "aws_iam_policy_document" "{name}" {{
  statement {{
{statement}
  }}
}}
resource "aws_iam_role_policy" "{name}" {{
  role   = aws_iam_role.node.name
  policy = data.aws_iam_policy_document.{name}.json
}}
"""


def template(options: str, more: str = "") -> str:
    return f'resource "aws_launch_template" "node" {{\n  name = "node"\n{more}\n  {options}\n}}\n'


def graph(*texts: str) -> Graph:
    return Graph([read("\n".join(texts))])


def findings(rule: str, world: Graph) -> list[Finding]:
    made = built_in(rule)
    assert isinstance(made.subject_type, type)
    subjects: tuple[object, ...] = world.all(made.subject_type)
    said = [thing for subject in subjects for thing in made.check(subject, world)]
    return [thing for thing in said if isinstance(thing, Finding)]


def roles(world: Graph) -> list[str]:
    return [node.role.display for node in world.all(NodeRole)]


@pytest.mark.parametrize(
    "claim",
    [
        GROUP,
        'resource "aws_eks_access_entry" "a" {\n  principal_arn = aws_iam_role.node.arn\n  type = "EC2_WINDOWS"\n}',
        'resource "aws_eks_cluster" "a" {\n  compute_config {\n    node_role_arn = aws_iam_role.node.arn\n  }\n}',
        attached("AmazonEKSWorkerNodePolicy"),
        attached("AmazonEKSWorkerNodeMinimalPolicy"),
        template('iam_instance_profile {\n    name = "node"\n  }', '  user_data = "nodeadm init"')
        + 'resource "aws_iam_instance_profile" "p" {\n  name = "node"\n  role = aws_iam_role.node.name\n}',
        template("iam_instance_profile {\n    arn = aws_iam_instance_profile.p.arn\n  }", '  user_data = "nodeadm"')
        + 'resource "aws_iam_instance_profile" "p" {\n  role = "node"\n}',
    ],
)
def test_what_makes_a_role_a_node_role(claim: str) -> None:
    world = graph(ROLE, claim)
    assert roles(world) == ["role node"]
    assert world.all(NodeRole)[0].because


@pytest.mark.parametrize(
    "claim",
    [
        'resource "aws_eks_access_entry" "a" {\n  principal_arn = aws_iam_role.node.arn\n  type = "STANDARD"\n}',
        template('iam_instance_profile {\n    name = "node"\n  }')
        + 'resource "aws_iam_instance_profile" "p" {\n  name = "node"\n  role = aws_iam_role.node.name\n}',
        attached("AmazonEC2ContainerRegistryReadOnly"),
    ],
)
def test_what_does_not(claim: str) -> None:
    assert roles(graph(ROLE, claim)) == []


def test_the_worker_policy_on_a_role_for_pods_makes_no_node_role() -> None:
    pods = ROLE.replace("ec2.amazonaws.com", "pods.eks.amazonaws.com")
    assert roles(graph(pods, attached("AmazonEKSWorkerNodePolicy"))) == []


def test_a_role_that_two_groups_use_is_one_node_role() -> None:
    world = graph(ROLE, GROUP, GROUP.replace('"shop" {', '"other" {'))
    assert len(world.all(NodeRole)) == 1
    assert len(world.all(NodeRole)[0].because) == 2


def test_copies_of_a_module_do_not_mix() -> None:
    text = ROLE + GROUP.replace("aws_iam_role.node.arn", '"arn:aws:iam::111122223333:role/node"')
    one, two = read(text, "one"), read(text + attached("AdministratorAccess"), "two")
    world = Graph([one, two])
    broad = {node.role.origin.unit: node.permissions for node in world.all(NodeRole)}
    assert broad["one"] == ()
    assert len(broad["two"]) == 1


def test_an_attachment_by_name_in_another_directory_counts() -> None:
    other = attached("AdministratorAccess").replace("aws_iam_role.node.name", '"node"')
    world = Graph([read(ROLE + GROUP, "one"), read(other, "two")])
    ((_, permission),) = world.all(NodeRole)[0].permissions
    assert permission.breadth is Breadth.ADMIN


def test_arns_whose_account_is_not_known_join_by_name() -> None:
    account = 'data "aws_caller_identity" "me" {}\n'
    arn = '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:%s"'
    group = GROUP.replace("aws_iam_role.node.arn", arn % "role/node")
    to = attached("x").replace("aws_iam_role.node.name", '"node"')
    to = to.replace('"arn:aws:iam::aws:policy/x"', arn % "policy/team/everything")
    policy = """
        resource "aws_iam_policy" "p" {
          name   = "everything"
          path   = "/team/"
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
        }
    """
    world = Graph(
        [read(ROLE, "roles"), read(account + group, "nodes"), read(account + to, "grants"), read(policy, "p")]
    )
    ((_, permission),) = world.all(NodeRole)[0].permissions
    assert permission.what == "*"


def test_a_policy_attached_twice_is_one_permission() -> None:
    again = attached("AdministratorAccess").replace('"AdministratorAccess" {', '"again" {')
    (node,) = graph(ROLE, GROUP, attached("AdministratorAccess"), again).all(NodeRole)
    assert len(node.permissions) == 1


@pytest.mark.parametrize(
    "given",
    [
        'variable "arn" {}\n' + attached("x").replace('"arn:aws:iam::aws:policy/x"', "var.arn"),
        attached("x").replace("::aws:policy", "::111122223333:policy"),
        attached("SomethingNewFromAWS"),
        'variable "doc" {}\nresource "aws_iam_role_policy" "p" {\n  role = "node"\n  policy = var.doc\n}\n',
        'variable "actions" {}\n' + inline('    actions = var.actions\n    resources = ["*"]'),
    ],
)
def test_a_policy_that_is_not_seen_is_said(given: str) -> None:
    world = graph(ROLE, GROUP, given)
    rule = built_in("node-role-admin")
    said = [thing for node in world.all(NodeRole) for thing in rule.check(node, world)]
    assert len(said) == 1
    assert isinstance(said[0], Unevaluated)
    assert said[0].what.endswith("of role node")


def test_the_baseline_is_neither_broad_nor_unknown() -> None:
    names = (
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    )
    (node,) = graph(ROLE, GROUP, *map(attached, names)).all(NodeRole)
    assert node.permissions == ()
    assert node.unseen == ()


ADMIN = '    actions = ["*"]\n    resources = ["*"]'
BOUNDED = (
    '\n    condition {\n      test = "StringEquals"\n      variable = "aws:ResourceTag/a"\n      values = ["b"]\n    }'
)
S3 = '    actions = ["s3:*"]\n    resources = ["{}"]'
READ = '    actions = ["s3:GetObject"]\n    resources = ["{}"]'


@pytest.mark.parametrize(
    ("rule", "statement", "severity"),
    [
        ("node-role-admin", ADMIN, Severity.CRITICAL),
        ("node-role-admin", ADMIN + BOUNDED, Severity.HIGH),
        ("node-role-service-wildcard", S3.format("*"), Severity.HIGH),
        ("node-role-service-wildcard", S3.format("arn:aws:s3:::media"), Severity.LOW),
        ("node-role-service-wildcard", S3.format("*") + BOUNDED, Severity.MEDIUM),
        ("node-role-app-permissions", READ.format("*"), Severity.HIGH),
        ("node-role-app-permissions", READ.format("arn:aws:s3:::orders/*"), Severity.HIGH),
        ("node-role-app-permissions", READ.format("arn:aws:s3:::nodes/start.sh"), Severity.LOW),
        ("node-role-app-permissions", READ.format("arn:aws:s3:::bootstrap/*"), Severity.LOW),
    ],
)
def test_how_bad_a_permission_of_nodes_is(rule: str, statement: str, severity: Severity) -> None:
    world = graph(ROLE, GROUP, inline(statement))
    (found,) = findings(rule, world)
    assert found.severity is severity
    others = {"node-role-admin", "node-role-service-wildcard", "node-role-app-permissions"} - {rule}
    assert [finding for other in others for finding in findings(other, world)] == []


def test_a_permissions_boundary_lowers_the_severity() -> None:
    bounded = ROLE.replace("name =", 'permissions_boundary = "arn:aws:iam::111122223333:policy/edge"\n  name =')
    (found,) = findings("node-role-admin", graph(bounded, GROUP, attached("AdministratorAccess")))
    assert found.severity is Severity.HIGH


def test_one_text_that_serves_several_roles_is_one_finding() -> None:
    several = ROLE.replace('name = "node"', 'for_each = toset(["a", "b"])\n  name = each.key')
    group = GROUP.replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1).replace("node.arn", "node[each.key].arn")
    admin = attached("AdministratorAccess").replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1)
    world = graph(several, group, admin.replace("node.name", "node[each.key].name"))
    assert roles(world) == ["role a", "role b"]
    assert [len(node.permissions) for node in world.all(NodeRole)] == [1, 1]
    assert len(findings("node-role-admin", world)) == 1


def test_the_places_lead_from_the_nodes_to_the_permission() -> None:
    (found,) = findings("node-role-admin", graph(ROLE, GROUP, inline(ADMIN)))
    assert [label.text for label in found.related] == [
        "node group shop runs as it",
        "the node role",
        "gives it this permission",
    ]
    assert found.at.span.line > found.related[0].span.line


PIA = 'resource "aws_eks_pod_identity_association" "a" {\n  namespace = "a"\n  service_account = "b"\n}\n'
HOPS = "metadata_options {\n    http_put_response_hop_limit = 2\n  }"


def test_a_broad_node_role_makes_the_hop_limit_worse() -> None:
    narrow = graph(ROLE, GROUP, template(HOPS), PIA)
    broad = graph(ROLE, GROUP, template(HOPS), PIA, attached("AdministratorAccess"))
    assert [found.severity for found in findings("imds-hop-limit-gt-1", narrow)] == [Severity.MEDIUM]
    assert [found.severity for found in findings("imds-hop-limit-gt-1", broad)] == [Severity.HIGH]


def test_a_template_of_linux_and_windows_groups_is_not_windows() -> None:
    windows = GROUP.replace('"shop" {', '"win" {').replace(
        "launch_template {", 'ami_type = "WINDOWS_CORE_2022_x86_64"\n  launch_template {'
    )
    (mixed,) = graph(ROLE, windows, GROUP, template(HOPS)).all(NodeMetadata)
    (alone,) = graph(ROLE, windows, template(HOPS)).all(NodeMetadata)
    assert alone.windows
    assert not mixed.windows


def test_metadata_options_that_are_not_known_are_said_not_judged() -> None:
    content = 'content {\n      http_tokens = "optional"\n    }'
    options = f'dynamic "metadata_options" {{\n    for_each = var.options\n    {content}\n  }}'
    world = graph('variable "options" {}', ROLE, GROUP, template(options), PIA)
    for name in ("imds-tokens-optional", "imds-hop-limit-gt-1"):
        rule = built_in(name)
        judgement = judge([rule], world)
        assert (len(judgement.unevaluated), judgement.diagnostics, judgement.problems) == (1, (), ())


def test_a_github_provider_is_no_identity_for_pods() -> None:
    provider = (
        'resource "aws_iam_openid_connect_provider" "a" {\n  url = "https://token.actions.githubusercontent.com"\n}\n'
    )
    eks = provider.replace("token.actions.githubusercontent.com", "oidc.eks.eu-west-1.amazonaws.com/id/ABC")
    assert findings("imds-hop-limit-gt-1", graph(ROLE, GROUP, template(HOPS), provider)) == []
    assert len(findings("imds-hop-limit-gt-1", graph(ROLE, GROUP, template(HOPS), eks))) == 1


@pytest.mark.parametrize(
    ("user_data", "joins"),
    [
        ('"#!/bin/bash\\n/etc/eks/bootstrap.sh shop"', True),
        ('base64encode("/etc/eks/bootstrap.sh ${var.cluster}")', True),
        ('"L2V0Yy9la3MvYm9vdHN0cmFwLnNoIHNob3A="', True),
        ('"[settings.kubernetes]\\ncluster-name = \\"shop\\""', True),
        ('"yum install -y nginx"', False),
        ("var.user_data", None),
    ],
)
def test_user_data_that_joins_a_cluster(user_data: str, joins: bool | None) -> None:
    variables = 'variable "cluster" {}\nvariable "user_data" {}\n'
    facts = read(variables + f'resource "aws_launch_template" "node" {{\n  user_data = {user_data}\n}}\n')
    assert only(facts, LaunchTemplate).bootstraps_eks is joins


def test_an_empty_world_has_no_nodes() -> None:
    world = Graph([Facts("nothing")])
    assert world.all(NodeRole) == ()
    assert world.all(NodeMetadata) == ()
