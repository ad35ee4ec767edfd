"""Who can become a role: workloads, service accounts, nodes, whom its trust policy admits, other roles here."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.build import chain_of
from rolecall.graph.role_permissions import may
from rolecall.graph.service_accounts import ROLE_ARN
from rolecall.graph.views import NodeRole, PodContainer, ServiceAccountRole
from rolecall.iam.issuers import shared_issuer
from rolecall.iam.requests import identity
from rolecall.iam.trust import (
    ASSUME_ROLE,
    Caller,
    Token,
    account_of,
    admits,
    allows_action,
    effect_of,
    is_oversized,
    web_identity_grants,
)
from rolecall.iam.trust_subjects import wide_subjects
from rolecall.iam.trust_tenants import wide_tenancy
from rolecall.model import PodIdentityAssociation, Role, ServiceAccount
from rolecall.records import dataclass
from rolecall.tree import Hole, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.chain.steps import Chain, Identity
    from rolecall.graph import Graph
    from rolecall.iam.trust import WebIdentityGrant
    from rolecall.model import PolicyDocument, Statement, TrustPolicy
    from rolecall.span import Span


class Way(Enum):
    """How somebody becomes a role."""

    WORKLOAD = "workloads"
    BINDING = "service accounts"
    NODE = "nodes"
    TOKEN = "tokens that the trust policy admits"  # noqa: S105 - words
    PRINCIPAL = "AWS principals that the trust policy admits"
    SERVICE = "services that the trust policy admits"
    ROLE = "roles of these files that may assume it"


@dataclass(frozen=True, slots=True)
class Becoming:
    """One who can become a role; `how` in a few words. `witness`: of a pattern, one whom nobody named.

    `role` is who it is where that is a role of these files.
    """

    way: Way
    who: str
    how: str
    at: Span
    certain: Answer = Answer.YES
    witness: str = ""
    role: Role | None = None


def who_becomes(graph: Graph, trust: TrustPolicy | None, role: Role | None) -> tuple[Becoming, ...]:
    """Everybody who can become a role, or who a trust policy that stands alone admits."""
    found: list[Becoming] = []
    if role is not None:
        found += _workloads(graph, lambda identity: identity.role is role)
        found += _bindings(graph, lambda binding: binding.role is role)
        found += _nodes(graph, role)
    return tuple(dict.fromkeys((*found, *admitted(graph, trust, role))))


def who_is_bound(graph: Graph, written: frozenset[str]) -> tuple[Becoming, ...]:
    """Who has a role that these files do not declare, by the ARNs with which they name it."""
    return (
        *_workloads(graph, lambda identity: identity.written in written),
        *_bindings(graph, lambda binding: written_role(binding) in written),
    )


def admitted(graph: Graph, trust: TrustPolicy | None, role: Role | None) -> tuple[Becoming, ...]:
    """Whom a trust policy admits, and the roles of this world that may assume its role."""
    if trust is None or is_oversized(trust.document):
        return ()
    found = [*_tokens(trust.document), *_principals(trust.document, role)]
    return (*found, *_roles(graph, role, trust)) if role is not None else tuple(found)


def written_role(binding: ServiceAccountRole) -> str:
    """The role as an annotation or association names it; empty for a trust policy's subject."""
    declared = binding.declared
    value: object = None
    if isinstance(declared, PodIdentityAssociation):
        value = declared.role
    elif isinstance(declared, ServiceAccount):
        entry = declared.annotation(ROLE_ARN)
        value = entry.value if entry is not None else None
    return value.display if isinstance(value, Scalar) else ""


def _workloads(graph: Graph, fits: Callable[[Identity], bool]) -> Iterator[Becoming]:
    for container in graph.all(PodContainer):
        how, certain = _fate(chain_of(container, graph), fits)
        if how:
            yield Becoming(Way.WORKLOAD, container.display, how, container.container.name.span, certain)


def _fate(chain: Chain, fits: Callable[[Identity], bool]) -> tuple[str, Answer]:
    """What the role is to a container; empty where it is nothing."""
    steps = [step for step in chain.steps if step.identity is not None and fits(step.identity)]
    present = [step for step in steps if step.present is not Answer.NO]
    if not present:
        return "", Answer.NO
    won = [outcome for outcome in chain.outcomes if outcome.winner in present]
    if any(outcome.fails for outcome in won):
        return f"is refused: {next(step.trouble for step in present if step.trouble)}", Answer.NO
    if len(won) == len(chain.outcomes):
        sure = all(outcome.certain for outcome in won)
        return "becomes it" if sure else "becomes it unless something unseen comes first", Answer.of(sure or None)
    if won:
        names = ", ".join(outcome.sdk.name for outcome in won)
        return f"becomes it with {names}", Answer.YES
    if any(step.present is Answer.UNKNOWN for step in present):
        return f"may become it: {present[0].why}", Answer.UNKNOWN
    winner = next((outcome.winner for outcome in chain.outcomes if outcome.winner is not None), None)
    words = winner.identity.words if winner is not None and winner.identity is not None else "something else"
    return f"would, but uses {words} before", Answer.NO


def _bindings(graph: Graph, fits: Callable[[ServiceAccountRole], bool]) -> Iterator[Becoming]:
    for binding in graph.all(ServiceAccountRole):
        if not isinstance(binding.declared, ServiceAccount | PodIdentityAssociation) or not fits(binding):
            continue
        namespace = binding.namespace.display if binding.namespace is not None else ""
        how = "is annotated with it" if isinstance(binding.declared, ServiceAccount) else "has it by an association"
        name = f"{namespace}/{binding.name.display}" if namespace else binding.name.display
        yield Becoming(Way.BINDING, f"service account {name}", how, binding.at)


def _nodes(graph: Graph, role: Role) -> Iterator[Becoming]:
    for node in graph.all(NodeRole):
        if node.role is role:
            for at, words in node.because:
                yield Becoming(Way.NODE, "nodes", words, at)


def _tokens(document: PolicyDocument) -> Iterator[Becoming]:
    for grant in web_identity_grants(document):
        issuer = grant.issuer.display
        if not grant.subject.positive:
            open_ = admits(document, Token(grant.issuer, None, None, willing=True), only=grant.statement).answer
            if open_ is not Answer.NO:
                shared = shared_issuer(grant.issuer)
                witness = shared.subjects.example if shared is not None and shared.subjects is not None else ""
                who, how = f"any token of {issuer}", "no condition on its subject"
                yield Becoming(Way.TOKEN, who, how, grant.principal.value.span, open_, witness)
            continue
        yield from _subjects(document, grant, issuer)


def _subjects(document: PolicyDocument, grant: WebIdentityGrant, issuer: str) -> Iterator[Becoming]:
    shared = shared_issuer(grant.issuer)
    grammar = shared.subjects if shared is not None else None
    wide = wide_tenancy(document, grant, grammar) if grammar is not None else wide_subjects(document, grant)
    witnesses = {one.value.span: one.witness for one in wide if not isinstance(one, Hole)}
    for condition in grant.subject.positive:
        for value in condition.values:
            token = Token(grant.issuer, value.parts, None, willing=True, voucher=grant.principal)
            pattern = value.span in witnesses
            certain = Answer.YES if pattern else admits(document, token, only=grant.statement).answer
            if certain is not Answer.NO:
                witness = witnesses.get(value.span, "")
                yield Becoming(Way.TOKEN, value.display, f"of {issuer}", value.span, certain, witness)


def _principals(document: PolicyDocument, role: Role | None) -> Iterator[Becoming]:
    for statement in document.statements:
        if effect_of(statement) != "Allow" or allows_action(statement, ASSUME_ROLE) is Answer.NO:
            continue
        for principal in statement.principals:
            kind, value = principal.type.known, principal.value
            limits = _limits(statement)
            if kind == "Service":
                yield Becoming(Way.SERVICE, value.display, limits, value.span)
            elif kind in ("AWS", "*") and value.known == "*":
                yield from _everybody(document, statement, value.span, role)
            elif kind in ("AWS", "*"):
                account = account_of(value.known or "")
                who = f"account {account}, whoever its policies let" if account else value.display
                yield Becoming(Way.PRINCIPAL, who, limits, value.span)


def _everybody(document: PolicyDocument, statement: Statement, at: Span, role: Role | None) -> Iterator[Becoming]:
    """Whom `*` admits: strangers, or only those whom the statement's conditions name; a role itself is nobody else."""
    stranger = admits(document, Caller(), only=statement).answer
    if stranger is not Answer.NO:
        yield Becoming(Way.PRINCIPAL, "everybody", _limits(statement), at, stranger)
        return
    named = [
        value
        for condition in statement.conditions
        if (condition.key.known or "").lower() == "aws:principalarn"
        for value in condition.values
    ]
    for value in named:
        if not _is_itself(value, role):
            yield Becoming(Way.PRINCIPAL, value.display, _limits(statement), value.span)
    if not named:
        yield Becoming(Way.PRINCIPAL, "those whom its conditions let in", _limits(statement), at)


def _is_itself(arn: Scalar, role: Role | None) -> bool:
    """Whether an ARN, which may be known in part, ends as that of a role does."""
    name = role.name.known if role is not None and role.name is not None else None
    end = arn.parts[-1] if arn.parts else ""
    return name is not None and isinstance(end, str) and end.rpartition("/")[2] == name


def _limits(statement: Statement) -> str:
    keys = list(dict.fromkeys(condition.key.display for condition in statement.conditions))
    return f"under conditions on {', '.join(keys)}" if keys else "without a condition"


def _roles(graph: Graph, role: Role, trust: TrustPolicy) -> Iterator[Becoming]:
    """Roles of this world whose permissions let them assume it, where its trust policy admits them."""
    target = arn_of(role)
    if target is None:
        return
    for other in graph.keep(_assuming):
        if other is role:
            continue
        decision = may(graph, other).allows(ASSUME_ROLE, target)
        caller = identity(arn_of(other) or "")
        admitted = admits(trust.document, caller).answer if caller is not None else Answer.UNKNOWN
        if Answer.NO not in (decision.answer, admitted):
            certain = Answer.YES if (decision.answer, admitted) == (Answer.YES, Answer.YES) else Answer.UNKNOWN
            at = decision.holdings[0].at if decision.holdings else other.origin.span
            yield Becoming(Way.ROLE, other.display, "its policies let it assume this one", at, certain, role=other)


def _assuming(graph: Graph) -> tuple[Role, ...]:
    """The roles of this world that may assume any role at all."""
    return tuple(role for role in graph.all(Role) if may(graph, role).mentions(ASSUME_ROLE))


def arn_of(role: Role) -> str | None:
    """The ARN of a role where it is known."""
    return role.arn.known if role.arn is not None else None
