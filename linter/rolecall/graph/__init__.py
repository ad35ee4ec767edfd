"""The identity graph: all entities of a world, indexed, and the views that join them.

`Graph.all(Type)` gives the entities of a type, or the instances of a view: a frozen dataclass registered in
`rolecall.graph.views` that joins entities across files and formats, with the evidence on it.
"""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rolecall.graph.views import VIEWS
from rolecall.model import Plan, Policy, PolicyAttachment, Role, ServiceAccount, StackValues, TrustPolicy, Workload
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.facts import Facts
    from rolecall.model import Entity, Mentions
    from rolecall.span import Span

T = TypeVar("T")


class Graph:
    """A world of facts. Immutable from outside; indexes and views are made when first asked for, and kept.

    `mentions` is what the documents of the tree refer to, those too that are not facts; None where nobody looked.
    """

    def __init__(self, facts: Iterable[Facts], mentions: Mentions | None = None) -> None:
        self.facts = tuple(facts)
        self.mentions = mentions
        self._entities: dict[type, list[Any]] = defaultdict(list)
        self._planned: dict[Span, Span] = {}
        self._settled: dict[str, list[Span]] = {}
        for entity in _linked(self._joined(self.facts)):
            for cls in type(entity).__mro__[:-1]:
                self._entities[cls].append(entity)
        self._entities[TrustPolicy].extend(role.trust for role in self._entities[Role] if role.trust)
        self._kept: dict[Callable[[Graph], object], object] = {}

    def _joined(self, facts: tuple[Facts, ...]) -> Iterable[Entity]:
        """The entities of all units. Where a plan and its configuration are among them, each of theirs once."""
        entities = _without_templates([entity for unit in facts for entity in unit.entities])
        if not any(isinstance(entity, Plan) for entity in entities):
            return entities
        from rolecall.graph.plans import join  # noqa: PLC0415 - few worlds have plans

        joined = join(facts)
        self._planned = joined.places
        for span in joined.settled:
            self._settled.setdefault(span.path, []).append(span)
        return joined.entities

    def planned(self, span: Span) -> Span | None:
        """Where a plan has what a configuration says at a place, if this world has such a plan."""
        return self._planned.get(span)

    def is_settled(self, span: Span, unit: str) -> bool:
        """Whether what could not be evaluated here, reading a unit, is known from another.

        From a plan, from the configuration of this plan, or from the Terraform that fills in this template.
        """
        if unit == span.path and unit in self.keep(_filled_in):
            return True
        return any(settled.covers(span) for settled in self._settled.get(span.path, ()))

    def all(self, kind: type[T]) -> tuple[T, ...]:
        """Every entity of a type (subclasses included) or every instance of a view."""
        if kind in VIEWS:
            return cast("tuple[T, ...]", self.keep(_builder(VIEWS[kind])))
        return cast("tuple[T, ...]", tuple(self._entities.get(kind, ())))

    def keep(self, make: Callable[[Graph], T]) -> T:
        """What a function makes of this graph, made the first time and kept. For indexes and views."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return cast("T", self._kept[make])


def _filled_in(graph: Graph) -> frozenset[str]:
    """The files that are read for themselves and of which Terraform makes policies."""
    files = {unit.unit for unit in graph.facts if unit.unevaluated}
    policies: tuple[TrustPolicy | Policy | PolicyAttachment, ...] = (
        *graph.all(TrustPolicy),
        *graph.all(Policy),
        *graph.all(PolicyAttachment),
    )
    return frozenset(
        statement.span.path
        for policy in policies
        if policy.document is not None
        for statement in policy.document.statements
        if statement.span.path in files and policy.origin.unit != statement.span.path
    )


def _without_templates(entities: list[Entity]) -> list[Entity]:
    """The entities but for service accounts of a template that Terraform fills in: what it makes of them is here."""
    accounts = [one for one in entities if isinstance(one, ServiceAccount)]
    made = {one.origin.span for one in accounts if one.origin.unit != one.origin.span.path}
    left = {id(one) for one in accounts if made and one.origin.unit == one.origin.span.path and _is_open(one)}
    if not left:
        return entities
    return [one for one in entities if id(one) not in left or cast("ServiceAccount", one).origin.span not in made]


def _is_open(account: ServiceAccount) -> bool:
    """Whether a template decides something of a service account."""
    values = (entry.value for entry in account.annotations)
    named = (account.name, account.namespace, *values)
    return any(isinstance(value, Scalar) and bool(value.holes) for value in named)


def _linked(entities: Iterable[Entity]) -> Iterable[Entity]:
    """The entities; those that others complete, with what these say."""
    known = list(entities)
    if any(isinstance(entity, StackValues) for entity in known):
        from rolecall.graph.stacks import linked  # noqa: PLC0415 - few worlds have several stacks

        known = linked(known)
    if any(isinstance(entity, Workload) and any(pod.reference for pod in entity.pods) for entity in known):
        from rolecall.graph import templates  # noqa: PLC0415 - few worlds have workflows

        known = templates.linked(known)
    return known


def _builder(path: str) -> Callable[[Graph], object]:
    module, _, name = path.partition(":")
    return cast("Callable[[Graph], object]", getattr(import_module(module), name))


__all__ = ["Graph"]
