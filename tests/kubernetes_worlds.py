"""Worlds of manifests for tests: text in, entities or a graph out, through the real reader."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes import adapt
from rolecall.facts import Facts, Suppression
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import Entity
from rolecall.source import Source
from rolecall.syntax.document import Document
from rolecall.syntax.yaml import documents

if TYPE_CHECKING:
    from rolecall.facts import Said


def said(text: str, path: str = "app/all.yaml", group: str = "app") -> tuple[Said, ...]:
    """What the adapter says about a file."""
    source = Source(path, dedent(text).lstrip("\n"))
    found: list[Said] = []
    for document in documents(source):
        if isinstance(document, Document):
            found.extend(adapt(document, source, group))
        else:
            found.append(document)
    return tuple(found)


def facts(text: str, path: str = "app/all.yaml", group: str = "app") -> Facts:
    """The facts of a file."""
    things = said(text, path, group)
    entities = tuple(thing for thing in things if isinstance(thing, Entity))
    suppressions = tuple(thing for thing in things if isinstance(thing, Suppression))
    assert len(entities) + len(suppressions) == len(things), things
    return Facts(path, entities, suppressions=suppressions, files=(path,))


def world(*files: str | tuple[str, str]) -> Graph:
    """A world of files: a text alone stands in `app/all.yaml`, a pair gives its path; the directory is the group."""
    made = [file if isinstance(file, tuple) else ("app/all.yaml", file) for file in files]
    return Graph(facts(text, path, path.rpartition("/")[0]) for path, text in made)


def only(graph: Graph) -> PodContainer:
    """The one container of a world."""
    (container,) = graph.all(PodContainer)
    return container


def written(text: str, span_start: int, span_end: int) -> str:
    """The text under a span of a dedented manifest."""
    return dedent(text).lstrip("\n")[span_start:span_end]
