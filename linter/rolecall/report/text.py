"""The report for people: findings with their source lines, then what was and what was not looked at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rolecall.report.cells import clean, wrap
from rolecall.report.snippet import snippet
from rolecall.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    yield from _unused(result, style)
    yield from _unevaluated(result.unevaluated, style, verbose=verbose)
    yield from summary(result, style)


def _finding(diagnostic: Diagnostic, lines: Lines, style: Style) -> Iterator[str]:
    head = f"{diagnostic.severity.word}[{diagnostic.rule.name}]"
    first, *rest = wrap(diagnostic.finding.message, style.width, first=len(head) + 2)
    yield f"{style.severity(head, diagnostic.severity)}: {style.paint(first, 'bold')}"
    yield from (style.paint(line, "bold") for line in rest)
    yield from snippet(diagnostic, lines, style)
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


def _unused(result: Result, style: Style) -> Iterator[str]:
    for suppression in result.unused:
        names = f"[{', '.join(suppression.rules)}]" if suppression.rules else ""
        yield f"{style.paint('unused', 'yellow')}: {clean(f'{suppression.at}: ignore{names} suppresses nothing')}"
    if result.unused:
        yield ""


def _unevaluated(unevaluated: Iterable[Unevaluated], style: Style, *, verbose: bool) -> Iterator[str]:
    """What was not evaluated, by reason, the most frequent first, with an example or two, or all."""
    groups: dict[str, list[Unevaluated]] = {}
    for thing in unevaluated:
        groups.setdefault(thing.reason if verbose else thing.reason.partition(": ")[0], []).append(thing)
    if not groups:
        return
    yield style.paint("Not evaluated:", "bold")
    for reason, things in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        for index, line in enumerate(wrap(f"{len(things)} × {reason}", style.width - 4)):
            yield ("  " if index == 0 else "    ") + line
        for thing in things if verbose else things[:2]:
            place = str(thing.span) if thing.span else thing.path
            for index, line in enumerate(wrap(thing.what + (f" ({place})" if place else ""), style.width - 8)):
                yield ("      " if index == 0 else "        ") + line
    if not verbose and any(len(things) > 2 for things in groups.values()):
        yield "  (--verbose lists all)"
    yield ""


def summary(result: Result, style: Style) -> Iterator[str]:
    """The last lines: how many findings of each severity, what is not shown, what was read."""
    counts = Counter(diagnostic.severity for diagnostic in result.reported)
    each = ", ".join(
        style.severity(f"{counts[severity]} {severity.word}", severity)
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    )
    total = sum(counts.values())
    if total:
        yield f"{style.paint(_several(total, 'finding'), 'bold')}: {each}"
    else:
        yield style.paint("No findings", "green")
    quiet = []
    if result.suppressed:
        quiet.append(f"{len(result.suppressed)} suppressed")
    quiet += [
        f"{count} for --persona {persona.word}" for persona, count in sorted(result.hidden_by_persona.items()) if count
    ]
    if result.hidden_by_severity:
        quiet.append(f"{result.hidden_by_severity} below --min-severity")
    if quiet:
        yield f"Not shown: {', '.join(quiet)}"
    files = ", ".join(f"{count} {kind}" for kind, count in result.files.items() if count)
    yield from wrap(f"Read {_several(sum(result.files.values()), 'file')}" + (f": {files}" if files else ""), style.width)
    if result.problems:
        yield style.paint(f"{_several(len(result.problems), 'problem')}: not everything could be checked", "red")


def _several(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
