"""The values of one planned resource, with a hole for what is known only after apply or is not to be shown.

A plan leaves out what it does not know. What the configuration of a resource does not set either is the provider's to
choose: it is absent here, as it is from a block of HCL. (A `dynamic` block is not in a plan's configuration. Where its
`for_each` is unknown too, it is taken for absent; nothing in a plan tells the two apart.) Of a data source's arguments
the provider chooses none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rolecall.terraform.plan_json import at, items, keys
from rolecall.tree import Entry, Hole, Mapping, Reference, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.span import Span
    from rolecall.tree import Node

AFTER_APPLY = "known only after apply"
_SENSITIVE = "a sensitive value"

Expressions: TypeAlias = "tuple[object, ...] | None"
"""What a stretch of values may be written as: blocks of a set lose their order. None: the configuration is not seen."""


class Values:
    """Makes the body of one resource.

    `itself` is a reference to the resource, `place` stands for what is not written in the plan; `resolve` gives what
    an expression refers to. `asks`: it is a data source.
    """

    def __init__(
        self, itself: Reference, place: Span, resolve: Callable[[object], Reference | None], *, asks: bool
    ) -> None:
        self._asks = asks
        self._itself = itself
        self._place = place
        self._resolve = resolve

    def body(self, values: Mapping, unknown_marks: object, sensitive: object, configured: object) -> Mapping:
        """The values, the holes among them. `configured` are the expressions of the resource's configuration."""
        written = (configured,) if configured is not None else None
        return self._mapping(values, unknown_marks, sensitive, written, "")

    def _node(self, node: Node, marks: object, sensitive: object, written: Expressions, path: str) -> Node:
        if sensitive is True:
            return unknown(Hole(_SENSITIVE, (self._part(path),)), node.span)
        if marks is True:
            return unknown(self._hole(written, path), node.span)
        if isinstance(node, Mapping):
            return self._mapping(node, marks, sensitive, written, path)
        if isinstance(node, Sequence):
            return self._sequence(node, marks, sensitive, written, path)
        return node

    def _mapping(self, node: Mapping, marks: object, sensitive: object, written: Expressions, path: str) -> Mapping:
        if path and written is not None and any(map(_is_expression, written)):
            # A map or an object that an attribute is set to: its own keys are not in the configuration.
            written = None
        entries = []
        there = set()
        for entry in node.entries:
            key = entry.key.known or ""
            there.add(key)
            inner = written and _inner(written, key)
            value = self._node(entry.value, at(marks, key), at(sensitive, key), inner, _joined(path, key))
            entries.append(Entry(entry.key, value))
        for key in dict.fromkeys((*keys(marks), *(key for one in written or () for key in keys(one)))):
            inner = _inner(written, key)
            # Without its configuration nothing can be said to be absent.
            may_be = written is None or self._asks
            if key not in there and (inner or (may_be and at(marks, key) is True)):
                hole = self._hole(inner, _joined(path, key))
                entries.append(Entry(known(key, self._place), unknown(hole, self._place)))
        return Mapping(tuple(entries), node.span)

    def _sequence(self, node: Sequence, marks: object, sensitive: object, written: Expressions, path: str) -> Sequence:
        one_by_one = [*items(marks), *[None] * len(node.items)]
        hidden = [*items(sensitive), *[None] * len(node.items)]
        inner = written
        if written is not None and not any(map(_is_expression, written)):
            blocks = tuple(block for one in written for block in items(one))
            # More blocks than are written, or none: a `dynamic` block made them.
            inner = blocks if blocks and len(blocks) >= len(node.items) else None
        elif len(node.items) > 1:
            inner = None
        return Sequence(
            tuple(
                self._node(item, one_by_one[index], hidden[index], inner, f"{path}[{index}]")
                for index, item in enumerate(node.items)
            ),
            node.span,
        )

    def _hole(self, written: Expressions, path: str) -> Hole:
        """What is known only after apply: all of an attribute may be another resource's, a part is so only perhaps."""
        reference = self._resolve(written[0]) if written is not None and len(written) == 1 else None
        itself = self._part(path)
        if reference is None:
            return Hole(AFTER_APPLY, (itself,))
        return Hole(AFTER_APPLY, (reference,) if "." not in path else (reference, itself))

    def _part(self, path: str) -> Reference:
        return Reference(self._itself.unit, self._itself.address, path)


def _inner(written: Expressions, key: str) -> Expressions:
    """The expressions of an attribute or of the blocks of a type; empty where it is written nowhere."""
    return None if written is None else tuple(one[key] for one in written if isinstance(one, dict) and key in one)


def _is_expression(written: object) -> bool:
    return isinstance(written, dict) and (not written or "references" in written or "constant_value" in written)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
