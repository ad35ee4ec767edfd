"""The identity graph as nodes and edges: who becomes whom in a world, from workloads to roles and keys."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.becoming import Way, admitted, written_role
from rolecall.chain.build import chain_of
from rolecall.chain.sdks import Source
from rolecall.graph.roles import role_of
from rolecall.graph.views import NodeRole, PodContainer, ServiceAccountRole
from rolecall.model import Addon, PodIdentityAssociation, Role, ServiceAccount, TrustPolicy
from rolecall.records import dataclass
from rolecall.tree import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.chain.steps import Chain, Step
    from rolecall.graph import Graph
    from rolecall.graph.views import PodServiceAccount
    from rolecall.model import Workload
    from rolecall.span import Span
    from rolecall.tree import Scalar


class Thing(Enum):
    """What a node of the graph is."""

    WORKLOAD = "workload"
    SERVICE_ACCOUNT = "service account"
    ROLE = "role"
    KEY = "static key"
    FILES = "shared files"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Node:
    """A thing. `key` is its own within the graph; `namespace` empty where it has none, or it is not written."""

    key: str
    thing: Thing
    label: str
    namespace: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing leads to another. `wins`: this is who a workload becomes; NO where something comes before it."""

    start: str
    end: str
    words: str
    wins: Answer = Answer.YES
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Identities:
    """All nodes and edges; `plain` are the workloads that have nothing to do with an AWS identity, by namespace."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    plain: tuple[Node, ...] = ()


def identities(graph: Graph) -> Identities:
    """The identity graph of a world."""
    made = _Made()
    for container in graph.all(PodContainer):
        made.add_chain(chain_of(container, graph))
    for binding in graph.all(ServiceAccountRole):
        made.add_binding(binding)
    addons = {id(role_of(graph, addon.role, addon.origin)) for addon in graph.all(Addon)}
    for binding in graph.all(ServiceAccountRole):
        made.add_trusted(binding, of_addon=id(binding.role) in addons)
    for node in graph.all(NodeRole):
        made.role(node.role)
    for role in graph.all(Role):
        for edge in _admitted(made, graph, role):
            made.edge(edge)
    return made.done()


def narrowed(
    whole: Identities, workloads: frozenset[str] | None, roles: frozenset[str] | None, namespace: str | None
) -> Identities:
    """What leads from these workloads, to these roles, or from a namespace: all that lies on such a way.

    The workloads and roles are given by their keys; None: whichever.
    """
    kept = {node.key: node for node in whole.nodes}
    starts = {
        node.key
        for node in (*whole.nodes, *whole.plain)
        if node.thing in (Thing.WORKLOAD, Thing.SERVICE_ACCOUNT, Thing.OUTSIDE)
        and (workloads is None or node.key in workloads)
        and (namespace is None or node.namespace == namespace)
    }
    reached = _closure(starts, [(edge.start, edge.end) for edge in whole.edges])
    if roles is not None:
        reached &= _closure(set(roles), [(edge.end, edge.start) for edge in whole.edges])
    edges = tuple(edge for edge in whole.edges if edge.start in reached and edge.end in reached)
    plain = tuple(node for node in whole.plain if node.key in starts) if roles is None else ()
    return Identities(tuple(node for key, node in kept.items() if key in reached), edges, plain)


def _closure(starts: set[str], edges: list[tuple[str, str]]) -> set[str]:
    after: dict[str, list[str]] = {}
    for start, end in edges:
        after.setdefault(start, []).append(end)
    found, left = set(starts), list(starts)
    while left:
        for end in after.get(left.pop(), ()):
            if end not in found:
                found.add(end)
                left.append(end)
    return found


class _Made:
    """The graph while it is made."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, str], Edge] = {}
        self._bound: set[tuple[str, str]] = set()

    def done(self) -> Identities:
        edges = tuple(self._edges.values())
        ends = {edge.start for edge in edges} | {edge.end for edge in edges}
        plain = [node for node in self._nodes.values() if node.thing is Thing.WORKLOAD and node.key not in ends]
        left = {node.key for node in plain}
        return Identities(tuple(node for node in self._nodes.values() if node.key not in left), edges, tuple(plain))

    def add_chain(self, chain: Chain) -> None:
        """A container's workload, and where its credentials come from."""
        workload = self.workload(chain.container.workload)
        for step in chain.steps:
            if step.present is Answer.NO or step.identity is None:
                continue
            end = self._end(chain, step)
            if end is not None:
                self.edge(Edge(workload, end, _WORDS[step.source], _wins(chain, step), _at(step)))

    def _end(self, chain: Chain, step: Step) -> str | None:
        """The node that a source leads to; None where nothing is known of it."""
        role = step.identity.role if step.identity is not None else None
        if step.source in (Source.WEB_IDENTITY, Source.FULL_URI):
            if chain.webhook.arn is None:
                return self._named(step, Thing.ROLE)
            return self._account(chain.container.runs_as, chain.container.workload)
        if step.source is Source.METADATA:
            return self.role(role) if role is not None and step.present is Answer.YES else None
        if role is not None:
            return self.role(role)
        thing = Thing.KEY if step.source is Source.KEYS else Thing.FILES
        return self._named(step, thing) if step.identity is not None else None

    def _named(self, step: Step, thing: Thing) -> str | None:
        if step.identity is None:
            return None
        if step.identity.role is not None:
            return self.role(step.identity.role)
        place = step.evidence[0][0] if step.evidence else None
        key = f"{thing.value} {step.identity.words}"
        self._nodes.setdefault(key, Node(key, thing, step.identity.words, "", place))
        return key

    def workload(self, workload: Workload) -> str:
        """The node of a workload."""
        key = workload_key(workload)
        namespace = workload.namespace.display if workload.namespace is not None else ""
        label = f"{workload.kind} {workload.name.display}"
        self._nodes.setdefault(key, Node(key, Thing.WORKLOAD, label, namespace, workload.name.span))
        return key

    def _account(self, runs_as: PodServiceAccount, workload: Workload) -> str:
        account = runs_as.service_account
        namespace = (account.namespace if account is not None else None) or workload.namespace
        name = account.name if account is not None else runs_as.name or known("default", workload.name.span)
        return self.service_account(namespace.display if namespace is not None else "", name)

    def service_account(self, namespace: str, name: Scalar) -> str:
        """The node of a service account; those whose names are not known are not taken for one."""
        unknown = f" {name.span}" if name.known is None else ""
        key = f"service account {namespace}/{name.display}{unknown}"
        label = f"service account {name.display}"
        self._nodes.setdefault(key, Node(key, Thing.SERVICE_ACCOUNT, label, namespace, name.span))
        return key

    def add_binding(self, binding: ServiceAccountRole) -> None:
        """An annotation or association: from a service account to its role."""
        declared = binding.declared
        if not isinstance(declared, ServiceAccount | PodIdentityAssociation):
            return
        namespace = binding.namespace.display if binding.namespace is not None else ""
        account = self.service_account(namespace, binding.name)
        text = written_role(binding)
        if binding.role is not None:
            role = self.role(binding.role)
            self._bound.add((binding.name.display, role))
        else:
            role = f"role {text}"
            self._nodes.setdefault(role, Node(role, Thing.ROLE, f"role {text.rpartition(':role/')[2] or text}"))
        words = "Pod Identity" if isinstance(declared, PodIdentityAssociation) else "IRSA"
        self.edge(Edge(account, role, words, Answer.YES, binding.at))

    def add_trusted(self, binding: ServiceAccountRole, *, of_addon: bool) -> None:
        """A service account that a trust policy names, where nothing that is seen gives it the role.

        `of_addon`: an EKS add-on has the role, and annotates its service account with it.
        """
        if binding.role is None or not isinstance(binding.declared, TrustPolicy) or binding.namespace is None:
            return
        end = role_key(binding.role)
        if (binding.name.display, end) in self._bound:
            return
        account = self.service_account(binding.namespace.display, binding.name)
        words, wins = ("IRSA of an add-on", Answer.YES) if of_addon else ("trusted", Answer.UNKNOWN)
        self.edge(Edge(account, self.role(binding.role), words, wins, binding.at))

    def role(self, role: Role) -> str:
        """The node of a role."""
        key = role_key(role)
        self._nodes.setdefault(key, Node(key, Thing.ROLE, role.display, "", role.origin.span))
        return key

    def outside(self, who: str, at: Span) -> str:
        """The node of somebody who is not of this world."""
        key = f"outside {who}"
        self._nodes.setdefault(key, Node(key, Thing.OUTSIDE, who, "", at))
        return key

    def edge(self, edge: Edge) -> None:
        """An edge; of several that say the same the surest stays."""
        key = (edge.start, edge.end, edge.words)
        before = self._edges.get(key)
        if before is None or _RANK[edge.wins] > _RANK[before.wins]:
            self._edges[key] = edge


_RANK = {Answer.NO: 0, Answer.UNKNOWN: 1, Answer.YES: 2}
_WORDS = {
    Source.KEYS: "environment",
    Source.WEB_IDENTITY: "runs as",
    Source.PROFILE_ROLE: "profile",
    Source.PROFILE: "shared files",
    Source.RELATIVE_URI: "container credentials",
    Source.FULL_URI: "runs as",
    Source.METADATA: "instance metadata",
}


def workload_key(workload: Workload) -> str:
    """The key of a workload's node."""
    return f"workload {workload.origin.unit} {workload.origin.address}"


def role_key(role: Role) -> str:
    """The key of a role's node."""
    return f"role {role.origin.unit} {role.origin.address}"


def _wins(chain: Chain, step: Step) -> Answer:
    """Whether a source decides who the container is, in most SDKs."""
    won = [outcome for outcome in chain.outcomes if outcome.winner is not None and outcome.winner.source is step.source]
    if won and not any(outcome.fails for outcome in won):
        mostly = 2 * len(won) > len(chain.outcomes)
        return Answer.YES if mostly and all(one.certain for one in won) else Answer.UNKNOWN
    return Answer.UNKNOWN if any(step in outcome.maybe for outcome in chain.outcomes) else Answer.NO


def _at(step: Step) -> Span | None:
    return step.evidence[0][0] if step.evidence else None


_OUTSIDE = {Way.TOKEN: "token", Way.PRINCIPAL: "may assume", Way.ROLE: "may assume"}


def _admitted(made: _Made, graph: Graph, role: Role) -> Iterator[Edge]:
    """Foreign subjects and principals, and roles of this world, that a role lets in; service accounts are bindings."""
    key = role_key(role)
    for one in admitted(graph, role.trust, role):
        if one.way in (Way.TOKEN, Way.PRINCIPAL) and (one.witness or not one.who.startswith("system:serviceaccount:")):
            made.role(role)
            yield Edge(made.outside(one.who, one.at), key, _OUTSIDE[one.way], one.certain, one.at)
        elif one.way is Way.ROLE and one.role is not None:
            made.role(role)
            yield Edge(made.role(one.role), key, _OUTSIDE[one.way], one.certain, one.at)
