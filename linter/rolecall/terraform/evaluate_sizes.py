"""How large values are when they are written out: shared parts count as often as they are used."""

from __future__ import annotations

from rolecall.tree import Node, Scalar, Sequence


class Sizes:
    """The sizes of one evaluator's values, each measured once: one made of itself many times costs little."""

    __slots__ = ("_measured",)

    def __init__(self) -> None:
        # The value is kept beside its size, so that its id is not used again.
        self._measured: dict[int, tuple[Node, int]] = {}

    def of(self, node: Node) -> int:
        """The size of a value: about its nodes, long texts counting for more."""
        if isinstance(node, Scalar):
            return 1 + sum(len(part) for part in node.parts if isinstance(part, str)) // 64 + len(node.parts) // 4
        found = self._measured.get(id(node))
        if found is not None:
            return found[1]
        if isinstance(node, Sequence):
            size = 1 + sum(self.of(child) for child in node.items)
        else:
            size = 1 + sum(1 + self.of(entry.value) for entry in node.entries)
        self._measured[id(node)] = (node, size)
        return size
