"""Roles and role bindings of Kubernetes: https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, TypeGuard

from rolecall.adapt.kubernetes_values import name_of, pairs
from rolecall.model import AccessBinding, AccessRole, AccessRule, AccessSubject
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import KubernetesObject
    from rolecall.tree import Node

GROUP = "rbac.authorization.k8s.io"
_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_LISTS = ("apiGroups", "resources", "verbs", "resourceNames")
_MOST = 100
_MEMBERS = ("ServiceAccount", "User", "Group")


def access(named: KubernetesObject, root: Mapping) -> AccessRole | AccessBinding | None:
    """The role or binding that an object of this group is; None for any other object."""
    fields = (named.kind, named.api_version, named.name, named.namespace, named.annotations, named.labels, named.origin)
    if named.kind in _ROLES:
        aggregation = root.mapping("aggregationRule")
        if aggregation is None:
            own = tuple(_rule(rule) for rule in root.mappings("rules"))
            return AccessRole(*fields, rules=(*own, *_unseen(root.get("rules") or root)))
        # The control plane overwrites rules that stand beside it.
        selectors = tuple(aggregation.mappings("clusterRoleSelectors"))
        unseen = (*_unseen(aggregation.get("clusterRoleSelectors") or aggregation), *_expressions(selectors))
        return AccessRole(*fields, unseen, tuple(labels for one in selectors for labels in _sets(one) or ()))
    if named.kind in _BINDINGS:
        reference = root.mapping("roleRef")
        return AccessBinding(
            *fields,
            role_kind=(reference.text("kind") if reference is not None else None) or "",
            role=name_of(reference.get("name")) if reference is not None else None,
            subjects=tuple(_subjects(root)),
        )
    return None


def _unseen(node: Node) -> tuple[AccessRule, ...]:
    """A rule that stands for those that a part of a role may have and that are not seen."""
    hole = node.rest if isinstance(node, Mapping | Sequence) else node.hole if node.holes else None
    return () if hole is None else (AccessRule((), (), (), rest=hole),)


def _expressions(selectors: tuple[Mapping, ...]) -> tuple[AccessRule, ...]:
    if all(_sets(one) is not None for one in selectors):
        return ()
    return (AccessRule((), (), (), rest=Hole("expressions that select roles are not evaluated")),)


def _sets(selector: Mapping) -> tuple[tuple[Entry, ...], ...] | None:
    """The sets of labels that a selector takes, one of which a role has; None where no such sets say the same.

    The operator `In` is one set for each of its values.
    """
    choices = [_values(one) for one in selector.mappings("matchExpressions")]
    written = selector.get("matchExpressions")
    if (written is not None and not _is_whole(written)) or math.prod(map(len, choices)) > _MOST:
        return None
    if not all(choices):
        return None
    labels = pairs(selector, "matchLabels")
    return tuple((*labels, *chosen) for chosen in itertools.product(*choices))


def _values(expression: Mapping) -> tuple[Entry, ...]:
    """The labels that `In` takes one of; none for other operators, and where not all is seen."""
    key, values = expression.scalar("key"), expression.get("values")
    if key is None or expression.text("operator") != "In" or values is None or not _is_whole(values):
        return ()
    return tuple(Entry(key, value) for value in values.items if isinstance(value, Scalar))


def _is_whole(node: Node) -> TypeGuard[Sequence]:
    return isinstance(node, Sequence) and node.rest is None


def _rule(rule: Mapping) -> AccessRule:
    groups, resources, verbs, names = (one_or_many(rule.get(key)) for key in _LISTS)
    unseen = (rule.rest, *(hole for _, hole in (groups, resources, verbs)), *_holes(groups[0], resources[0], verbs[0]))
    unnamed = (names[1], *_holes(names[0]))
    return AccessRule(
        groups[0],
        resources[0],
        verbs[0],
        names[0],
        next((hole for hole in unseen if hole is not None), None),
        next((hole for hole in unnamed if hole is not None), None),
    )


def _holes(*lists: tuple[Scalar, ...]) -> Iterator[Hole]:
    return (value.hole for values in lists for value in values if value.holes)


def _subjects(root: Mapping) -> Iterator[AccessSubject]:
    for subject in root.mappings("subjects"):
        kind, name = subject.text("kind"), name_of(subject.get("name"))
        if kind in _MEMBERS and name is not None:
            yield AccessSubject(kind or "", name, name_of(subject.get("namespace")))
