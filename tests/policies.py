"""Policy documents of plain Python values, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.adapt.policy import policy_document
from rolecall.source import Source
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence, known

if TYPE_CHECKING:
    from rolecall.model import PolicyDocument
    from rolecall.tree import Node

SPAN = Source("f", "x").whole()


def wrapped(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def tree(value: Any) -> Node:  # noqa: ANN401 - any JSON, with nodes in it
    if isinstance(value, Scalar | Mapping | Sequence):
        return value
    if isinstance(value, dict):
        return Mapping(tuple(Entry(known(key, SPAN), tree(item)) for key, item in value.items()), SPAN)
    if isinstance(value, list):
        return Sequence(tuple(map(tree, value)), SPAN)
    return Scalar(("null",), Kind.NULL, SPAN) if value is None else known(str(value), SPAN)


def read(value: Any) -> PolicyDocument:  # noqa: ANN401 - any JSON, with nodes in it
    return policy_document(tree(value))


def entries(value: dict[str, Any]) -> tuple[Entry, ...]:
    node = tree(value)
    assert isinstance(node, Mapping)
    return node.entries
