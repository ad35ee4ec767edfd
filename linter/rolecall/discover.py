"""From paths to units: the tree is walked, `.gitignore` is honoured, and what is not ours is passed by."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.kinds import (
    Unit,
    UnitKind,
    is_manifest,
    is_plausible_json,
    is_policy,
    kind_of_name,
    kind_of_text,
    worth_sniffing,
)
from rolecall.problem import Problem
from rolecall.workspace import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.workspace import Workspace

__all__ = ["Discovery", "Unit", "UnitKind", "discover"]

_SKIPPED = frozenset({".git", "node_modules", ".terraform", ".venv", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is to be read, in order, and how many files were looked at and passed by.

    `workspace` is the one to read the units with: what the user named may be read in it.
    """

    units: tuple[Unit, ...]
    problems: tuple[Problem, ...]
    workspace: Workspace
    looked_at: int = 0
    passed_by: int = 0


def discover(paths: Sequence[str], workspace: Workspace) -> Discovery:
    """The units below some paths."""
    workspace = workspace.naming(paths)
    units: list[Unit] = []
    problems: list[Problem] = []
    modules: dict[str, list[str]] = {}
    looked = passed = 0
    for path in paths:
        if path == STDIN:
            units.append(Unit(UnitKind.STREAM, STDIN, (STDIN,)))
            continue
        for file in _files(path, workspace):
            name = file.rpartition("/")[2]
            kind = kind_of_name(name)
            if kind is UnitKind.TERRAFORM:
                modules.setdefault(file.rpartition("/")[0] or ".", []).append(file)
                continue
            if kind is None and not worth_sniffing(name) and file != workspace.shown(path):
                continue
            source = workspace.read(file)
            looked += 1
            if isinstance(source, Problem):
                if kind is not None or file == workspace.shown(path):
                    problems.append(source)
                continue
            kind = kind or kind_of_text(source.text)
            if kind is UnitKind.YAML and not (is_manifest(source.text) or is_policy(source.text)):
                kind = None
            if kind is UnitKind.JSON and not is_plausible_json(source.text):
                kind = None
            if kind is None:
                passed += 1
            else:
                units.append(Unit(kind, file, (file,)))
    units.extend(Unit(UnitKind.TERRAFORM, directory, tuple(sorted(files))) for directory, files in modules.items())
    return Discovery(tuple(units), tuple(problems), workspace, looked, passed)


def _files(path: str, workspace: Workspace) -> Iterator[str]:
    top = os.path.join(workspace.root, path)
    if not os.path.isdir(top):
        yield workspace.shown(path)
        return
    for directory, folders, files in os.walk(top):
        folders[:] = sorted(folder for folder in folders if folder not in _SKIPPED)
        for name in sorted(files):
            yield workspace.shown(os.path.join(directory, name))
