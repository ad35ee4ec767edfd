"""What calls of modelled registry modules say, as plain values, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph import Graph
from rolecall.graph.roles import grants_of
from rolecall.model import Role
from tests.terraform_worlds import every, read

if TYPE_CHECKING:
    from rolecall.facts import Facts
    from rolecall.model import PolicyDocument, Statement
    from rolecall.tree import Scalar

IAM = "terraform-aws-modules/iam/aws//modules"
EKS = "terraform-aws-modules/eks/aws"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/A1"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"
NODE_BASELINE = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"]


def call(source: str, body: str, version: str = "", name: str = "it") -> Facts:
    """What one module call says."""
    written = f'  version = "{version}"\n' if version else ""
    return read(f'module "{name}" {{\n  source = "{source}"\n{written}{body}\n}}\n')


def role(facts: Facts, address: str = "") -> Role:
    """The role of an address that ends so; the only one."""
    (found,) = [role for role in every(facts, Role) if address in role.origin.address]
    return found


def text(scalar: Scalar | None) -> str:
    """A value with `~` for what is unknown."""
    return "".join(part if isinstance(part, str) else "~" for part in scalar.parts) if scalar else ""


def conditions(statement: Statement) -> list[tuple[str, str, list[str]]]:
    """Operators, keys and values; everything must be known to be there."""
    assert statement.conditions_rest is None
    return [
        (text(condition.operator), text(condition.key), [text(value) for value in condition.values])
        for condition in statement.conditions
    ]


def trusts(found: Role) -> list[tuple[str, list[str], list[tuple[str, str, list[str]]]]]:
    """Principal, actions and conditions of each statement of a trust policy that is wholly known."""
    assert found.trust is not None
    document = found.trust.document
    assert document.rest is None
    return [
        (
            ", ".join(text(principal.value) for principal in statement.principals),
            [text(action) for action in statement.actions],
            conditions(statement),
        )
        for statement in document.statements
    ]


def granted(facts: Facts, found: Role) -> tuple[list[str], dict[str, list[str]]]:
    """Names of managed policies, and the resources of each action that a document allows without a condition."""
    graph = Graph((facts,))
    names: list[str] = []
    allowed: dict[str, list[str]] = {}
    for grant in grants_of(graph, found):
        if grant.document is None:
            names.append(text(grant.policy_arn).rpartition("/")[2])
        else:
            for action, resources in _allowed(grant.document):
                allowed.setdefault(action, []).extend(resources)
    return names, allowed


def _allowed(document: PolicyDocument) -> list[tuple[str, list[str]]]:
    assert document.rest is None
    return [
        (text(action), [text(resource) for resource in statement.resources])
        for statement in document.statements
        if not statement.conditions
        for action in statement.actions
    ]
