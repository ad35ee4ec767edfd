"""Roles of Kubernetes: which one a binding means, and its rules, those of other roles and of every cluster included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of, any_of
from rolecall.graph.namespaces import ByName, one_of, place_of, same_text, text_key
from rolecall.model import BUILT_IN_ROLES, AccessRole, AccessRule
from rolecall.tree import Entry, Hole, Scalar, known

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from rolecall.model import AccessBinding, Origin
    from rolecall.span import Span

_READ = ("get", "list", "watch")
# What they give on Secrets and on tokens of service accounts; by the labels of `aggregate-to-…` they have each other's
# rules (github.com/kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go).
_OF_EDIT = (("", "secrets", _READ), ("", "serviceaccounts/token", ("create",)))
_RULES = {"cluster-admin": (("*", "*", ("*",)),), "edit": _OF_EDIT, "admin": _OF_EDIT, "view": ()}
_AGGREGATED = {"view": ("view",), "edit": ("edit", "view"), "admin": ("admin", "edit", "view")}
_LABEL = "rbac.authorization.k8s.io/aggregate-to-"


class Roles:
    """The roles of these files, and those of every cluster."""

    def __init__(self, roles: Iterable[AccessRole]) -> None:
        every = tuple(roles)
        self._of_one = ByName((role, role.name, place_of(role)) for role in every if role.kind == "Role")
        self._of_all: dict[Hashable, list[AccessRole]] = {}
        self._labelled: dict[str | None, list[AccessRole]] = {}
        for role in every:
            if role.kind == "ClusterRole":
                self._of_all.setdefault(text_key(role.name), []).append(role)
                for label in role.labels:
                    self._labelled.setdefault(label.key.known, []).append(role)

    def of(self, binding: AccessBinding) -> AccessRole | None:
        """The role that a binding gives, if it is known."""
        key = text_key(binding.role) if binding.role is not None else None
        if binding.role is None or key is None:
            return None
        if binding.role_kind != "ClusterRole":
            return one_of(self._of_one.find(binding.role, place_of(binding)).certain, _origin, binding.origin)
        if binding.role.known in BUILT_IN_ROLES:
            return _built_in(binding)
        # A tree may hold the same for several clusters.
        return one_of(tuple(self._of_all.get(key, ())), _origin, binding.origin)

    def rules(self, role: AccessRole) -> tuple[AccessRule, ...]:
        """The rules of a role, those that it has from others included."""
        found = list(role.rules)
        seen = {id(role)}
        pending = [role]
        while pending:
            for other in self._parts(pending.pop()):
                if id(other) not in seen:
                    seen.add(id(other))
                    found += other.rules
                    pending.append(other)
        return tuple(found)

    def _parts(self, role: AccessRole) -> Iterable[AccessRole]:
        """The cluster roles whose rules a role has, of those that are deployed with it."""
        same: dict[Hashable, dict[int, AccessRole]] = {}
        for labels in role.aggregates or ():
            for one in self._candidates(labels):
                if not role.origin.world or one.origin.world in ("", role.origin.world):
                    same.setdefault(text_key(one.name), {})[id(one)] = one
        for ones in same.values():
            other = one_of(tuple(ones.values()), _origin, role.origin)
            answer = _is_selected(other, role.aggregates or ()) if other is not None else Answer.NO
            if other is not None and answer is not Answer.NO:
                yield other if answer is Answer.YES else _perhaps(other)

    def _candidates(self, labels: tuple[Entry, ...]) -> Iterable[AccessRole]:
        """The cluster roles that some labels may select: those that have, or may have, the first one."""
        key = labels[0].key.known if labels else None
        if key is None:
            return (role for roles in self._of_all.values() for role in roles)
        return (*self._labelled.get(key, ()), *self._labelled.get(None, ()))


def _origin(role: AccessRole) -> Origin:
    return role.origin


def _is_selected(role: AccessRole, selectors: tuple[tuple[Entry, ...], ...]) -> Answer:
    return any_of(_has(role, labels) for labels in selectors)


def _has(role: AccessRole, labels: tuple[Entry, ...]) -> Answer:
    return all_of(_has_label(role, label) for label in labels)


def _has_label(role: AccessRole, label: Entry) -> Answer:
    key = label.key.known
    held = role.label(key) if key is not None else None
    if held is None:
        unseen = key is None or any(one.key.known is None for one in role.labels)
        return Answer.UNKNOWN if unseen else Answer.NO
    if not isinstance(held.value, Scalar) or not isinstance(label.value, Scalar):
        return Answer.UNKNOWN
    return same_text(held.value, label.value)


def _perhaps(role: AccessRole) -> AccessRole:
    rest = AccessRule((), (), (), rest=Hole(f"the labels of {role.display} are not known"))
    return AccessRole(role.kind, role.api_version, role.name, None, role.annotations, role.labels, role.origin, (rest,))


def _built_in(binding: AccessBinding) -> AccessRole | None:
    """A role that every cluster has, as if it stood where the binding names it."""
    name = binding.role
    text = name.known if name is not None else None
    if name is None or text is None:
        return None
    at = name.span
    rules = tuple(_rule(group, resource, verbs, at) for group, resource, verbs in _RULES[text])
    aggregates = tuple((_label(part, at),) for part in _AGGREGATED.get(text, ()))
    return AccessRole("ClusterRole", binding.api_version, name, None, (), (), binding.origin, rules, aggregates or None)


def _rule(group: str, resource: str, verbs: tuple[str, ...], at: Span) -> AccessRule:
    return AccessRule((known(group, at),), (known(resource, at),), tuple(known(verb, at) for verb in verbs))


def _label(part: str, at: Span) -> Entry:
    return Entry(known(f"{_LABEL}{part}", at), known("true", at))
