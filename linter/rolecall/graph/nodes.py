"""Nodes: which roles they run as, what those may do, and which instance metadata options they get."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from rolecall.graph.role_permissions import may
from rolecall.graph.roles import grants_of, role_of
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.breadth import broad, data
from rolecall.iam.managed import NODE_BASELINE, PURPOSE, managed_name
from rolecall.model import AccessEntry, Cluster, InstanceProfile, LaunchTemplate, NodeGroup, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.iam.permissions import HeldPolicy
    from rolecall.model import Origin
    from rolecall.span import Span
    from rolecall.tree import Scalar

# The access entry types whose principal is a node's role; EC2 is Auto Mode's.
# https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
_NODE_ENTRIES = ("EC2_LINUX", "EC2_WINDOWS", "EC2")
_WORKER_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy")
_EC2 = ("ec2.amazonaws.com", "ec2.amazonaws.com.cn")

Reason: TypeAlias = "tuple[Span, str]"
T = TypeVar("T", LaunchTemplate, InstanceProfile)


def node_roles(graph: Graph) -> tuple[NodeRole, ...]:
    """Every role of this world that nodes run as, in the order of the declarations that make it one."""
    because: dict[int, list[Reason]] = defaultdict(list)
    roles: dict[int, Role] = {}
    for role, span, words in _claims(graph):
        roles[id(role)] = role
        because[id(role)].append((span, words))
    return tuple(_made(graph, role, tuple(dict.fromkeys(because[key]))) for key, role in roles.items())


def _made(graph: Graph, role: Role, because: tuple[Reason, ...]) -> NodeRole:
    permissions = may(graph, role)
    return NodeRole(
        role,
        because,
        permissions,
        tuple((each.granted, each) for each in broad(permissions, _is_expected)),
        tuple((each.granted, each) for each in data(permissions, _is_expected)),
        permissions.unseen,
    )


def _is_expected(source: HeldPolicy) -> bool:
    return source.managed in NODE_BASELINE or source.managed in PURPOSE


def _claims(graph: Graph) -> Iterator[tuple[Role, Span, str]]:
    for value, unit, words in _named(graph):
        role = role_of(graph, value, unit)
        if role is not None and value is not None:
            yield role, value.span, words
    for template in graph.all(LaunchTemplate):
        users: tuple[NodeGroup, ...] = graph.keep(_users).get(id(template), ())
        if users or template.bootstraps_eks or template.eks_cluster_tag:
            yield from _through_profile(graph, template)
    for role in graph.all(Role):
        policy = _worker_policy(graph, role)
        if policy is not None and _trusts_ec2(role):
            yield role, policy.span, "attaches the policy of worker nodes to it"


def _named(graph: Graph) -> Iterator[tuple[Scalar | None, str, str]]:
    for group in graph.all(NodeGroup):
        yield group.role, group.origin.unit, f"{_called('node group', group.name)} runs as it"
    for cluster in graph.all(Cluster):
        yield cluster.auto_mode_role, cluster.origin.unit, "Auto Mode nodes run as it"
    for entry in graph.all(AccessEntry):
        if entry.type is not None and entry.type.known in _NODE_ENTRIES:
            yield entry.principal, entry.origin.unit, "joins the cluster as a node"


def _through_profile(graph: Graph, template: LaunchTemplate) -> Iterator[tuple[Role, Span, str]]:
    value = template.instance_profile
    if value is None:
        return
    profile = _profile_of(graph, value, template.origin.unit)
    if profile is not None and profile.role is not None:
        role = role_of(graph, profile.role, profile.origin.unit)
        if role is not None:
            yield role, value.span, f"{_called('launch template', template.name)} of nodes uses its instance profile"


def _worker_policy(graph: Graph, role: Role) -> Scalar | None:
    for grant in grants_of(graph, role):
        if managed_name(grant.policy_arn) in _WORKER_POLICIES:
            return grant.policy_arn
    return None


def _trusts_ec2(role: Role) -> bool:
    if role.trust is None:
        return False
    return any(
        principal.type.known == "Service" and _is_ec2(principal.value)
        for statement in role.trust.document.statements
        for principal in statement.principals
    )


def _is_ec2(service: Scalar) -> bool:
    """Also with the partition's suffix unknown: `ec2.${data.aws_partition.current.dns_suffix}`."""
    return service.known in _EC2 or (bool(service.holes) and service.parts[0] == "ec2.")


def node_metadata(graph: Graph) -> tuple[NodeMetadata, ...]:
    """The metadata options of every launch template that nodes use, and of groups that have none of their own."""
    return (*_of_templates(graph), *_of_groups(graph))


def _of_templates(graph: Graph) -> Iterator[NodeMetadata]:
    for template in graph.all(LaunchTemplate):
        users: tuple[NodeGroup, ...] = graph.keep(_users).get(id(template), ())
        reasons = [(group.origin.span, "these nodes use it") for group in users]
        if not users:
            if not template.bootstraps_eks and not template.eks_cluster_tag:
                continue
            how = "its user data joins a cluster" if template.bootstraps_eks else "its tags name a cluster"
            reasons = [(template.origin.span, how)]
        group = users[0] if users else None
        yield NodeMetadata(
            owner=_called("launch template", template.name, template.origin),
            options=template.metadata,
            because=tuple(reasons),
            group=group,
            node_role=_role_of_template(graph, template, users),
            windows=bool(users) and all(is_windows(user) for user in users),
            calls=template.origin.calls,
        )


def _of_groups(graph: Graph) -> Iterator[NodeMetadata]:
    for group in graph.all(NodeGroup):
        if group.metadata is None and group.launch_template is not None:
            continue
        yield NodeMetadata(
            owner=_called("node group", group.name, group.origin),
            options=group.metadata,
            because=(),
            group=group,
            node_role=_node_role(graph, role_of(graph, group.role, group.origin.unit)),
            windows=is_windows(group),
            calls=group.origin.calls,
        )


def is_windows(group: NodeGroup) -> bool:
    """Whether a group is known to run Windows."""
    ami = group.ami_type.known if group.ami_type else None
    return ami is not None and ami.upper().startswith("WINDOWS")


def _role_of_template(graph: Graph, template: LaunchTemplate, users: tuple[NodeGroup, ...]) -> NodeRole | None:
    for user in users:
        found = _node_role(graph, role_of(graph, user.role, user.origin.unit))
        if found is not None:
            return found
    for role, _, _ in _through_profile(graph, template):
        return _node_role(graph, role)
    return None


def _node_role(graph: Graph, role: Role | None) -> NodeRole | None:
    return graph.keep(_by_role).get(id(role)) if role is not None else None


def _by_role(graph: Graph) -> dict[int, NodeRole]:
    return {id(found.role): found for found in graph.all(NodeRole)}


def _users(graph: Graph) -> dict[int, tuple[NodeGroup, ...]]:
    """The node groups of each launch template."""
    found: dict[int, list[NodeGroup]] = defaultdict(list)
    addresses, names = _index(graph.all(LaunchTemplate))
    for group in graph.all(NodeGroup):
        template = _meant(group.launch_template, group.origin.unit, addresses, names)
        if template is not None:
            found[id(template)].append(group)
    return {key: tuple(groups) for key, groups in found.items()}


def _profiles(
    graph: Graph,
) -> tuple[dict[tuple[str, str], InstanceProfile], dict[str, list[InstanceProfile]]]:
    return _index(graph.all(InstanceProfile))


def _profile_of(graph: Graph, value: Scalar, unit: str) -> InstanceProfile | None:
    addresses, names = graph.keep(_profiles)
    return _meant(value, unit, addresses, names)


def _index(
    things: tuple[T, ...],
) -> tuple[dict[tuple[str, str], T], dict[str, list[T]]]:
    addresses: dict[tuple[str, str], T] = {}
    names: dict[str, list[T]] = defaultdict(list)
    for thing in things:
        addresses[thing.origin.unit, thing.origin.address] = thing
        name = thing.name.known if thing.name else None
        if name is not None:
            names[name].append(thing)
    return addresses, names


def _meant(value: Scalar | None, unit: str, addresses: dict[tuple[str, str], T], names: dict[str, list[T]]) -> T | None:
    """What a reference, a name or an ARN means: by address, else the only one of the name, here or in the world."""
    if value is None:
        return None
    for hole in value.holes:
        for reference in hole.references:
            thing = addresses.get((reference.unit, reference.address))
            if thing is not None:
                return thing
    text = value.known
    if text is None:
        return None
    found = names.get(text.rpartition("/")[2] if text.startswith("arn:") else text, [])
    if len(found) > 1:
        found = [thing for thing in found if thing.origin.unit == unit]
    return found[0] if len(found) == 1 else None


def _called(kind: str, name: Scalar | None, origin: Origin | None = None) -> str:
    if name is not None and name.known is not None:
        return f"{kind} {name.known}"
    return f"{kind} {origin.display}" if origin else f"a {kind}"
