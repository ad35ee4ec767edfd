"""Templates of YAML to trees: what the template leaves open is unknown in place, what is literal is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from rolecall.syntax.templates import EXPRESSION
from rolecall.syntax.yaml_tree import Builder, build
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.span import Span
    from rolecall.syntax.template_text import Masked, Opening
    from rolecall.syntax.yaml_tree import Open
    from rolecall.tree import Node

_EITHER = Hole("one of several values, between which a template decides")
_DEEPEST = 30
# Of several kinds that a template chooses between, one serves as well as another to read the rest by.
_ONE_OF = frozenset({"apiVersion", "kind"})


def compose(
    masked: Masked, span_of: Callable[[int, int], Span], functions: dict[str, str] | None = None
) -> Iterator[Node]:
    """The trees of a template's documents.

    A key that is there twice stands in two branches: its value is unknown unless they agree, and mappings are joined.
    `functions`: what the template makes is a template of CloudFormation (see `yaml_tree.compose`).

    Raises:
        YamlError: when the iteration comes to what cannot be read.
    """
    yield from build(_Template(masked, span_of, functions), masked.text)


class _Template(Builder):
    """A builder that knows where expressions make lines of their own."""

    _template = True

    def __init__(
        self, masked: Masked, span_of: Callable[[int, int], Span], functions: dict[str, str] | None = None
    ) -> None:
        super().__init__(masked.text, span_of, (), functions)
        self._original = masked.original
        self._openings = masked.openings
        self._rests: set[int] = set()

    def build(self, events: Iterator[yaml.Event]) -> Iterator[Node]:
        """The tree of each document."""
        return super().build(self._opened(events))

    def _opened(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """The events; before each, what the expressions in front of it may make is noted where it belongs."""
        at = 0
        for event in events:
            pending = False
            if isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)) and event.start_mark:
                while at < len(self._openings) and self._openings[at].offset < event.start_mark.index:
                    pending = self._apply(self._openings[at]) or pending
                    at += 1
            yield event
            if pending and self._stack:
                # What comes before the first entry of a collection.
                top = self._stack[-1]
                if isinstance(event, yaml.CollectionStartEvent):
                    self._rests.add(id(top))
                else:
                    _change_last(top, _with_hole)

    def _apply(self, opening: Opening) -> bool:
        """Note what an expression makes; True where it belongs to the node that is about to begin."""
        if not self._stack:
            return True
        top = self._stack[-1]
        if top.entries is not None and top.key is not None:
            return True
        last = _last(top)
        if opening.indentation is None:
            _change_last(top, _with_hole)
            return False
        column = self._column(top)
        if isinstance(last, Scalar):
            blank = last.is_null and last.span.start == last.span.end
            if blank or opening.indentation > column:
                _change_last(top, _with_hole)
            if opening.indentation > column:
                return False
        self._rests.update(map(id, self._around(opening.indentation)))
        return False

    def _around(self, indentation: int) -> Iterator[Open]:
        """The collections that lines of an indentation are part of: a list may stand as far out as its key does."""
        found = False
        for opened in reversed(self._stack):
            column = self._column(opened)
            if opened.flow or column == indentation or (column < indentation and not found):
                found = True
                yield opened
            if column < indentation:
                return
        if not found:
            yield self._stack[0]

    def _column(self, opened: Open) -> int:
        return opened.start - self._text.rfind("\n", 0, opened.start) - 1

    def _close(self, opened: Open, end: int) -> Node:
        node = super()._close(opened, end)
        if isinstance(node, Mapping):
            node = _joined(node)
        if id(opened) in self._rests and not isinstance(node, Scalar):
            self._rests.discard(id(opened))
            node = replace(node, rest=EXPRESSION)
        return node


def _last(opened: Open) -> Node | None:
    if opened.entries is not None:
        return opened.entries[-1].value if opened.entries else None
    return opened.items[-1] if opened.items else None


def _change_last(opened: Open, change: Callable[[Node], Node]) -> None:
    """Put another value in the place of a collection's last."""
    if opened.entries:
        opened.entries[-1] = Entry(opened.entries[-1].key, change(opened.entries[-1].value))
    elif opened.items:
        opened.items[-1] = change(opened.items[-1])


def _with_hole(node: Node) -> Node:
    if not isinstance(node, Scalar):
        return replace(node, rest=EXPRESSION)
    if node.is_null or node.kind is Kind.UNKNOWN:
        return unknown(EXPRESSION, node.span)
    return replace(node, parts=(*(part for part in node.parts if part != ""), EXPRESSION), places=())


def _joined(node: Mapping) -> Mapping:
    """The mapping with each key once."""
    entries: dict[object, Entry] = {}
    for entry in node.entries:
        key = entry.key.known if entry.key.known is not None else id(entry)
        before = entries.get(key)
        if before is None or key in _ONE_OF:
            entries[key] = entry
        else:
            entries[key] = Entry(entry.key, _either(before.value, entry.value, _DEEPEST))
    return node if len(entries) == len(node.entries) else replace(node, entries=tuple(entries.values()))


def _either(first: Node, second: Node, depth: int) -> Node:
    """What is known of a value that is one of two."""
    if isinstance(first, Mapping) and isinstance(second, Mapping) and depth:
        entries = {entry.key.known if entry.key.known is not None else id(entry): entry for entry in first.entries}
        for entry in second.entries:
            key = entry.key.known if entry.key.known is not None else id(entry)
            before = entries.get(key)
            value = entry.value if before is None else _either(before.value, entry.value, depth - 1)
            entries[key] = Entry(entry.key, value)
        return Mapping(tuple(entries.values()), second.span, first.rest or second.rest)
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return Sequence((*first.items, *second.items), second.span, _EITHER)
    for node, other in ((first, second), (second, first)):
        if not isinstance(node, Scalar) and isinstance(other, Scalar):
            return node if other.is_empty else replace(node, rest=_EITHER)
    if isinstance(first, Scalar) and isinstance(second, Scalar) and _agree(first, second):
        return first
    return unknown(_EITHER, second.span)


def _agree(first: Scalar, second: Scalar) -> bool:
    return first.known is not None and first.known == second.known and first.kind is second.kind
