"""Files of a chart's values: its own `values.yaml`, and those that its users write for an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt.helm_identities import Values, identities
from rolecall.adapt.helm_values import mentioned
from rolecall.model import Origin
from rolecall.problem import Unevaluated
from rolecall.tree import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.syntax.document import Document


def adapt(document: Document, source: Source, group: str) -> Iterator[Said]:
    """What a document of values says.

    Args:
        document: the values; `chart` is the directory of the chart that they are beside, if they are.
        source: the file they stand in.
        group: what they are applied together with (see `Origin.group`).
    """
    root = document.root
    if not isinstance(root, Mapping):
        return
    origin = Origin(
        unit=source.path,
        address="",
        span=root.span,
        whole=root.span,
        group=group,
        chart=document.chart,
        possible=document.possible,
    )
    owner = f"chart {document.chart}" if document.chart not in ("", ".") else "the chart"
    yield from identities(Values(root, owner, origin, None, lambda path: source.text if path == source.path else None))
    for key in mentioned(root):
        reason = "the chart decides what it annotates"
        yield Unevaluated(f"{key.display} among values", reason, key.span, source.path)
