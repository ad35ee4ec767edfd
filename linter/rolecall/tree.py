"""The one tree for all syntaxes: scalars, sequences and mappings, each with its place, each possibly partly known.

YAML, JSON, HCL (after evaluation) and JSON inside strings all become this tree, so one adapter reads an idea from
every format.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.span import Span


_CALL = regex.compile(r'module\.[^.\[\]"]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.')


def parted(address: str) -> tuple[str, str]:
    """The path of the module (`module.a["x"].module.b.`, empty for the root module), and the address within it."""
    at = 0
    while (match := _CALL.match(address, at)) is not None:
        at = match.end()
    return address[:at], address[at:]


@dataclass(frozen=True, slots=True)
class Reference:
    """What an unknown depends on: an attribute of something declared in a unit.

    For Terraform: the module directory's unit, the address (`aws_iam_role.app`, `data.x.y`, `var.name`,
    `module.m.aws_iam_role.app`) and the attribute path (`arn`, `identity[0].oidc[0].issuer`). For CloudFormation: the
    template, the logical id (or the name of a parameter), the attribute of `Fn::GetAtt` (empty for `Ref`), and `type`,
    which the address does not show (`AWS::IAM::Role`).
    """

    unit: str
    address: str
    attribute: str = ""
    type: str = ""

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute}" if self.attribute else self.address

    @property
    def block(self) -> str:
        """The address within its module: `aws_iam_role.app`, `var.name`; of a module that is not read, its call."""
        return parted(self.address)[1]


# Functions of Terraform that hand on the one value that they are given, also to a list and back:
# `join("", data.x.y[*].json)` is the old way to write `one(…)`.
_HANDING_ON = frozenset(
    {
        "coalesce",
        "compact",
        "concat",
        "element",
        "join",
        "nonsensitive",
        "one",
        "sensitive",
        "tolist",
        "tostring",
        "try",
    }
)


_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that static reading cannot know: why, and what it depends on.

    Two holes are equal when they stand for the same unknown text: same references through the same functions.
    `reason` completes the sentence "not evaluated: …", for example `a variable without a default`. `written` is how
    messages show it where that is short and says more: `{{ .Release.Name }}`.
    """

    reason: str
    references: tuple[Reference, ...] = ()
    through: tuple[str, ...] = ()
    written: str = ""

    def __str__(self) -> str:
        shown = ", ".join(str(reference) for reference in self.references[:_MOST_SHOWN])
        more = len(self.references) - _MOST_SHOWN
        return f"{shown} and {more} more" if more > 0 else shown or self.reason

    @property
    def unchanged(self) -> Reference | None:
        """What the unknown is, if it is one thing's attribute as it is, whatever functions have handed it on."""
        if len(self.references) != 1:
            return None
        steps = "".join(label for label in self.through if label not in _HANDING_ON)
        if not self.through or not steps:
            return self.references[0]
        # `one(x.list).name` is a step into what is handed on. A function has a bare name, an opaque result a `#`.
        if "#" in steps or not all(label in _HANDING_ON or label[0] in ".[" for label in self.through):
            return None
        reference = self.references[0]
        return replace(reference, attribute=(reference.attribute + steps).removeprefix("."))

    @property
    def why(self) -> str:
        """The reason, with what it depends on."""
        return f"{self.reason}: {self}" if self.references and str(self) not in self.reason else self.reason


class Kind(Enum):
    """What a scalar is in its language's own types; UNKNOWN when that too cannot be known."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without structure: known text, or known text with holes, or one hole.

    `span` is where the value is written; `via` are the places through which it came to where it is used (the
    reference to a local, a module's input), outermost last. `places` has one span a part when there are several.
    """

    parts: tuple[str | Hole, ...]
    kind: Kind
    span: Span
    via: tuple[Span, ...] = ()
    places: tuple[Span, ...] = ()

    @property
    def known(self) -> str | None:
        """The text when all of it is known, else None. A null is None too."""
        if self.kind is Kind.NULL:
            return None
        if len(self.parts) == 1:
            part = self.parts[0]
            return part if isinstance(part, str) else None
        texts = [part for part in self.parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(self.parts) else None

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The unknown parts, in order."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def hole(self) -> Hole:
        """The first unknown part; of an unknown value without one, a hole that says only that."""
        return next(iter(self.holes), _UNKNOWN)

    @property
    def is_null(self) -> bool:
        """Whether the value is the language's null."""
        return self.kind is Kind.NULL

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written: a null, or the empty text."""
        return self.is_null or self.known == ""

    @property
    def display(self) -> str:
        """The text for a message, with `${…}` for each hole that is not shown as it is written."""
        return "".join(part if isinstance(part, str) else part.written or "${" + str(part) + "}" for part in self.parts)

    @property
    def boolean(self) -> bool | None:
        """True or false when the text is one of the words for it in YAML, JSON and HCL, else None."""
        text = self.known
        return _BOOLEANS.get(text.lower()) if text is not None else None

    @property
    def number(self) -> int | None:
        """The whole number that the text spells, else None."""
        text = self.known
        try:
            return int(text) if text is not None else None
        except ValueError:
            return None

    @property
    def used(self) -> Span:
        """Where the value is used: the last place through which it came, else where it is written."""
        return self.via[-1] if self.via else self.span

    def passed(self, span: Span) -> Scalar:
        """The same value, having come through one more place."""
        return replace(self, via=(*self.via, span))


_UNKNOWN = Hole("an unknown value")
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value in a mapping."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in the order of the file, duplicate keys kept. `rest`: there may be more, unknown, entries."""

    entries: tuple[Entry, ...]
    span: Span
    rest: Hole | None = None

    def entry(self, key: str) -> Entry | None:
        """The entry that counts for a key: the last one."""
        parts = (key,)
        for entry in reversed(self.entries):
            written = entry.key
            # Nearly every key is one known part, or another.
            if (written.parts == parts or len(written.parts) != 1) and written.known == key:
                return entry
        return None

    def get(self, key: str) -> Node | None:
        """The value that counts for a key."""
        entry = self.entry(key)
        return entry.value if entry else None

    def scalar(self, key: str) -> Scalar | None:
        """The value for a key if it is a scalar other than null."""
        value = self.get(key)
        return value if isinstance(value, Scalar) and not value.is_null else None

    def text(self, key: str) -> str | None:
        """The known text for a key, if it is that."""
        value = self.scalar(key)
        return value.known if value else None

    def mapping(self, key: str) -> Mapping | None:
        """The value for a key if it is a mapping."""
        value = self.get(key)
        return value if isinstance(value, Mapping) else None

    def items(self, key: str) -> tuple[Node, ...]:
        """The items for a key if it is a sequence, else none."""
        value = self.get(key)
        return value.items if isinstance(value, Sequence) else ()

    def mappings(self, key: str) -> Iterator[Mapping]:
        """Those items of a key's sequence that are mappings."""
        return (item for item in self.items(key) if isinstance(item, Mapping))

    def at(self, *path: str) -> Node | None:
        """The value at the end of a path of keys."""
        node: Node | None = self
        for key in path:
            if not isinstance(node, Mapping):
                return None
            node = node.get(key)
        return node


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in order. `rest`: there may be more, unknown, items."""

    items: tuple[Node, ...]
    span: Span
    rest: Hole | None = None


Node: TypeAlias = Scalar | Sequence | Mapping


def known(text: str, span: Span, kind: Kind = Kind.STRING) -> Scalar:
    """A scalar all of which is known."""
    return Scalar((text,), kind, span)


def unknown(hole: Hole, span: Span) -> Scalar:
    """A value of which nothing is known but why."""
    return Scalar((hole,), Kind.UNKNOWN, span)


def merged(parts: Iterable[str | Hole]) -> tuple[str | Hole, ...]:
    """Parts with neighbouring texts joined and empty ones left out."""
    done: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and done and isinstance(done[-1], str):
            done[-1] += part
        elif part != "":
            done.append(part)
    return tuple(done) or ("",)


def one_or_many(node: Node | None) -> tuple[tuple[Scalar, ...], Hole | None]:
    """The scalars of a value that may be written alone or as a list, and the hole that more may come from.

    IAM writes `Action`, `Resource`, principals and condition values so. Anything that is not a scalar is a hole.
    """
    if node is None:
        return (), None
    if isinstance(node, Scalar):
        if node.kind is Kind.UNKNOWN:
            return (), node.hole
        return ((), None) if node.is_null else ((node,), None)
    if isinstance(node, Sequence):
        scalars = tuple(item for item in node.items if isinstance(item, Scalar) and not item.is_null)
        return scalars, node.rest
    return (), Hole("a mapping where a value is expected")


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node below and including the given ones, in document order, without recursion."""
    stack = list(reversed(list(nodes)))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Sequence):
            stack.extend(reversed(node.items))
        elif isinstance(node, Mapping):
            stack.extend(entry.value for entry in reversed(node.entries))
