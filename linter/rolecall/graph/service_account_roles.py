"""Which declarations give a service account a role: annotations, associations, subjects of trust policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph.roles import role_of
from rolecall.graph.views import IrsaBinding, ServiceAccountRole
from rolecall.model import PodIdentityAssociation, Role, TrustPolicy
from rolecall.tree import Kind, Scalar, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.model import PolicyDocument

_SUBJECT = "system:serviceaccount:"
_OPERATORS = frozenset({"stringequals", "stringlike", "stringequalsignorecase"})


def service_account_roles(graph: Graph) -> tuple[ServiceAccountRole, ...]:
    """Every such declaration in the world."""
    return (*_annotations(graph), *_associations(graph), *_trusts(graph))


def _annotations(graph: Graph) -> Iterator[ServiceAccountRole]:
    for binding in graph.all(IrsaBinding):
        account = binding.service_account
        yield ServiceAccountRole(account.namespace, account.name, binding.annotation.key.span, binding.role, account)


def _associations(graph: Graph) -> Iterator[ServiceAccountRole]:
    for bound in graph.all(PodIdentityAssociation):
        name = bound.service_account
        if name is not None:
            yield ServiceAccountRole(bound.namespace, name, name.span, role_of(graph, bound.role, bound.origin), bound)


def _trusts(graph: Graph) -> Iterator[ServiceAccountRole]:
    roles = {id(role.trust): role for role in graph.all(Role) if role.trust is not None}
    for trust in graph.all(TrustPolicy):
        for value in _subjects(trust.document):
            namespace, name = _parted(value)
            if name is not None:
                yield ServiceAccountRole(namespace, name, value.span, roles.get(id(trust)), trust)


def _subjects(document: PolicyDocument) -> Iterator[Scalar]:
    """The values that Allow statements ask `<issuer>:sub` to have."""
    for statement in document.statements:
        if statement.effect is None or statement.effect.known != "Allow":
            continue
        for condition in statement.conditions:
            operator = (condition.operator.known or "").lower().rpartition(":")[2].removesuffix("ifexists")
            key = merged(condition.key.parts)[-1]
            if operator in _OPERATORS and isinstance(key, str) and key.lower().endswith(":sub"):
                yield from condition.values


def _parted(subject: Scalar) -> tuple[Scalar | None, Scalar | None]:
    """The namespace and the name in a subject; no name where the text after the last colon is not all known."""
    parts = merged(subject.parts)
    first, last = parts[0], parts[-1]
    if not isinstance(first, str) or not isinstance(last, str) or not first.startswith(_SUBJECT):
        return None, None
    if len(parts) == 1:
        namespace, colon, name = first.removeprefix(_SUBJECT).rpartition(":")
        found = Scalar((namespace,), Kind.STRING, subject.span)
        return (found, Scalar((name,), Kind.STRING, subject.span)) if colon and namespace else (None, None)
    before, colon, name = last.rpartition(":")
    if not colon:
        return None, None
    written = tuple(part for part in (first.removeprefix(_SUBJECT), *parts[1:-1], before) if part != "")
    return Scalar(written, Kind.STRING, subject.span), Scalar((name,), Kind.STRING, subject.span)
