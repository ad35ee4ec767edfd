"""Documents inside strings: JSON (or YAML) in a scalar becomes a tree whose places are in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.syntax.json import HOLE, JsonError
from rolecall.syntax.json import parse as parse_json
from rolecall.syntax.places import mapper, substring
from rolecall.tree import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.span import Span
    from rolecall.tree import Hole, Node

__all__ = ["parse", "substring"]


def parse(scalar: Scalar, text_of: Callable[[str], str | None], *, yaml: bool = False) -> Node | None:
    """The tree that a string writes down, or None where it is no document (a lone scalar is none).

    `text_of` gives the text of a file by its path; with it every node's place is exact. A hole in a string stays a
    hole in it; one where a whole value is expected becomes an unknown value.
    """
    if scalar.is_null or HOLE in "".join(part for part in scalar.parts if isinstance(part, str)):
        return None
    text = "".join(part if isinstance(part, str) else HOLE for part in scalar.parts)
    if not text.strip() or text == HOLE:
        return None
    span_of = mapper(scalar, text_of)
    node: Node | None
    try:
        node = parse_json(text, span_of, scalar.holes)
    except JsonError:
        node = _yaml(text, span_of, scalar.holes) if yaml else None
    return node if isinstance(node, (Mapping, Sequence)) else None


def _yaml(text: str, span_of: Callable[[int, int], Span], holes: tuple[Hole, ...]) -> Node | None:
    """The first document."""
    from rolecall.syntax.yaml_tree import YamlError, compose  # noqa: PLC0415 - few strings are YAML

    try:
        return next(compose(text, span_of, holes), None)
    except YamlError:
        return None
