"""CloudFormation's functions, and what a template says in the common model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

import pytest
import yaml

from rolecall.answer import Answer
from rolecall.cloudformation.template import Template, load
from rolecall.graph.roles import grants_of, role_of
from rolecall.graph.views import IrsaBinding, NodeMetadata, NodeRole
from rolecall.iam.managed import managed_name
from rolecall.iam.trust import Token, admits
from rolecall.model import (
    AccessEntry,
    Addon,
    Cluster,
    Entity,
    FargateProfile,
    LaunchTemplate,
    NodeGroup,
    OidcProvider,
    PodIdentityAssociation,
    Policy,
    ResourcePolicy,
    Role,
)
from rolecall.problem import Problem, ProblemKind
from rolecall.source import Source
from rolecall.syntax import json as json_syntax
from rolecall.syntax import yaml as yaml_syntax
from rolecall.syntax.document import Document
from rolecall.tree import Mapping, Node, Scalar, Sequence
from tests.worlds import judge, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rolecall.engine import World

T = TypeVar("T", bound=Entity)

KEY = "AKIA" + "Z3MMRQ7LN5T2WXYK"
HEAD = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Default: shop}
  Asked: {Type: String}
  Secret: {Type: String, Default: hunter2, NoEcho: true}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /shop/name}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Count: {Type: Number, Default: 2}
  Flag: {Type: String, Default: "true"}
Mappings:
  Sizes:
    shop: {nodes: 3, zones: [x, y]}
Conditions:
  Shop: !Equals [!Ref Name, shop]
  Other: !Not [!Condition Shop]
  Maybe: !Equals [!Ref Asked, "yes"]
  AsText: !Equals [!Ref Flag, true]
  Both: !And [!Condition Shop, !Condition Maybe]
  Neither: !And [!Condition Other, !Condition Maybe]
  Either: !Or [!Condition Shop, !Condition Maybe]
  One: !Equals [!Ref Unheard, x]
  Round: !Not [!Condition Trip]
  Trip: !Or [!Condition Round]
Resources:
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: !Sub "${Name}-role"}}
  Unnamed: {Type: "AWS::IAM::Role", Properties: {RoleName: !Sub "${AWS::StackName}-role"}}
  Loop: {Type: "AWS::IAM::Role", Properties: {RoleName: !Sub "x-${Loop}"}}
  Cluster: {Type: "AWS::EKS::Cluster"}
"""

# A value, and what it is worth: unknown parts as `${…}`, a list or an object as in JSON, `-` for no value at all.
VALUES = [
    ("plain", "plain"),
    ("${Name}", "${Name}"),
    ("!Ref Name", "shop"),
    ("{Ref: Name}", "shop"),
    ("!Ref Asked", "${Asked}"),
    ("!Ref Secret", "${Secret}"),
    ("!Ref Stored", "${Stored, resolve:ssm:/shop/name}"),
    ("!Ref Count", "2"),
    ("!Ref Names", '["a", "b", "c"]'),
    ("!Ref Subnets", "${Subnets}"),
    ("!Ref AWS::Region", "${AWS::Region}"),
    ("!Ref AWS::NoValue", "-"),
    ("!Ref Nothing", "${Nothing}"),
    ("!Ref Role", "shop-role"),
    ("!Ref Unnamed", "${Unnamed}"),
    ("!Ref Loop", "${Loop}"),
    ("!Ref [a]", "${a reference without a name}"),
    ("!GetAtt Role.Arn", "${Role.Arn}"),
    ("!GetAtt [Cluster, OpenIdConnectIssuerUrl]", "${Cluster.OpenIdConnectIssuerUrl}"),
    ("!GetAtt Nested.Outputs.Name", "${Nested.Outputs.Name}"),
    ("Fn::GetAtt: Role.Arn", "${Role.Arn}"),
    ('!Sub "${Name}/${Asked}/${!Name}/${Role.Arn}"', "shop/${Asked}/${Name}/${Role.Arn}"),
    ('!Sub ["${a}-${Name}", {a: !Ref Count}]', "2-shop"),
    ('!Sub ["${Name}", {Name: own}]', "own"),
    ('!Sub ["${a}", {a: !Ref Names}]', "${a value that is no text}"),
    ('!Sub "a${AWS::NoValue}b"', "ab"),
    ("!Sub [a]", "${a function whose argument it does not take}"),
    ("!Sub {a: b}", "${a function whose argument it does not take}"),
    ('!Join ["-", [a, !Ref Name, !Ref Asked]]', "a-shop-${Asked}"),
    ('!Join [",", !Ref Names]', "a,b,c"),
    ('!Join [",", [a, !Ref AWS::NoValue, b]]', "a,b"),
    ('!Join [",", !Ref Subnets]', "${Subnets}"),
    ('!Join ["", [a, [b]]]', "a${a value that is no text}"),
    ("!Join x", "${a function whose argument it does not take}"),
    ('!Split ["/", "a/b"]', '["a", "b"]'),
    ('!Select [1, !Split ["/", "a/b"]]', "b"),
    ('!Select ["0", !Ref Names]', "a"),
    ("!Select [7, !Ref Names]", "${an item that the list does not have}"),
    ('!Select [1, !Split ["//", !GetAtt Cluster.OpenIdConnectIssuerUrl]]', "${Cluster.OpenIdConnectIssuerUrl}"),
    ("!FindInMap [Sizes, !Ref Name, nodes]", "3"),
    ("!FindInMap [Sizes, shop, zones]", '["x", "y"]'),
    ("!FindInMap [Sizes, !Ref Asked, nodes]", "${Asked}"),
    ("!FindInMap [Sizes, shop, none]", "${Sizes}"),
    ("!FindInMap [Sizes, shop, none, {DefaultValue: 1}]", "1"),
    ("!If [Shop, a, b]", "a"),
    ("!If [Other, a, b]", "b"),
    ("!If [AsText, a, b]", "a"),
    ("!If [Neither, a, b]", "b"),
    ("!If [Either, a, b]", "a"),
    ("!If [Other, a, !Ref AWS::NoValue]", "-"),
    ("!If [Maybe, a, a]", "a"),
    ("!If [Both, role-a, role-b]", "role-${Both}"),
    ("!If [One, a, b]", "${One}"),
    ("!If [Round, a, b]", "${Round}"),
    ("!If [Missing, a, b]", "${Missing}"),
    ("!If [Maybe, !Ref AWS::NoValue, b]", "${Maybe}"),
    ("[a, !If [Maybe, b, !Ref AWS::NoValue], !Ref AWS::NoValue]", '["a", "${Maybe}"]'),
    ("{a: !Ref AWS::NoValue, b: {c: !Ref Name}}", '{"b": {"c": "shop"}}'),
    ("!If [Maybe, {a: b, c: d}, {a: b, c: e}]", '{"a": "b", "c": "${Maybe}"}'),
    ("!Base64 shop", "c2hvcA=="),
    ("!Base64 {Ref: Asked}", "${Asked}"),
    ("!ImportValue roles", "${Fn::ImportValue roles}"),
    ("!GetAZs ''", "${the availability zones of a region}"),
    ("!Cidr [10.0.0.0/16, 4, 8]", "${a list of address blocks}"),
    ("!Transform {Name: AWS::Include}", "${what a transform of the template puts there}"),
    ("{a: b, Fn::Transform: {Name: AWS::Include}}", '{"a": "b"}'),
    ("!Equals [a, a]", "true"),
    ("!Length [a]", "${the length of a list}"),
    ("!ToJsonString {a: !Ref Name}", '{"a": "shop"}'),
    ("!Unheard of", "${a tag that CloudFormation does not have}"),
    ("Fn::Unheard: of", "${a function that CloudFormation does not have}"),
    ("'{{resolve:ssm:/shop/name}}'", "${resolve:ssm:/shop/name}"),
    ("!Sub 'a-{{resolve:ssm:/x}}-${Name}'", "a-${resolve:ssm:/x}-shop"),
    ("!Sub 'a-{{resolve:ssm:/${Name}/x}}'", "a-${resolve:ssm:/shop/x}"),
    ("!Sub 'a-{{resolve:ssm:/${Asked}/x}}'", "${Asked}"),
    ('!Join ["", ["{{resolve:secretsmanager:", !Ref Asked, ":SecretString:password}}"]]', "${Asked}"),
    ("'{{ name }}'", "${a template expression}"),
    ("{{ name }}", "${a template expression}"),
]


def template(text: str) -> Template:
    source = Source("stack.yaml", text)
    (document,) = yaml_syntax.documents(source)
    assert isinstance(document, Document)
    assert document.functions
    assert isinstance(document.root, Mapping)
    return load(source, document.root)


def plain(node: Node | None) -> object:
    if isinstance(node, Scalar):
        return node.display
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {entry.key.display: plain(entry.value) for entry in node.entries} if node is not None else None


def shown(node: Node | None) -> str:
    value = plain(node)
    return "-" if value is None else value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize(("written", "expected"), VALUES, ids=[written for written, _ in VALUES])
def test_a_value_is_worked_out_as_far_as_it_can_be(written: str, expected: str) -> None:
    value = "\n".join(f"          {line}" for line in written.splitlines())
    made = template(f"{HEAD}  X:\n    Type: Custom::X\n    Properties:\n      Nested:\n        Value:\n{value}\n")
    (resource,) = made.of("Custom::X")
    nested = made.properties(resource).mapping("Nested")
    assert nested is not None
    assert shown(nested.get("Value")) == expected


@pytest.mark.parametrize(("written", "expected"), VALUES, ids=[written for written, _ in VALUES])
def test_the_long_forms_in_json_are_worth_the_same(written: str, expected: str) -> None:
    if written.startswith("{{"):
        pytest.skip("no JSON")
    text = json.dumps(yaml.load(f"{HEAD}  X: {{Type: 'Custom::X', Properties: {{Value: {flow(written)}}}}}", Long))  # noqa: S506 - a loader of plain values
    source = Source("stack.json", text)
    (document,) = json_syntax.documents(source)
    assert isinstance(document, Document)
    assert isinstance(document.root, Mapping)
    made = load(source, document.root)
    (resource,) = made.of("Custom::X")
    if "Unheard of" not in written:
        assert shown(made.properties(resource).get("Value")) == expected


def flow(written: str) -> str:
    return f"{{{written}}}" if written.startswith("Fn::") else f'"{written}"' if written.startswith("$") else written


class Long(yaml.SafeLoader):
    """Reads short forms as CloudFormation does: as long ones."""


def _long(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> object:
    value: object
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


Long.add_multi_constructor("!", _long)


def test_conditions_have_three_values() -> None:
    evaluator = template(HEAD).evaluator
    answers = {name: evaluator.condition(name) for name in evaluator.sections.conditions}
    assert {name for name, answer in answers.items() if answer is Answer.YES} == {"Shop", "AsText", "Either"}
    assert {name for name, answer in answers.items() if answer is Answer.NO} == {"Other", "Neither"}


# Entities -------------------------------------------------------------------------------------------------------------


def world(tmp_path: Path, text: str, name: str = "stack.yaml") -> World:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read(tmp_path)


def all_of(kind: type[T], tmp_path: Path, text: str) -> tuple[T, ...]:
    made = world(tmp_path, text)
    assert made.problems == ()
    return made.graph.all(kind)


IRSA = """
Resources:
  Cluster:
    Type: AWS::EKS::Cluster
    Properties: {Name: shop, Version: "1.31", RoleArn: !GetAtt ClusterRole.Arn}
  Provider:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: !GetAtt Cluster.OpenIdConnectIssuerUrl, ClientIdList: [sts.amazonaws.com]}
  Api:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Fn::Sub:
          - |
            {"Statement": [{
              "Effect": "Allow",
              "Principal": {"Federated": "${Provider}"},
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {"StringEquals": {
                "${Issuer}:sub": "system:serviceaccount:${Namespace}:api",
                "${Issuer}:aud": "sts.amazonaws.com"
              }}
            }]}
          - Issuer: !Select [1, !Split ["//", !GetAtt Cluster.OpenIdConnectIssuerUrl]]
            Namespace: pay
      ManagedPolicyArns: [!Ref Orders, !Sub "arn:${AWS::Partition}:iam::aws:policy/AmazonSQSFullAccess"]
      Policies:
        - PolicyName: one
          PolicyDocument: {Statement: {Effect: Allow, Action: "sns:Publish", Resource: "*"}}
      Tags: [{Key: team, Value: pay}]
      MaxSessionDuration: 3600
      PermissionsBoundary: arn:aws:iam::111122223333:policy/edge
  Orders:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}}
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}}
      Roles: [!Ref Api]
"""


def test_a_role_in_a_text_under_sub_admits_its_service_account(tmp_path: Path) -> None:
    (role,) = all_of(Role, tmp_path, IRSA)
    assert role.trust is not None
    for namespace, name, answer in (("pay", "api", True), ("pay", "web", False), ("shop", "api", False)):
        subject = (f"system:serviceaccount:{namespace}:{name}",)
        token = Token(None, subject, ("sts.amazonaws.com",), willing=True)
        assert (admits(role.trust.document, token).answer is not Answer.NO) is answer
    (statement,) = role.trust.document.statements
    assert [condition.key.display.rpartition(":")[2] for condition in statement.conditions] == ["sub", "aud"]
    assert [condition.key.span.line for condition in statement.conditions] == [20, 21]
    assert not role.trust.literal_keys


def test_a_role_has_its_policies(tmp_path: Path) -> None:
    made = world(tmp_path, IRSA)
    (role,) = made.graph.all(Role)
    grants = grants_of(made.graph, role)
    actions = [action.known for grant in grants if grant.document for action in grant.document.statements[0].actions]
    assert sorted(filter(None, actions)) == ["sns:Publish", "sqs:ReceiveMessage", "sqs:SendMessage"]
    assert [managed_name(arn) for arn in role.managed] == [None, "AmazonSQSFullAccess"]
    assert role.max_session_duration is not None
    assert role.max_session_duration.number == 3600
    assert [key.known for key in role.tags] == ["team"]
    assert role.boundary is not None


def test_a_cluster_and_its_provider(tmp_path: Path) -> None:
    (cluster,) = all_of(Cluster, tmp_path, IRSA)
    assert cluster.name is not None
    assert cluster.version is not None
    assert (cluster.name.known, cluster.version.known) == ("shop", "1.31")
    (provider,) = all_of(OidcProvider, tmp_path, IRSA)
    assert [client.known for client in provider.client_ids] == ["sts.amazonaws.com"]


NODES = """
Resources:
  NodeRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: nodes
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
  Profile:
    Type: AWS::IAM::InstanceProfile
    Properties: {Roles: [!Ref NodeRole]}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        IamInstanceProfile: {Arn: !GetAtt Profile.Arn}
        MetadataOptions: {HttpTokens: required, HttpPutResponseHopLimit: 1}
        UserData: !Base64 |
          #!/bin/bash
          /etc/eks/bootstrap.sh shop
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MixedInstancesPolicy:
        LaunchTemplate:
          LaunchTemplateSpecification: {LaunchTemplateId: !Ref Template, Version: 1}
      Tags: [{Key: kubernetes.io/cluster/shop, Value: owned, PropagateAtLaunch: true}]
  Managed:
    Type: AWS::EKS::Nodegroup
    Properties: {ClusterName: shop, NodeRole: !GetAtt NodeRole.Arn, AmiType: AL2_x86_64}
"""


def test_nodes_run_as_the_role_of_their_template_and_group(tmp_path: Path) -> None:
    made = world(tmp_path, NODES)
    (node,) = made.graph.all(NodeRole)
    assert node.role.name is not None
    assert node.role.name.known == "nodes"
    assert {words for _, words in node.because} >= {"a node group runs as it"}
    owners = {metadata.owner: metadata for metadata in made.graph.all(NodeMetadata)}
    options = owners["launch template Template"].options
    assert options is not None
    assert options.hop_limit is not None
    assert options.hop_limit.number == 1
    assert owners["launch template Template"].family == "AL2"
    assert len(made.graph.all(NodeGroup)) == 2


REST = """
Parameters:
  Add: {Type: String}
Conditions:
  Add: !Equals [!Ref Add, "yes"]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: pods.eks.amazonaws.com}, Action: "sts:*"}
  Addon:
    Type: AWS::EKS::Addon
    Properties:
      ClusterName: shop
      AddonName: vpc-cni
      ServiceAccountRoleArn: !GetAtt Role.Arn
      PodIdentityAssociations: [{ServiceAccount: aws-node, RoleArn: !GetAtt Role.Arn}]
  Association:
    Type: AWS::EKS::PodIdentityAssociation
    Condition: Add
    Properties:
      ClusterName: shop
      Namespace: pay
      ServiceAccount: api
      RoleArn: !GetAtt Role.Arn
      TargetRoleArn: arn:aws:iam::444455556666:role/other
      DisableSessionTags: true
  Fargate:
    Type: AWS::EKS::FargateProfile
    Properties:
      ClusterName: shop
      PodExecutionRoleArn: arn:aws:iam::111122223333:role/fargate
      Selectors: [{Namespace: pay, Labels: [{Key: app, Value: api}]}, {Namespace: web}]
  Entry:
    Type: AWS::EKS::AccessEntry
    Properties: {ClusterName: shop, PrincipalArn: !GetAtt Role.Arn, Type: EC2_LINUX}
  Bucket:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: "s3:*", Resource: "*"}}
  Users:
    Type: AWS::IAM::UserPolicy
    Properties:
      PolicyName: users
      PolicyDocument: {Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}}
"""


@pytest.mark.parametrize(
    "image",
    [
        "!Ref Image",
        '"{{resolve:ssm:/aws/service/eks/optimized-ami/1.31/amazon-linux-2023/x86_64/standard/recommended/image_id}}"',
        "!Sub '{{resolve:ssm:/aws/service/eks/optimized-ami/${Version}/amazon-linux-2023/x86_64}}'",
    ],
)
def test_the_name_in_the_parameter_store_tells_whose_image_it_is(tmp_path: Path, image: str) -> None:
    text = f"""
Parameters:
  Version: {{Type: String, Default: "1.31"}}
  Image:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/eks/optimized-ami/1.31/amazon-linux-2023/x86_64/standard/recommended/image_id
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {{LaunchTemplateData: {{ImageId: {image}}}}}
"""
    (template,) = all_of(LaunchTemplate, tmp_path, text)
    assert template.family == "AL2023"


def test_what_else_eks_has(tmp_path: Path) -> None:
    made = world(tmp_path, REST)
    (role,) = made.graph.all(Role)
    (addon,) = made.graph.all(Addon)
    assert role_of(made.graph, addon.role) is role
    own, association = sorted(made.graph.all(PodIdentityAssociation), key=lambda one: one.origin.span)
    assert own.certain
    assert not association.certain
    assert association.target_role is not None
    assert association.disable_session_tags is not None
    assert association.disable_session_tags.boolean is True
    assert role_of(made.graph, association.role) is role
    (profile,) = made.graph.all(FargateProfile)
    assert [len(selector.labels) for selector in profile.selectors] == [1, 0]
    (entry,) = made.graph.all(AccessEntry)
    assert role_of(made.graph, entry.principal) is role
    assert len(made.graph.all(ResourcePolicy)) == 1
    assert len(made.graph.all(Policy)) == 1


# What is not evaluated, and what is broken ----------------------------------------------------------------------------


def test_macros_loops_and_includes_are_counted(tmp_path: Path) -> None:
    text = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: [AWS::LanguageExtensions, Mine]
Resources:
  Fn::ForEach::Roles: [Name, [a, b], {"Role${Name}": {Type: "AWS::IAM::Role"}}]
  Fn::Transform: {Name: AWS::Include}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: x}}}
"""
    made = world(tmp_path, text)
    assert made.problems == ()
    assert sorted((thing.what, thing.reason) for thing in made.unevaluated) == [
        ("CloudFormation resources", "the resources that a loop makes are not read"),
        ("CloudFormation resources", "the resources that a transform puts in are not read"),
        ("CloudFormation template", "the macro Mine may change all of it"),
        ("trust policy of Role", "what a transform of the template puts there"),
    ]


def test_a_template_of_a_template_is_read_as_far_as_it_is_written(tmp_path: Path) -> None:
    text = """
Resources:
{{ if .Metrics }}
  Metrics:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${AWS::StackName}-{{ .Cluster.Name }}-metrics"
      ManagedPolicyArns: [!Sub "arn:aws:iam::aws:policy/{{ .Policy }}"]
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
{{ end }}
{{ range .Teams }}
  "{{ . }}Role":
    Type: AWS::IAM::Role
    Properties: {}
{{ end }}
"""
    made = world(tmp_path, text)
    assert made.problems == ()
    (role,) = made.graph.all(Role)
    assert role.name is not None
    assert [part if isinstance(part, str) else part.reason for part in role.name.parts] == [
        "the name of the stack",
        "-",
        "a template expression",
        "-metrics",
    ]
    assert ("CloudFormation resources", "the resources of which a template makes the names are not read") in {
        (thing.what, thing.reason) for thing in made.unevaluated
    }


SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Transform", "Metadata", "Globals")
WRONG = ("x", "5", "null", "[]", "[x, [y]]", "{}", "{x: y}", "{x: {Type: [y]}}", "!Ref x", "{Ref: [x]}", "!Sub {x: y}")
TYPES = (
    *(
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::OIDCProvider",
    ),
    *("AWS::IAM::InstanceProfile", "AWS::IAM::AccessKey", "AWS::IAM::UserPolicy", "AWS::EKS::Cluster"),
    *("AWS::EKS::Nodegroup", "AWS::EKS::Addon", "AWS::EKS::FargateProfile", "AWS::EKS::PodIdentityAssociation"),
    *("AWS::EKS::AccessEntry", "AWS::EC2::LaunchTemplate", "AWS::EC2::Instance", "AWS::S3::BucketPolicy"),
    *("AWS::AutoScaling::LaunchConfiguration", "AWS::AutoScaling::AutoScalingGroup", "AWS::CloudFormation::Stack"),
)


def internal(problems: Iterable[Problem]) -> list[str]:
    return [problem.message for problem in problems if problem.kind is ProblemKind.INTERNAL]


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_types_in_every_section(tmp_path: Path, wrong: str) -> None:
    for number, section in enumerate(SECTIONS):
        text = HEAD.replace(f"\n{section}:\n", f"\n{section}: {wrong}\nUnused{number}:\n")
        if section not in HEAD:
            text += f"{section}: {wrong}\n"
        (tmp_path / f"{section}.yaml").write_text(text, encoding="utf-8")
    made, judgement = judge(tmp_path)
    assert internal((*made.problems, *judgement.problems)) == []


@pytest.mark.parametrize("kind", TYPES)
def test_wrong_types_in_every_property(tmp_path: Path, kind: str) -> None:
    names = sorted(set(property_names()))
    for number, wrong in enumerate(WRONG):
        properties = "".join(f"      {name}: {wrong}\n" for name in names)
        text = f"Resources:\n  X:\n    Type: {kind}\n    Properties:\n{properties}"
        text += f"  Y:\n    Type: {kind}\n    Properties: {wrong}\n"
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    made, judgement = judge(tmp_path)
    assert internal((*made.problems, *judgement.problems)) == []


def property_names() -> Iterable[str]:
    """The properties that the templates above have."""
    for text in (IRSA, NODES, REST):
        for resource in template(text).resources:
            yield from (entry.key.display for entry in resource.written.entries)


def test_functions_that_have_no_end_are_unknown() -> None:
    deep = "!Ref Name"
    for _ in range(90):
        deep = f'!Join ["", [{deep}]]'
    text = f"{HEAD}  X: {{Type: 'Custom::X', Properties: {{Value: {deep}}}}}\n"
    made = template(text)
    (resource,) = made.of("Custom::X")
    value = made.properties(resource).get("Value")
    assert isinstance(value, Scalar)
    assert value.known is None


def test_a_chain_of_conditions_is_followed_so_far() -> None:
    chain = "".join(f"  C{number}: !Not [!Condition C{number + 1}]\n" for number in range(5000))
    made = template(f"Conditions:\n{chain}Resources:\n  X: {{Type: 'AWS::X::Y', Condition: C0}}\n")
    assert made.resources[0].made is Answer.UNKNOWN


def test_a_text_that_doubles_with_every_step_is_unknown() -> None:
    text = "aaaaaaaa"
    for _ in range(40):
        text = f'{{Fn::Sub: ["${{a}}${{a}}", {{a: {text}}}]}}'
    made = template(f"Resources:\n  X: {{Type: 'AWS::X::Y', Properties: {{Value: {text}}}}}\n")
    value = made.properties(made.resources[0]).get("Value")
    assert isinstance(value, Scalar)
    assert value.known is None


def test_a_comment_accepts_a_finding_in_a_text_under_sub(tmp_path: Path) -> None:
    text = IRSA.replace('"${Issuer}:aud": "sts.amazonaws.com"', '"${Issuer}:x": "y"')
    accepted = text.replace("          - |\n", "          # rolecall: ignore[trust-oidc-missing-aud]\n          - |\n")
    (tmp_path / "stack.yaml").write_text(accepted, encoding="utf-8")
    made, judgement = judge(tmp_path)
    (found,) = made.suppressions
    (finding,) = (one for one in judgement.diagnostics if one.rule.name == "trust-oidc-missing-aud")
    assert found.span.covers(finding.at)


def test_a_comment_accepts_what_a_text_after_a_short_form_says(tmp_path: Path) -> None:
    text = f"""
Resources:
  Node:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        # rolecall: ignore[userdata-aws-key] revoked
        Fn::Base64: !Sub |
          export AWS_ACCESS_KEY_ID={KEY}
"""
    (tmp_path / "stack.yaml").write_text(text, encoding="utf-8")
    made, judgement = judge(tmp_path)
    (found,) = made.suppressions
    assert "userdata-aws-key" in {one.rule.name for one in judgement.diagnostics}
    assert all(found.span.covers(one.at) for one in judgement.diagnostics)


def test_templates_are_told_by_their_text(tmp_path: Path) -> None:
    role = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n"
    files = {
        "stack.template": f"AWSTemplateFormatVersion: '2010-09-09'\n{role}",
        "app.template.json": '{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {}}}}',
        "queue.yaml": "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n",
        "queue.json": '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}',
        "map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws}\ndata: {t: 'Resources: AWS::IAM::X'}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = read(tmp_path)
    assert made.problems == ()
    assert {role.origin.unit for role in made.graph.all(Role)} == {"stack.template", "app.template.json"}
    assert made.passed_by == 2


@pytest.mark.parametrize(
    "chart",
    [
        """
    Type: AWSQS::Kubernetes::Helm
    Properties:
      Namespace: pay
      Name: api
      Chart: shop/api
      Values:
        serviceAccount.name: api
        serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn: !GetAtt Role.Arn
""",
        """
    Type: Custom::AWSCDK-EKS-HelmChart
    Properties:
      Namespace: pay
      Release: api
      Chart: api
      Values: !Sub '{"serviceAccount": {"name": "api", "annotations": {"eks.amazonaws.com/role-arn": "${Role.Arn}"}}}'
""",
        """
    Type: AWSQS::Kubernetes::Resource
    Properties:
      Manifest: !Sub |
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: api
          namespace: pay
          annotations:
            eks.amazonaws.com/role-arn: ${Role.Arn}
""",
    ],
)
def test_service_accounts_that_a_template_makes(tmp_path: Path, chart: str) -> None:
    made = world(tmp_path, f"Resources:\n  Role:\n    Type: AWS::IAM::Role\n  Chart:{chart}")
    assert made.problems == ()
    (binding,) = made.graph.all(IrsaBinding)
    assert binding.role is made.graph.all(Role)[0]
    assert binding.service_account.name.known == "api"
    assert binding.service_account.namespace is not None
    assert binding.service_account.namespace.known == "pay"


EXPORTING = """
Parameters: {Stage: {Type: String, Default: test}}
Resources:
  Nodes: {Type: "AWS::IAM::Role"}
  Api:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: x}, Action: "sts:AssumeRole"}}
  Provider: {Type: "AWS::IAM::OIDCProvider", Properties: {Url: "https://oidc.eks.eu-west-1.amazonaws.com/id/A"}}
Outputs:
  Nodes: {Value: !GetAtt Nodes.Arn, Export: {Name: !Sub "${AWS::StackName}-NodeRole"}}
  Api: {Value: !GetAtt Api.Arn, Export: {Name: !Sub "${Stage}-api"}}
  Provider: {Value: !Ref Provider, Export: {Name: provider}}
  Name: {Value: shop, Export: {Name: cluster}}
"""
IMPORTING = """
Parameters: {Base: {Type: String}}
Resources:
  Group:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: !ImportValue cluster
      NodeRole: {Fn::ImportValue: !Sub "${Base}-NodeRole"}
  Association:
    Type: AWS::EKS::PodIdentityAssociation
    Properties: {ClusterName: !ImportValue cluster, Namespace: pay, ServiceAccount: api, RoleArn: !ImportValue test-api}
  Web:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Federated: !ImportValue provider}
          Action: sts:AssumeRoleWithWebIdentity
"""


def test_what_one_stack_exports_another_imports(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(EXPORTING, encoding="utf-8")
    made = world(tmp_path, IMPORTING)
    assert made.problems == ()
    roles = {role.origin.address: role for role in made.graph.all(Role)}
    (group,) = made.graph.all(NodeGroup)
    (association,) = made.graph.all(PodIdentityAssociation)
    assert group.cluster is not None
    assert group.cluster.known == "shop"
    assert role_of(made.graph, group.role) is roles["Nodes"]
    assert role_of(made.graph, association.role) is roles["Api"]
    trust = roles["Web"].trust
    assert trust is not None
    (principal,) = trust.document.statements[0].principals
    assert principal.value.hole.references[0].address == "Provider"


def test_what_two_stacks_export_under_one_name_is_not_known(tmp_path: Path) -> None:
    for name in ("one.yaml", "other.yaml"):
        (tmp_path / name).write_text(EXPORTING, encoding="utf-8")
    made = world(tmp_path, IMPORTING)
    (group,) = made.graph.all(NodeGroup)
    assert role_of(made.graph, group.role) is None


NESTED = """
Parameters: {NodeRole: {Type: String}, Cluster: {Type: String, Default: other}, Size: {Type: String}}
Resources:
  Group:
    Type: AWS::EKS::Nodegroup
    Properties: {ClusterName: !Ref Cluster, NodeRole: !Ref NodeRole, NodegroupName: !Sub "${NodeRole}-${Size}"}
"""
PARENT = """
Parameters: {Bucket: {Type: String}}
Resources:
  Roles:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ROLES}
  Nodes:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: NODES
      Parameters: {NodeRole: !GetAtt Roles.Outputs.Nodes, Cluster: shop}
"""


@pytest.mark.parametrize(
    ("roles", "nodes"),
    [
        ("base.yaml", "./nested/nodes.yaml"),
        (
            '!Sub "https://${Bucket}.s3.amazonaws.com/v1/base.yaml"',
            "https://bucket.s3.amazonaws.com/v1/nested/nodes.yaml?versionId=1",
        ),
    ],
)
def test_what_nested_stacks_hand_to_each_other(tmp_path: Path, roles: str, nodes: str) -> None:
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "nodes.yaml").write_text(NESTED, encoding="utf-8")
    (tmp_path / "base.yaml").write_text(EXPORTING, encoding="utf-8")
    made = world(tmp_path, PARENT.replace("ROLES", roles).replace("NODES", nodes))
    assert made.problems == ()
    (group,) = made.graph.all(NodeGroup)
    assert group.cluster is not None
    assert group.cluster.known == "shop"
    assert group.name is not None
    assert group.name.display == "${Nodes.Arn}-${Size}"
    role = role_of(made.graph, group.role)
    assert role is not None
    assert role.origin.address == "Nodes"


def test_stacks_that_are_made_of_themselves(tmp_path: Path) -> None:
    text = """
Parameters: {A: {Type: String}}
Resources:
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: !Sub "${A}${A}"}}
  Own: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: stack.yaml, Parameters: {A: !Sub "${A}${A}"}}}
  Other: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: other.yaml, Parameters: {A: !Sub "${A}${A}"}}}
"""
    (tmp_path / "other.yaml").write_text(text.replace("other.yaml", "stack.yaml"), encoding="utf-8")
    made = world(tmp_path, text)
    assert made.problems == ()
    assert len(made.graph.all(Role)) == 2
