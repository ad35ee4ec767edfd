"""Roles by name, ARN and reference, and the permissions that they have."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall.graph.namespaces import text_key
from rolecall.graph.nearest import nearest
from rolecall.graph.views import Grant
from rolecall.iam.arns import role_account
from rolecall.model import Policy, PolicyAttachment, Role

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rolecall.graph import Graph
    from rolecall.model import Origin
    from rolecall.tree import Scalar

# The attributes of a role that stand for it: Terraform's, and those of CloudFormation's `Fn::GetAtt` and `Ref`.
_SELF = ("arn", "name", "id", "unique_id", "Arn", "RoleId", "")


def role_of(graph: Graph, value: Scalar | None, place: Origin | None = None) -> Role | None:
    """The role that an ARN, a name or a reference means; None where none or more than one in this world fits.

    A reference is resolved by the address it names. An ARN is compared with what is known of a role's own ARN; where
    that is unknown, by the role name after the last slash. Of several roles, the one nearest to `place`, where the
    value is written, is meant.
    """
    return nearest(candidates_of(graph, value), place)


def candidates_of(graph: Graph, value: Scalar | None) -> tuple[Role, ...]:
    """The roles that an ARN, a name or a reference may mean."""
    if value is None:
        return ()
    by_address: dict[tuple[str, str], Role] = graph.keep(_by_address)
    for hole in value.holes:
        for reference in hole.references:
            role = by_address.get((reference.unit, reference.address))
            if role is not None and reference.attribute in _SELF:
                return (role,)
    text = value.known
    if text is None:
        text = _known_end(value, ":role/")
    if text is None:
        by_parts: dict[Hashable, list[Role]] = graph.keep(_by_parts)
        return tuple(by_parts.get(text_key(value), ()))
    by_name: dict[str, list[Role]] = graph.keep(_by_name)
    found = by_name.get(text.rsplit("/", 1)[-1], [])
    if text.startswith("arn:"):
        account = text.split(":")[4:5]
        # What is known to have this very ARN is meant, whatever else of the name may be.
        exact = [role for role in found if role.arn is not None and role.arn.known == text]
        found = exact or [role for role in found if role_account(role.arn) in (None, *account)]
    return tuple(found)


def grants_of(graph: Graph, role: Role) -> tuple[Grant, ...]:
    """Every permission a role has in this world: its own, and those attached elsewhere. Policy ARNs are resolved."""
    grants = [Grant(arn.span, policy_arn=arn) for arn in role.managed]
    grants += [Grant(document.span, document=document) for document in role.inline]
    attached: dict[int, list[PolicyAttachment]] = graph.keep(_attachments)
    for attachment in attached.get(id(role), []):
        grants.append(Grant(attachment.at, policy_arn=attachment.policy_arn, document=attachment.document))
    return tuple(resolved(graph, grant) for grant in grants)


def resolved(graph: Graph, grant: Grant) -> Grant:
    """The grant with the document of the customer-managed policy that its ARN or reference names."""
    if grant.document is not None or grant.policy_arn is None:
        return grant
    policies: dict[object, Policy] = graph.keep(_policies)
    for hole in grant.policy_arn.holes:
        for reference in hole.references:
            policy = policies.get((reference.unit, reference.address))
            if policy is not None:
                return Grant(grant.at, grant.policy_arn, policy.document, policy.name)
    policy = policies.get(grant.policy_arn.known or "")
    if policy is None:
        policy = _policy_named(graph, _known_end(grant.policy_arn, ":policy/"))
    return Grant(grant.at, grant.policy_arn, policy.document, policy.name) if policy else grant


def _known_end(arn: Scalar, kind: str) -> str | None:
    """The end of an ARN from its resource on, where that much is known: `:role/app`, whatever the account."""
    text = ""
    for part in reversed(arn.parts):
        if not isinstance(part, str):
            break
        text = part + text
    start = text.rfind(kind)
    # AWS' own policies have `aws` for an account.
    return text[start:] if start >= 0 and not text[:start].endswith(":aws") else None


def _policy_named(graph: Graph, text: str | None) -> Policy | None:
    """The only policy of this world that has the name at the end of an ARN."""
    if text is None:
        return None
    found: dict[str, list[Policy]] = graph.keep(_policies_by_name)
    named = found.get(text.rpartition("/")[2], [])
    return named[0] if len(named) == 1 else None


def _policies_by_name(graph: Graph) -> dict[str, list[Policy]]:
    found: dict[str, list[Policy]] = defaultdict(list)
    for policy in graph.all(Policy):
        if policy.name is not None and policy.name.known is not None:
            found[policy.name.known].append(policy)
    return found


def _by_address(graph: Graph) -> dict[tuple[str, str], Role]:
    return {(role.origin.unit, role.origin.address): role for role in graph.all(Role)}


def _by_name(graph: Graph) -> dict[str, list[Role]]:
    names: dict[str, list[Role]] = defaultdict(list)
    for role in graph.all(Role):
        name = role.name.known if role.name else None
        if name is None and role.arn is not None and role.arn.known:
            name = role.arn.known.rsplit("/", 1)[-1]
        if name is not None:
            names[name].append(role)
    return names


def _by_parts(graph: Graph) -> dict[Hashable, list[Role]]:
    """The roles whose names are not known, or in part: names of the same parts are the same."""
    names: dict[Hashable, list[Role]] = defaultdict(list)
    for role in graph.all(Role):
        key = text_key(role.name) if role.name is not None and role.name.known is None else None
        if key is not None:
            names[key].append(role)
    return names


def _attachments(graph: Graph) -> dict[int, list[PolicyAttachment]]:
    found: dict[int, list[PolicyAttachment]] = defaultdict(list)
    for attachment in graph.all(PolicyAttachment):
        for name in attachment.roles:
            role = role_of(graph, name, attachment.origin)
            if role is not None:
                found[id(role)].append(attachment)
    return found


def _policies(graph: Graph) -> dict[object, Policy]:
    found: dict[object, Policy] = {}
    for policy in graph.all(Policy):
        found[policy.origin.unit, policy.origin.address] = policy
        if policy.arn is not None and policy.arn.known:
            found[policy.arn.known] = policy
    return found
