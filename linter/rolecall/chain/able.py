"""What a container can do with the roles that it becomes, and which roles it can go on to assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.becoming import arn_of
from rolecall.graph.role_permissions import may
from rolecall.iam.breadth import broad, data
from rolecall.iam.requests import identity
from rolecall.iam.trust import ASSUME_ROLE, admits
from rolecall.model import Role
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.chain.steps import Chain, Step
    from rolecall.graph import Graph
    from rolecall.iam.breadth import Permission
    from rolecall.iam.permissions import Clause, Holding, Permissions
    from rolecall.model import Statement
    from rolecall.span import Span
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class Further:
    """A role that another one may assume. `role` None: it is not in these files, and is named as written."""

    who: str
    at: Span
    certain: Answer
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """An Allow statement, or an AWS managed policy by its name, as written; a Deny statement likewise."""

    actions: str
    resources: str
    at: Span


@dataclass(frozen=True, slots=True)
class Able:
    """What one source of a container's credentials lets it do.

    `role` None: who it is then is not in these files. `wide` is what is broad, widest first, or touches data; `allowed`
    is all of it as written, without the actions of which a Deny or the permissions boundary leaves nothing; `denied`
    what may take a part of the rest; `unseen` what could not be read of its policies. `session` is what the policy of
    its association allows, where it has one: of all else only what is among that as well holds.
    """

    step: Step
    role: Role | None
    wide: tuple[Permission, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    denied: tuple[Allowed, ...] = ()
    further: tuple[Further, ...] = ()
    unseen: tuple[str, ...] = ()
    session: tuple[Allowed, ...] | None = None


def ability(chain: Chain, graph: Graph) -> tuple[Able, ...]:
    """What each source that wins, or may win, lets the container do."""
    steps = {step.source: step for outcome in chain.outcomes for step in (*outcome.maybe, outcome.winner) if step}
    return tuple(
        _able(step, graph)
        for step in chain.steps
        if step.source in steps and (step.identity is not None or step.present is Answer.YES) and step.flaw is None
    )


def _able(step: Step, graph: Graph) -> Able:
    role = step.identity.role if step.identity is not None else None
    if step.identity is None or role is None:
        return Able(step, None)
    association = step.identity.association
    held = may(graph, role, (association,) if association is not None else ())
    wide = tuple(dict.fromkeys((*broad(held), *data(held))))
    allowed = tuple(dict.fromkeys(_left(held)))
    denied = tuple(dict.fromkeys(_denied(held))) if allowed else ()
    unseen = tuple(dict.fromkeys(f"{one.what}: {one.reason}" for one in held.unseen))
    further = tuple(_further(role, held, graph))
    return Able(step, role, wide, allowed, denied, further, unseen, _session(held, role, graph))


def _left(held: Permissions) -> Iterator[Allowed]:
    """What is allowed, without the actions that are taken away whole."""
    for clause in held.clauses:
        actions = clause.statement.actions
        left = tuple(action for action in actions if _is_left(action, clause, held))
        if left or not actions or clause.source.managed is not None:
            yield _allowed(clause, left)


def _is_left(action: Scalar, clause: Clause, held: Permissions) -> bool:
    if action.known is None:
        return True
    return any(holding.statement is clause.statement for holding in held.holdings(action.known))


def _denied(held: Permissions) -> Iterator[Allowed]:
    for source in held.sources:
        for statement in source.document.statements:
            if statement.effect is not None and statement.effect.known == "Deny":
                yield _written(statement, statement.actions)


def _allowed(clause: Clause, actions: tuple[Scalar, ...]) -> Allowed:
    if clause.source.managed is not None:
        return Allowed(f"managed policy {clause.source.managed}", "", clause.source.at)
    return _written(clause.statement, actions)


def _written(statement: Statement, actions: tuple[Scalar, ...]) -> Allowed:
    named = _listed(actions) or f"everything but {_listed(statement.not_actions)}"
    resources = _listed(statement.resources) or f"everything but {_listed(statement.not_resources)}"
    return Allowed(named, resources, statement.head)


def _listed(written: tuple[Scalar, ...]) -> str:
    return ", ".join(one.display for one in written)


def _session(held: Permissions, role: Role, graph: Graph) -> tuple[Allowed, ...] | None:
    """What the session policy allows; None where the session has all of the role."""
    if held is may(graph, role):
        return None
    clauses = held.boundary.clauses if held.boundary is not None else ()
    return tuple(_allowed(clause, clause.statement.actions) for clause in clauses)


def _further(role: Role, held: Permissions, graph: Graph) -> Iterator[Further]:
    """Roles of this world that it may assume, then those that it names and that are not here."""
    holdings = held.holdings(ASSUME_ROLE)
    if not holdings:
        return
    own = identity(arn_of(role) or "")
    seen: set[str] = set()
    for other in graph.all(Role):
        arn = arn_of(other)
        if other is role or arn is None or other.trust is None:
            continue
        allowed = held.allows(ASSUME_ROLE, arn)
        admitted = admits(other.trust.document, own).answer if own is not None else Answer.UNKNOWN
        if Answer.NO not in (allowed.answer, admitted):
            seen.add(arn)
            sure = (allowed.answer, admitted) == (Answer.YES, Answer.YES)
            at = allowed.holdings[0].at if allowed.holdings else role.origin.span
            yield Further(other.display, at, Answer.YES if sure else Answer.UNKNOWN, other)
    yield from _elsewhere(holdings, seen)


def _elsewhere(holdings: tuple[Holding, ...], seen: set[str]) -> Iterator[Further]:
    for holding in holdings:
        for resource in holding.resources:
            if resource.display not in seen:
                seen.add(resource.display)
                yield Further(resource.display, resource.span, Answer.UNKNOWN)
