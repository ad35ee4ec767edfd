"""What is broad in a role's permissions, its attachments everywhere in the world included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph.roles import grants_of
from rolecall.iam.managed import Breadth, breadth, gives, managed_name
from rolecall.iam.permissions import Permission, permissions
from rolecall.problem import Unevaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.graph.views import Grant
    from rolecall.model import PolicyDocument, Role
    from rolecall.span import Span
    from rolecall.tree import Hole


def granted(graph: Graph, role: Role) -> tuple[tuple[tuple[Span, Permission], ...], tuple[Unevaluated, ...]]:
    """The broad permissions of a role with the places that give them to it, and what could not be read."""
    grants = grants_of(graph, role)
    found: dict[object, tuple[Span, Permission]] = {}
    unseen: list[Unevaluated] = []
    if role.managed_rest is not None:
        unseen.append(_unseen(role, "managed policies", role.managed_rest, role.origin.span))
    if role.inline_rest is not None:
        unseen.append(_unseen(role, "inline policies", role.inline_rest, role.origin.span))
    for grant in grants:
        if grant.document is None:
            for permission in _of_arn(grant):
                found.setdefault(permission.what, (grant.at, permission))
            unseen.extend(_unread(role, grant))
    places = {id(grant.document): (grant.document, grant.at) for grant in grants if grant.document is not None}
    policies = [document for document, _ in places.values()]
    for document, at in places.values():
        hole = _hole(document)
        if hole is not None:
            unseen.append(_unseen(role, "a policy", hole, at))
        # The others come along for what they deny.
        for permission in permissions(document, policies):
            found.setdefault((permission.at, permission.what), (at, permission))
    return tuple(found.values()), tuple(unseen)


def _of_arn(grant: Grant) -> Iterator[Permission]:
    name = managed_name(grant.policy_arn)
    level = breadth(name) if name is not None else None
    if name is not None and level is not None and level is not Breadth.HARMLESS:
        actions = (gives(name),) if level is Breadth.APPLICATION else ()
        yield Permission(level, name, grant.at, actions=actions, managed=True)


def _unread(role: Role, grant: Grant) -> Iterator[Unevaluated]:
    """A policy that this world does not hold and that AWS does not manage, or not under a name known here."""
    if grant.policy_arn is None:
        return
    name = managed_name(grant.policy_arn)
    if name is None:
        holes = grant.policy_arn.holes
        why = holes[0].why if holes else "the policy is not in these files"
        yield Unevaluated(f"policy {grant.policy_arn.display} of {role.display}", why, grant.at)
    elif breadth(name) is None:
        yield Unevaluated(f"policy {name} of {role.display}", "an AWS managed policy that is not known here", grant.at)


def _hole(document: PolicyDocument) -> Hole | None:
    if document.rest is not None:
        return document.rest
    holes = (statement.actions_rest for statement in document.statements if statement.actions_rest is not None)
    return next(holes, None)


def _unseen(role: Role, what: str, hole: Hole, at: Span) -> Unevaluated:
    return Unevaluated(f"{what} of {role.display}", hole.why, at)
