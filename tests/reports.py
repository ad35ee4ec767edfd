"""Results made by hand, for the tests of the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.fingerprint import numbered
from rolecall.report.masked import Lines
from rolecall.result import Diagnostic, Result
from rolecall.rule import Confidence, Finding, Label, Persona, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.result import Acceptance
    from rolecall.source import Source

SECRET = "kQ7vR2mX9pL4sT8wZ3nB6yC1dF5gH0jKaE+uIo/x"  # noqa: S105 - invented
KEY_ID = "AKIAQ2W3E4R5T6Y7U2I3"


def nothing(_: object) -> Iterator[Finding]:
    """It finds a bad thing.

    More.

    ## Why it matters

    It does.

    ## How to fix it

    Fix it.
    """
    yield from ()


def make_rule(name: str = "bad-thing", severity: Severity = Severity.HIGH) -> Rule:
    return Rule(
        name=name,
        summary="a bad thing",
        severity=severity,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        check=nothing,
        subject_type=object,
        takes_graph=False,
        references=("https://docs.aws.amazon.com/",),
    )


def label(source: Source, text: str, words: str = "", *, secret: bool = False) -> Label:
    start = source.text.index(text)
    return Label(source.span(start, start + len(text)), words, secret=secret)


def diagnostic(  # noqa: PLR0913 - what a test wants to say, by name
    message: str,
    at: Label,
    *related: Label,
    rule: Rule | None = None,
    accepted: Acceptance | None = None,
    help_: str = "",
    subject: str = "",
) -> Diagnostic:
    finding = Finding(message, at, related, help_, subject)
    rule = rule or make_rule()
    return numbered(
        [Diagnostic(rule, finding, rule.severity, rule.confidence, rule.persona, accepted=accepted)],
    )[0]


def result_of(*diagnostics: Diagnostic) -> Result:
    rules = {one.rule.name: one.rule for one in diagnostics}
    return Result(
        rules=tuple(rules.values()),
        reported=tuple(one for one in diagnostics if one.accepted is None),
        suppressed=tuple(one for one in diagnostics if one.accepted is not None),
    )


def lines_of(*sources: Source, secrets: dict[str, tuple[tuple[int, int], ...]] | None = None) -> Lines:
    by_path = {source.path: source for source in sources}
    return Lines(by_path.get, secrets or {})
