"""The intrinsic functions of CloudFormation, over values that may be known in part.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.cloudformation.references import named, of_resource
from rolecall.cloudformation.texts import LONGEST, dynamic, pieces, string, substituted
from rolecall.terraform.evaluate_either import either
from rolecall.terraform.values import Failure, opaque, same
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.cloudformation.evaluate import Evaluator
    from rolecall.span import Span
    from rolecall.tree import Node

_WRONG = Hole("a function whose argument it does not take")
_NO_BRANCH = Hole("a condition that is not known")


def sub(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::Sub`: a text, or a text and the variables that are its own."""
    variables: Mapping | None = None
    text: Node | None = argument
    if isinstance(argument, Sequence) and len(argument.items) == 2:
        text = argument.items[0]
        variables = argument.items[1] if isinstance(argument.items[1], Mapping) else None
    if not isinstance(text, Scalar):
        return unknown(_WRONG, span)

    worked_out: dict[str, Node | None] = {}

    def value_of(name: str, place: Span) -> Node | None:
        own = variables.get(name) if variables is not None else None
        if own is not None:
            if name not in worked_out:
                worked_out[name] = evaluator.value(own)
            return worked_out[name]
        resource, dot, path = name.partition(".")
        return of_resource(evaluator, resource, path, place) if dot else named(evaluator, name, place)

    return substituted(evaluator, text, value_of)


def join(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::Join`: the items of a list with a text between them."""
    items = _arguments(argument, 2)
    if items is None:
        return unknown(_WRONG, span)
    delimiter, values = evaluator.value(items[0]), evaluator.value(items[1])
    between = delimiter.known if isinstance(delimiter, Scalar) else None
    if between is None or not isinstance(values, Sequence) or values.rest is not None:
        return _text(opaque("Fn::Join", _given(delimiter, values), span))
    found: list[tuple[str | Hole, Span]] = []
    for number, value in enumerate(values.items):
        if number and between and isinstance(delimiter, Scalar):
            found.append((between, value.span))
        found += pieces(value)
        if len(found) > LONGEST:
            break
    return string(found, span)


def split(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::Split`: the list of the pieces of a text."""
    items = _arguments(argument, 2)
    if items is None:
        return unknown(_WRONG, span)
    delimiter, value = evaluator.value(items[0]), evaluator.value(items[1])
    mark = delimiter.known if isinstance(delimiter, Scalar) else None
    text = value.known if isinstance(value, Scalar) else None
    if not mark or text is None or not isinstance(value, Scalar):
        return opaque("Fn::Split", _given(delimiter, value), span)
    return Sequence(tuple(Scalar((one,), Kind.STRING, value.span, value.via) for one in text.split(mark)), span)


def select(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::Select`: the item of a list by its number."""
    items = _arguments(argument, 2)
    if items is None:
        return unknown(_WRONG, span)
    index, values = evaluator.value(items[0]), evaluator.value(items[1])
    number = index.number if isinstance(index, Scalar) else None
    if number is None or not isinstance(values, Sequence):
        return opaque("Fn::Select", _given(index, values), span)
    if 0 <= number < len(values.items):
        return values.items[number]
    return unknown(values.rest or Hole("an item that the list does not have"), span)


def find_in_map(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::FindInMap`: a value of a mapping of the template, by two keys."""
    items = _arguments(argument, 3, most=4)
    if items is None:
        return unknown(_WRONG, span)
    values = [evaluator.value(item) for item in items[:3]]
    keys = [value.known if isinstance(value, Scalar) else None for value in values]
    if any(key is None for key in keys):
        return opaque("Fn::FindInMap", _given(*values), span)
    name, first, second = (key or "" for key in keys)
    mapping = evaluator.sections.mappings.get(name)
    inner = mapping.mapping(first) if mapping is not None else None
    found = inner.get(second) if inner is not None else None
    if found is None and len(items) > 3:
        default = items[3].get("DefaultValue") if isinstance(items[3], Mapping) else None
        return (evaluator.value(default) if default is not None else None) or unknown(_WRONG, span)
    if isinstance(found, Scalar):
        return dynamic(evaluator, found).passed(span)
    if isinstance(found, Sequence) and all(isinstance(item, Scalar) for item in found.items):
        # Nothing in a mapping is evaluated.
        return found
    return unknown(Hole("a key that the mapping does not have", (Reference(evaluator.unit, name),)), span)


def choose(evaluator: Evaluator, argument: Node, span: Span) -> Node | None:
    """`Fn::If`: one of two values by a condition; of an unknown one what both have in common."""
    items = _arguments(argument, 3)
    name = items[0].known if items is not None and isinstance(items[0], Scalar) else None
    if items is None or name is None:
        return unknown(_WRONG, span)
    answer = evaluator.condition(name)
    if answer is not Answer.UNKNOWN:
        return evaluator.value(items[1] if answer is Answer.YES else items[2])
    condition = evaluator.undecided(name, span)
    yes, no = evaluator.value(items[1]), evaluator.value(items[2])
    if yes is None and no is None:
        return None
    if yes is None or no is None:
        return opaque("Fn::If", (condition, *_given(yes, no)), span, reason=_NO_BRANCH.reason)
    try:
        return either(condition, yes, no, span)
    except Failure:
        return opaque("Fn::If", (condition, yes, no), span)


def encode(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::Base64`."""
    value = evaluator.value(argument)
    text = value.known if isinstance(value, Scalar) else None
    if text is None:
        return _text(opaque("Fn::Base64", _given(value), span, plain=True))
    return known(base64.b64encode(text.encode("utf-8", "replace")).decode(), span)


def imported(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::ImportValue`: what another stack exports."""
    value = evaluator.value(argument)
    name = value.display if isinstance(value, Scalar) else "?"
    return unknown(Hole("a value of another stack", (Reference(evaluator.unit, f"Fn::ImportValue {name}"),)), span)


def as_json(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """`Fn::ToJsonString`: a tree stands for its text."""
    value = evaluator.value(argument)
    return value if value is not None else unknown(_WRONG, span)


def _given_by(reason: str) -> Callable[[Evaluator, Node, Span], Node]:
    def given(evaluator: Evaluator, argument: Node, span: Span) -> Node:
        value = evaluator.value(argument)
        return opaque(reason, _given(value), span, reason=reason)

    return given


FUNCTIONS: dict[str, Callable[[Evaluator, Node, Span], Node | None]] = {
    "Fn::Base64": encode,
    "Fn::Cidr": _given_by("a list of address blocks"),
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": _given_by("the availability zones of a region"),
    "Fn::If": choose,
    "Fn::ImportValue": imported,
    "Fn::Join": join,
    "Fn::Length": _given_by("the length of a list"),
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": as_json,
}


def equal(one: Node | None, other: Node | None) -> Answer:
    """`Fn::Equals`: CloudFormation compares texts, whatever they look like."""
    if one is None or other is None:
        return Answer.UNKNOWN
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return Answer.of(same(_as_text(one), _as_text(other)))
    return Answer.UNKNOWN


def truth(answer: Answer, span: Span) -> Node:
    """An answer as a value."""
    if answer is Answer.UNKNOWN:
        return unknown(_NO_BRANCH, span)
    return known("true" if answer is Answer.YES else "false", span, Kind.BOOLEAN)


def _as_text(value: Scalar) -> Scalar:
    text = value.known
    if text is None:
        return value
    boolean = value.boolean if value.kind is Kind.BOOLEAN else None
    return known(text if boolean is None else "true" if boolean else "false", value.span)


def _text(value: Scalar) -> Scalar:
    """An unknown that is certainly a text."""
    return Scalar(value.parts, Kind.STRING, value.span, value.via)


def _arguments(argument: Node, least: int, most: int | None = None) -> tuple[Node, ...] | None:
    if not isinstance(argument, Sequence) or not least <= len(argument.items) <= (most or least):
        return None
    return argument.items


def _given(*values: Node | None) -> tuple[Node, ...]:
    return tuple(value for value in values if value is not None)
