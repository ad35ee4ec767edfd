"""Values of a Helm release that are set by their names, over others that are trees, whatever declares the release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.helm_identities import Values, account, others
from rolecall.adapt.helm_names import keys_of, value_of
from rolecall.adapt.helm_values import merged, service_accounts, setting
from rolecall.adapt.kubernetes_values import judged, withheld
from rolecall.model import HelmSetting
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.tree import Hole, Kind, Mapping, Scalar, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.tree import Node

_PLACEHOLDER = "…"
"""Stands for an unknown part of a name: no character that means anything to Helm."""


@dataclass(frozen=True, slots=True)
class Given:
    """A setting with its value as it is written, which the model may not hold."""

    setting: HelmSetting
    value: Node


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a release is given: trees of values, the later over the earlier, then what is set by name.

    `display` is the release as a message names it; `more`: there may be others, which have the last word.
    """

    display: str
    origin: Origin
    namespace: Scalar | None
    layers: tuple[Mapping, ...]
    settings: tuple[Given, ...]
    more: Hole | None = None


def identities(asked: Asked, text_of: Callable[[str], str | None]) -> Iterator[Said]:
    """What the values of a release say of identity."""
    unnamed = next((one.setting.name.hole for one in asked.settings if _may_set_anything(one.setting)), None)
    hole = asked.more or unnamed
    set_one_by_one = (_placed(one) for one in asked.settings)
    tree = merged(
        (*asked.layers, *(layer for layer in set_one_by_one if layer is not None)),
        asked.origin.span,
    )
    values = Values(tree, asked.display, asked.origin, asked.namespace, text_of)
    for path, metadata in service_accounts(tree):
        if hole is not None:
            # What is not seen comes later, or may, and has the last word.
            yield Unevaluated(f"service account of {asked.origin.address} ({path})", hole.why, metadata.span)
            continue
        yield from account(values, path, metadata)
    yield from others(values)


def given_by(name: Scalar, value: Node, *, literal: bool = False, sensitive: bool = False) -> Given:
    """A value that is set by its name, as `--set` of the command line does. A literal is one key of the top level."""
    text = "".join(part if isinstance(part, str) else _PLACEHOLDER for part in name.parts)
    path = (text,) if literal else keys_of(text)
    material, shown = judged(_last(path), value) if isinstance(value, Scalar) else judged("", _nothing(value))
    if sensitive and isinstance(value, Scalar):
        shown = withheld(shown)
    kept = shown if isinstance(value, Scalar) else None
    return Given(HelmSetting(name, path, kept, material, sensitive), value if literal else _parsed(value))


def _last(path: tuple[str | int, ...] | None) -> str:
    last = path[-1] if path else ""
    return last if isinstance(last, str) else ""


def _nothing(value: Node) -> Scalar:
    return Scalar(("",), Kind.STRING, value.span)


def _parsed(value: Node) -> Node:
    """The value that Helm makes of a setting's text: escapes taken out, braces made a list."""
    text = value.known if isinstance(value, Scalar) else None
    if text is None or not isinstance(value, Scalar):
        return value
    made = value_of(text)
    if isinstance(made, str):
        return value if made == text else replace(value, parts=(made,), places=())
    return Sequence(tuple(known(item, value.span) for item in made), value.span)


def _may_set_anything(one: HelmSetting) -> bool:
    """Whether it is not known which value a setting is for, so that it may be for any."""
    return bool(one.name.holes) and (one.path is None or any(_PLACEHOLDER in str(key) for key in one.path))


def _placed(one: Given) -> Mapping | None:
    path = one.setting.path
    return setting(path, one.value, one.setting.name.span) if path and not one.setting.name.holes else None
