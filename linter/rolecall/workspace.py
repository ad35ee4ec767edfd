"""Reading files, safely: inside the tree, within bounds, decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.source import Source

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tree that may be read: everything below `root` after symlinks are resolved, nothing else."""

    root: Path

    def read(self, path: str) -> Source | Problem:
        """The decoded text of a file given by its shown path, or why it cannot be read."""
        raise NotImplementedError(path, ProblemKind, Source)
