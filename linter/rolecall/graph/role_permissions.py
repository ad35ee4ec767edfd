"""What a role, or a session of it, may do in this world: its policies, attachments from everywhere, its boundaries."""

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
    from rolecall.model import PodIdentityAssociation, PolicyDocument, Role
    from rolecall.span import Span
    from rolecall.tree import Hole


def may(graph: Graph, role: Role, sessions: tuple[PodIdentityAssociation, ...] = ()) -> Permissions:
    """The permissions of a role, or of its sessions by some associations, made once."""
    found: dict[tuple[int, ...], Permissions] = graph.keep(_kept)
    narrowed = _narrowed(sessions)
    key = (id(role), *map(id, narrowed))
    permissions = found.get(key)
    if permissions is None:
        permissions = found[key] = _permissions(graph, role, narrowed)
    return permissions


def _kept(_: Graph) -> dict[tuple[int, ...], Permissions]:
    return {}


def _narrowed(sessions: tuple[PodIdentityAssociation, ...]) -> tuple[PodIdentityAssociation, ...]:
    """The associations, if each has a session policy for its own role: with a target role, it is for that one.

    https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html, `policy`.
    """
    return sessions if all(map(_has_policy, sessions)) else ()


def _has_policy(association: PodIdentityAssociation) -> bool:
    policy = association.policy
    return association.target_role is None and policy is not None and not policy.is_empty


def _within(role: Role, sessions: tuple[PodIdentityAssociation, ...], boundary: Permissions | None) -> Permissions:
    """What the session policies allow, any of them, within the role's own boundary."""
    sources = tuple(HeldPolicy(one.session, one.session.span) for one in sessions if one.session is not None)
    holes = ((source, _hole(source.document)) for source in sources)
    unseen = tuple(_unseen(role, "a session policy", hole, source.at) for source, hole in holes if hole is not None)
    return Permissions(sources, boundary, unseen, boundary_unseen=role.boundary is not None and boundary is None)


def _is_seen(sessions: tuple[PodIdentityAssociation, ...]) -> bool:
    """Whether session policies can be taken together: each is read, and none denies what another one allows."""
    documents = [one.session for one in sessions if one.session is not None and one.session.rest is None]
    allow = all(
        statement.effect is not None and statement.effect.known == "Allow"
        for document in documents
        for statement in document.statements
    )
    return len(documents) == len(sessions) and (allow or len(documents) == 1)


def _permissions(graph: Graph, role: Role, sessions: tuple[PodIdentityAssociation, ...]) -> Permissions:
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
    hidden = role.boundary is not None and boundary is None
    if sessions and _is_seen(sessions):
        return Permissions(sources.values(), _within(role, sessions, boundary), tuple(unseen))
    return Permissions(sources.values(), boundary, tuple(unseen), boundary_unseen=hidden or bool(sessions))


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
