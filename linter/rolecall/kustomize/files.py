"""The files of kustomizations: read once, parsed once, never outside of the tree."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.problem import Problem
from rolecall.syntax import yaml
from rolecall.syntax.document import Document
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.problem import Unevaluated
    from rolecall.source import Source
    from rolecall.tree import Node
    from rolecall.workspace import Workspace

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What Kustomize calls its files (api/konfig, RecognizedKustomizationFileNames)."""

NOT_READ = ("CustomResourceDefinition",)
"""Kinds that say nothing of identity, and are longer than all others together."""

_SCHEMA = regex.compile(r"^kind:[ \t]*[\"']?CustomResourceDefinition\b", re.MULTILINE)
# https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md
_REMOTE = regex.compile(r"^(?:[a-z+]+://|git@|git::)|^(?:[a-z0-9-]+\.)+[a-z]{2,}/|\?ref=|\.git(?:/|$|\?)|//")


def is_remote(reference: str) -> bool:
    """Whether a reference leads to another repository."""
    return _REMOTE.search(reference) is not None


class Files:
    """Reads for one world. What several kustomizations share is parsed once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._documents: dict[str, tuple[tuple[Mapping, ...], tuple[Problem | Unevaluated, ...]]] = {}
        self._sources: dict[str, Source | Problem] = {}

    def source(self, path: str) -> Source | Problem:
        """The text of a file."""
        if path not in self._sources:
            self._sources[path] = self._workspace.read(path)
        return self._sources[path]

    def text_of(self, path: str) -> str | None:
        """The text of a file for places inside of its strings."""
        source = self.source(path)
        return None if isinstance(source, Problem) else source.text

    def documents(self, path: str) -> tuple[tuple[Mapping, ...], tuple[Problem | Unevaluated, ...]]:
        """The objects of a file, those of lists one by one, and what could not be read of it."""
        if path not in self._documents:
            self._documents[path] = self._read(path)
        return self._documents[path]

    def _read(self, path: str) -> tuple[tuple[Mapping, ...], tuple[Problem | Unevaluated, ...]]:
        source = self.source(path)
        if isinstance(source, Problem):
            return (), (source,)
        roots: list[Mapping] = []
        said: list[Problem | Unevaluated] = []
        chosen = [
            (start, end) for start, end in yaml.stretches(source.text) if not _SCHEMA.search(source.text, start, end)
        ]
        for document in yaml.documents(source, chosen):
            if isinstance(document, Document):
                roots.extend(_objects(document.root))
            else:
                said.append(document)
        return tuple(roots), tuple(said)

    def patches(self, path: str) -> tuple[tuple[Node, ...], tuple[Problem | Unevaluated, ...]]:
        """The documents of a file of patches as they are: a JSON Patch is a list."""
        source = self.source(path)
        if isinstance(source, Problem):
            return (), (source,)
        found = tuple(yaml.documents(source))
        roots = tuple(one.root for one in found if isinstance(one, Document))
        return roots, tuple(one for one in found if not isinstance(one, Document))

    def kustomization(self, directory: str) -> str | None:
        """The path of a directory's kustomization, None where it has none."""
        for name in NAMES:
            path = joined(directory, name)
            if self._workspace.is_file(path):
                return path
        return None

    def is_there(self, path: str) -> bool:
        """Whether there is anything at a path that may be read."""
        return self._workspace.exists(path)

    def is_file(self, path: str) -> bool:
        """Whether a path is a file that may be read."""
        return self._workspace.is_file(path)


def _objects(root: object) -> Iterator[Mapping]:
    """The objects of a document: the items of a list, else itself."""
    if isinstance(root, Sequence):
        for item in root.items:
            yield from _objects(item)
    elif isinstance(root, Mapping):
        items = root.get("items")
        if isinstance(items, Sequence) and (root.text("kind") or "").endswith("List"):
            yield from (item for item in items.items if isinstance(item, Mapping))
        else:
            yield root


def joined(directory: str, reference: str) -> str:
    """A path below a directory, as it is shown."""
    return (
        posixpath.normpath(posixpath.join(directory, reference)) if directory != "." else posixpath.normpath(reference)
    )


def directory_of(path: str) -> str:
    """The directory of a file, as it is shown."""
    return path.rpartition("/")[0] or "."


def text(value: str, like: Scalar) -> Scalar:
    """A text that stands where another one does."""
    return Scalar((value,), Kind.STRING, like.span)


def entry(key: str, value: Mapping | Scalar | Sequence, like: Scalar) -> Entry:
    """An entry that nobody wrote, at the place of what makes it."""
    return Entry(text(key, like), value)
