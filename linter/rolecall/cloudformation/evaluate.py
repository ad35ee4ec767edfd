"""Values of a template: what is written, with functions, references and conditions worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer, all_of, any_of
from rolecall.cloudformation import functions
from rolecall.cloudformation.references import attribute, reference
from rolecall.cloudformation.texts import dynamic
from rolecall.tree import Entry, Hole, Mapping, Reference, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.cloudformation.sections import Sections
    from rolecall.span import Span
    from rolecall.tree import Node

_DEEPEST = 60
"""How deep values, and conditions through conditions, are followed; IAM's own objects stay below twenty."""

_MOST = 2_000_000
"""How many values of one template are worked out, all in all."""

_TOO_DEEP = Hole("values that are nested too deeply")
_TRANSFORMED = Hole("what a transform of the template puts there")
_LOOP = Hole("what a loop of the template makes")
_NOT_A_FUNCTION = Hole("a function that CloudFormation does not have")
_CYCLE = Hole("a value that depends on itself")
_FUNCTION = regex.compile(r"Ref|Fn::\w+(?:::\w+)?")
_TESTS = frozenset({"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"})


class Evaluator:
    """Works out values of one template. What cannot be known is a hole that says why.

    `text_of` gives the text of a file by its path, for exact places inside strings.
    """

    def __init__(self, sections: Sections, text_of: Callable[[str], str | None]) -> None:
        self.sections = sections
        self.text_of = text_of
        self._depth = 0
        self._steps = 0
        self._open: set[str] = set()
        self._answers: dict[str, Answer] = {}
        self._values: dict[str, Node | None] = {}

    @property
    def unit(self) -> str:
        """The template's path, which is the unit of its references."""
        return self.sections.unit

    def value(self, node: Node) -> Node | None:
        """The value that a node stands for; None for no value at all (`AWS::NoValue`)."""
        self._steps += 1
        if self._depth >= _DEEPEST or self._steps > _MOST:
            return unknown(_TOO_DEEP, node.span)
        self._depth += 1
        try:
            if isinstance(node, Scalar):
                return dynamic(self, node)
            if isinstance(node, Sequence):
                return self._items(node)
            call = call_of(node)
            return self._called(*call, node.span) if call is not None else self._entries(node)
        finally:
            self._depth -= 1

    def once(self, key: str, node: Node, span: Span) -> Node | None:
        """A value that others ask for by a name; unknown where it depends on itself."""
        if key in self._values:
            return self._values[key]
        if key in self._open:
            return unknown(_CYCLE, span)
        self._open.add(key)
        try:
            self._values[key] = value = self.value(node)
        finally:
            self._open.discard(key)
        return value

    def scalars(self, node: Node | None) -> Iterator[Scalar]:
        """The scalars of a value, written alone or as a list."""
        value = self.value(node) if node is not None else None
        items = value.items if isinstance(value, Sequence) else (value,)
        return (item for item in items if isinstance(item, Scalar) and not item.is_null)

    def _items(self, node: Sequence) -> Sequence:
        values = [(item, self.value(item)) for item in node.items]
        return Sequence(tuple(value for _, value in values if value is not None), node.span, node.rest)

    def _entries(self, node: Mapping) -> Mapping:
        entries: list[Entry] = []
        rest = node.rest
        for entry in node.entries:
            name = entry.key.known or ""
            if name == "Fn::Transform" or name.startswith("Fn::ForEach"):
                rest = rest or (_LOOP if name != "Fn::Transform" else _TRANSFORMED)
                continue
            value = self.value(entry.value)
            if value is not None:
                entries.append(Entry(dynamic(self, entry.key), value))
        return Mapping(tuple(entries), node.span, rest)

    def _called(self, name: str, argument: Node, span: Span) -> Node | None:
        if name == "Ref":
            return reference(self, argument, span)
        if name == "Fn::GetAtt":
            return attribute(self, argument, span)
        if name == "Fn::Transform":
            return unknown(_TRANSFORMED, span)
        if name.startswith("Fn::ForEach"):
            return unknown(_LOOP, span)
        if name in _TESTS:
            return functions.truth(self._tested(name, argument), span)
        function = functions.FUNCTIONS.get(name)
        return function(self, argument, span) if function is not None else unknown(_NOT_A_FUNCTION, span)

    # Conditions -------------------------------------------------------------------------------------------------------

    def made(self, declared: Mapping) -> Answer:
        """Whether the condition of a resource or an output lets it be made."""
        name = declared.get("Condition")
        if name is None:
            return Answer.YES
        return self.condition(name.known) if isinstance(name, Scalar) and name.known is not None else Answer.UNKNOWN

    def condition(self, name: str) -> Answer:
        """Whether a condition of the template holds."""
        found = self._answers.get(name)
        if found is not None:
            return found
        node, key = self.sections.conditions.get(name), f"condition {name}"
        if node is None or key in self._open or self._depth >= _DEEPEST:
            return Answer.UNKNOWN
        self._open.add(key)
        try:
            self._answers[name] = answer = self.test(node)
        finally:
            self._open.discard(key)
        return answer

    def test(self, node: Node) -> Answer:
        """Whether what stands in a condition holds."""
        if self._depth >= _DEEPEST:
            return Answer.UNKNOWN
        self._depth += 1
        try:
            if isinstance(node, Scalar):
                return Answer.of(node.boolean)
            if isinstance(node, Mapping) and len(node.entries) == 1:
                return self._tested(node.entries[0].key.known, node.entries[0].value)
            return Answer.UNKNOWN
        finally:
            self._depth -= 1

    def _tested(self, name: str | None, argument: Node) -> Answer:
        if name == "Condition":
            known = argument.known if isinstance(argument, Scalar) else None
            return self.condition(known) if known is not None else Answer.UNKNOWN
        items = argument.items if isinstance(argument, Sequence) else (argument,)
        if name == "Fn::Equals" and len(items) == 2:
            return functions.equal(self.value(items[0]), self.value(items[1]))
        if name == "Fn::Not" and len(items) == 1:
            return self.test(items[0]).negated()
        if name == "Fn::And":
            return all_of([self.test(item) for item in items])
        if name == "Fn::Or":
            return any_of([self.test(item) for item in items])
        return Answer.UNKNOWN

    def undecided(self, name: str, span: Span) -> Scalar:
        """A condition of which it is not known whether it holds, as an unknown value."""
        return unknown(Hole("a condition that is not known", (Reference(self.unit, name),)), span)


def call_of(node: Mapping) -> tuple[str, Node] | None:
    """The function that a mapping calls, with its argument."""
    if len(node.entries) != 1:
        return None
    name = node.entries[0].key.known
    return (name, node.entries[0].value) if name is not None and _FUNCTION.fullmatch(name) else None
