"""The patterns of a `.dockerignore` file, matched as the Docker client matches them."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase


class Ignored:
    """What a `.dockerignore` file leaves out of the build context. The last pattern that matches a path decides.

    Source: github.com/moby/patternmatcher, where a pattern that matches a parent folder matches what is in it.
    """

    __slots__ = ("_patterns",)

    def __init__(self, text: str) -> None:
        self._patterns: list[tuple[bool, list[str]]] = []
        for row in text.splitlines():
            pattern = row.strip()
            kept = pattern.startswith("!")
            if pattern and not pattern.startswith("#"):
                parts = _parts(pattern.removeprefix("!").strip())
                self._patterns += [(kept, parts)] if parts else []

    def excludes(self, path: str) -> bool:
        """Whether a path, relative to the context, is left out."""
        parts = _parts(path)
        excluded = False
        for kept, pattern in self._patterns:
            if excluded is kept and _matches(pattern, parts):
                excluded = not kept
        return excluded


def _parts(path: str) -> list[str]:
    return [part for part in posixpath.normpath(path).split("/") if part not in ("", ".")]


def _matches(pattern: list[str], path: list[str]) -> bool:
    """Whether a pattern matches a path or a folder above it. `**` stands for any number of folders."""
    # The places in the pattern that may have been reached after each part of the path.
    reached = _skip(pattern, {0})
    for part in path:
        moved = {at for at in reached if at < len(pattern) and pattern[at] == "**"}
        moved |= {at + 1 for at in reached if at < len(pattern) and fnmatchcase(part, pattern[at])}
        reached = _skip(pattern, moved)
        if len(pattern) in reached:
            return True
    return False


def _skip(pattern: list[str], reached: set[int]) -> set[int]:
    """The same places, and those behind a `**` that stands for nothing. At the end it has to stand for something."""
    found = set(reached)
    for at in sorted(reached):
        following = at
        while following < len(pattern) - 1 and pattern[following] == "**":
            following += 1
            found.add(following)
    return found
