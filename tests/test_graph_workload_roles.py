"""Which roles pods become, and what those may do."""

from __future__ import annotations

import pytest

from rolecall.answer import Answer
from rolecall.graph.views import WorkloadRole
from rolecall.iam.breadth import Breadth
from tests.test_graph_nodes import GROUP, attached, graph
from tests.test_graph_nodes import ROLE as NODE

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789ABCDEF0123456789"
ROLE = """
resource "aws_iam_role" "node" {
  name = "shop"
  assume_role_policy = jsonencode({ Statement = [{
    Effect = "Allow"
    Action = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/ISSUER" }
    Condition = { StringEquals = { "ISSUER:sub" = "system:serviceaccount:shop:api" } }
  }] })
}
""".replace("ISSUER", ISSUER)
PODS = NODE.replace("ec2.amazonaws.com", "pods.eks.amazonaws.com")
ASSOCIATION = """
resource "aws_eks_pod_identity_association" "a" {
  cluster_name    = "shop"
  namespace       = "shop"
  service_account = "api"
  role_arn        = aws_iam_role.node.arn
}
"""


def only(*texts: str) -> WorkloadRole:
    (found,) = graph(*texts).all(WorkloadRole)
    return found


def test_a_subject_of_the_trust_binds() -> None:
    found = only(ROLE)
    assert [words for _, words in found.because] == [
        "its trust policy admits this service account",
        "pods of the cluster of this provider may have it",
    ]
    assert [binding.name.known for binding in found.bindings] == ["api"]
    assert not found.is_node_role


def test_pod_identity_in_the_trust_is_enough_and_an_association_binds() -> None:
    assert only(PODS).bindings == ()
    found = only(PODS, ASSOCIATION)
    assert [words for _, words in found.because] == [
        "an association gives it to service account api",
        "EKS Pod Identity may give it to pods",
    ]


def test_a_role_of_people_is_none() -> None:
    people = NODE.replace("Service", "AWS").replace("ec2.amazonaws.com", "arn:aws:iam::111122223333:root")
    assert graph(people).all(WorkloadRole) == ()
    assert graph(NODE, GROUP).all(WorkloadRole) == ()


def test_a_node_role_with_an_association_is_both() -> None:
    assert only(NODE, GROUP, ASSOCIATION).is_node_role


@pytest.mark.parametrize(
    ("name", "breadth"),
    [("AdministratorAccess", Breadth.ADMIN), ("AmazonS3FullAccess", Breadth.SERVICE)],
)
def test_its_permissions_are_at_what_gives_them(name: str, breadth: Breadth) -> None:
    ((at, permission),) = only(ROLE, attached(name)).permissions
    assert permission.breadth is breadth
    assert permission.what == name
    assert permission.managed
    assert permission.at == at


def test_nothing_is_passed_over() -> None:
    ((_, permission),) = only(ROLE, attached("AmazonEKS_CNI_Policy")).permissions
    assert permission.breadth is Breadth.CHANGE


def test_it_answers_questions_over_all_its_policies() -> None:
    found = only(ROLE, attached("PowerUserAccess"))
    assert found.may.allows("sts:AssumeRole").answer is Answer.YES
    assert found.may.allows("iam:CreateUser").answer is Answer.NO
    assert [policy.managed for policy in found.policies] == ["PowerUserAccess"]


def test_a_customer_managed_boundary_is_read() -> None:
    boundary = """
        resource "aws_iam_policy" "edge" {
          name   = "edge"
          policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }] })
        }
    """
    bounded = ROLE.replace('"shop"\n', '"shop"\n  permissions_boundary = aws_iam_policy.edge.arn\n', 1)
    found = only(bounded, boundary, attached("AmazonS3FullAccess"))
    assert found.permissions == ()
    assert found.may.allows("s3:GetObject").answer is Answer.NO
    managed = bounded.replace("aws_iam_policy.edge.arn", '"arn:aws:iam::aws:policy/PowerUserAccess"')
    ((_, permission),) = only(managed, attached("AmazonS3FullAccess")).permissions
    assert not permission.cut


def test_what_is_not_seen_is_said() -> None:
    found = only(ROLE, attached("SomethingNewFromAWS"))
    assert len(found.unseen) == 1
    assert found.may.allows("s3:GetObject").answer is Answer.UNKNOWN


def session(policy: str, more: str = "", name: str = "a") -> str:
    written = f"  disable_session_tags = true\n  policy = {policy}\n  {more}\n}}\n"
    return ASSOCIATION.replace('"a"', f'"{name}"').replace('"api"', f'"{name}"').replace("}\n", written)


def allowing(actions: str, effect: str = "Allow") -> str:
    return f'jsonencode({{ Statement = [{{ Effect = "{effect}", Action = "{actions}", Resource = "*" }}] }})'


def may(action: str, *texts: str) -> Answer:
    return only(PODS, attached("PowerUserAccess"), *texts).may.allows(action).answer


def test_a_session_policy_leaves_what_it_allows_as_well() -> None:
    assert may("s3:GetObject", session(allowing("s3:Get*"))) is Answer.YES
    assert may("s3:PutObject", session(allowing("s3:Get*"))) is Answer.NO
    assert may("iam:CreateUser", session(allowing("*"))) is Answer.NO


def test_an_association_without_one_has_all_of_the_role() -> None:
    other = ASSOCIATION.replace('"a"', '"b"').replace('"api"', '"b"')
    assert may("s3:PutObject", session(allowing("s3:Get*")), other) is Answer.YES
    assert may("s3:PutObject", session('""')) is Answer.YES


def test_any_of_several_session_policies_suffices() -> None:
    both = (session(allowing("s3:Get*")), session(allowing("s3:Put*"), name="b"))
    assert may("s3:PutObject", *both) is Answer.YES
    assert may("s3:DeleteObject", *both) is Answer.NO
    assert may("s3:PutObject", both[1], session(allowing("s3:*", "Deny"))) is Answer.UNKNOWN


def test_a_session_policy_that_is_not_known_may_leave_anything() -> None:
    assert may("s3:PutObject", 'variable "p" {}', session("var.p")) is Answer.UNKNOWN


def test_with_a_target_role_the_session_policy_is_for_that_one() -> None:
    target = 'target_role_arn = "arn:aws:iam::444455556666:role/data"'
    assert may("s3:PutObject", session(allowing("s3:Get*"), target)) is Answer.YES


def test_a_session_policy_is_within_the_boundary_of_the_role() -> None:
    bounded = PODS.replace(
        "assume_role_policy",
        'permissions_boundary = "arn:aws:iam::aws:policy/AmazonS3FullAccess"\n  assume_role_policy',
        1,
    )
    found = only(bounded, attached("PowerUserAccess"), session(allowing("*")))
    assert found.may.allows("s3:PutObject").answer is Answer.YES
    assert found.may.allows("sqs:SendMessage").answer is Answer.NO
    assert all(permission.what != "PowerUserAccess" or permission.cut for _, permission in found.permissions)


def test_who_becomes_a_role_by_a_token_too_has_all_of_it() -> None:
    principal = 'Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/x" }'
    federated = f'{{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", {principal} }}'
    both = PODS.replace("Statement = [", f"Statement = [{federated}, ", 1)
    found = only(both, attached("PowerUserAccess"), session(allowing("s3:Get*")))
    assert found.may.allows("s3:PutObject").answer is Answer.YES
