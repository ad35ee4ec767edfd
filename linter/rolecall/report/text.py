"""The report for people: findings with their source lines, then what was and what was not looked at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rolecall.report.cells import clean, wrap
from rolecall.report.snippet import snippet
from rolecall.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.problem import Problem, Unevaluated
    from rolecall.report.masked import Lines
    from rolecall.report.style import Style
    from rolecall.result import Diagnostic, Result


def render(result: Result, lines: Lines, style: Style, *, verbose: bool = False) -> Iterator[str]:
    """The lines of the report."""
    for diagnostic in result.reported:
        yield from _finding(diagnostic, lines, style)
        yield ""
    for problem in result.problems:
        yield from _problem(problem, style)
        yield ""
    yield from summary(result, style, verbose=verbose)


def _finding(diagnostic: Diagnostic, lines: Lines, style: Style) -> Iterator[str]:
    head = f"{diagnostic.severity.word}[{diagnostic.rule.name}]"
    first, *rest = wrap(diagnostic.finding.message, style.width, first=len(head) + 2)
    yield f"{style.severity(head, diagnostic.severity)}: {style.paint(first, 'bold')}"
    yield from (style.paint(line, "bold") for line in rest)
    yield from snippet(diagnostic.labels, lines, style, lambda text: style.severity(text, diagnostic.severity))
    gutter = len(str(max(label.span.line for label in diagnostic.labels)))
    if diagnostic.finding.help:
        yield from _note("help", diagnostic.finding.help, gutter, style)


def _note(word: str, text: str, gutter: int, style: Style) -> Iterator[str]:
    left = gutter + 1 + len(f"= {word}: ")
    first, *rest = wrap(text, style.width - left)
    yield f"{'':{gutter}} {style.paint('=', 'blue')} {style.paint(word, 'bold')}: {first}"
    yield from (" " * left + line for line in rest)


def _problem(problem: Problem, style: Style) -> Iterator[str]:
    head = f"error[{problem.kind.value}]"
    first, *rest = wrap(problem.message, style.width, first=len(head) + 2)
    yield f"{style.paint(head, 'red')}: {style.paint(first, 'bold')}"
    yield from (style.paint(line, "bold") for line in rest)
    place = str(problem.span) if problem.span else problem.path
    if place:
        yield f" {style.paint('-->', 'blue')} {clean(place)}"
    if problem.help:
        yield from _note("help", problem.help, 1, style)


def summary(result: Result, style: Style, *, verbose: bool = False) -> Iterator[str]:
    """The last lines: findings by severity, what is not shown, what was read, and what could not be evaluated."""
    yield f"{style.paint('summary', 'bold')}: {_findings(result, style)}"
    quiet = []
    if result.suppressed:
        quiet.append(f"{len(result.suppressed)} suppressed (--no-ignores shows them)")
    quiet += [
        f"{count} for --persona {persona.word}" for persona, count in sorted(result.hidden_by_persona.items()) if count
    ]
    if result.hidden_by_severity:
        quiet.append(f"{result.hidden_by_severity} below --min-severity")
    if quiet:
        yield from _item("not shown", ", ".join(quiet), style)
    yield from _item("read", _read(result), style)
    yield from _unevaluated(result.unevaluated, style, verbose=verbose)
    for unused in result.unused:
        yield from _item("unused suppression", f"{unused.suppression.at}: {unused.message}", style)
    if result.problems:
        text = f"{_several(len(result.problems), 'problem')}, so not everything could be checked"
        yield from (style.paint(line, "red") for line in _item("incomplete", text, style))


def _read(result: Result) -> str:
    """`40 of 9000 files (30 YAML, 10 Terraform), the others not about AWS identity`."""
    concerned = sum(result.files.values())
    total = max(result.looked_at, concerned) + result.passed_by
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(result.files.items()) if count)
    text = f"{concerned} of {_several(total, 'file')}" if total > concerned else _several(total, "file")
    text += f" ({kinds})" if kinds else ""
    return text + ("; the others do not concern AWS identity" if total > concerned else "")


def _findings(result: Result, style: Style) -> str:
    counts = Counter(diagnostic.severity for diagnostic in result.reported)
    if not counts:
        return style.paint("no findings", "green")
    each = ", ".join(
        style.severity(f"{counts[severity]} {severity.word}", severity)
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    )
    return f"{_several(sum(counts.values()), 'finding')} ({each})"


def _item(word: str, text: str, style: Style) -> Iterator[str]:
    first, *rest = wrap(text, style.width - 4, first=len(word))
    yield f"  {word}: {first}"
    yield from ("    " + line for line in rest)


def _unevaluated(unevaluated: tuple[Unevaluated, ...], style: Style, *, verbose: bool) -> Iterator[str]:
    """What was not evaluated, by reason, the most frequent first, with an example or two, or all."""
    groups: dict[str, list[Unevaluated]] = {}
    for thing in unevaluated:
        groups.setdefault(thing.reason.partition(": ")[0], []).append(thing)
    if not groups:
        return
    shown = len(unevaluated) if verbose else 2
    more = any(len(things) > shown for things in groups.values())
    yield from _item("not evaluated", f"{len(unevaluated)}{' (--verbose lists all)' if more else ''}", style)
    for reason, things in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield from _indented(f"{len(things)} x {reason}", 4, style)
        for thing in things[:shown]:
            detail = thing.reason.partition(": ")[2]
            place = str(thing.span) if thing.span else thing.path
            text = thing.what + (f": {detail}" if detail else "") + (f" ({place})" if place else "")
            yield from _indented(text, 8, style)


def _indented(text: str, left: int, style: Style) -> Iterator[str]:
    for index, line in enumerate(wrap(text, style.width - left - 2)):
        yield " " * (left if index == 0 else left + 2) + line


def _several(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
