"""Helm in Terraform: `helm_release`, and the service accounts for which its values ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.helm_settings import Asked, Given, given_by, identities
from rolecall.adapt.kubernetes_values import name_of
from rolecall.adapt.terraform import blocks, unseen
from rolecall.model import HelmRelease
from rolecall.syntax import embedded
from rolecall.tree import Hole, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import Block, Context
    from rolecall.facts import Said
    from rolecall.tree import Node

# In the order in which they are merged (getValues in the provider's resource_helm_release.go), with whether they are
# kept from the output.
_SETS = (("set", False), ("set_list", False), ("set_sensitive", True), ("set_wo", True))
_NAMESPACE = Hole("the provider's namespace: `default` unless HELM_NAMESPACE says another")


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
    where = namespace or unknown(_NAMESPACE, block.span)
    origin = context.origin(block)
    asked = Asked(origin.display, origin, where, tuple(layers), given, beyond or more)
    yield from identities(asked, context.documents.text_of)


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


def _settings(body: Mapping) -> Iterator[Given]:
    for kind, sensitive in _SETS:
        for item in blocks(body, kind):
            name, value = item.scalar("name"), item.get("value")
            if name is not None and value is not None:
                yield given_by(name, value, literal=item.text("type") == "literal", sensitive=sensitive)
