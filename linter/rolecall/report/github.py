"""Annotations for the log of a GitHub workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.report.cells import clean
from rolecall.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.result import Result
    from rolecall.span import Span

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(result: Result) -> Iterator[str]:
    """A workflow command for each finding and problem.

    Syntax and escapes: actions/toolkit, packages/core/src/command.ts (`escapeData`, `escapeProperty`).
    """
    for diagnostic in result.reported:
        finding = diagnostic.finding
        message = f"{finding.message}. {finding.help}" if finding.help else finding.message
        place = _place(diagnostic.at.path, diagnostic.at)
        yield _command(_LEVELS[diagnostic.severity], place, diagnostic.rule.name, message)
    for problem in result.problems:
        message = f"{problem.message} ({problem.help})" if problem.help else problem.message
        yield _command("error", _place(problem.path, problem.span), f"rolecall: {problem.kind.value}", message)


def _place(path: str, span: Span | None) -> str:
    if span is None:
        return f"file={_property(path)}," if path else ""
    place = f"file={_property(span.path)},line={span.line},endLine={span.end_line}"
    # GitHub refuses columns where the lines differ. Its end column is the last one, ours is behind it.
    if span.line == span.end_line:
        place += f",col={span.column},endColumn={max(span.column, span.end_column - 1)}"
    return place + ","


def _command(level: str, place: str, title: str, message: str) -> str:
    return f"::{level} {place}title={_property(title)}::{_data(clean(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
