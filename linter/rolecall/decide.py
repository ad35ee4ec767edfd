"""What is done with each finding: reported, suppressed, or hidden because nobody asked to see its like."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.config import matches, meant
from rolecall.records import dataclass
from rolecall.result import Acceptance, Diagnostic, Unused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rolecall.config import Settings
    from rolecall.facts import Suppression
    from rolecall.rule import Persona
    from rolecall.span import Span

_LONG = 50
"""Suppressions of more lines than this (an annotation covers an object) are looked through one by one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The findings by what is done with them, and the suppressions that suppressed nothing."""

    reported: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    hidden_by_persona: dict[Persona, int]
    hidden_by_severity: int
    unused: tuple[Unused, ...]


def decide(
    diagnostics: Iterable[Diagnostic],
    suppressions: Iterable[Suppression],
    settings: Settings,
    *,
    names: Sequence[str] = (),
    enabled: Sequence[str] = (),
) -> Decision:
    """Apply the severities, suppressions, persona and threshold that the user chose.

    `names` are those of all rules, `enabled` of those that ran: a suppression of another one is not called unused.
    """
    offered = _Offered(tuple(suppressions) if settings.honour_ignores else ())
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
        elif not is_shown(settings, diagnostic):
            below += 1
        elif accepted is not None:
            suppressed.append(replace(diagnostic, accepted=accepted))
        else:
            reported.append(diagnostic)
    unused = tuple(offered.unused(names, frozenset(enabled)))
    return Decision(tuple(reported), tuple(suppressed), dict(hidden), below, unused)


def is_shown(settings: Settings, diagnostic: Diagnostic) -> bool:
    """Whether the user asked for findings of this persona and severity, be they suppressed or not."""
    severity = settings.severity.get(diagnostic.rule.name, diagnostic.severity)
    return diagnostic.persona <= settings.persona and severity >= settings.min_severity


def _configured(diagnostic: Diagnostic, settings: Settings) -> Acceptance | None:
    """Why the configuration accepts a finding, if it does."""
    if not settings.honour_ignores:
        return None
    for ignored in settings.per_path_ignores:
        if matches(diagnostic.rule.name, ignored.rules):
            from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only for settings that need it

            if GitIgnoreSpec.from_lines([ignored.glob]).match_file(diagnostic.at.path):
                return Acceptance(f"per-path-ignores of {settings.source or 'the configuration'}: {ignored.glob}")
    return None


class _Offered:
    """Suppressions by the lines that they cover, and for which rules each has been of use."""

    def __init__(self, suppressions: tuple[Suppression, ...]) -> None:
        self._all = suppressions
        self._used: dict[int, set[str]] = {}
        self._by_line: dict[tuple[str, int], list[int]] = {}
        self._long: dict[str, list[int]] = {}
        for index, suppression in enumerate(suppressions):
            span = suppression.span
            if span.end_line - span.line > _LONG:
                self._long.setdefault(span.path, []).append(index)
            else:
                for line in range(span.line, span.end_line + 1):
                    self._by_line.setdefault((span.path, line), []).append(index)

    def acceptance(self, diagnostic: Diagnostic) -> Acceptance | None:
        """The first suppression of this finding. All that fit are in use."""
        found: Acceptance | None = None
        name = diagnostic.rule.name
        for label in diagnostic.labels:
            for index in self._on(label.span):
                suppression = self._all[index]
                if not suppression.rules or name in suppression.rules:
                    self._used.setdefault(index, set()).add(name)
                    found = found or Acceptance(suppression.reason, suppression.at)
        return found

    def _on(self, label: Span) -> Iterator[int]:
        """The suppressions that have a line in common with a label; of a very long label the first lines count."""
        last = label.end_line - 1 if label.end_column == 1 and label.end_line > label.line else label.end_line
        for line in range(label.line, min(last, label.line + _LONG) + 1):
            yield from self._by_line.get((label.path, line), ())
        for index in self._long.get(label.path, ()):
            covered = self._all[index].span
            if label.line <= covered.end_line and covered.line <= last:
                yield index

    def unused(self, names: Sequence[str], enabled: frozenset[str]) -> Iterator[Unused]:
        """What could have been of use, as its rules ran, and was not; and names that no rule has."""
        for index, suppression in enumerate(self._all):
            used = self._used.get(index, set())
            if not suppression.rules and not used and enabled.issuperset(names):
                yield Unused(suppression, "ignore suppresses nothing")
            for name in suppression.rules:
                if name not in names:
                    yield Unused(suppression, f"ignore[{name}]: there is no rule {name!r}{meant(name, names)}")
                elif name in enabled and name not in used:
                    yield Unused(suppression, f"ignore[{name}] suppresses nothing")
