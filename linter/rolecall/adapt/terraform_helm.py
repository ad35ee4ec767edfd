"""Helm in Terraform: `helm_release`, and the service accounts for which its values ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.helm_identities import Values, account, others
from rolecall.adapt.helm_names import keys_of, value_of
from rolecall.adapt.helm_values import merged, service_accounts, setting
from rolecall.adapt.kubernetes_values import judged, name_of, withheld
from rolecall.adapt.terraform import blocks, unseen
from rolecall.model import HelmRelease, HelmSetting
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.syntax import embedded
from rolecall.tree import Hole, Kind, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.tree import Node

# In the order in which they are merged (getValues in the provider's resource_helm_release.go), with whether they are
# kept from the output.
_SETS = (("set", False), ("set_list", False), ("set_sensitive", True), ("set_wo", True))
_NAMESPACE = Hole("the provider's namespace: `default` unless HELM_NAMESPACE says another")
_PLACEHOLDER = "…"
"""Stands for an unknown part of a name: no character that means anything to Helm."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A setting with its value as it is written, which the model may not hold."""

    setting: HelmSetting
    value: Node


def release(context: Context, block: Block, body: Mapping) -> Iterator[Said]:
    """A `helm_release`: the release, and the service accounts that its values describe."""
    given = tuple(_settings(body))
    more = next((hole for kind, _ in _SETS if (hole := unseen(body, kind)) is not None), body.rest)
    namespace = name_of(body.get("namespace"))
    yield HelmRelease(
        origin=context.origin(block),
        name=name_of(body.get("name")),
        namespace=namespace,
        chart=name_of(body.get("chart")),
        repository=name_of(body.get("repository")),
        settings=tuple(one.setting for one in given),
        settings_rest=more,
    )
    layers, beyond = _values(context, body)
    unnamed = next((one.setting.name.hole for one in given if _may_set_anything(one.setting)), None)
    hole = beyond or more or unnamed
    set_one_by_one = (_placed(one) for one in given)
    values = merged((*layers, *(layer for layer in set_one_by_one if layer is not None)), block.span)
    where = namespace or unknown(_NAMESPACE, block.span)
    origin = context.origin(block)
    given_values = Values(values, origin.display, origin, where, context.documents.text_of)
    for path, metadata in service_accounts(values):
        if hole is not None:
            # What is not seen comes later, or may, and has the last word.
            yield Unevaluated(f"service account of {block.address} ({path})", hole.why, metadata.span)
            continue
        yield from account(given_values, path, metadata)
    yield from others(given_values)


def _values(context: Context, body: Mapping) -> tuple[list[Mapping], Hole | None]:
    """The trees of `values`, and the hole for which some of it is not seen."""
    written = body.get("values")
    if written is None:
        return [], None
    texts: tuple[Node, ...] = written.items if isinstance(written, Sequence) else (written,)
    hole = written.rest if isinstance(written, Sequence) else None
    layers = []
    for text in texts:
        if not isinstance(text, Scalar) or text.is_empty:
            continue
        tree = embedded.parse(text, context.documents.text_of, yaml=True)
        if isinstance(tree, Mapping):
            layers.append(tree)
            hole = hole or tree.rest
        elif text.holes:
            hole = hole or text.hole
    return layers, hole


def _settings(body: Mapping) -> Iterator[_Given]:
    for kind, sensitive in _SETS:
        for item in blocks(body, kind):
            name, value = item.scalar("name"), item.get("value")
            if name is None or value is None:
                continue
            literal = item.text("type") == "literal"
            text = "".join(part if isinstance(part, str) else _PLACEHOLDER for part in name.parts)
            # The provider takes the name of a literal as one key of the top level.
            path = (text,) if literal else keys_of(text)
            material, shown = judged(_last(path), value) if isinstance(value, Scalar) else judged("", _nothing(value))
            if sensitive and isinstance(value, Scalar):
                shown = withheld(shown)
            kept = shown if isinstance(value, Scalar) else None
            yield _Given(HelmSetting(name, path, kept, material, sensitive), value if literal else _parsed(value))


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


def _placed(one: _Given) -> Mapping | None:
    path = one.setting.path
    return setting(path, one.value, one.setting.name.span) if path and not one.setting.name.holes else None
