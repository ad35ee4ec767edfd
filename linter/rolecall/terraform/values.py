"""What the evaluator's functions share: unknowns that keep their references, and known values as text or numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Reference, Scalar, Sequence, known, merged, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.span import Span

NUMBERS = Context(prec=160)
"""Terraform counts with 512 bits, which is a little less."""
LARGEST = 400
"""How many digits a number may have before or after its point."""
_PLAIN_NAME = regex.compile(r"[^\W\d][\w-]*\Z")
_NUMBER = regex.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 1_000
_REFERENCES = 64


class Failure(Exception):  # noqa: N818 - a fault of the text, not of the program
    """The expression is an error in Terraform, whatever the unknown values are."""


class OutOfBounds(Failure):
    """What is not worked out here, though it may be no error in Terraform: a `try` does not go on after it."""


def parts_of(node: Node) -> Iterator[str | Hole]:
    """Every piece of text and every hole in a value, keys and rests included, without recursion."""
    stack: list[Node | Hole] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Hole):
            yield item
        elif isinstance(item, Scalar):
            yield from item.parts
        elif isinstance(item, Sequence):
            if item.rest:
                stack.append(item.rest)
            stack.extend(reversed(item.items))
        else:
            if item.rest:
                stack.append(item.rest)
            for entry in reversed(item.entries):
                stack.extend((entry.value, entry.key))


def holes_of(nodes: Iterable[Node]) -> Iterator[Hole]:
    """The holes in some values."""
    return (part for node in nodes for part in parts_of(node) if isinstance(part, Hole))


def is_known(node: Node) -> bool:
    """Whether there is no hole in a value."""
    return not any(isinstance(part, Hole) for part in parts_of(node))


def identity(nodes: Iterable[Node]) -> str:
    """A digest of some values: equal only if they are the same value; their text cannot be read from it."""
    # Imported here: it loads OpenSSL, and few values are told apart so.
    from hashlib import blake2b  # noqa: PLC0415

    digest = blake2b(digest_size=9)
    for node in nodes:
        stack: list[Node | str] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                digest.update(item.encode("utf-8", "surrogatepass") + b"\0")
            elif isinstance(item, Scalar):
                text = (
                    f"s{len(part)}:{part}" if isinstance(part, str) else f"h{part!r}" for part in merged(item.parts)
                )
                stack.extend(reversed((item.kind.value, *text, "e")))
            elif isinstance(item, Sequence):
                stack.extend(reversed(("[", *item.items, repr(item.rest), "]")))
            else:
                inside = (part for entry in item.entries for part in (entry.key, entry.value))
                stack.extend(reversed(("{", *inside, repr(item.rest), "}")))
    return digest.hexdigest()


def references_of(nodes: Iterable[Node]) -> tuple[Reference, ...]:
    """What some values depend on, each once, in order."""
    found: dict[Reference, None] = {}
    for hole in holes_of(nodes):
        found.update(dict.fromkeys(hole.references))
        if len(found) > _REFERENCES:
            break
    return tuple(found)[:_REFERENCES]


def opaque(name: str, nodes: Iterable[Node], span: Span, *, plain: bool = False, reason: str = "") -> Scalar:
    """The unknown result of a function over partly unknown values.

    `plain`: nothing but the one unknown decides the result, so its name is enough to know the same result again;
    else a digest of the arguments goes with the name.
    """
    nodes = tuple(nodes)
    holes = list(holes_of(nodes))
    first = holes[0].reason if holes else "an unknown value"
    if plain and len(holes) == 1:
        return unknown(replace(holes[0], through=(*holes[0].through, name)), span)
    label = f"{name}#{identity(nodes)}"
    return unknown(Hole(reason or first, references_of(nodes), (label,)), span)


def selected(hole: Hole, step: str) -> Hole:
    """The hole for an attribute (`.name`) or an item (`[0]`, `["key"]`) of an unknown value."""
    if len(hole.references) == 1 and not hole.through:
        reference = hole.references[0]
        path = (reference.attribute + step).removeprefix(".")
        return replace(hole, references=(replace(reference, attribute=path),))
    return replace(hole, through=(*hole.through, step))


def step_of(key: str, kind: Kind) -> str:
    """How an index is written in a reference's attribute path."""
    if kind is Kind.NUMBER:
        return f"[{key}]"
    return f".{key}" if _PLAIN_NAME.match(key) else f'["{key}"]'


def the_hole(node: Node) -> Hole | None:
    """The hole if a value is nothing but one."""
    if isinstance(node, Scalar) and node.kind is Kind.UNKNOWN:
        return node.hole
    return None


def text_of(node: Node) -> str | None:
    """The known text of a string, or of what Terraform turns into a string by itself. None where unknown.

    Raises `Failure` for null and for collections.
    """
    if not isinstance(node, Scalar) or node.is_null:
        raise Failure("a string is expected")
    return node.known


def number_of(node: Node) -> Decimal | None:
    """The known number, or None where unknown. Raises `Failure` for what is not a number."""
    text = text_of(node)
    if text is not None and isinstance(node, Scalar) and node.kind is Kind.BOOLEAN:
        raise Failure("a number is expected")
    return decimal(text) if text is not None else None


def decimal(text: str) -> Decimal:
    """The number that a text spells, within bounds. Raises `Failure`."""
    if not _NUMBER.fullmatch(text):
        raise Failure("a number is expected")
    try:
        number = NUMBERS.create_decimal(text[:_LONGEST_NUMBER])
    except ArithmeticError as error:
        raise OutOfBounds("a number out of bounds") from error
    if len(text) > _LONGEST_NUMBER:
        raise OutOfBounds("a number out of bounds")
    if abs(number.adjusted()) > LARGEST:
        raise OutOfBounds("a number out of bounds")
    return number


def spelled(number: Decimal) -> str:
    """A number as Terraform writes it."""
    if number == number.to_integral_value(context=NUMBERS):
        return str(int(number))
    return format(number, "f").rstrip("0").rstrip(".")


def boolean_of(node: Node) -> bool | None:
    """The known truth of a condition, or None where unknown. Raises `Failure` for what is not a boolean."""
    text = text_of(node)
    if text is None:
        return None
    # What cty turns into booleans by itself: `convert/conversion_primitive.go`.
    if text not in ("true", "false", "1", "0") or (isinstance(node, Scalar) and node.kind is Kind.NUMBER):
        raise Failure("a boolean is expected")
    return text in ("true", "1")


def truth(value: bool, span: Span) -> Scalar:
    """A boolean."""
    return known("true" if value else "false", span, Kind.BOOLEAN)


def number(value: Decimal | int, span: Span) -> Scalar:
    """A number."""
    return known(spelled(Decimal(value)), span, Kind.NUMBER)


def null(span: Span) -> Scalar:
    """Null."""
    return known("null", span, Kind.NULL)


def string(pieces: Iterable[tuple[str | Hole, Span]], span: Span) -> Scalar:
    """A string of pieces, each with its place."""
    kept = [(part, place) for part, place in pieces if part != ""]
    if not kept:
        return Scalar(("",), Kind.STRING, span)
    return Scalar(tuple(part for part, _ in kept), Kind.STRING, span, places=tuple(place for _, place in kept))


def pieces_of(scalar: Scalar) -> Iterator[tuple[str | Hole, Span]]:
    """The parts of a scalar with their places."""
    if len(scalar.places) == len(scalar.parts):
        yield from zip(scalar.parts, scalar.places, strict=True)
    else:
        for part in scalar.parts:
            yield part, scalar.span


def same(one: Node, other: Node) -> bool | None:  # noqa: PLR0911 - one branch a case
    """Terraform's `==`: None where the unknown parts decide."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return _same_scalars(one, other)
    for node in (one, other):
        if isinstance(node, Scalar):
            # A null or a known scalar is no collection; an unknown one may be.
            return None if the_hole(node) else False
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        # A set is not a list; whether something is a set may have been lost on the way.
        if one.rest or other.rest or type(one) is not type(other):
            return None
        if len(one.items) != len(other.items):
            return False
        return _all(same(left, right) for left, right in zip(one.items, other.items, strict=True))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        left, right = fields(one), fields(other)
        if left is None or right is None:
            return None
        if left.keys() != right.keys():
            return False
        return _all(same(left[key], right[key]) for key in left)
    return False


def _all(answers: Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def _same_scalars(one: Scalar, other: Scalar) -> bool | None:
    if the_hole(one) or the_hole(other):
        return None
    if one.kind is not other.kind:
        return False
    if one.is_null:
        return True
    left, right = one.known, other.known
    if left is not None and right is not None:
        return decimal(left) == decimal(right) if one.kind is Kind.NUMBER else left == right
    mine, theirs = merged(one.parts), merged(other.parts)
    return None if _may_be_equal(mine, theirs) and _may_be_equal(mine[::-1], theirs[::-1], backwards=True) else False


def _may_be_equal(mine: tuple[str | Hole, ...], theirs: tuple[str | Hole, ...], *, backwards: bool = False) -> bool:
    """Whether two partly known strings can be equal as far as their known beginnings (or ends) tell."""
    left, right = mine[0], theirs[0]
    if isinstance(left, Hole) or isinstance(right, Hole):
        return True
    if backwards:
        return left.endswith(right) or right.endswith(left)
    return left.startswith(right) or right.startswith(left)


def fields(mapping: Mapping) -> dict[str, Node] | None:
    """The values by key, as Terraform sees them, or None where a key or the rest is unknown."""
    if mapping.rest:
        return None
    found: dict[str, Node] = {}
    for entry in mapping.entries:
        key = entry.key.known
        if key is None:
            return None
        found[key] = entry.value
    return found


def ordered(mapping: Mapping) -> list[Entry]:
    """The entries that count, each key once, in Terraform's order: by key, unknown keys last."""
    found: dict[str, Entry] = {}
    others: list[Entry] = []
    for entry in mapping.entries:
        key = entry.key.known
        if key is None:
            others.append(entry)
        else:
            found[key] = entry
    return [*(found[key] for key in sorted(found)), *others]
