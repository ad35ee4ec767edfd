"""Whether anything in a tree refers to an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.graph.namespaces import place_of

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.model import KubernetesObject


def is_unused(thing: KubernetesObject, graph: Graph) -> bool:
    """Whether surely no document refers to an object, though there are pods of its namespace.

    What an overlay or a template makes is not searched for.
    """
    where, name = place_of(thing), thing.name.known
    namespace = where.namespace.known if where.namespace is not None and not where.open else None
    if name is None or namespace is None or thing.origin.world or thing.origin.chart:
        return False
    seen = graph.mentions
    return seen is not None and not seen.anything and name not in seen.names and namespace in seen.inhabited
