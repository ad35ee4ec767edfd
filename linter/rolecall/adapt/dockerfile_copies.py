"""What COPY and ADD bring into an image: sources, destinations, and what is seen of the files behind them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.dockerfile_values import Scope, evaluate, scalar
from rolecall.adapt.literals import literals
from rolecall.model import CopiedPath, Material, MaterialKind
from rolecall.secrets import classify
from rolecall.source import Source
from rolecall.syntax.dockerfile_ignore import Ignored
from rolecall.syntax.dockerfile_words import json_strings
from rolecall.tree import Scalar, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.syntax.dockerfile import Instruction
    from rolecall.workspace import Workspace

_OF_INTEREST = regex.compile(r"aws|\.env", re.IGNORECASE)
_FILES = (".aws/credentials", ".aws/config")
_MOST_PARENTS = 6
_MOST_LOOKS = 100


def copies(
    source: Source, workspace: Workspace
) -> Callable[[Instruction, Scope, Callable[[str], bool]], Iterator[CopiedPath]]:
    """A reader of the copies of one Dockerfile; its last argument says whether a name is that of a stage."""
    context = _Context(source.path, workspace)

    def read(instruction: Instruction, scope: Scope, is_stage: Callable[[str], bool]) -> Iterator[CopiedPath]:
        paths = _paths(instruction, scope, source.path)
        flag = instruction.flag("from")
        from_stage = known(flag.value, flag.span) if flag else None
        if not paths:
            return
        destination = paths[-1]
        for path in paths[:-1]:
            brings, content, excluded = "", None, False
            if flag is None:
                brings, content, excluded = context.seen(path.known, destination.known)
            yield CopiedPath(
                instruction.keyword,
                path,
                destination,
                instruction.span,
                from_stage,
                excluded,
                brings,
                content,
                known_stage=flag is not None and is_stage(flag.value),
            )
        for heredoc in instruction.heredocs:
            body = source.text[heredoc.start : heredoc.end]
            yield CopiedPath(
                instruction.keyword,
                known(f"<<{heredoc.name}", instruction.line.span(instruction.start, instruction.end)),
                destination,
                instruction.span,
                content=_content(Source(source.path, body)),
            )

    return read


def _paths(instruction: Instruction, scope: Scope, path: str) -> list[Scalar]:
    """The sources and, last, the destination. Here-documents are not among them."""
    strings = json_strings(instruction.line, instruction.start, instruction.end)
    if strings is not None:
        return [known(text.text, text.span(0, len(text.text))) for text in strings]
    return [
        scalar(evaluate(word.value, scope, path), word.inner)
        for word in instruction.words()
        if not (instruction.heredocs and word.raw.startswith("<<"))
    ]


def _content(source: Source) -> Material:
    """What a copied file holds."""
    if any(True for _ in literals(source)):
        return Material(MaterialKind.CREDENTIALS_FILE)
    material = classify("", source.text)
    return material if material.kind is MaterialKind.CREDENTIALS_FILE else Material(MaterialKind.CONFIG_FILE)


class _Context:
    """The folder that an image is built from, which is not written down: the Dockerfile's own, or one above it."""

    def __init__(self, path: str, workspace: Workspace) -> None:
        self._path = path
        self._workspace = workspace
        self._ignored: Ignored | None = None
        self._asked = False
        self._looks = 0
        folder = posixpath.dirname(path)
        self._folders = [folder]
        while folder not in ("", "/", ".") and len(self._folders) < _MOST_PARENTS:
            folder = posixpath.dirname(folder)
            self._folders.append(folder)

    def seen(self, path: str | None, destination: str | None) -> tuple[str, Material | None, bool]:
        """What a whole folder's copy brings, what the copied file holds, and whether `.dockerignore` keeps it out."""
        if path is None or "://" in path:
            return "", None, False
        clean = posixpath.normpath(path.lstrip("/") or ".")
        if self._looks >= _MOST_LOOKS:
            return "", None, False
        if _OF_INTEREST.search(f"{path} {destination or ''}"):
            self._looks += 1
            return "", self._holds(clean), self._excludes(clean)
        if clean not in (".", "*"):
            return "", None, False
        self._looks += 1
        file = _FILES[0]
        text = self._read(posixpath.join(self._folders[0], file))
        if text is None:
            return "", None, False
        return file, _content(text), self._excludes(file)

    def _holds(self, path: str) -> Material | None:
        """What a file holds, or a folder's credentials file, or its config file where there is only that."""
        for folder in self._folders:
            for name in (path, *(posixpath.join(path, posixpath.basename(file)) for file in _FILES)):
                text = self._read(posixpath.join(folder, name))
                if text is not None:
                    return _content(text)
        return None

    def _excludes(self, path: str) -> bool:
        if not self._asked:
            self._asked = True
            # A file of the Dockerfile's own name goes first: https://docs.docker.com/build/concepts/context/.
            names = [f"{self._path}.dockerignore", *(posixpath.join(it, ".dockerignore") for it in self._folders)]
            text = next((found for name in names if (found := self._read(name)) is not None), None)
            self._ignored = Ignored(text.text) if text is not None else None
        return self._ignored is not None and self._ignored.excludes(path)

    def _read(self, path: str) -> Source | None:
        if path.startswith(("../", "-", "<")) or "\0" in path:
            return None
        found = self._workspace.read(path)
        return found if isinstance(found, Source) else None
