"""Helm charts as directories: which files are a chart's templates, values and tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.source import Source

if TYPE_CHECKING:
    from rolecall.workspace import Workspace

FILE = "Chart.yaml"
RENDERED = r"# Source: (?P<template>(?>[^\s:]{1,400}/(?:templates|crds)/)[^\r\n]{0,400}[^\s])[ \t\r]{0,9}$"
"""What Helm writes above each document that it renders. The same words before an address are somebody's own remark."""
_VALUES = regex.compile(
    r"(?:.*/)?(?:(?:helm[-_]?)?values/[^/]+|(?:[^/]*[-_.])?values(?:[-_.][^/]*)?)\.ya?ml(?:\.\w+)?", re.IGNORECASE
)
_NAME = regex.compile(r"^name[ \t]*:[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_NOT_CHARTS = frozenset({"node_modules", "templates", "vendor"})
_MOST_DIRECTORIES = 5_000
_DEEPEST = 7
_MANIFEST = regex.compile(r"^apiVersion[ \t]*:", re.MULTILINE)
# Not in a comment.
_ANNOTATED = regex.compile(r"^[^#\n]*\b(?:eks\.amazonaws\.com/role-arn|iam\.amazonaws\.com/role)\b", re.MULTILINE)


def is_values(path: str, text: str) -> bool:
    """Whether a YAML file is called as files of values are, or is in a directory of them, and is no manifest."""
    return _VALUES.fullmatch(path) is not None and _MANIFEST.search(text) is None


def may_be_values(text: str) -> bool:
    """Whether a YAML text that has annotations of ours is no object, and so is perhaps values of a chart.

    What is passed to a chart may be called anything: Helmfile's are `<release>.yaml.gotmpl`.
    """
    if "amazonaws.com/role" not in text or _ANNOTATED.search(text) is None:
        return False
    return _MANIFEST.search(text) is None and text.lstrip()[:1] not in ("{", "[", "-")


def of_values(path: str, workspace: Workspace) -> str | None:
    """The directory of the chart that a file of values is beside, or in its directory `ci`."""
    directory = path.rpartition("/")[0] or "."
    for chart in (directory, directory.removesuffix("/ci") if directory != "ci" else "."):
        if workspace.is_file(f"{chart}/{FILE}" if chart != "." else FILE):
            return chart
    return None


def of_template(path: str, workspace: Workspace) -> str | None:
    """The directory of the chart whose template a file is; None where it is none."""
    return _above(path, "templates", workspace)


def of_test(path: str, workspace: Workspace) -> str | None:
    """The directory of the chart of which a file is a test for helm-unittest."""
    return _above(path, "tests", workspace)


def _above(path: str, name: str, workspace: Workspace) -> str | None:
    """The directory that holds a chart and, in it, a directory of this name in which a file is."""
    parts = path.split("/")[:-1]
    # The outermost: `templates/tests` is a directory of templates.
    for at, part in enumerate(parts):
        if part == name:
            chart = "/".join(parts[:at]) or ("/" if path.startswith("/") else ".")
            if workspace.is_file(f"{chart}/{FILE}" if chart != "." else FILE):
                return chart
    return None


class Charts:
    """The charts of a tree by their names, looked for when something asks."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_name: dict[str, list[str]] | None = None

    def template(self, name: str) -> str | None:
        """The path of the template that Helm's output names, the chart's name first; None where it is not certain."""
        chart, _, rest = name.partition("/")
        if self._by_name is None:
            self._by_name = self._all()
        paths = [f"{directory}/{rest}" if directory != "." else rest for directory in self._by_name.get(chart, ())]
        found = [path for path in paths if self._workspace.is_file(path)]
        return found[0] if len(found) == 1 else None

    def _all(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        level = ["."]
        left = _MOST_DIRECTORIES
        for _ in range(_DEEPEST):
            below: list[str] = []
            for directory in level[:left]:
                names = self._workspace.listing(directory)
                prefix = "" if directory == "." else f"{directory}/"
                if FILE in names and (called := self._name(f"{prefix}{FILE}")):
                    found.setdefault(called, []).append(directory)
                below += [f"{prefix}{name}" for name in names if "." not in name and name not in _NOT_CHARTS]
            left -= len(level)
            level = below
            if left <= 0:
                break
        return found

    def _name(self, path: str) -> str | None:
        source = self._workspace.read(path)
        match = _NAME.search(source.text) if isinstance(source, Source) else None
        return match[1] if match else None
