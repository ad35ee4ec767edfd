"""Who may do what in the Kubernetes API, as far as the roles of these files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.graph.namespaces import ByName, one_of, place_of, same_place, text_key
from rolecall.model import AccessBinding, AccessRole
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rolecall.graph import Graph
    from rolecall.model import AccessRule, AccessSubject, KubernetesObject, Origin
    from rolecall.tree import Scalar

_EVERYTHING = "*"
_EVERYBODY = ("system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccount")


@dataclass(frozen=True, slots=True)
class Access:
    """A rule that a binding gives to its subjects: in all namespaces, or in that of the binding."""

    binding: AccessBinding
    role: AccessRole
    rule: AccessRule

    def reaches(self, thing: KubernetesObject) -> Answer:
        """Whether an object is in a namespace that the binding is for, and among the names that the rule has."""
        where = Answer.YES
        if self.binding.kind == "RoleBinding":
            where = same_place(place_of(self.binding), place_of(thing))
        names = [name.known for name in self.rule.names]
        if (not names and self.rule.names_rest is None) or thing.name.known in names:
            return where
        return Answer.NO if where is Answer.NO or self.rule.names_rest is None else Answer.UNKNOWN

    @property
    def people(self) -> tuple[AccessSubject, ...]:
        """The subjects, but for those of Kubernetes itself and of its `kube-system`."""
        return tuple(one for one in self.binding.subjects if not _is_system(one, self.binding))


def _is_system(subject: AccessSubject, binding: AccessBinding) -> bool:
    namespace = subject.namespace or (binding.namespace if subject.kind == "ServiceAccount" else None)
    of_the_system = namespace is not None and namespace.known == "kube-system"
    name = subject.name.known or ""
    # kubernetes.io/docs/reference/access-authn-authz/rbac/: the prefix is reserved; some of these groups are everybody.
    return of_the_system or (name.startswith("system:") and not name.startswith(_EVERYBODY))


def accesses(binding: AccessBinding, graph: Graph) -> tuple[Access, ...]:
    """The rules that a binding gives, where its role is among these files."""
    return graph.keep(_accesses).get(id(binding), ())


def _accesses(graph: Graph) -> dict[int, tuple[Access, ...]]:
    of_all: dict[Hashable, list[AccessRole]] = {}
    for role in graph.all(AccessRole):
        if role.kind == "ClusterRole":
            of_all.setdefault(text_key(role.name), []).append(role)
    of_one = ByName((role, role.name, place_of(role)) for role in graph.all(AccessRole) if role.kind == "Role")
    found: dict[int, tuple[Access, ...]] = {}
    for binding in graph.all(AccessBinding):
        key = text_key(binding.role) if binding.role is not None else None
        if binding.role is None or key is None:
            continue
        if binding.role_kind == "ClusterRole":
            there = tuple(of_all.get(key, ()))
        else:
            there = of_one.find(binding.role, place_of(binding)).certain
        # A tree may hold the same for several clusters.
        one = one_of(there, _origin, binding.origin)
        if one is not None:
            found[id(binding)] = tuple(Access(binding, one, rule) for rule in one.rules)
    return found


def _origin(role: AccessRole) -> Origin:
    return role.origin


def resource(rule: AccessRule, *names: str) -> Scalar | None:
    """The text with which a rule of the core group names one of some resources, `*` not counted."""
    if not any(group.known in ("", _EVERYTHING) for group in rule.groups):
        return None
    return next((one for one in rule.resources if one.known in names), None)


def allows(rule: AccessRule, *verbs: str) -> bool:
    """Whether a rule gives one of some verbs."""
    return any(one.known in (*verbs, _EVERYTHING) for one in rule.verbs)
