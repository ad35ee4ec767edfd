"""What is done with each finding: reported, suppressed, or hidden because nobody asked to see its like."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rolecall.config import matches
from rolecall.result import Acceptance, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.config import Settings
    from rolecall.facts import Suppression
    from rolecall.rule import Persona
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Decision:
    """The findings by what is done with them, and the suppressions that suppressed nothing."""

    reported: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    hidden_by_persona: dict[Persona, int]
    hidden_by_severity: int
    unused: tuple[Suppression, ...]


def decide(diagnostics: Iterable[Diagnostic], suppressions: Iterable[Suppression], settings: Settings) -> Decision:
    """Apply the severities, suppressions, persona and threshold that the user chose."""
    offered = _ByPlace(tuple(suppressions) if settings.honour_ignores else ())
    reported: list[Diagnostic] = []
    suppressed: list[Diagnostic] = []
    hidden: Counter[Persona] = Counter()
    below = 0
    for found in diagnostics:
        severity = settings.severity.get(found.rule.name, found.severity)
        diagnostic = replace(found, severity=severity)
        # An acceptance is looked for first: a suppression of a finding that nobody would see is in use all the same.
        accepted = offered.acceptance(diagnostic) or _configured(diagnostic, settings)
        if diagnostic.persona > settings.persona:
            hidden[diagnostic.persona] += 1
        elif severity < settings.min_severity:
            below += 1
        elif accepted is not None:
            suppressed.append(replace(diagnostic, accepted=accepted))
        else:
            reported.append(diagnostic)
    return Decision(tuple(reported), tuple(suppressed), dict(hidden), below, offered.unused())


def _configured(diagnostic: Diagnostic, settings: Settings) -> Acceptance | None:
    """Why the configuration accepts a finding, if it does."""
    if not settings.honour_ignores:
        return None
    for ignored in settings.per_path_ignores:
        if matches(diagnostic.rule.name, ignored.rules):
            from pathspec import GitIgnoreSpec

            if GitIgnoreSpec.from_lines([ignored.glob]).match_file(diagnostic.at.path):
                return Acceptance(f"per-path-ignores of {settings.source or 'the configuration'}: {ignored.glob}")
    return None


class _ByPlace:
    """Suppressions by path, and which of them have been of use."""

    def __init__(self, suppressions: tuple[Suppression, ...]) -> None:
        self._all = suppressions
        self._used: set[int] = set()
        self._by_path: dict[str, list[tuple[int, Suppression]]] = {}
        for index, suppression in enumerate(suppressions):
            self._by_path.setdefault(suppression.span.path, []).append((index, suppression))

    def acceptance(self, diagnostic: Diagnostic) -> Acceptance | None:
        found: Acceptance | None = None
        for label in diagnostic.labels:
            for index, suppression in self._by_path.get(label.span.path, ()):
                named = not suppression.rules or diagnostic.rule.name in suppression.rules
                if named and _on_lines(suppression.span, label.span):
                    self._used.add(index)
                    found = found or Acceptance(suppression.reason, suppression.at)
        return found

    def unused(self) -> tuple[Suppression, ...]:
        return tuple(suppression for index, suppression in enumerate(self._all) if index not in self._used)


def _on_lines(covered: Span, label: Span) -> bool:
    """Whether a label has a line in common with what is covered."""
    last = label.end_line - 1 if label.end_column == 1 and label.end_line > label.line else label.end_line
    return label.line <= covered.end_line and covered.line <= last
