"""A CloudFormation template: its resources, with their properties evaluated when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass as plain
from dataclasses import field
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.cloudformation.evaluate import Evaluator
from rolecall.cloudformation.sections import Sections
from rolecall.records import dataclass
from rolecall.span import until
from rolecall.tree import Hole, Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.source import Source
    from rolecall.span import Span

_NO_MAPPING = Hole("properties that are no mapping")
# Transforms by AWS that leave what concerns identity as it is written.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html
_HARMLESS = ("AWS::Serverless-", "AWS::LanguageExtensions", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it is written. `span` is its logical id, `made` whether its condition lets it be made."""

    name: str
    type: str
    span: Span
    whole: Span
    body: Mapping
    made: Answer

    @property
    def written(self) -> Mapping:
        """Its properties before they are evaluated."""
        return self.body.mapping("Properties") or Mapping((), self.body.span)


@plain(slots=True)
class Template:
    """A template with what has been evaluated of it."""

    source: Source
    root: Mapping
    evaluator: Evaluator
    resources: tuple[Resource, ...]
    _properties: dict[str, Mapping] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """The path of the file."""
        return self.source.path

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, but for those whose condition keeps them from being made."""
        return (one for one in self.resources if one.type in types and one.made is not Answer.NO)

    def properties(self, resource: Resource) -> Mapping:
        """The values of a resource's properties."""
        found = self._properties.get(resource.name)
        if found is None:
            self._properties[resource.name] = found = self._evaluated(resource)
        return found

    def _evaluated(self, resource: Resource) -> Mapping:
        written = resource.body.get("Properties")
        if written is None:
            return Mapping((), resource.body.span)
        value = self.evaluator.value(written)
        if isinstance(value, Mapping):
            return value
        hole = value.hole if isinstance(value, Scalar) and value.holes else _NO_MAPPING
        return Mapping((), written.span, hole)

    def outputs(self) -> Iterator[tuple[Scalar, Mapping]]:
        """The outputs: each one's name, and what is written of it."""
        outputs = self.root.mapping("Outputs")
        for entry in outputs.entries if outputs is not None else ():
            if isinstance(entry.value, Mapping) and self.evaluator.made(entry.value) is not Answer.NO:
                yield entry.key, entry.value

    def macros(self) -> Iterator[Scalar]:
        """The transforms that may change anything in the template: macros."""
        for scalar in self.evaluator.scalars(self.root.get("Transform")):
            if not (scalar.known or "").startswith(_HARMLESS):
                yield scalar

    def unseen(self) -> Iterator[tuple[Span, str]]:
        """What stands among the resources and makes others when the template is deployed, with the reason."""
        resources = self.root.get("Resources")
        if not isinstance(resources, Mapping):
            if resources is not None:
                yield resources.span, "they are no mapping"
            return
        for entry in resources.entries:
            key = entry.key.known or ""
            if key.startswith("Fn::ForEach"):
                yield entry.key.span, "the resources that a loop makes are not read"
            elif key == "Fn::Transform":
                yield entry.key.span, "the resources that a transform puts in are not read"
            elif entry.key.known is None and isinstance(entry.value, Mapping) and entry.value.get("Type") is not None:
                yield entry.key.span, "the resources of which a template makes the names are not read"
        if resources.rest is not None:
            yield resources.span, "a template may put others among them"


def load(source: Source, root: Mapping) -> Template:
    """The template that a tree is. Of resources of one name the last one counts."""
    sections = Sections.of(source.path, root)
    evaluator = Evaluator(sections, lambda path: source.text if path == source.path else None)
    resources = tuple(_resource(name, evaluator, *declared) for name, declared in sections.resources.items())
    return Template(source, root, evaluator, resources)


def _resource(name: str, evaluator: Evaluator, key: Scalar, body: Mapping) -> Resource:
    span = key.span
    whole = until(span, body.span) if span.start <= body.span.start else span
    return Resource(name, body.text("Type") or "", span, whole, body, evaluator.made(body))
