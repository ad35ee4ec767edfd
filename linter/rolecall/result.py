"""What a run found out: findings with what was decided about them, and what kept it from looking."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.facts import Suppression
    from rolecall.problem import Problem, Unevaluated
    from rolecall.rule import Confidence, Finding, Label, Persona, Rule, Severity
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding is not reported: a place in the sources (`at`), or the configuration (`at` None)."""

    reason: str
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding of a rule with the severity, confidence and persona that hold for it.

    `identity` are the words that tell it from other findings, and a number among those whose words are equal.
    `accepted`: why it is suppressed.
    """

    rule: Rule
    finding: Finding
    severity: Severity
    confidence: Confidence
    persona: Persona
    identity: tuple[str, ...] = ()
    accepted: Acceptance | None = None

    @property
    def fingerprint(self) -> str:
        """A digest of the identity: the same for the same mistake after code around it has moved."""
        # Imported here: it loads OpenSSL, and the text report shows none.
        from hashlib import sha256  # noqa: PLC0415

        *words, number = self.identity
        return f"{sha256(chr(0).join(words).encode('utf-8', 'surrogatepass')).hexdigest()[:32]}:{number}"

    @property
    def at(self) -> Span:
        """The primary place."""
        return self.finding.at.span

    @property
    def labels(self) -> tuple[Label, ...]:
        """All places, the primary one first."""
        return (self.finding.at, *self.finding.related)


@dataclass(frozen=True, slots=True)
class Unused:
    """A suppression, or those of its rules, that suppressed nothing; `message` says it in words."""

    suppression: Suppression
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run.

    `reported` are the findings that the user asked to see, `suppressed` those accepted by a comment, an annotation or
    the configuration; `hidden_by_persona` and `hidden_by_severity` count the others. `files` counts the files read by
    kind, of `looked_at` that could have concerned us; `passed_by` those that turned out to be somebody else's.
    `secrets` are the stretches of text, by path, that no output may show.
    """

    rules: tuple[Rule, ...] = ()
    reported: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()
    hidden_by_persona: Mapping[Persona, int] = field(default_factory=dict)
    hidden_by_severity: int = 0
    problems: tuple[Problem, ...] = ()
    unevaluated: tuple[Unevaluated, ...] = ()
    unused: tuple[Unused, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)
    looked_at: int = 0
    passed_by: int = 0
    secrets: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
