"""HCL as rolecall sees it: expressions and bodies with their places, whatever parser made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.tree import Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a boolean or null."""

    text: str
    kind: Kind
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text of a template, unescaped; `span` is where exactly this piece is written."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`${…}` in a template; `span` includes the markers."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class IfDirective:
    """`%{ if … }` in a template."""

    condition: Expression
    yes: tuple[Piece, ...]
    no: tuple[Piece, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ForDirective:
    """`%{ for … }` in a template."""

    names: tuple[str, ...]
    collection: Expression
    body: tuple[Piece, ...]
    span: Span


Piece: TypeAlias = Text | Interpolation | IfDirective | ForDirective


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string, a heredoc or a template file."""

    pieces: tuple[Piece, ...]
    span: Span
    bare: bool = True
    """Whether a lone interpolation passes its value through unchanged: not in a heredoc, which ends in a newline."""


@dataclass(frozen=True, slots=True)
class TupleOf:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """`key = value` in an object; a bare word is a Template of its text."""

    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """`{ a = b }`."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A name at the head of a reference: `var`, `local`, `aws_iam_role`, or the variable of a `for`."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """`.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[key]`."""

    key: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """`[*]` or `.*`, with the steps that apply to each item."""

    steps: tuple[Step, ...]


Step: TypeAlias = Attribute | Index | Splat


@dataclass(frozen=True, slots=True)
class Traversal:
    """An expression with attributes and indexes after it."""

    root: Expression
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; `expanded`: the last argument has `...` after it."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """A chain of operators of one precedence, left to right: `first (operator operand)…`."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`!value` or `-value`."""

    operator: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """`[for …]`, or `{for … => …}` when `key` is set; `grouped`: `...` after the value."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool
    span: Span


Expression: TypeAlias = (
    Literal | Template | TupleOf | ObjectOf | Variable | Traversal | Call | Conditional | Operation | Unary | For
)


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value` in a body."""

    name: str
    name_span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class NestedBlock:
    """A block inside a block; `span` is its type and labels."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    span: Span

    @property
    def type(self) -> str:
        """The type of the block, or of those that it makes where it is `dynamic`."""
        return self.labels[0] if self.kind == "dynamic" and self.labels else self.kind


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between the braces of a block, in order."""

    arguments: tuple[Argument, ...]
    blocks: tuple[NestedBlock, ...]
    span: Span

    def argument(self, name: str) -> Argument | None:
        """The argument of a name; the last one should it be there twice, which Terraform refuses."""
        for argument in reversed(self.arguments):
            if argument.name == name:
                return argument
        return None

    def nested(self, kind: str) -> tuple[NestedBlock, ...]:
        """The nested blocks of a type."""
        return tuple(block for block in self.blocks if block.kind == kind)
