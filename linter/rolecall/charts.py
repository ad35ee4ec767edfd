"""Helm charts as directories: which files are a chart's templates, values and tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    from rolecall.workspace import Workspace

FILE = "Chart.yaml"
_VALUES = regex.compile(r"(?:.*[-_.])?values(?:[-_.].*)?\.ya?ml", re.IGNORECASE)
_MANIFEST = regex.compile(r"^apiVersion[ \t]*:", re.MULTILINE)


def is_values(path: str, text: str) -> bool:
    """Whether a YAML file is called as files of values are, and is no manifest."""
    return _VALUES.fullmatch(path.rpartition("/")[2]) is not None and _MANIFEST.search(text) is None


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
