"""Access to the Kubernetes API (RBAC): roles, and who has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.model.kubernetes import KubernetesObject
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.tree import Entry, Hole, Scalar

BUILT_IN_ROLES = ("admin", "cluster-admin", "edit", "view")
"""The cluster roles that every cluster has, and that are made for people and workloads."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One rule of a Role or ClusterRole: the verbs it gives on resources, of these `names` alone if there are any.

    `rest`: more may be written of what it gives that is not seen; `names_rest`, of the names.
    """

    groups: tuple[Scalar, ...]
    resources: tuple[Scalar, ...]
    verbs: tuple[Scalar, ...]
    names: tuple[Scalar, ...] = ()
    rest: Hole | None = None
    names_rest: Hole | None = None


@dataclass(frozen=True, slots=True)
class AccessRole(KubernetesObject):
    """A Role or ClusterRole of Kubernetes.

    `aggregates`: the cluster roles whose rules it has, by their labels; any one of these sets suffices. None where it
    has rules of its own.
    """

    rules: tuple[AccessRule, ...] = ()
    aggregates: tuple[tuple[Entry, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class AccessSubject:
    """Who is bound to a role: a ServiceAccount, User or Group. `namespace` None: the binding's own."""

    kind: str
    name: Scalar
    namespace: Scalar | None = None

    @property
    def display(self) -> str:
        """The subject as a message names it."""
        where = f"{self.namespace.display}/" if self.namespace is not None else ""
        return f"{self.kind} {where}{self.name.display}"


@dataclass(frozen=True, slots=True)
class AccessBinding(KubernetesObject):
    """A RoleBinding or ClusterRoleBinding. `role_kind` and `role` say which role it gives to its subjects."""

    role_kind: str = ""
    role: Scalar | None = None
    subjects: tuple[AccessSubject, ...] = ()
