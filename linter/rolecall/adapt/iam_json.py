"""IAM JSON: trust and permission policies as files, and what the AWS CLI prints about roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import iam_account
from rolecall.adapt.policy import is_trust, policy_document
from rolecall.iam.arns import role_account
from rolecall.model import (
    InstanceProfile,
    OidcProvider,
    Origin,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    ResourcePolicy,
    Role,
    TrustPolicy,
)
from rolecall.tree import Hole, Mapping, Scalar, Sequence, known, one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.syntax.document import Document
    from rolecall.tree import Node

_UNSHOWN = Hole("not part of this output of the AWS CLI")
_STATEMENT_ELEMENTS = ("Effect", "Action", "NotAction", "Principal", "NotPrincipal")


def recognises(root: Node) -> bool:
    """Whether a tree is IAM's: a policy document, or input or output of an IAM call."""
    return isinstance(root, Mapping) and _reader(root) is not None


def adapt(document: Document, source: Source) -> Iterator[Said]:
    """The roles, trust policies, permission policies and providers that an IAM document shows."""
    root = document.root
    if isinstance(root, Mapping):
        reader = _reader(root)
        if reader is not None:
            yield from reader(root, source)


def _reader(root: Mapping) -> Callable[[Mapping, Source], Iterator[Said]] | None:
    """What reads this shape, told by the keys that the IAM API gives it."""
    if root.get("apiVersion") is not None or root.get("Resources") is not None:
        return None
    for recognised, reader in _SHAPES:
        if recognised(root):
            return reader
    return None


def _is_policy(root: Mapping) -> bool:
    statement = root.get("Statement")
    items = statement.items if isinstance(statement, Sequence) else (statement,)
    return any(isinstance(item, Mapping) and any(item.get(name) for name in _STATEMENT_ELEMENTS) for item in items)


def _is_role(root: Mapping) -> bool:
    return root.get("RoleName") is not None and root.get("AssumeRolePolicyDocument") is not None


def _is_role_policy(root: Mapping) -> bool:
    return root.get("RoleName") is not None and root.get("PolicyDocument") is not None


def _is_provider(root: Mapping) -> bool:
    return root.get("Url") is not None and root.get("ClientIDList") is not None


def _policy_file(root: Mapping, source: Source) -> Iterator[Said]:
    document = policy_document(root, _text_of(source))
    yield from _found_alone(document, None, source)


def _found_alone(document: PolicyDocument, name: Scalar | None, source: Source) -> Iterator[Said]:
    """A document without a role: a trust policy, a permission policy, or a resource's policy."""
    at = name.span if name else document.statements[0].head if document.statements else document.span
    trust = is_trust(document)
    address = name.display if name else f"the role of {source.path}" if trust else source.path
    origin = _origin(source, address, at, document.span)
    if trust:
        yield TrustPolicy(document, origin)
    elif any(statement.principals or statement.not_principals for statement in document.statements):
        yield ResourcePolicy(origin, document)
    else:
        yield Policy(origin, name, None, document)


def _one_role(root: Mapping, source: Source) -> Iterator[Said]:
    yield from _role(root, source)


def _role_output(root: Mapping, source: Source) -> Iterator[Said]:
    role = root.mapping("Role")
    if role is not None:
        yield from _role(role, source)


def _role_list(root: Mapping, source: Source) -> Iterator[Said]:
    for role in root.mappings("Roles"):
        yield from _role(role, source)


def _account_details(root: Mapping, source: Source) -> Iterator[Said]:
    """An account's roles with their instance profiles, and its policies."""
    for role in root.mappings(iam_account.ROLES):
        yield from _role(role, source)
        for profile in role.mappings("InstanceProfileList"):
            name = profile.scalar("InstanceProfileName")
            if name is not None:
                origin = _origin(source, f"instance profile {name.display}", name.span, profile.span)
                yield InstanceProfile(origin, name, role.scalar("RoleName"))
    for policy in filter(iam_account.concerns_us, root.mappings(iam_account.POLICIES)):
        name, arn = policy.scalar("PolicyName"), policy.scalar("Arn")
        version = next(iam_account.versions(policy), None)
        written = version.get("Document") if version is not None else None
        document = policy_document(written, _text_of(source)) if written is not None else None
        if name is not None:
            yield Policy(_origin(source, f"policy {name.display}", name.span, policy.span), name, arn, document)


def _role(node: Mapping, source: Source) -> Iterator[Said]:
    name = node.scalar("RoleName")
    arn = node.scalar("Arn")
    written = node.get("AssumeRolePolicyDocument")
    at = name.span if name else node.span
    origin = _origin(source, f"role {name.display}" if name else source.path, at, node.span)
    boundary = node.mapping("PermissionsBoundary")
    trust = None
    if written is not None:
        trust = TrustPolicy(policy_document(written, _text_of(source)), origin, name, _account(arn))
    yield Role(
        origin=origin,
        name=name,
        arn=arn,
        trust=trust,
        managed=tuple(
            policy_arn
            for attached in node.mappings("AttachedManagedPolicies")
            if (policy_arn := attached.scalar("PolicyArn")) is not None
        ),
        managed_rest=None if node.get("AttachedManagedPolicies") else _UNSHOWN,
        inline=tuple(
            policy_document(inline, _text_of(source))
            for policy in node.mappings("RolePolicyList")
            if (inline := policy.get("PolicyDocument")) is not None
        ),
        inline_rest=None if node.get("RolePolicyList") else _UNSHOWN,
        max_session_duration=node.scalar("MaxSessionDuration"),
        tags=tuple(key for tag in node.mappings("Tags") if (key := tag.scalar("Key")) is not None),
        # Where a role has no tags the key is left out, and `list-roles` never has it.
        tags_rest=None if node.get("Tags") else _UNSHOWN,
        boundary=boundary.scalar("PermissionsBoundaryArn") if boundary is not None else None,
    )


def _account(arn: Scalar | None) -> Scalar | None:
    account = role_account(arn)
    return known(account, arn.span) if account is not None and arn is not None else None


def _role_policy(root: Mapping, source: Source) -> Iterator[Said]:
    """`get-role-policy`, and the input of `put-role-policy` and `update-assume-role-policy`."""
    role, name, written = root.scalar("RoleName"), root.scalar("PolicyName"), root.get("PolicyDocument")
    if role is None or written is None:
        return
    document = policy_document(written, _text_of(source))
    address = f"role {role.display}" + (f" policy {name.display}" if name else "")
    origin = _origin(source, address, (name or role).span, root.span)
    if name is None or is_trust(document):
        trust = TrustPolicy(document, origin, role)
        yield Role(origin, role, None, trust, managed_rest=_UNSHOWN, inline_rest=_UNSHOWN, tags_rest=_UNSHOWN)
    else:
        yield PolicyAttachment(origin, (role,), name.span, document=document)


def _policy_version(root: Mapping, source: Source) -> Iterator[Said]:
    version = root.mapping("PolicyVersion")
    written = version.get("Document") if version else None
    if written is not None:
        yield from _found_alone(policy_document(written, _text_of(source)), None, source)


def _new_policy(root: Mapping, source: Source) -> Iterator[Said]:
    written = root.get("PolicyDocument")
    if written is not None:
        yield from _found_alone(policy_document(written, _text_of(source)), root.scalar("PolicyName"), source)


def _provider(root: Mapping, source: Source) -> Iterator[Said]:
    url = root.scalar("Url")
    clients, rest = one_or_many(root.get("ClientIDList"))
    at = url.span if url else root.span
    origin = _origin(source, f"OIDC provider {url.display}" if url else source.path, at, root.span)
    # What IAM prints has the date; what it is given has not.
    yield OidcProvider(origin, url, clients, rest, registered=root.get("CreateDate") is not None)


def _origin(source: Source, address: str, span: Span, whole: Span) -> Origin:
    return Origin(unit=source.path, address=address, span=span, whole=whole, group=source.path)


def _text_of(source: Source) -> Callable[[str], str | None]:
    return lambda path: source.text if path == source.path else None


def _has(key: str, kind: type[Mapping | Sequence]) -> Callable[[Mapping], bool]:
    return lambda root: isinstance(root.get(key), kind)


_SHAPES: tuple[tuple[Callable[[Mapping], bool], Callable[[Mapping, Source], Iterator[Said]]], ...] = (
    (_is_policy, _policy_file),
    (_is_role, _one_role),
    (lambda root: isinstance(role := root.get("Role"), Mapping) and _is_role(role), _role_output),
    (lambda root: any(map(_is_role, root.mappings("Roles"))), _role_list),
    (_has(iam_account.ROLES, Sequence), _account_details),
    (_is_role_policy, _role_policy),
    (_has("PolicyVersion", Mapping), _policy_version),
    (lambda root: root.get("PolicyName") is not None and root.get("PolicyDocument") is not None, _new_policy),
    (_is_provider, _provider),
)
