"""What the adapters of CloudFormation's resources share: origins, lists of tags, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.model import Origin
from rolecall.records import dataclass
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.cloudformation.template import Resource, Template
    from rolecall.span import Span
    from rolecall.tree import Node


@dataclass(frozen=True, slots=True)
class Context:
    """The template that is read. `possible` are the stretches of it that another tool's template decides on."""

    template: Template
    possible: tuple[Span, ...] = ()

    def origin(self, resource: Resource) -> Origin:
        """Where a resource's entity is declared."""
        unit = self.template.unit
        return Origin(unit, resource.name, resource.span, resource.whole, group=unit, possible=self.possible)

    def certain(self, resource: Resource) -> bool:
        """Whether it is known that the resource is made."""
        return resource.made is Answer.YES and not self.origin(resource).is_possible(resource.span)

    @property
    def text_of(self) -> Callable[[str], str | None]:
        """The text of a file by its path."""
        return self.template.evaluator.text_of

    def reference(self, resource: Resource, attribute: str, reason: str) -> Hole:
        """What CloudFormation or AWS decides when it makes the resource."""
        return Hole(reason, (Reference(self.template.unit, resource.name, attribute, resource.type),))

    def named(self, resource: Resource, body: Mapping, key: str) -> Scalar:
        """The name of a resource: as written, or made up by CloudFormation."""
        name = body.scalar(key)
        if name is not None:
            return name
        hole = self.reference(resource, "", "a name that CloudFormation makes up")
        return Scalar((hole,), Kind.STRING, resource.span)


def several(body: Mapping, key: str) -> tuple[Mapping, ...]:
    """The objects of a list."""
    return tuple(body.mappings(key))


def unseen(body: Mapping, key: str) -> Hole | None:
    """The hole through which a list may have more than is seen."""
    return hole_of(body.get(key)) if body.get(key) is not None else body.rest


def hole_of(node: Node | None) -> Hole | None:
    """The hole in a list, or of a value that is not known."""
    if isinstance(node, Sequence):
        return node.rest or next((item.hole for item in node.items if isinstance(item, Scalar) and item.holes), None)
    if isinstance(node, Scalar) and node.holes:
        return node.hole
    return node.rest if isinstance(node, Mapping) else None


def keys_of_tags(node: Node | None) -> tuple[tuple[Scalar, ...], Hole | None]:
    """The keys of a list of tags, and the hole that more may come from."""
    items = node.items if isinstance(node, Sequence) else ()
    keys = (item.scalar("Key") for item in items if isinstance(item, Mapping))
    return tuple(key for key in keys if key is not None), hole_of(node)
