"""The commands that print what rolecall knows about itself: rules and configuration."""

# ruff: noqa: PLC0415 - a page imports what it shows
from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rolecall import registry
from rolecall.cli.output import complain, write
from rolecall.config import meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.registry import Registry
    from rolecall.report.style import Style
    from rolecall.rule import Rule


def print_rule(name: str) -> int:
    """Print a rule's page; the exit code."""
    known = registry.load()
    code = _complain_about_packs(known)
    rule = known.get(name)
    if rule is None:
        complain(f"there is no rule {name!r}{meant(name, known.names)} (`rolecall rules` lists all rules)")
        return 2
    write("\n".join(_page(rule)) + "\n")
    return code


def print_rules(*, as_json: bool) -> int:
    """Print the list of rules; the exit code."""
    known = registry.load()
    code = _complain_about_packs(known)
    if as_json:
        from json import dumps

        from rolecall.report.json import rules

        write(dumps(rules(known.rules), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        from rolecall.report.style import style_for

        write("\n".join(_table(known.rules, style_for(sys.stdout))) + "\n")
    return code


def print_config(*, schema: bool) -> int:
    """Print the schema of the configuration, or which file holds; the exit code."""
    from pathlib import Path

    from rolecall.config.file import SCHEMA, find, load

    if schema:
        write(SCHEMA.read_text(encoding="utf-8"), encoding="utf-8")
        return 0
    path = find(Path.cwd())
    if path is None:
        write("no rolecall.toml, and no pyproject.toml with [tool.rolecall], here or above\n")
        return 0
    loaded = load(path, registry.load().names)
    for problem in loaded.problems:
        complain(f"{problem.span or problem.path}: {problem.message}")
    write(f"{path}\n")
    return 2 if loaded.problems else 0


def _complain_about_packs(known: Registry) -> int:
    for problem in known.problems:
        complain(problem.message)
    return 2 if known.problems else 0


def _page(rule: Rule) -> Iterator[str]:
    formats = ", ".join(platform.value for platform in rule.formats) or "every format"
    yield f"# {rule.name}"
    yield ""
    yield f"{rule.summary[:1].upper()}{rule.summary[1:]}."
    yield ""
    yield f"severity {rule.severity.word}, confidence {rule.confidence.word}, persona {rule.persona.word}; {formats}"
    yield ""
    yield rule.documentation
    if rule.references:
        yield ""
        yield "## References"
        yield ""
        yield from (f"- {reference}" for reference in rule.references)


def _table(rules: tuple[Rule, ...], style: Style) -> Iterator[str]:
    from rolecall.report.cells import wrap

    name_width = max((len(rule.name) for rule in rules), default=0)
    left = name_width + 2 + len("critical") + 2
    for rule in rules:
        head = f"{rule.name:{name_width}}  " + style.severity(f"{rule.severity.word:8}", rule.severity) + "  "
        for index, line in enumerate(wrap(rule.summary, max(style.width - left, 30))):
            yield (head if index == 0 else " " * left) + line
