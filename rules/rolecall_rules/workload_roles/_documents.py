"""What the rules about conditions in policies have in common: every document, with whose it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import grants_of
from rolecall.model import Policy, PolicyAttachment, PolicyDocument, ResourcePolicy, Role, Statement, TrustPolicy
from rolecall.records import dataclass

Holder = Policy | PolicyAttachment | ResourcePolicy | Role
"""What may hold a policy document other than a trust policy."""


@dataclass(frozen=True, slots=True)
class Held:
    """A policy document with how a message names it, and the roles that have it."""

    document: PolicyDocument
    display: str
    subject: str
    roles: tuple[Role, ...] = ()


def documents(holder: Holder | TrustPolicy, graph: Graph) -> Iterator[Held]:
    """The documents that a holder has."""
    for document in holder.inline if isinstance(holder, Role) else (holder.document,):
        if document is not None:
            roles = tuple(graph.keep(_roles).get(id(document), ()))
            yield Held(document, _display(holder, roles), holder.origin.address, roles)


def _display(holder: Holder | TrustPolicy, roles: tuple[Role, ...]) -> str:
    if isinstance(holder, TrustPolicy):
        return f"the trust policy of {holder.display}"
    if isinstance(holder, ResourcePolicy):
        return f"the resource policy {holder.origin.display}"
    if roles:
        return f"a policy of {roles[0].display}"
    return f"the policy {holder.origin.display}"


def _roles(graph: Graph) -> dict[int, list[Role]]:
    found: dict[int, list[Role]] = defaultdict(list)
    for role in graph.all(Role):
        for grant in grants_of(graph, role):
            if grant.document is not None:
                found[id(grant.document)].append(role)
    return found


def allows(document: PolicyDocument) -> Iterable[Statement]:
    """Its Allow statements."""
    return (each for each in document.statements if each.effect is not None and each.effect.known == "Allow")
