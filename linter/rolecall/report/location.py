"""Paths as URIs relative to the root of the repository."""

from __future__ import annotations

from os.path import normpath
from typing import TYPE_CHECKING
from urllib.parse import quote

from rolecall.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Locations:
    """Where shown paths start from (`directory`), and the repository around it (`root`)."""

    directory: Path
    root: Path

    @staticmethod
    def of(directory: Path) -> Locations:
        """The locations below a directory; its repository is where the nearest `.git` is, else itself."""
        for folder in (directory, *directory.parents):
            if (folder / ".git").exists():
                return Locations(directory, folder)
        return Locations(directory, directory)

    @property
    def base(self) -> str:
        """The root as a URI, which ends in a slash."""
        return self.root.as_uri().rstrip("/") + "/"

    def uri(self, path: str) -> tuple[str, bool]:
        """A shown path as a URI, percent-encoded, and whether it is relative to the root."""
        whole = normpath(self.directory / path)
        root = str(self.root).rstrip("/")
        if whole.startswith(root + "/"):
            return quote(_bytes(whole[len(root) + 1 :])), True
        return "file://" + quote(_bytes(whole)), False


def _bytes(path: str) -> bytes:
    """The path as it is on the disk, file names that are not UTF-8 included."""
    return path.encode("utf-8", "surrogateescape")
