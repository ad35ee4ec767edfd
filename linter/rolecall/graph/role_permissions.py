"""What a role may do in this world: its policies and attachments from everywhere, and its permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph.roles import grants_of, resolved
from rolecall.graph.views import Grant
from rolecall.iam.managed import managed_document, managed_name
from rolecall.iam.permissions import HeldPolicy, Permissions
from rolecall.problem import Unevaluated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.model import PolicyDocument, Role
    from rolecall.span import Span
    from rolecall.tree import Hole


def may(graph: Graph, role: Role) -> Permissions:
    """The permissions of a role, made once."""
    found: dict[int, Permissions] = graph.keep(_kept)
    permissions = found.get(id(role))
    if permissions is None:
        permissions = found[id(role)] = _permissions(graph, role)
    return permissions


def _kept(_: Graph) -> dict[int, Permissions]:
    return {}


def _permissions(graph: Graph, role: Role) -> Permissions:
    sources: dict[object, HeldPolicy] = {}
    unseen = []
    if role.managed_rest is not None:
        unseen.append(_unseen(role, "managed policies", role.managed_rest, role.origin.span))
    if role.inline_rest is not None:
        unseen.append(_unseen(role, "inline policies", role.inline_rest, role.origin.span))
    for grant in grants_of(graph, role):
        source = source_of(grant)
        if source is None:
            unseen.extend(_unread(role, grant))
            continue
        # A policy that is attached twice is given once.
        if sources.setdefault(source.managed or id(source.document), source) is source:
            hole = _hole(source.document)
            if hole is not None:
                unseen.append(_unseen(role, "a policy", hole, source.at))
    boundary = _boundary(graph, role)
    return Permissions(
        sources.values(), boundary, tuple(unseen), boundary_unseen=role.boundary is not None and boundary is None
    )


def source_of(grant: Grant) -> HeldPolicy | None:
    """The policy that a grant gives; None where it is not in this world and not one of AWS' own that are known."""
    if grant.document is not None:
        return HeldPolicy(grant.document, grant.at)
    name = managed_name(grant.policy_arn)
    document = managed_document(name) if name is not None else None
    return HeldPolicy(document, grant.at, name) if document is not None else None


def _boundary(graph: Graph, role: Role) -> Permissions | None:
    if role.boundary is None:
        return None
    source = source_of(resolved(graph, Grant(role.boundary.span, policy_arn=role.boundary)))
    if source is None or source.document.rest is not None:
        return None
    hole = _hole(source.document)
    unseen = (_unseen(role, "the permissions boundary", hole, source.at),) if hole is not None else ()
    return Permissions((source,), None, unseen)


def _unread(role: Role, grant: Grant) -> Iterator[Unevaluated]:
    """A policy that this world does not hold and that AWS does not manage, or not under a name known here."""
    if grant.policy_arn is None:
        return
    name = managed_name(grant.policy_arn)
    if name is None:
        holes = grant.policy_arn.holes
        why = holes[0].why if holes else "the policy is not in these files"
        yield Unevaluated(f"policy {grant.policy_arn.display} of {role.display}", why, grant.at)
    else:
        yield Unevaluated(f"policy {name} of {role.display}", "an AWS managed policy that is not known here", grant.at)


def _hole(document: PolicyDocument) -> Hole | None:
    if document.rest is not None:
        return document.rest
    holes = (statement.actions_rest for statement in document.statements if statement.actions_rest is not None)
    return next(holes, None)


def _unseen(role: Role, what: str, hole: Hole, at: Span) -> Unevaluated:
    return Unevaluated(f"{what} of {role.display}", hole.why, at)
