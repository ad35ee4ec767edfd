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
