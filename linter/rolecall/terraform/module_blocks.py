"""A block of a module: its place and, when asked for, its evaluated body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.values import ordered, the_hole
from rolecall.terraform.values_types import Set
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.terraform.directory import Declared
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Module
    from rolecall.terraform.registry_modules import RegistryModule

_UNPARSED = Hole("a block that could not be parsed")
_META = frozenset({"lifecycle", "connection", "provisioner"})
META = _META | {"count", "depends_on", "for_each", "provider", "providers"}
"""What Terraform itself reads of a block: no attribute of what the block declares."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block, or one instance of a block with `count` or `for_each`.

    `span` is the header from the type to the last label, `whole` everything. `address` ends with `[0]` or `["key"]`
    for an instance that is known.
    """

    kind: str
    labels: tuple[str, ...]
    span: Span
    whole: Span
    address: str
    module: Module
    declared: Declared
    instance: tuple[tuple[str, Node], ...] = ()

    @property
    def model(self) -> RegistryModule | None:
        """The module of the registry that the block is in, where that is one that is known here."""
        return self.module.directory.model

    def body(self) -> Mapping:
        """The evaluated body: arguments as they are, nested blocks as a sequence of mappings under their type."""
        return self.module.evaluated(self)

    def reference(self, name: str) -> Reference | None:
        """What an argument refers to, if it is nothing but a reference to a resource or data source.

        `role = aws_iam_role.app.name` is a reference to `aws_iam_role.app` and `name` whether or not the name is
        known; so is one that goes through a local.
        """
        return self.module.referred(self, name)

    @property
    def provider(self) -> str | None:
        """The root module's name for the provider configuration that makes it; None if unknown."""
        from rolecall.terraform.provider_configurations import provider_configuration  # noqa: PLC0415 - few are asked

        return provider_configuration(self.module, self)

    def unencoded(self, name: str, value: Scalar) -> Scalar:
        """The value of an argument before it is put in base64: in base64 one unknown part would hide all the rest."""
        from rolecall.terraform.module_plain import unencoded  # noqa: PLC0415 - few blocks are asked this

        return unencoded(self, name, value)

    def decoded(self, name: str) -> Scalar | None:
        """The text that an argument decodes from YAML or JSON, if it does; its value has not the text's places."""
        from rolecall.terraform.module_plain import decoded  # noqa: PLC0415 - likewise

        return decoded(self, name)


def evaluate_body(module: Module, body: hcl.Body, scope: Scope, span: Span) -> Mapping:
    """The tree of a body: its arguments, then its nested blocks by type."""
    evaluator = module.evaluator
    entries: list[Entry] = []
    for argument in body.arguments:
        value = evaluator.contained(argument.value, scope)
        entries.append(Entry(known(argument.name, argument.name_span), value))
    kinds: dict[str, Span] = {}
    for block in body.blocks:
        if block.type not in _META:
            kinds.setdefault(block.type, block.span)
    for kind, place in kinds.items():
        entries.append(Entry(known(kind, place), nested_value(module, body, kind, scope)))
    return Mapping(tuple(entries), span)


def nested_value(module: Module, body: hcl.Body, kind: str, scope: Scope) -> Node:
    """The nested blocks of one type, those that `dynamic` makes among them."""
    items: list[Node] = []
    labelled: list[Entry] = []
    rest: Hole | None = None
    place: Span | None = None
    for block in body.blocks:
        if block.kind == kind and block.labels:
            inner = evaluate_body(module, block.body, scope, block.body.span)
            for label in reversed(block.labels[1:]):
                inner = Mapping((Entry(known(label, block.span), inner),), block.body.span)
            labelled.append(Entry(known(block.labels[0], block.span), inner))
        elif block.kind == kind:
            items.append(evaluate_body(module, block.body, scope, block.body.span))
        elif block.kind == "dynamic" and block.labels[:1] == (kind,):
            made, beyond = _expanded(module, block, kind, scope)
            items.extend(made)
            rest = rest or beyond
        else:
            continue
        place = place or block.span
    if labelled and not items and rest is None:
        return Mapping(tuple(labelled), place or body.span)
    return Sequence(tuple(items), place or body.span, rest)


def _expanded(module: Module, block: hcl.NestedBlock, kind: str, scope: Scope) -> tuple[list[Node], Hole | None]:
    """The blocks that a `dynamic` block makes, and the hole that there may be more."""
    evaluator = module.evaluator
    collection, content = block.body.argument("for_each"), block.body.nested("content")
    if collection is None or not content:
        return [], Hole("a dynamic block without for_each or content")
    named = block.body.argument("iterator")
    name = named.value.name if named and isinstance(named.value, hcl.Variable) else kind
    value = evaluator.contained(collection.value, scope)
    if isinstance(value, Scalar):
        return [], the_hole(value) or Hole("a dynamic block over a value that is no collection")
    made: list[Node] = []
    for key, each in pairs(value):
        if evaluator.meter.fuel <= 0:
            return made, Hole("an expression that is too large")
        evaluator.meter.fuel -= 1
        iterator = Mapping((Entry(known("key", block.span), key), Entry(known("value", block.span), each)), block.span)
        made.append(evaluate_body(module, content[0].body, {**scope, name: iterator}, content[0].body.span))
    return made, value.rest


def pairs(collection: Sequence | Mapping) -> list[tuple[Node, Node]]:
    """Keys and values of a collection as a loop sees them."""
    if isinstance(collection, Mapping):
        return [(entry.key, entry.value) for entry in ordered(collection)]
    if isinstance(collection, Set):
        return [(value, value) for value in collection.items]
    place, rest = collection.span, collection.rest
    if rest is not None:
        return [(unknown(rest, place), value) for value in collection.items]
    return [(known(str(index), place, Kind.NUMBER), value) for index, value in enumerate(collection.items)]


def unparsed(span: Span) -> Mapping:
    """The body of a block that is not valid HCL."""
    return Mapping((), span, _UNPARSED)
