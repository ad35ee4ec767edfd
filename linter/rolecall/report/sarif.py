"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sarif_om as om

from rolecall import __version__
from rolecall.report.cells import clean
from rolecall.report.sarif_rules import LEVELS, descriptor
from rolecall.report.sarif_tree import serialised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rolecall.problem import Problem, Unevaluated
    from rolecall.report.location import Locations
    from rolecall.report.masked import Lines
    from rolecall.result import Diagnostic, Result
    from rolecall.rule import Finding, Label
    from rolecall.span import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION = "https://github.com/rolecall/rolecall"
FINGERPRINT = "rolecall/v1"
_BASE = "%SRCROOT%"
_LONGEST_LINE = 1000
_MOST_CONTEXT = 12
_MOST_PLACES = 10
_PROBLEMS = {
    "unreadable": ("A file that could not be read.", "Make it readable, or exclude it."),
    "syntax": ("A file that could not be parsed.", "Repair it, or exclude it."),
    "configuration": ("A mistake in the configuration.", "`rolecall config --schema` prints what it may say."),
    "plugin": ("A rule pack that could not be loaded.", "Repair or uninstall the package that provides it."),
    "internal": ("A crash of rolecall or of a rule.", "Report it: the mistake is not in the files checked."),
    "unevaluated": (
        "Something that could not be evaluated, and so is neither wrong nor fine.",
        "Give rolecall what is missing, such as the file that sets a variable.",
    ),
}


def render(result: Result, lines: Lines, locations: Locations) -> dict[str, Any]:
    """The log of a run as plain data for `json`."""
    run = _Run(lines, locations, {rule.name: index for index, rule in enumerate(result.rules)})
    driver = om.ToolComponent(
        name="rolecall",
        full_name=f"rolecall {__version__}",
        version=__version__,
        semantic_version=__version__,
        information_uri=INFORMATION,
        short_description=_text("A static linter for AWS workload identity on Kubernetes."),
        rules=[descriptor(rule) for rule in result.rules],
        notifications=[
            om.ReportingDescriptor(
                id=name, short_description=_text(text), full_description=_text(text), help=_text(help_)
            )
            for name, (text, help_) in _PROBLEMS.items()
        ],
    )
    notifications = [run.problem(problem) for problem in result.problems]
    notifications += [run.unevaluated(reason, things) for reason, things in _by_reason(result.unevaluated)]
    log = om.SarifLog(
        version="2.1.0",
        schema_uri=SCHEMA,
        runs=[
            om.Run(
                tool=om.Tool(driver=driver),
                automation_details=om.RunAutomationDetails(id="rolecall/"),
                invocations=[
                    om.Invocation(execution_successful=not result.problems, tool_execution_notifications=notifications)
                ],
                original_uri_base_ids={
                    _BASE: om.ArtifactLocation(
                        uri=locations.base, description=om.Message(text="The root of the repository that was checked.")
                    )
                },
                column_kind="unicodeCodePoints",
                # Also a carriage return alone ends a line, as in YAML.
                newline_sequences=["\r\n", "\n", "\r"],
                redaction_tokens=["***"],
                results=[run.result(diagnostic) for diagnostic in (*result.reported, *result.suppressed)],
            )
        ],
    )
    tree: dict[str, Any] = serialised(log)
    return tree


class _Run:
    """What the parts of a run's log have in common."""

    def __init__(self, lines: Lines, locations: Locations, indexes: Mapping[str, int]) -> None:
        self._lines = lines
        self._locations = locations
        self._indexes = indexes

    def result(self, diagnostic: Diagnostic) -> om.Result:
        finding = diagnostic.finding
        # The story in the order in which it happens.
        before = [label for label in finding.related if not label.later]
        after = [label for label in finding.related if label.later]
        steps = [*before, finding.at, *after]
        template = clean(self._lines.template(finding.at.span))
        return om.Result(
            rule_id=diagnostic.rule.name,
            rule_index=self._indexes[diagnostic.rule.name],
            level=LEVELS[diagnostic.severity],
            message=om.Message(text=_sentences(finding.message, finding.help)),
            locations=[self._location(finding.at.span, finding.at.text)],
            related_locations=self._related(finding) or None,
            code_flows=[self._flow(steps)] if finding.related else None,
            partial_fingerprints={FINGERPRINT: diagnostic.fingerprint},
            suppressions=self._suppressions(diagnostic),
            properties={
                "severity": diagnostic.severity.word,
                "confidence": diagnostic.confidence.word,
                "persona": diagnostic.persona.word,
                **({"template": template} if template else {}),
            },
        )

    def _related(self, finding: Finding) -> list[om.Location]:
        found = [
            self._location(label.span, label.text, number) for number, label in enumerate(finding.related, start=1)
        ]
        place = self._lines.template_place(finding.at.span)
        if place is not None:
            location = self._file(place[0], "the template that makes it")
            location.id = len(found) + 1
            if place[1]:
                location.physical_location.region = om.Region(start_line=place[1])
            found.append(location)
        return found

    def problem(self, problem: Problem) -> om.Notification:
        location = self._location(problem.span) if problem.span else self._file(problem.path) if problem.path else None
        return om.Notification(
            descriptor=om.ReportingDescriptorReference(id=problem.kind.value),
            level="error",
            message=om.Message(text=_sentences(problem.message, problem.help)),
            locations=[location] if location else None,
        )

    def unevaluated(self, reason: str, things: list[Unevaluated]) -> om.Notification:
        """One notification a reason: a thousand of them would fill the log and tell no more."""
        locations = [
            self._location(thing.span, thing.what) if thing.span else self._file(thing.path, thing.what)
            for thing in things[:_MOST_PLACES]
            if thing.span or thing.path
        ]
        return om.Notification(
            descriptor=om.ReportingDescriptorReference(id="unevaluated"),
            level="note",
            message=om.Message(text=_sentences(f"Not evaluated ({len(things)}): {reason}", "")),
            locations=locations or None,
        )

    def _flow(self, steps: Iterable[Label]) -> om.CodeFlow:
        places = [om.ThreadFlowLocation(location=self._location(label.span, label.text)) for label in steps]
        return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=places)])

    def _suppressions(self, diagnostic: Diagnostic) -> list[om.Suppression]:
        accepted = diagnostic.accepted
        if accepted is None:
            return []
        return [
            om.Suppression(
                kind="inSource" if accepted.at else "external",
                justification=clean(accepted.reason) or None,
                location=self._location(accepted.at) if accepted.at else None,
            )
        ]

    def _location(self, span: Span, text: str = "", number: int = -1) -> om.Location:
        return om.Location(
            id=number,
            physical_location=om.PhysicalLocation(
                artifact_location=self._artifact(span.path),
                region=om.Region(
                    start_line=span.line,
                    start_column=span.column,
                    end_line=span.end_line,
                    end_column=span.end_column,
                    snippet=self._snippet(span),
                ),
                context_region=self._context(span),
            ),
            message=om.Message(text=clean(text)) if text else None,
        )

    def _file(self, path: str, text: str = "") -> om.Location:
        return om.Location(
            physical_location=om.PhysicalLocation(artifact_location=self._artifact(path)),
            message=om.Message(text=clean(text)) if text else None,
        )

    def _artifact(self, path: str) -> om.ArtifactLocation:
        uri, relative = self._locations.uri(path)
        return om.ArtifactLocation(uri=uri, uri_base_id=_BASE if relative else None)

    def _snippet(self, span: Span) -> om.ArtifactContent | None:
        line = self._lines.line(span.path, span.line) if span.line == span.end_line else None
        if line is None or len(line.text) > _LONGEST_LINE:
            return None
        text = line.text[line.offset(span.column - 1) : line.offset(span.end_column - 1, end=True)]
        return om.ArtifactContent(text=text) if text else None

    def _context(self, span: Span) -> om.Region | None:
        """The lines around a place, if they are few and short."""
        source = self._lines.source(span.path)
        if source is None or span.end_line - span.line > _MOST_CONTEXT:
            return None
        first, last = max(span.line - 1, 1), min(span.end_line + 1, len(source.starts))
        lines = [self._lines.line(span.path, number) for number in range(first, last + 1)]
        texts = [line.text for line in lines if line is not None]
        if len(texts) < len(lines) or any(len(text) > _LONGEST_LINE for text in texts):
            return None
        return om.Region(start_line=first, end_line=last, snippet=om.ArtifactContent(text="\n".join(texts)))


def _by_reason(unevaluated: Iterable[Unevaluated]) -> list[tuple[str, list[Unevaluated]]]:
    groups: dict[str, list[Unevaluated]] = {}
    for thing in unevaluated:
        groups.setdefault(thing.reason.partition(": ")[0], []).append(thing)
    return sorted(groups.items())


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _sentences(message: str, help_: str) -> str:
    """Message and help as sentences, on one line. `](` would make a link of what stands in brackets before it."""
    ends = message if message.endswith((".", "!", "?")) else f"{message}."
    more = f" {help_[0].upper()}{help_[1:]}" if help_ else ""
    stop = "" if not more or more.endswith((".", "!", "?")) else "."
    return clean(ends + more + stop).replace("](", "] (")
