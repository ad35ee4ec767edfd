"""Keys that are written twice in one object of a policy: the last one counts, the others are dropped in silence.

So do Go's `json.Unmarshal`, with which Terraform's AWS provider reads every policy before it sends it
(`structure.NormalizeJsonString`), and Terraform's objects: in `terraform console` `{a = 1, a = 2}` is `{a = 2}`.
How the IAM API itself reads such a document is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.model import Duplicate
from rolecall.tree import Mapping, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import Condition
    from rolecall.tree import Entry, Node

# Keys by which people write comments into JSON, as often as they like.
_COMMENTS = ("_", "//", "#")


def counting(node: Mapping) -> tuple[Entry, ...]:
    """The entries that count, in the order of the file: of equal keys the last one."""
    last = _last(node)
    return tuple(entry for entry in node.entries if last[_text(entry.key)] is entry)


def duplicates(
    node: Mapping, conditions_of: Callable[[Entry], tuple[Condition, ...]] = lambda _: ()
) -> Iterator[Duplicate]:
    """The keys that a mapping has twice. `conditions_of` gives the conditions that an entry of it makes."""
    last = _last(node)
    if len(last) == len(node.entries):
        return
    for entry in node.entries:
        winner = last[_text(entry.key)]
        if winner is entry or (entry.key.known or "").startswith(_COMMENTS):
            continue
        there = {_text(scalar) for scalar in _scalars(winner.value)}
        kept = set(map(_meaning, conditions_of(winner)))
        yield Duplicate(
            entry.key,
            winner.key,
            tuple(scalar for scalar in _scalars(entry.value) if _text(scalar) not in there),
            tuple(condition for condition in conditions_of(entry) if _meaning(condition) not in kept),
        )


def _last(node: Mapping) -> dict[object, Entry]:
    return {_text(entry.key): entry for entry in node.entries}


def _text(scalar: Scalar) -> object:
    """What equal scalars have in common. Unknown ones are equal only where it is known what they depend on."""
    text = scalar.known
    if text is not None:
        return text
    return scalar.parts if all(hole.references for hole in scalar.holes) else id(scalar)


def _meaning(condition: Condition) -> tuple[object, ...]:
    operator, key = condition.operator.known, condition.key.known
    return (
        operator.lower() if operator is not None else _text(condition.operator),
        key.lower() if key is not None else _text(condition.key),
        frozenset(map(_text, condition.values)),
        condition.rest,
    )


def _scalars(value: Node) -> Iterator[Scalar]:
    """The values in a tree, without its keys."""
    return (node for node in walk((value,)) if isinstance(node, Scalar))


__all__ = ["counting", "duplicates"]
