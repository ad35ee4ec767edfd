"""Who may do what in the Kubernetes API, as far as the roles of these files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.graph.access_roles import Roles
from rolecall.graph.namespaces import place_of, same_place
from rolecall.model import BUILT_IN_ROLES, AccessBinding, AccessRole
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.model import AccessRule, AccessSubject, KubernetesObject
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
    def is_everything(self) -> bool:
        """Whether the rule is an administrator's: every verb on every resource."""
        everything = (self.rule.resources, self.rule.verbs)
        return all(any(one.known == _EVERYTHING for one in names) for names in everything)

    @property
    def is_built_in(self) -> bool:
        """Whether the role is one that every cluster has."""
        return self.role.kind == "ClusterRole" and self.role.name.known in BUILT_IN_ROLES

    @property
    def people(self) -> tuple[AccessSubject, ...]:
        """The subjects, but for those of Kubernetes itself and of its `kube-system`."""
        return tuple(one for one in self.binding.subjects if not _is_system(one, self.binding))


def is_everybody(subject: AccessSubject) -> bool:
    """Whether a subject is everybody, or every service account, be it of one namespace."""
    return (subject.name.known or "").startswith(_EVERYBODY)


def _is_system(subject: AccessSubject, binding: AccessBinding) -> bool:
    namespace = subject.namespace or (binding.namespace if subject.kind == "ServiceAccount" else None)
    of_the_system = namespace is not None and namespace.known == "kube-system"
    name = subject.name.known or ""
    # kubernetes.io/docs/reference/access-authn-authz/rbac/: the prefix is reserved; some of these groups are everybody.
    return of_the_system or (name.startswith("system:") and not is_everybody(subject))


def accesses(binding: AccessBinding, graph: Graph) -> tuple[Access, ...]:
    """The rules that a binding gives, where its role is among these files or in every cluster."""
    return graph.keep(_accesses).get(id(binding), ())


def _accesses(graph: Graph) -> dict[int, tuple[Access, ...]]:
    known = Roles(graph.all(AccessRole))
    found: dict[int, tuple[Access, ...]] = {}
    for binding in graph.all(AccessBinding):
        role = known.of(binding)
        if role is not None:
            found[id(binding)] = tuple(Access(binding, role, rule) for rule in known.rules(role))
    return found


def resource(rule: AccessRule, *names: str) -> Scalar | None:
    """The text with which a rule of the core group names one of some resources."""
    if not any(group.known in ("", _EVERYTHING) for group in rule.groups):
        return None
    return next((one for one in rule.resources if one.known in names), None)


def allows(rule: AccessRule, *verbs: str) -> bool:
    """Whether a rule gives one of some verbs."""
    return any(one.known in (*verbs, _EVERYTHING) for one in rule.verbs)
