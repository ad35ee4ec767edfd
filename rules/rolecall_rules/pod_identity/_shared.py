"""What the Pod Identity trust rules have in common: the statements for the service, and what they let it do."""

from collections.abc import Iterator

from rolecall.answer import Answer, any_of
from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.iam.trust import allows_action, effect_of
from rolecall.model import PodIdentityAssociation, PolicyDocument, Principal, Role, Statement, TrustPolicy
from rolecall.records import dataclass

SERVICE = "pods.eks.amazonaws.com"


@dataclass(frozen=True, slots=True)
class PodStatement:
    """An Allow statement that trusts EKS Pod Identity, with the principal as written."""

    statement: Statement
    principal: Principal


def pod_statements(document: PolicyDocument) -> tuple[PodStatement, ...]:
    """The Allow statements of a trust policy for `pods.eks.amazonaws.com`."""
    return tuple(_statements(document))


def _statements(document: PolicyDocument) -> Iterator[PodStatement]:
    for statement in document.statements:
        if effect_of(statement) != "Allow":
            continue
        for principal in statement.principals:
            if principal.type.known == "Service" and principal.value.known == SERVICE:
                yield PodStatement(statement, principal)
                break


def may(document: PolicyDocument, action: str) -> Answer:
    """Whether any statement lets Pod Identity take an action; unknown where more may be written than is seen."""
    found = any_of(allows_action(one.statement, action) for one in pod_statements(document))
    unseen = document.rest is not None or any(
        statement.principals_rest is not None and allows_action(statement, action) is not Answer.NO
        for statement in document.statements
    )
    return any_of((found, Answer.UNKNOWN)) if unseen else found


def associations_of(policy: TrustPolicy, graph: Graph) -> tuple[PodIdentityAssociation, ...]:
    """The associations of this world that bind the role of a trust policy."""
    bound: dict[int, list[PodIdentityAssociation]] = graph.keep(_by_trust)
    return tuple(bound.get(id(policy), ()))


def _by_trust(graph: Graph) -> dict[int, list[PodIdentityAssociation]]:
    found: dict[int, list[PodIdentityAssociation]] = {}
    for association in graph.all(PodIdentityAssociation):
        role: Role | None = role_of(graph, association.role, association.origin)
        if role is not None and role.trust is not None:
            found.setdefault(id(role.trust), []).append(association)
    return found
