"""Nodes: which roles they run as, what those may do, and which instance metadata options they get."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from rolecall.graph.nearest import nearest
from rolecall.graph.role_permissions import may
from rolecall.graph.roles import grants_of, role_of
from rolecall.graph.views import NodeMetadata, NodeRole
from rolecall.iam.breadth import broad, data
from rolecall.iam.managed import NODE_BASELINE, PURPOSE, managed_name
from rolecall.model import AccessEntry, Cluster, InstanceProfile, LaunchTemplate, NodeGroup, Role, RoleMapping
from rolecall.records import dataclass

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
_FIRST_OF_AL2023 = 30

Reason: TypeAlias = "tuple[Span, str]"
T = TypeVar("T", LaunchTemplate, InstanceProfile, Cluster)

# The groups that aws-auth gives the role of nodes. A Fargate pod execution role gets them too, and a third one.
# https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
_NODE_GROUPS = ("system:nodes", "system:bootstrappers")
_FARGATE_GROUP = "system:node-proxier"


@dataclass(frozen=True, slots=True)
class Claim:
    """A declaration that nodes run as a role: the role as written, by what, and where and how it says so."""

    role: Scalar
    origin: Origin
    at: Span
    words: str
    auto_mode: bool = False


def node_roles(graph: Graph) -> tuple[NodeRole, ...]:
    """Every role of this world that nodes run as, in the order of the declarations that make it one."""
    because: dict[int, list[Reason]] = defaultdict(list)
    roles: dict[int, Role] = {}
    automatic: dict[int, bool] = {}
    for claim in node_claims(graph):
        role = role_of(graph, claim.role, claim.origin)
        if role is not None:
            roles[id(role)] = role
            because[id(role)].append((claim.at, claim.words))
            automatic[id(role)] = claim.auto_mode and automatic.get(id(role), True)
    for role, span in _worker_roles(graph):
        roles[id(role)] = role
        because[id(role)].append((span, "attaches the policy of worker nodes to it"))
        automatic.setdefault(id(role), False)
    return tuple(
        _made(graph, role, tuple(dict.fromkeys(because[key])), auto_mode=automatic[key]) for key, role in roles.items()
    )


def _made(graph: Graph, role: Role, because: tuple[Reason, ...], *, auto_mode: bool) -> NodeRole:
    permissions = may(graph, role)
    return NodeRole(
        role,
        because,
        permissions,
        tuple((each.granted, each) for each in broad(permissions, _is_expected)),
        tuple((each.granted, each) for each in data(permissions, _is_expected)),
        permissions.unseen,
        auto_mode=auto_mode,
    )


def _is_expected(source: HeldPolicy) -> bool:
    return source.managed in NODE_BASELINE or source.managed in PURPOSE


def node_claims(graph: Graph) -> Iterator[Claim]:
    """Every declaration that nodes run as a role, whether or not this world has the role."""
    for group in graph.all(NodeGroup):
        words = f"{_called(group.kind, group.name)} runs as it"
        if group.role is not None:
            yield Claim(group.role, group.origin, group.role.span, words, group.auto_mode)
        yield from _through_profile(graph, group.instance_profile, group.origin, words)
    for cluster in graph.all(Cluster):
        if cluster.auto_mode_role is not None:
            role = cluster.auto_mode_role
            yield Claim(role, cluster.origin, role.span, "Auto Mode nodes run as it", auto_mode=True)
    for entry in graph.all(AccessEntry):
        kind = entry.type.known if entry.type is not None else None
        if entry.principal is not None and kind in _NODE_ENTRIES:
            words = "joins the cluster as a node"
            yield Claim(entry.principal, entry.origin, entry.principal.span, words, auto_mode=kind == "EC2")
    for mapping in graph.all(RoleMapping):
        if _is_of_nodes(mapping):
            yield Claim(mapping.role, mapping.origin, mapping.role.span, "aws-auth lets it in as a node")
    yield from _template_claims(graph)


def _template_claims(graph: Graph) -> Iterator[Claim]:
    for template in graph.all(LaunchTemplate):
        users: tuple[NodeGroup, ...] = graph.keep(_users).get(id(template), ())
        if users or template.bootstraps_eks or template.eks_cluster_tag:
            words = f"{_called('launch template', template.name)} of nodes uses its instance profile"
            yield from _through_profile(graph, template.instance_profile, template.origin, words)


def _is_of_nodes(mapping: RoleMapping) -> bool:
    groups = {group.known for group in mapping.groups}
    return _FARGATE_GROUP not in groups and not groups.isdisjoint(_NODE_GROUPS)


def _through_profile(graph: Graph, value: Scalar | None, place: Origin, words: str) -> Iterator[Claim]:
    if value is None:
        return
    profile = _profile_of(graph, value, place)
    if profile is not None and profile.role is not None:
        yield Claim(profile.role, profile.origin, value.span, words)


def _worker_roles(graph: Graph) -> Iterator[tuple[Role, Span]]:
    for role in graph.all(Role):
        policy = _worker_policy(graph, role)
        if policy is not None and _trusts_ec2(role):
            yield role, policy.span


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
            template=template,
            family=_family(graph, template, users),
        )


def _of_groups(graph: Graph) -> Iterator[NodeMetadata]:
    for group in graph.all(NodeGroup):
        if group.metadata is None and group.launch_template is not None:
            continue
        yield NodeMetadata(
            owner=_called(group.kind, group.name, group.origin),
            options=group.metadata,
            because=(),
            group=group,
            node_role=_node_role(graph, _role_of_group(graph, group)),
            windows=is_windows(group),
            calls=group.origin.calls,
            family=_family(graph, None, (group,)),
        )


def is_windows(group: NodeGroup) -> bool:
    """Whether a group is known to run Windows."""
    ami = group.ami_type.known if group.ami_type else None
    return ami is not None and ami.upper().startswith("WINDOWS")


def _family(graph: Graph, template: LaunchTemplate | None, users: tuple[NodeGroup, ...]) -> str | None:
    """Whose AMI nodes start from; None also where their groups differ."""
    if template is not None and template.family is not None:
        return template.family
    families = {_family_of(graph, template, user) for user in users}
    return families.pop() if len(families) == 1 else None


def _family_of(graph: Graph, template: LaunchTemplate | None, group: NodeGroup) -> str | None:
    if group.ami_type is not None:
        known = (group.ami_type.known or "").upper()
        return next(
            (family for family in ("AL2023", "AL2", "BOTTLEROCKET", "WINDOWS") if known.startswith(family)), None
        )
    if template is not None and template.image is not None:
        return None
    # EKS chooses: AL2023 from 1.30 on. https://docs.aws.amazon.com/eks/latest/userguide/al2023.html
    cluster = cluster_of(graph, group)
    version = cluster.version.known if cluster is not None and cluster.version is not None else None
    major, _, minor = (version or "").partition(".")
    if major != "1" or not minor.isdecimal():
        return None
    return "AL2023" if int(minor) >= _FIRST_OF_AL2023 else "AL2"


def cluster_of(graph: Graph, group: NodeGroup) -> Cluster | None:
    """The cluster of this world that a group's nodes join."""
    addresses, names = graph.keep(_clusters)
    return _meant(group.cluster, group.origin, addresses, names)


def _clusters(graph: Graph) -> tuple[dict[tuple[str, str], Cluster], dict[str, list[Cluster]]]:
    return _index(graph.all(Cluster))


def _role_of_group(graph: Graph, group: NodeGroup) -> Role | None:
    role = role_of(graph, group.role, group.origin)
    if role is None:
        for claim in _through_profile(graph, group.instance_profile, group.origin, ""):
            return role_of(graph, claim.role, claim.origin)
    return role


def _role_of_template(graph: Graph, template: LaunchTemplate, users: tuple[NodeGroup, ...]) -> NodeRole | None:
    for user in users:
        found = _node_role(graph, role_of(graph, user.role, user.origin))
        if found is not None:
            return found
    for claim in _through_profile(graph, template.instance_profile, template.origin, ""):
        return _node_role(graph, role_of(graph, claim.role, claim.origin))
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
        template = _meant(group.launch_template, group.origin, addresses, names)
        if template is not None:
            found[id(template)].append(group)
    return {key: tuple(groups) for key, groups in found.items()}


def _profiles(
    graph: Graph,
) -> tuple[dict[tuple[str, str], InstanceProfile], dict[str, list[InstanceProfile]]]:
    return _index(graph.all(InstanceProfile))


def _profile_of(graph: Graph, value: Scalar, place: Origin) -> InstanceProfile | None:
    addresses, names = graph.keep(_profiles)
    return _meant(value, place, addresses, names)


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


def _meant(
    value: Scalar | None, place: Origin, addresses: dict[tuple[str, str], T], names: dict[str, list[T]]
) -> T | None:
    """What a reference, a name or an ARN means: by address, else the nearest of the name."""
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
    return nearest(names.get(text.rpartition("/")[2] if text.startswith("arn:") else text, []), place)


def _called(kind: str, name: Scalar | None, origin: Origin | None = None) -> str:
    if name is not None and name.known is not None:
        return f"{kind} {name.known}"
    if origin is None:
        return f"a {kind}"
    # An object of Kubernetes is displayed with its kind.
    return origin.display if origin.display.startswith(f"{kind} ") else f"{kind} {origin.display}"
