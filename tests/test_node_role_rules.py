"""Node roles by aws-auth, node classes and modules; what the rules about them and their metadata say in detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.escalation import paths
from rolecall.iam.managed import NODE_BASELINE, PURPOSE
from rolecall.judge import judge
from rolecall.model import NetworkPolicy, RoleMapping
from rolecall.rule import Persona, Severity
from tests import kubernetes_worlds as kubernetes
from tests.terraform_worlds import EC2_TRUST, read
from tests.worlds import BUILTIN

if TYPE_CHECKING:
    from rolecall.result import Diagnostic

RULES = {rule.name: rule for rule in BUILTIN}
ROLE = f'resource "aws_iam_role" "node" {{\n  name = "node"\n{EC2_TRUST}}}\n'
GROUP = 'resource "aws_eks_node_group" "a" {\n  node_role_arn = aws_iam_role.node.arn\n}\n'
AWS_AUTH = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: aws-auth
      namespace: kube-system
    data:
      mapRoles: |
        - rolearn: arn:aws:iam::111122223333:role/node
          username: system:node:{{EC2PrivateDNSName}}
          groups: [system:bootstrappers, system:nodes]
"""
NODE_CLASS = """
    apiVersion: karpenter.k8s.aws/v1
    kind: EC2NodeClass
    metadata:
      name: default
    spec:
      role: node
"""
AUTO_CLASS = NODE_CLASS.replace("karpenter.k8s.aws/v1", "eks.amazonaws.com/v1").replace("EC2NodeClass", "NodeClass")
PROFILE = 'resource "aws_iam_instance_profile" "p" {\n  name = "nodes"\n  role = aws_iam_role.node.name\n}\n'


def attached(name: str) -> str:
    arn = f'"arn:aws:iam::aws:policy/{name}"'
    return f'resource "aws_iam_role_policy_attachment" "{name}" {{\n  role = "node"\n  policy_arn = {arn}\n}}\n'


def inline(actions: str, more: str = "") -> str:
    statement = f'{{ Effect = "Allow", Action = {actions}, Resource = "*"{more} }}'
    policy = f"jsonencode({{ Statement = [{statement}] }})"
    return f'resource "aws_iam_role_policy" "inline" {{\n  role = "node"\n  policy = {policy}\n}}\n'


def world(terraform: str, *manifests: str) -> Graph:
    return Graph([read(terraform), *(kubernetes.facts(text, f"{n}.yaml") for n, text in enumerate(manifests))])


def said(rule: str, graph: Graph) -> list[Diagnostic]:
    judgement = judge([RULES[rule]], graph)
    assert judgement.problems == ()
    return list(judgement.diagnostics)


def roles(graph: Graph) -> list[str]:
    return [node.role.display for node in graph.all(NodeRole)]


@pytest.mark.parametrize(
    "manifest",
    [
        AWS_AUTH,
        AWS_AUTH.replace("[system:bootstrappers, system:nodes]", "[system:nodes]"),
        AWS_AUTH.replace("      namespace: kube-system\n", ""),
        NODE_CLASS,
        NODE_CLASS.replace("role: node", "instanceProfile: nodes"),
        AUTO_CLASS,
    ],
)
def test_manifests_that_make_a_role_a_node_role(manifest: str) -> None:
    assert roles(world(ROLE + PROFILE, manifest)) == ["role node"]


@pytest.mark.parametrize(
    "manifest",
    [
        AWS_AUTH.replace("[system:bootstrappers, system:nodes]", "[system:masters]"),
        AWS_AUTH.replace("system:nodes]", "system:nodes, system:node-proxier]"),
        AWS_AUTH.replace("kube-system", "other"),
        AWS_AUTH.replace("name: aws-auth", "name: other"),
        AWS_AUTH.replace("- rolearn: arn", "{ not a list"),
        NODE_CLASS.replace("karpenter.k8s.aws", "example.com"),
    ],
)
def test_manifests_that_do_not(manifest: str) -> None:
    assert roles(world(ROLE + PROFILE, manifest)) == []


@pytest.mark.parametrize("kind", ["kubernetes_config_map", "kubernetes_config_map_v1", "kubernetes_config_map_v1_data"])
@pytest.mark.parametrize(
    "mapped",
    [
        'yamlencode([{ rolearn = aws_iam_role.node.arn, username = "a", groups = ["system:nodes"] }])',
        'jsonencode([{ rolearn = aws_iam_role.node.arn, username = "a", groups = ["system:nodes"] }])',
        "<<-EOT\n      - rolearn: ${aws_iam_role.node.arn}\n        groups:\n          - system:nodes\n    EOT\n",
    ],
)
def test_aws_auth_in_terraform(kind: str, mapped: str) -> None:
    metadata = 'metadata {\n    name = "aws-auth"\n    namespace = "kube-system"\n  }'
    graph = world(f'{ROLE}resource "{kind}" "a" {{\n  {metadata}\n  data = {{\n    mapRoles = {mapped}\n  }}\n}}\n')
    assert [mapping.role.display for mapping in graph.all(RoleMapping)] == ["${aws_iam_role.node.arn}"]
    (node,) = graph.all(NodeRole)
    assert node.because[0][1] == "aws-auth lets it in as a node"


def test_only_nodes_of_auto_mode() -> None:
    assert [node.auto_mode for node in world(ROLE, AUTO_CLASS).all(NodeRole)] == [True]
    assert [node.auto_mode for node in world(ROLE + GROUP, AUTO_CLASS).all(NodeRole)] == [False]
    worker = ROLE + attached("AmazonEKSWorkerNodeMinimalPolicy")
    assert [node.auto_mode for node in world(worker, AUTO_CLASS).all(NodeRole)] == [True]


def test_policies_of_aws_for_nodes_and_add_ons_open_no_path() -> None:
    names = sorted(NODE_BASELINE | PURPOSE)
    assert said("node-role-privesc", world(ROLE + GROUP + "".join(map(attached, names)))) == []
    assert paths(world(ROLE + GROUP + attached("AdministratorAccess")).all(NodeRole)[0].may) != ()


BOUNDED = ROLE.replace("name =", 'permissions_boundary = "arn:aws:iam::111122223333:policy/edge"\n  name =')
TAGGED = ', Condition = { StringEquals = { "aws:ResourceTag/a" = "b" } }'


@pytest.mark.parametrize(
    ("rule", "terraform", "severity"),
    [
        ("node-role-privesc", ROLE + GROUP + inline('"iam:PutRolePolicy"'), Severity.CRITICAL),
        ("node-role-privesc", BOUNDED + GROUP + inline('"iam:PutRolePolicy"'), Severity.HIGH),
        ("node-role-assumerole", ROLE + GROUP + inline('"sts:AssumeRole"'), Severity.HIGH),
        ("node-role-assumerole", BOUNDED + GROUP + inline('"sts:AssumeRole"'), Severity.MEDIUM),
        ("node-role-assumerole", ROLE + GROUP + inline('"sts:AssumeRole"', TAGGED), Severity.MEDIUM),
        ("node-role-addon-policy", ROLE + GROUP + attached("CloudWatchAgentServerPolicy"), Severity.LOW),
        ("node-role-addon-policy", ROLE + GROUP + attached("AWSXRayDaemonWriteAccess"), Severity.MEDIUM),
    ],
)
def test_how_bad_it_is(rule: str, terraform: str, severity: Severity) -> None:
    (found,) = said(rule, world(terraform))
    assert found.severity is severity


def test_an_add_ons_policy_in_many_statements_is_one_mistake() -> None:
    statement = '{ Effect = "Allow", Action = "ec2:CreateVolume", Resource = "*" }'
    twice = inline('"ec2:CreateVolume"').replace("Statement = [", f"Statement = [{statement}, ")
    assert len(said("node-role-addon-policy", world(ROLE + GROUP + twice))) == 1


def test_a_role_of_the_plugin_in_another_cluster_says_nothing_of_this_one() -> None:
    addon = 'resource "aws_eks_addon" "a" {\n  addon_name = "vpc-cni"\n  service_account_role_arn = "arn:x"\n}\n'
    nodes = ROLE + GROUP + attached("AmazonEKS_CNI_Policy")
    assert len(said("node-role-cni-policy", Graph([read(nodes, "one"), read(addon, "addons")]))) == 1
    assert said("node-role-cni-policy", Graph([read(nodes, "one"), read(ROLE + GROUP + addon, "two")])) == []


POLICY = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {{name: out, namespace: shop}}
    spec:
      podSelector: {{}}
      {types}
      egress:
        - to: [{{ipBlock: {{cidr: {cidr}, except: [{excepted}]}}}}]
          ports: [{port}]
"""
HTTP = "{port: 80}"


@pytest.mark.parametrize(
    ("types", "cidr", "excepted", "port", "count"),
    [
        ("", "0.0.0.0/0", "", HTTP, 1),
        ("", "0.0.0.0/0", "", "", 1),
        ("", "0.0.0.0/0", "", "{protocol: TCP}", 1),
        ("", "0.0.0.0/0", "", "{port: 1, endPort: 100}", 1),
        ("", "169.0.0.0/8", "", HTTP, 1),
        ("policyTypes: [Ingress, Egress]", "0.0.0.0/0", "169.254.169.0/30", HTTP, 1),
        ("policyTypes: [Ingress]", "0.0.0.0/0", "", HTTP, 0),
        ("", "0.0.0.0/0", "", "{port: http}", 0),
        ("", "0.0.0.0/0", "", "{protocol: UDP, port: 80}", 0),
        ("", "0.0.0.0/0", "", "{port: 100, endPort: 200}", 0),
        ("", "0.0.0.0/1", "", HTTP, 0),
        ("", "169.254.0.0/16", "", HTTP, 0),
        ("", "nonsense", "", HTTP, 0),
        ("", "'::/0'", "", HTTP, 0),
        ("", "0.0.0.0/0", "169.254.169.254/32", HTTP, 0),
        ("", "0.0.0.0/0", "10.0.0.0/8, 169.254.0.0/16", HTTP, 0),
    ],
)
def test_what_lets_pods_reach_the_metadata_service(types: str, cidr: str, excepted: str, port: str, count: int) -> None:
    reached = NODE_CLASS + "      metadataOptions: {httpPutResponseHopLimit: 2}\n"
    policy = POLICY.format(types=types, cidr=cidr, excepted=excepted, port=port)
    graph = world(ROLE, reached, policy)
    assert len(graph.all(NetworkPolicy)) == 1
    assert len(said("netpol-allows-imds", graph)) == count


def test_nodes_of_several_clusters_of_which_only_some_let_pods_through() -> None:
    reached = NODE_CLASS + "      metadataOptions: {httpPutResponseHopLimit: 2}\n"
    policy = POLICY.format(types="", cidr="0.0.0.0/0", excepted="", port=HTTP)
    judgement = judge([RULES["netpol-allows-imds"]], world(ROLE, reached, NODE_CLASS, policy))
    assert (judgement.diagnostics, len(judgement.unevaluated)) == ((), 1)


def template(options: str = "", group: str = "") -> str:
    launch = "  launch_template {\n    id = aws_launch_template.t.id\n  }\n"
    nodes = GROUP.replace("}\n", launch + group + "}\n")
    return f'{ROLE}{nodes}resource "aws_launch_template" "t" {{\n{options}\n}}\n'


@pytest.mark.parametrize(
    ("options", "group", "persona"),
    [
        ("", "", Persona.PEDANTIC),
        ("", '  ami_type = "AL2_x86_64"\n', Persona.REGULAR),
        ('  image_id = "ami-1"', "", Persona.REGULAR),
        ('  user_data = "/etc/eks/bootstrap.sh x"', "", Persona.REGULAR),
        ('  user_data = "nodeadm init"', "", None),
        ('  image_id = "resolve:ssm:/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_id"', "", None),
        ('  metadata_options {\n    http_tokens = "required"\n  }', '  ami_type = "AL2_x86_64"\n', None),
    ],
)
def test_launch_templates_that_leave_it_to_the_image(options: str, group: str, persona: Persona | None) -> None:
    found = said("imds-unset-in-node-launch-template", world(template(options, group)))
    assert [one.persona for one in found] == ([] if persona is None else [persona])


def test_defaults_of_the_account_that_require_nothing_are_no_help() -> None:
    defaults = 'resource "aws_ec2_instance_metadata_defaults" "d" {\n  http_tokens = "%s"\n}\n'
    old = template(group='  ami_type = "AL2_x86_64"\n')
    assert len(said("imds-unset-in-node-launch-template", world(old + defaults % "optional"))) == 1
    assert said("imds-unset-in-node-launch-template", world(old + defaults % "required")) == []


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("httpTokens: optional", "imds-tokens-optional"),
        ("httpEndpoint: disabled", "imds-endpoint-disabled"),
    ],
)
def test_metadata_options_of_a_node_class(written: str, rule: str) -> None:
    graph = world(ROLE, NODE_CLASS + f"      metadataOptions: {{{written}}}\n")
    assert [one.rule.name for name in sorted(RULES) if name.startswith("imds") for one in said(name, graph)] == [rule]
    (metadata,) = graph.all(NodeMetadata)
    assert metadata.owner == "EC2NodeClass default"
    assert metadata.node_role is not None
