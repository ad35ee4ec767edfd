"""The identity graph: for people by namespace, as plain data, as DOT, and as a Mermaid flowchart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rolecall.answer import Answer
from rolecall.chain.identities import Thing
from rolecall.report.cells import clean, wrap
from rolecall.report.json import place
from rolecall.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.chain.identities import Edge, Identities, Node
    from rolecall.report.style import Style

_NOWHERE = "no namespace written"
_MOST_NAMED = 8
_ARROWS = {Answer.YES: "─▶", Answer.UNKNOWN: "┄▶", Answer.NO: "─x"}
_MOST_DEEP = 6


def text(found: Identities, style: Style) -> Iterator[str]:
    """Workloads and service accounts by namespace with all that they lead to; then who else gets into roles."""
    nodes = {node.key: node for node in found.nodes}
    after: dict[str, list[Edge]] = {}
    entered = set()
    for edge in found.edges:
        after.setdefault(edge.start, []).append(edge)
        entered.add(edge.end)
    namespaces: dict[str, list[Node]] = {}
    for node in found.nodes:
        if node.thing is Thing.WORKLOAD or (node.thing is Thing.SERVICE_ACCOUNT and node.key not in entered):
            namespaces.setdefault(node.namespace or _NOWHERE, []).append(node)
    for node in found.plain:
        namespaces.setdefault(node.namespace or _NOWHERE, [])
    for namespace, starts in namespaces.items():
        yield style.paint(clean(f"namespace {namespace}" if namespace != _NOWHERE else namespace), "bold")
        yield from _each(starts, nodes, after, style)
        plain = [node.label for node in found.plain if (node.namespace or _NOWHERE) == namespace]
        if plain:
            yield from (style.paint(f"  {line}", "dim") for line in wrap(_folded(plain), style.width - 2))
    outside = [node for node in found.nodes if node.thing is Thing.OUTSIDE]
    if outside:
        yield style.paint("from outside of these files", "bold")
    yield from _each(outside, nodes, after, style)


def _each(starts: list[Node], nodes: dict[str, Node], after: dict[str, list[Edge]], style: Style) -> Iterator[str]:
    """Each with what it leads to; those of which the same is to be said once, with their number."""
    blocks = Counter((clean(mask(node.label)), *_tree(node.key, nodes, after, style, 1)) for node in starts)
    for (label, *lines), count in blocks.items():
        yield f"  {label} ({count} of them)" if count > 1 else f"  {label}"
        yield from lines


def _folded(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    many = "1 workload" if len(names) == 1 else f"{len(names)} workloads"
    return f"{many} without an AWS identity: {shown}{more}"


def _tree(key: str, nodes: dict[str, Node], after: dict[str, list[Edge]], style: Style, depth: int) -> Iterator[str]:
    """What a node leads to, each a step further to the right. A ring ends at its depth."""
    same: dict[tuple[str, str, Answer], list[Edge]] = {}
    for edge in after.get(key, ()) if depth <= _MOST_DEEP else ():
        if edge.end in nodes:
            same.setdefault((clean(mask(nodes[edge.end].label)), edge.words, edge.wins), []).append(edge)
    for (label, words, wins), edges in same.items():
        colour = {Answer.YES: "green", Answer.UNKNOWN: "yellow", Answer.NO: "dim"}[wins]
        note = " (not used)" if wins is Answer.NO else " (perhaps)" if wins is Answer.UNKNOWN else ""
        more = f" ({len(edges)} of that name)" if len(edges) > 1 else ""
        painted = style.strike(label) if wins is Answer.NO else label
        yield f"{'':{2 + 3 * depth}}{style.paint(_ARROWS[wins], colour)} {painted}, {words}{note}{more}"
        yield from _tree(edges[0].end, nodes, after, style, depth + 1)


def data(found: Identities) -> dict[str, Any]:
    """Nodes and edges as plain data; nodes are named by number."""
    every = (*found.nodes, *found.plain)
    numbers = {node.key: number for number, node in enumerate(every)}
    return {
        "version": 1,
        "nodes": [
            {
                "id": numbers[node.key],
                "kind": node.thing.name.lower(),
                "label": mask(node.label),
                "namespace": node.namespace or None,
                "at": place(node.at) if node.at is not None else None,
            }
            for node in every
        ],
        "edges": [
            {
                "from": numbers[edge.start],
                "to": numbers[edge.end],
                "how": edge.words,
                "wins": edge.wins.value,
                "at": place(edge.at) if edge.at is not None else None,
            }
            for edge in _whole(found)
        ],
    }


def _whole(found: Identities) -> tuple[Edge, ...]:
    keys = {node.key for node in found.nodes}
    return tuple(edge for edge in found.edges if edge.start in keys and edge.end in keys)


_SHAPES = {
    Thing.WORKLOAD: "box",
    Thing.SERVICE_ACCOUNT: "ellipse",
    Thing.ROLE: "hexagon",
    Thing.KEY: "note",
    Thing.FILES: "folder",
    Thing.OUTSIDE: "cds",
}
_STYLES = {Answer.YES: "solid", Answer.UNKNOWN: "dashed", Answer.NO: "dotted"}


def dot(found: Identities) -> Iterator[str]:
    """For Graphviz: a cluster a namespace."""
    yield "digraph rolecall {"
    yield "  rankdir=LR;"
    yield '  node [fontname="sans-serif"];'
    numbers = {node.key: f"n{number}" for number, node in enumerate(found.nodes)}
    for index, (namespace, nodes, plain) in enumerate(_by_namespace(found)):
        if namespace:
            yield f"  subgraph cluster_{index} {{"
            yield f"    label={_quoted(f'namespace {namespace}')};"
        for node in nodes:
            yield f"    {numbers[node.key]} [shape={_SHAPES[node.thing]}, label={_quoted(mask(node.label))}];"
        if plain:
            yield f"    p{index} [shape=plaintext, label={_quoted(_folded(plain))}];"
        if namespace:
            yield "  }"
    for edge in _whole(found):
        label = _quoted(edge.words)
        yield f"  {numbers[edge.start]} -> {numbers[edge.end]} [label={label}, style={_STYLES[edge.wins]}];"
    yield "}"


def _quoted(words: str) -> str:
    return '"' + clean(words).replace("\\", "\\\\").replace('"', '\\"') + '"'


_MERMAID = {
    Thing.WORKLOAD: ("[", "]"),
    Thing.SERVICE_ACCOUNT: ("([", "])"),
    Thing.ROLE: ("{{", "}}"),
    Thing.KEY: (">", "]"),
    Thing.FILES: ("[/", "/]"),
    Thing.OUTSIDE: ("((", "))"),
}
_LINKS = {Answer.YES: "-->", Answer.UNKNOWN: "-.->", Answer.NO: "--x"}


def mermaid(found: Identities) -> Iterator[str]:
    """A flowchart that code hosts show in Markdown."""
    yield "flowchart LR"
    numbers = {node.key: f"n{number}" for number, node in enumerate(found.nodes)}
    for index, (namespace, nodes, plain) in enumerate(_by_namespace(found)):
        if namespace:
            yield f"  subgraph s{index}[{_escaped(f'namespace {namespace}')}]"
        for node in nodes:
            start, end = _MERMAID[node.thing]
            yield f"    {numbers[node.key]}{start}{_escaped(mask(node.label))}{end}"
        if plain:
            yield f"    p{index}[{_escaped(_folded(plain))}]"
        if namespace:
            yield "  end"
    for edge in _whole(found):
        yield f"  {numbers[edge.start]} {_LINKS[edge.wins]}|{_escaped(edge.words)}| {numbers[edge.end]}"


def _escaped(words: str) -> str:
    """A text that Mermaid takes as it is; quotes and what begins its own syntax as entities."""
    plain = clean(words).replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return f'"{plain}"'


def _by_namespace(found: Identities) -> Iterator[tuple[str, list[Node], list[str]]]:
    names: dict[str, list[Node]] = {}
    plain: dict[str, list[str]] = {}
    for node in found.nodes:
        names.setdefault(node.namespace, []).append(node)
    for node in found.plain:
        plain.setdefault(node.namespace, []).append(node.label)
    for namespace in dict.fromkeys((*names, *plain)):
        yield namespace, names.get(namespace, []), plain.get(namespace, [])
