"""Helm charts as directories: which files are a chart's templates, values and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.workspace import Workspace

FILE = "Chart.yaml"


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
