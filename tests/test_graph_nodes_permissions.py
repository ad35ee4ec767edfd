"""What is broad in a policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rolecall.adapt.policy import policy_document
from rolecall.iam.breadth import Breadth, broad, data
from rolecall.iam.managed import managed_document, managed_name
from rolecall.iam.permissions import HeldPolicy, Permissions
from rolecall.iam.resources import Scope
from rolecall.problem import Problem
from rolecall.source import Source
from rolecall.span import Span
from rolecall.syntax.json import document
from rolecall.tree import Hole, Kind, Scalar

if TYPE_CHECKING:
    from rolecall.iam.breadth import Permission
    from rolecall.model import PolicyDocument

Statement = dict[str, object]


def policy(*statements: Statement) -> PolicyDocument:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    parsed = document(Source("policy.json", text))
    assert not isinstance(parsed, Problem)
    return policy_document(parsed.root)


def allow(action: object, resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def found(*statements: Statement) -> list[Permission]:
    return given(policy(*statements))


def given(*documents: PolicyDocument) -> list[Permission]:
    may = Permissions([HeldPolicy(document, document.span) for document in documents])
    return [each for each in (*broad(may), *data(may)) if each.breadth not in (Breadth.READ, Breadth.CHANGE)]


@pytest.mark.parametrize("action", ["*", "*:*", "iam:*", "IAM:*", "ia?:*", "**"])
def test_everything_and_all_of_iam_is_administration(action: str) -> None:
    (permission,) = found(allow(action))
    assert permission.breadth is Breadth.ADMIN
    assert permission.what == action


@pytest.mark.parametrize("action", ["s3:*", "S3:**", "dynamodb:*?"])
def test_all_actions_of_a_service(action: str) -> None:
    (permission,) = found(allow(action))
    assert permission.breadth is Breadth.SERVICE
    assert permission.scope is Scope.EVERYTHING


@pytest.mark.parametrize(
    ("action", "resource", "scope"),
    [
        ("s3:*", "arn:aws:s3:::*", Scope.EVERYTHING),
        ("s3:*", "*/*", Scope.EVERYTHING),
        ("ssm:*", "arn:aws:ssm:*:*:parameter*", Scope.EVERYTHING),
        ("sqs:*", "arn:aws:sqs:*:*:parameter*", Scope.PART),
        ("s3:*", "arn:aws:s3:::*/*", Scope.EVERYTHING),
        ("s3:*", "arn:aws:s3:::media/*", Scope.PART),
        ("s3:*", ["arn:aws:s3:::media", "arn:aws:s3:::media/*"], Scope.PART),
        ("dynamodb:*", "arn:aws:dynamodb:*:*:table/*", Scope.EVERYTHING),
        ("dynamodb:*", "arn:aws:dynamodb:*:*:table/orders", Scope.PART),
        ("sqs:*", "arn:aws:sqs:*:111122223333:*", Scope.EVERYTHING),
        ("iam:*", "arn:aws:iam::111122223333:role/app", Scope.PART),
    ],
)
def test_how_far_a_permission_reaches(action: str, resource: object, scope: Scope) -> None:
    (permission,) = found(allow(action, resource))
    assert permission.scope is scope
    assert permission.breadth is Breadth.SERVICE


@pytest.mark.parametrize(
    "action",
    ["s3:Get*", "s3:getobject", "sqs:ReceiveMessage", "ssm:GetParameter?", "kms:Decrypt", "secretsmanager:*Value"],
)
def test_actions_on_the_data_of_applications(action: str) -> None:
    (permission,) = found(allow(action))
    assert permission.breadth is Breadth.DATA
    assert permission.actions


@pytest.mark.parametrize(
    "action",
    [
        "ec2:Describe*",
        "ecr:GetAuthorizationToken",
        "secretsmanager:ListSecrets",
        "s3:ListAllMyBuckets",
        "s3:GetObjects",
    ],
)
def test_other_actions_are_not_broad(action: str) -> None:
    assert found(allow(action)) == []


def test_an_action_on_resources_of_another_service_gives_nothing() -> None:
    assert found(allow(["s3:GetObject", "s3:*"], "arn:aws:ecr:eu-west-1:111122223333:repository/app")) == []


def test_public_parameters_are_no_secret_and_others_are() -> None:
    public = "arn:aws:ssm:eu-west-1::parameter/aws/service/eks/*"
    assert found(allow("ssm:GetParameter", public)) == []
    assert found(allow("ssm:GetParameter", [public, "arn:aws:ssm:eu-west-1:111122223333:parameter/shop"])) != []


@pytest.mark.parametrize(
    "denied",
    [deny("s3:*"), deny("*"), deny("S3:Get*"), {"Effect": "Deny", "NotAction": "ec2:*", "Resource": "*"}],
)
def test_a_deny_that_covers_an_action_takes_it_away(denied: Statement) -> None:
    assert found(allow("s3:GetObject"), denied) == []


@pytest.mark.parametrize(
    "denied",
    [
        deny("s3:PutObject"),
        deny("s3:*", "arn:aws:s3:::other/*"),
        deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        deny("s3:Get?bject"),
    ],
)
def test_a_deny_that_does_not_plainly_cover_an_action_is_no_help(denied: Statement) -> None:
    assert found(allow("s3:Get*", "arn:aws:s3:::media/*"), denied) != []


def test_a_deny_in_a_policy_beside_counts() -> None:
    queues = policy(allow("sqs:*"))
    assert given(queues, policy(deny("sqs:*"))) == []
    assert given(queues, policy(deny("sqs:SendMessage"))) != []


def test_a_condition_bounds_unless_it_only_names_a_region() -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    region = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    assert [permission.bounded for permission in found(allow("ec2:*", Condition=tagged))] == [True]
    assert [permission.bounded for permission in found(allow("ec2:*", Condition=region))] == [False]


def test_everything_but_some_actions_is_administration() -> None:
    (permission,) = found({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"})
    assert permission.breadth is Breadth.ADMIN
    assert permission.what == "everything except iam:*, organizations:*"
    assert found({"Effect": "Allow", "NotAction": "*", "Resource": "*"}) == []


def test_many_statements_against_many_denies_end() -> None:
    statements = [*(allow("*a" * 30 + str(n)) for n in range(300)), *(deny("*b" * 30 + str(n)) for n in range(2000))]
    assert found(*statements) == []


def arn(*parts: str | Hole) -> Scalar:
    return Scalar(parts, Kind.STRING, Span("main.tf", 0, 1, 1, 1, 1, 2))


def test_managed_policies_by_name() -> None:
    assert managed_name(arn("arn:aws:iam::aws:policy/AdministratorAccess")) == "AdministratorAccess"
    assert managed_name(arn("arn:", Hole("a partition"), ":iam::aws:policy/service-role/X")) == "X"
    assert managed_name(arn("arn:aws:iam::111122223333:policy/AdministratorAccess")) is None
    assert managed_name(arn(Hole("a variable"), "/AdministratorAccess")) is None


def of_managed(name: str) -> list[Permission]:
    document = managed_document(name)
    assert document is not None
    return list(broad(Permissions([HeldPolicy(document, document.span, name)])))


@pytest.mark.parametrize(
    ("name", "breadth"),
    [
        ("AdministratorAccess", Breadth.ADMIN),
        ("PowerUserAccess", Breadth.ADMIN),
        ("IAMFullAccess", Breadth.ADMIN),
        ("AmazonS3FullAccess", Breadth.SERVICE),
        ("SecretsManagerReadWrite", Breadth.SERVICE),
        ("AWSLambda_FullAccess", Breadth.SERVICE),
        ("AmazonS3ReadOnlyAccess", Breadth.READ),
        ("AmazonSSMReadOnlyAccess", Breadth.READ),
        ("AmazonEC2ContainerRegistryPowerUser", Breadth.CHANGE),
    ],
)
def test_how_broad_managed_policies_are(name: str, breadth: Breadth) -> None:
    (permission,) = of_managed(name)
    assert permission.breadth is breadth
    assert permission.what == name
    assert permission.actions


@pytest.mark.parametrize("name", ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "ViewOnlyAccess"])
def test_managed_policies_that_list_and_describe_are_not_broad(name: str) -> None:
    assert of_managed(name) == []


def test_a_managed_policy_of_another_name_is_not_known() -> None:
    assert managed_document("AmazonSomethingNew") is None
