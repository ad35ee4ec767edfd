"""The report as JSON, by the schema in `rolecall/schemas/report.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall import __version__
from rolecall.rule import Severity

if TYPE_CHECKING:
    from rolecall.problem import Problem, Unevaluated
    from rolecall.result import Diagnostic, Result
    from rolecall.rule import Label, Rule
    from rolecall.span import Span

VERSION = 1
"""The version of the format: it rises when something is renamed, removed or changes its meaning."""


def render(result: Result) -> dict[str, Any]:
    """A result as plain data for `json`."""
    return {
        "version": VERSION,
        "tool": {"name": "rolecall", "version": __version__},
        "summary": {
            "findings": {
                severity.word: sum(diagnostic.severity is severity for diagnostic in result.reported)
                for severity in sorted(Severity, reverse=True)
            },
            "suppressed": len(result.suppressed),
            "hidden": {
                "persona": {persona.word: count for persona, count in sorted(result.hidden_by_persona.items())},
                "severity": result.hidden_by_severity,
            },
            "files": dict(result.files),
            "looked_at": max(result.looked_at, sum(result.files.values())) + result.passed_by,
            "unevaluated": len(result.unevaluated),
            "problems": len(result.problems),
        },
        "findings": [_finding(diagnostic) for diagnostic in (*result.reported, *result.suppressed)],
        "problems": [_problem(problem) for problem in result.problems],
        "unevaluated": [_unevaluated(thing) for thing in result.unevaluated],
        "unused_suppressions": [
            {"message": unused.message, "at": place(unused.suppression.at)} for unused in result.unused
        ],
    }


def rules(listed: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """The list of rules as plain data."""
    return [
        {
            "name": rule.name,
            "summary": rule.summary,
            "severity": rule.severity.word,
            "confidence": rule.confidence.word,
            "persona": rule.persona.word,
            "formats": [platform.value for platform in rule.formats],
            "references": list(rule.references),
        }
        for rule in listed
    ]


def place(span: Span) -> dict[str, Any]:
    """A span: lines and columns are 1-based, columns count code points, the end is exclusive."""
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _finding(diagnostic: Diagnostic) -> dict[str, Any]:
    finding, accepted = diagnostic.finding, diagnostic.accepted
    tree: dict[str, Any] = {
        "rule": diagnostic.rule.name,
        "severity": diagnostic.severity.word,
        "confidence": diagnostic.confidence.word,
        "persona": diagnostic.persona.word,
        "message": finding.message,
        "help": finding.help,
        "subject": finding.subject,
        "at": _label(finding.at),
        "related": [_label(label) for label in finding.related],
        "fingerprint": diagnostic.fingerprint,
        "suppressed": None,
    }
    if accepted is not None:
        tree["suppressed"] = {"reason": accepted.reason, "at": place(accepted.at) if accepted.at else None}
    return tree


def _label(label: Label) -> dict[str, Any]:
    return {**place(label.span), "text": label.text}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind.value,
        "message": problem.message,
        "path": problem.path or (problem.span.path if problem.span else ""),
        "at": place(problem.span) if problem.span else None,
        "help": problem.help,
    }


def _unevaluated(thing: Unevaluated) -> dict[str, Any]:
    return {
        "what": thing.what,
        "reason": thing.reason,
        "path": thing.path or (thing.span.path if thing.span else ""),
        "at": place(thing.span) if thing.span else None,
    }
