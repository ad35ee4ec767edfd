"""What a role may do: questions to the engine, with Deny, NotAction, NotResource, conditions and boundaries."""

from __future__ import annotations

import pytest

from rolecall.answer import Answer
from rolecall.iam.breadth import Breadth, broad, data
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.permissions import Permissions
from rolecall.iam.resources import Scope
from rolecall.problem import Unevaluated
from rolecall.tree import Hole, Kind, Scalar
from tests.policies import SPAN
from tests.test_escalation import Written, allow, deny, may

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
READ = "s3:GetObject"
MEDIA = "arn:aws:s3:::media/*"


def ask(statements: list[Written], action: str = READ, resource: str = "*", **given: str) -> Answer:
    context = {key.replace("__", ":"): value for key, value in given.items()}
    return may(*statements).allows(action, resource, context).answer


@pytest.mark.parametrize(
    ("statements", "resource", "answer"),
    [
        ([], "*", NO),
        ([allow(READ)], "*", YES),
        ([allow("S3:getobject")], "*", YES),
        ([allow("s3:Get?bject")], "*", YES),
        ([allow("s3:Put*")], "*", NO),
        ([allow("*")], "*", YES),
        ([allow("s3:*", MEDIA)], "*", NO),
        ([allow("s3:*", MEDIA)], "arn:aws:s3:::media/a.png", YES),
        ([allow("s3:*", MEDIA)], "arn:aws:s3:::media/*", YES),
        ([allow("s3:*", MEDIA)], "arn:aws:s3:::media*", NO),
        ([allow("s3:*", "arn:aws:s3:::*")], "*", YES),
        ([allow(READ, "arn:aws:ecr:eu-west-1:111122223333:repository/a")], "*", NO),
        ([allow(READ, "arn:aws:s3:::${aws:PrincipalTag/team}/*")], "arn:aws:s3:::media/a", UNKNOWN),
        ([allow(READ, "arn:aws:s3:::${aws:PrincipalTag/team}/*")], "*", NO),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "*", YES),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "*", NO),
        ([{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}], "*", NO),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": MEDIA}], "*", YES),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": MEDIA}], "arn:aws:s3:::media/a", NO),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": MEDIA}], "arn:aws:s3:::other/a", YES),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "*"}], "*", NO),
        ([allow("s3:*"), deny("s3:Get*")], "*", NO),
        ([allow("s3:*"), deny("*")], "*", NO),
        ([allow("s3:*"), deny("s3:Put*")], "*", YES),
        ([allow("s3:*"), deny("s3:*", MEDIA)], "*", YES),
        ([allow("s3:*"), deny("s3:*", MEDIA)], "arn:aws:s3:::media/a", NO),
        ([allow("s3:*"), deny("s3:*", MEDIA)], "arn:aws:s3:::other/a", YES),
        ([allow("s3:*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "*", YES),
        ([allow("s3:*"), {"Effect": "Deny", "NotAction": "ec2:*", "Resource": "*"}], "*", NO),
        ([allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": MEDIA}], "*", NO),
        ([allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": MEDIA}], "arn:aws:s3:::media/a", YES),
        ([allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": MEDIA}], "arn:aws:s3:::other/a", NO),
    ],
)
def test_whether_an_action_is_allowed(statements: list[Written], resource: str, answer: Answer) -> None:
    assert ask(statements, READ, resource) is answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, YES),
        ({"StringLike": {"aws:ResourceTag/team": "*"}}, YES),
        ({"StringEquals": {"aws:ResourceTag/team": "shop"}}, UNKNOWN),
        ({"Fancy": {"aws:ResourceTag/team": "shop"}}, UNKNOWN),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, NO),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, YES),
        ({"StringEquals": {"s3:prefix": "a"}}, NO),
        ({"StringEquals": {"s3:prefix": "home"}}, YES),
        ({"StringLike": {"S3:Prefix": "h*"}}, YES),
    ],
)
def test_conditions_of_an_allow(condition: object, answer: Answer) -> None:
    assert ask([allow(READ, Condition=condition)], READ, "*", s3__prefix="home") is answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, YES),
        ({"Bool": {"aws:SecureTransport": "false"}}, YES),
        ({"StringNotEquals": {"aws:PrincipalTag/team": "shop"}}, UNKNOWN),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, NO),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, YES),
        ({"StringEquals": {"s3:prefix": "home"}}, NO),
        ({"StringNotEquals": {"s3:prefix": "home"}}, YES),
    ],
)
def test_conditions_of_a_deny(condition: object, answer: Answer) -> None:
    assert ask([allow(READ), deny(READ, Condition=condition)], READ, "*", s3__prefix="home") is answer


@pytest.mark.parametrize(
    ("boundary", "answer"),
    [
        (allow("*"), YES),
        (allow("s3:*"), YES),
        (allow("ec2:*"), NO),
        (allow("s3:*", MEDIA), NO),
        (allow("s3:*", Condition={"StringEquals": {"aws:ResourceTag/a": "b"}}), UNKNOWN),
    ],
)
def test_a_boundary_bounds(boundary: Written, answer: Answer) -> None:
    assert may(allow("s3:*"), boundary=may(boundary)).allows(READ).answer is answer


def test_a_boundary_gives_nothing_itself() -> None:
    assert may(allow("ec2:*"), boundary=may(allow("*"))).allows(READ).answer is NO


def test_a_boundary_that_is_not_seen_leaves_everything_in_doubt() -> None:
    permissions = Permissions(may(allow("*")).sources, boundary_unseen=True)
    assert permissions.allows(READ).answer is UNKNOWN
    assert permissions.bounded
    assert [each.cut for each in broad(permissions)] == [True]


def test_what_is_not_seen_may_give_anything() -> None:
    unseen = (Unevaluated("a policy", "it is not in these files", SPAN),)
    permissions = Permissions(may(allow("s3:Put*")).sources, unseen=unseen)
    assert permissions.allows(READ).answer is UNKNOWN
    assert permissions.allows("s3:PutObject").answer is YES


def test_an_action_that_is_known_in_part() -> None:
    action = Scalar(("s3:", Hole("a variable")), Kind.STRING, SPAN)
    assert may(allow(action)).allows(READ).answer is UNKNOWN
    assert may(allow(action)).allows("ec2:RunInstances").answer is NO
    assert [holding.certain for holding in may(allow(action)).holdings(READ)] == [False]


def test_holdings_say_where_and_how_far() -> None:
    permissions = may(allow("s3:Get*", MEDIA), allow(READ, Condition={"StringEquals": {"aws:ResourceTag/a": "b"}}))
    first, second = permissions.holdings(READ)
    assert (first.action.known, first.scope, first.narrowing) == ("s3:Get*", Scope.PART, Narrowing.NONE)
    assert [resource.known for resource in first.resources] == [MEDIA]
    assert (second.scope, second.narrowing) == (Scope.EVERYTHING, Narrowing.KNOWN)
    assert not second.unbounded


def test_a_deny_with_not_resource_leaves_those() -> None:
    (held,) = may(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": MEDIA}).holdings(READ)
    assert held.scope is Scope.PART
    assert [resource.known for resource in held.resources] == [MEDIA]


def test_everywhere_lists_what_the_catalogue_has() -> None:
    permissions = may(allow("sqs:*"), deny("sqs:Delete*"), allow("sns:Publish", "arn:aws:sns:eu-west-1:1:a"))
    found = permissions.everywhere()
    assert "sqs:SendMessage" in found
    assert "sqs:DeleteMessage" not in found
    assert "sns:Publish" not in found
    assert set(permissions.everywhere("sqs:Send*")) == {"sqs:SendMessage"}


LEVELS = [
    (allow("*"), Breadth.ADMIN),
    (allow("iam:*"), Breadth.ADMIN),
    (allow("s3:*"), Breadth.SERVICE),
    (allow("s3:*", MEDIA), Breadth.SERVICE),
    (allow("ec2:TerminateInstances"), Breadth.CHANGE),
    (allow("ec2:Terminate*"), Breadth.CHANGE),
    (allow("s3:Get*"), Breadth.READ),
    (allow("kms:Decrypt"), Breadth.READ),
    (allow("*:Get*"), Breadth.READ),
]


@pytest.mark.parametrize(("statement", "breadth"), LEVELS)
def test_levels_of_breadth(statement: Written, breadth: Breadth) -> None:
    (found,) = broad(may(statement))
    assert found.breadth is breadth
    assert breadth >= Breadth.SERVICE or found.actions


@pytest.mark.parametrize(
    "action",
    [
        *("ec2:Describe*", "autoscaling:Describe*", "elasticloadbalancing:Describe*", "route53:ListHostedZones"),
        *("route53:ListHostedZonesByName", "route53:ListTagsForResource", "ecr:GetAuthorizationToken"),
        *("sts:GetCallerIdentity", "cloudwatch:PutMetricData", "logs:CreateLogGroup", "xray:Put*"),
        *("ssm:DescribeParameters", "secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"),
        *("tag:GetResources", "pricing:*Price*", "kms:ListAliases", "s3:ListAllMyBuckets", "nothing:Here"),
    ],
)
def test_what_is_legitimate_on_everything_is_silent(action: str) -> None:
    assert broad(may(allow(action))) == ()
    assert data(may(allow(action))) == ()


def test_a_change_of_named_resources_is_not_broad() -> None:
    assert broad(may(allow("ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/i-1"))) == ()


def test_one_statement_is_one_permission_with_all_its_actions() -> None:
    (found,) = broad(may(allow(["sqs:SendMessage", "ec2:DescribeInstances", "sqs:DeleteMessage"])))
    assert found.actions == ("sqs:SendMessage", "sqs:DeleteMessage")
    assert found.what == "sqs:SendMessage"


def test_a_narrow_boundary_takes_permissions_away_or_cuts_them() -> None:
    narrow = may(allow(["s3:Get*", "logs:*"]))
    assert broad(may(allow("ec2:*"), boundary=narrow)) == ()
    assert [(each.breadth, each.cut) for each in broad(may(allow("*"), boundary=narrow))] == [(Breadth.ADMIN, True)]
    assert [each.cut for each in broad(may(allow("logs:*"), boundary=narrow))] == [False]
    assert broad(may(allow("sqs:SendMessage"), boundary=narrow)) == ()


@pytest.mark.parametrize(("denied", "cut"), [(deny("iam:*"), False), (deny("s3:Put*"), True), (deny("*", MEDIA), True)])
def test_a_boundary_of_everything_but_some_cuts_only_those(denied: Written, cut: bool) -> None:
    (found,) = broad(may(allow("s3:*"), boundary=may(allow("*"), denied)))
    assert found.cut is cut


def test_hostile_patterns_end() -> None:
    actions = [f"*{'a*' * 500}{number}:*{'e*' * 500}" for number in range(200)]
    permissions = may(allow(actions), deny([f"s3:{'*e' * 900}{number}" for number in range(200)]), allow("s3:*"))
    assert [each.what for each in broad(permissions)] == ["s3:*"]
    assert permissions.allows(READ).answer is YES
