"""What a function is given: its arguments, its place, and the files that it may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rolecall.records import dataclass
from rolecall.terraform.values import Failure, holes_of, number_of, opaque, text_of
from rolecall.terraform.values_types import Set
from rolecall.tree import Hole, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as Names

    from rolecall.span import Span


class Files(Protocol):
    """Reads files of the module's tree."""

    def read(self, path: str, span: Span) -> tuple[Scalar | None, Hole | None]:
        """The text of a file, or the hole it leaves."""
        ...

    def listing(self, path: str) -> tuple[tuple[str, bool], ...] | Hole:
        """The names in a directory, each with whether it is a directory, or the hole it leaves."""
        ...

    def render(self, path: str, scope: Names[str, Node], span: Span) -> Node:
        """A template file with the names of a scope."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function."""

    name: str
    arguments: tuple[Node, ...]
    span: Span
    files: Files

    def text(self, index: int) -> str | None:
        """An argument as a known string, or None where unknown. Raises `Failure`."""
        return text_of(self.arguments[index])

    def texts(self) -> list[str] | None:
        """All arguments as known strings, or None where one is unknown. Raises `Failure`."""
        found = [text_of(argument) for argument in self.arguments]
        known = [text for text in found if text is not None]
        return known if len(known) == len(found) else None

    def whole(self, index: int) -> int | None:
        """An argument as a known whole number, or None where unknown. Raises `Failure`."""
        value = number_of(self.arguments[index])
        if value is not None and value != int(value):
            raise Failure("a whole number is expected")
        return int(value) if value is not None else None

    def scalar(self, index: int) -> Scalar:
        """An argument that is a string, known or not. Raises `Failure`."""
        value = self.arguments[index]
        if not isinstance(value, Scalar) or value.is_null:
            raise Failure("a string is expected")
        return value

    def opaque(self, *, plain: bool = False) -> Scalar:
        """The unknown result of this call."""
        return opaque(self.name, self.arguments, self.span, plain=plain)

    def passed(self, node: Node) -> Node:
        """A value that goes through this call unchanged."""
        return node.passed(self.span) if isinstance(node, Scalar) and not node.holes else node

    def sequence(self, index: int) -> Sequence | None:
        """An argument as a list or set, or None where it is not known to be one. Raises `Failure`."""
        value = self.arguments[index]
        if isinstance(value, Sequence):
            return value
        if isinstance(value, Mapping) or not value.holes:
            raise Failure("a list is expected")
        return None

    def list(self, index: int) -> Sequence | None:
        """An argument as a list, or None where it is not known to be one. Raises `Failure`, for a set too."""
        value = self.sequence(index)
        if isinstance(value, Set):
            raise Failure("a list is expected, not a set")
        return value

    def mapping(self, index: int) -> Mapping | None:
        """An argument as a map or object, or None where it is not known to be one. Raises `Failure`."""
        value = self.arguments[index]
        if isinstance(value, Mapping):
            return value
        if isinstance(value, Sequence) or not value.holes:
            raise Failure("a map is expected")
        return None


Function: TypeAlias = Callable[[Call], Node]


def takes(function: Function, least: int, most: int | None = None, *, more: bool = False) -> Function:
    """A function that refuses other numbers of arguments: from `least` to `most` (`least` if not given), or `more`."""
    top = least if most is None else most

    def checked(call: Call) -> Node:
        count = len(call.arguments)
        if count < least or (count > top and not more):
            raise Failure(f"too {'few' if count < least else 'many'} arguments for {call.name}")
        return function(call)

    return checked


def is_null(node: Node) -> bool:
    """Whether a value is null."""
    return isinstance(node, Scalar) and node.is_null


def rest_of(call: Call, index: int) -> Hole:
    """The hole that an argument which is not known to be a collection leaves in the result."""
    return next(holes_of((call.arguments[index],)), Hole("an unknown value"))
