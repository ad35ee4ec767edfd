"""The roles that pods become: by an annotation, an association, or a subject that their trust policy admits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall.graph.role_permissions import may
from rolecall.graph.views import NodeRole, ServiceAccountRole, WorkloadRole
from rolecall.iam.breadth import broad
from rolecall.model import PodIdentityAssociation, Role, ServiceAccount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.graph import Graph
    from rolecall.span import Span
    from rolecall.tree import Scalar

_PODS = "pods.eks.amazonaws.com"


def workload_roles(graph: Graph) -> tuple[WorkloadRole, ...]:
    """Every role of this world that pods become, in the order of the declarations of roles."""
    bindings: dict[int, list[ServiceAccountRole]] = defaultdict(list)
    for binding in graph.all(ServiceAccountRole):
        if binding.role is not None:
            bindings[id(binding.role)].append(binding)
    nodes = {id(node.role) for node in graph.all(NodeRole)}
    return tuple(
        WorkloadRole(
            role=role,
            bindings=tuple(bindings.get(id(role), ())),
            because=because,
            may=(permissions := may(graph, role, _sessions(bindings.get(id(role), ()), role))),
            permissions=tuple((each.granted, each) for each in broad(permissions)),
            unseen=permissions.unseen,
            is_node_role=id(role) in nodes,
        )
        for role in graph.all(Role)
        if (because := (*_bound(bindings.get(id(role), ())), *_trusting(role)))
    )


def _bound(bindings: Iterable[ServiceAccountRole]) -> Iterator[tuple[Span, str]]:
    for binding in bindings:
        match binding.declared:
            case ServiceAccount():
                yield binding.at, f"service account {binding.name.display} has it"
            case PodIdentityAssociation():
                yield binding.at, f"an association gives it to service account {binding.name.display}"
            case _:
                yield binding.at, "its trust policy admits this service account"


def _sessions(bindings: Iterable[ServiceAccountRole], role: Role) -> tuple[PodIdentityAssociation, ...]:
    """The associations by which alone pods become a role; none where there are other ways."""
    found = tuple(one.declared for one in bindings)
    statements = role.trust.document.statements if role.trust is not None else ()
    by_token = any(
        principal.type.known == "Federated" for statement in statements for principal in statement.principals
    )
    sessions = tuple(one for one in found if isinstance(one, PodIdentityAssociation))
    return sessions if len(sessions) == len(found) and not by_token else ()


def _trusting(role: Role) -> Iterator[tuple[Span, str]]:
    """Statements of a trust policy that let pods in whose service accounts cannot be told from it."""
    if role.trust is None:
        return
    for statement in role.trust.document.statements:
        if statement.effect is None or statement.effect.known != "Allow":
            continue
        for principal in statement.principals:
            if principal.type.known == "Service" and principal.value.known == _PODS:
                yield principal.value.span, "EKS Pod Identity may give it to pods"
            elif principal.type.known == "Federated" and _is_of_cluster(principal.value):
                yield principal.value.span, "pods of the cluster of this provider may have it"


def _is_of_cluster(provider: Scalar) -> bool:
    """Whether an OIDC provider is plainly that of an EKS cluster."""
    return "oidc-provider/oidc.eks." in provider.display or "oidc-provider/oidc-eks." in provider.display
