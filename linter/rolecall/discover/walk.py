"""The files below a directory: ignored ones left out, symbolic links followed inside the tree only, each file once."""

# The functions of os take a third of pathlib's time, and trees hold many thousands of files.
# ruff: noqa: PTH112, PTH113, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rolecall.kinds import UnitKind, kind_of_name
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathspec import GitIgnoreSpec

    from rolecall.workspace import Workspace

_SKIPPED = frozenset({".git", "node_modules", ".terraform", ".venv", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its path as shown and its real path."""

    path: str
    real: str


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The patterns of one `.gitignore`, which hold below its directory."""

    base: str
    spec: GitIgnoreSpec


def walk(path: str, workspace: Workspace) -> Iterator[Found | Problem | Unevaluated]:
    """The files below a path that the user named, in order, links last; a file that is named is always given."""
    real = workspace.resolve(path)
    if isinstance(real, Problem):
        yield real
    elif os.path.isdir(real):
        yield from _Walk(workspace).below(path, real)
    elif os.path.isfile(real):
        yield Found(workspace.shown(path), real)
    else:
        yield Problem(ProblemKind.UNREADABLE, "neither a file nor a directory", workspace.shown(path))


class _Walk:
    """One walk: what was seen, and the links that are left for the end."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._links: list[tuple[str, str]] = []
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def below(self, path: str, real: str) -> Iterator[Found | Problem | Unevaluated]:
        shown = self._workspace.shown(path)
        yield from self._tree(real, "" if shown == "." else shown.rstrip("/") + "/", _above(real))
        while self._links:
            links, self._links = self._links, []
            for link, link_shown in links:
                yield from self._link(link, link_shown)

    def _tree(self, top: str, prefix: str, ignores: tuple[_Ignores, ...]) -> Iterator[Found | Problem]:
        pending = [(top, prefix, ignores)]
        while pending:
            folder, prefix, ignores = pending.pop()
            if folder in self._folders:
                continue
            self._folders.add(folder)
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError:
                message = "no permission to look into this directory"
                yield Problem(ProblemKind.UNREADABLE, message, prefix.rstrip("/") or ".")
                continue
            here = _here(folder, any(entry.name == ".gitignore" for entry in entries), ignores)
            inner: list[tuple[str, str, tuple[_Ignores, ...]]] = []
            for entry in entries:
                if entry.is_symlink():
                    if not _ignored(entry.path, here):
                        self._links.append((entry.path, prefix + entry.name))
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED and not _ignored(entry.path + "/", here):
                        inner.append((entry.path, f"{prefix}{entry.name}/", here))
                elif entry.is_file(follow_symlinks=False) and not _ignored(entry.path, here):
                    self._files.add(entry.path)
                    yield Found(prefix + entry.name, entry.path)
            pending.extend(reversed(inner))

    def _link(self, link: str, shown: str) -> Iterator[Found | Problem | Unevaluated]:
        ours = kind_of_name(shown.rpartition("/")[2])
        real = self._workspace.resolve(link)
        if isinstance(real, Problem):
            # Somebody's link to a document that is not there is no concern, a manifest that is not seen is; a folder,
            # JSON (most of which is data), or what leads nowhere, may be either.
            if ours not in (None, UnitKind.JSON):
                yield Problem(real.kind, real.message, shown)
            elif ours is UnitKind.JSON or os.path.isdir(link) or "itself" in real.message:
                yield Unevaluated("symbolic link", real.message, path=shown)
        elif os.path.isdir(real):
            if os.path.basename(real) not in _SKIPPED:
                yield from self._tree(real, f"{shown}/", ())
        elif os.path.isfile(real) and (ours is UnitKind.TERRAFORM or real not in self._files):
            self._files.add(real)
            yield Found(shown, real)


def _ignored(path: str, ignores: tuple[_Ignores, ...]) -> bool:
    """Whether git ignores a path: the innermost file that says anything about it decides."""
    for one in reversed(ignores):
        said = one.spec.check_file(path[len(one.base) :]).include
        if said is not None:
            return said
    return False


def _here(folder: str, present: bool, ignores: tuple[_Ignores, ...]) -> tuple[_Ignores, ...]:
    if not present:
        return ignores
    own = _patterns(os.path.join(folder, ".gitignore"), folder)
    return (*ignores, own) if own else ignores


def _above(top: str) -> tuple[_Ignores, ...]:
    """What the repository's own files above a directory say; nothing where they ignore the very directory."""
    folders = [top]
    while not os.path.lexists(os.path.join(folders[-1], ".git")):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return ()
        folders.append(parent)
    repository = folders[-1]
    found = [_patterns(os.path.join(repository, ".git", "info", "exclude"), repository)]
    found += [_patterns(os.path.join(folder, ".gitignore"), folder) for folder in reversed(folders[1:])]
    ignores = tuple(one for one in found if one)
    return () if top != repository and _ignored(f"{top}/", ignores) else ignores


def _patterns(path: str, base: str) -> _Ignores | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line for line in file.read(1 << 20).splitlines() if line.strip() and not line.startswith("#")]
    except OSError:
        return None
    if not lines:
        return None
    # Imported where it is needed: it costs more than reading a manifest.
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    return _Ignores(base.rstrip("/") + "/", GitIgnoreSpec.from_lines(lines))
