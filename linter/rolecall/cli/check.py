"""`rolecall check`: settings, the run, the report, the exit code."""

# ruff: noqa: PLC0415 - a run imports the formats it writes, and no others
from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall import engine, registry
from rolecall.charts import Charts
from rolecall.cli.output import complain, save, write
from rolecall.config import Settings, unknown_rules
from rolecall.problem import Problem, crash
from rolecall.records import dataclass
from rolecall.report.masked import Lines
from rolecall.report.style import Style, style_for
from rolecall.result import Result
from rolecall.rule import Persona, Severity
from rolecall.workspace import MAX_BYTES, STDIN, Workspace

if TYPE_CHECKING:
    from rolecall.registry import Deferred, Registry
    from rolecall.source import Source


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for on the command line."""

    paths: tuple[str, ...] = (".",)
    format: str = "text"
    output: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: str | None = None
    persona: str | None = None
    var_files: tuple[str, ...] = ()
    config: str | None = None
    color: str = "auto"
    verbose: bool = False
    no_ignores: bool = False
    fail_on_unresolved: bool = False
    exit_zero: bool = False


def perform(request: Request) -> int:
    """Check, report, and give the exit code."""
    known = registry.Deferred()
    settings, problems = settings_of(request, known)
    workspace = Workspace(Path.cwd(), _stdin(request)).naming(request.paths)
    if settings is None:
        # Without the configuration it is not known what the user wants checked.
        result = Result(problems=tuple(problems))
        settings = Settings()
    else:
        try:
            result = engine.run(request.paths, settings, known, workspace, problems)
        except Exception as error:  # noqa: BLE001 - the report is written whole in every case
            failure = crash("rolecall", error, "this is a mistake in rolecall, not in your files; please report it")
            result = Result(rules=known.rules, problems=(*problems, failure))
    text = _report(result, request, workspace)
    if request.output is None:
        write(text, encoding=None if request.format == "text" else "utf-8")
    else:
        try:
            save(text, request.output)
        except OSError as error:
            complain(f"{request.output} cannot be written: {error.strerror or type(error).__name__}")
            return 2
    if request.format != "text" or request.output is not None:
        for problem in result.problems:
            complain(f"{problem.span or problem.path or 'rolecall'}: {problem.message}")
    return _code(result, settings, request)


def _stdin(request: Request) -> bytes | None:
    """Standard input, if it is asked for; of more than may be read just enough to see that it is more."""
    return sys.stdin.buffer.read(MAX_BYTES + 1) if STDIN in request.paths else None


def _code(result: Result, settings: Settings, request: Request) -> int:
    if result.problems:
        return 2
    unresolved = settings.fail_on_unresolved and bool(result.unevaluated)
    return 1 if (result.reported or unresolved) and not request.exit_zero else 0


def settings_of(request: Request, known: Registry | Deferred) -> tuple[Settings | None, list[Problem]]:
    """The settings of the configuration file, the command line over them; None where the file cannot be used."""
    from rolecall.config.file import find, load

    settings = Settings()
    problems: list[Problem] = []
    file = Path(request.config) if request.config is not None else find(Path.cwd())
    if file is not None:
        loaded = load(file, known.names)
        problems += loaded.problems
        if loaded.settings is None:
            return None, problems
        settings = loaded.settings
    for option, names in (("--select", request.select), ("--ignore", request.ignore)):
        problems += [] if not names else unknown_rules(names, known.names, None, option)
    settings = replace(
        settings,
        select=request.select or settings.select,
        ignore=(*settings.ignore, *request.ignore),
        var_files=(*settings.var_files, *request.var_files),
        fail_on_unresolved=request.fail_on_unresolved or settings.fail_on_unresolved,
        honour_ignores=not request.no_ignores,
    )
    if request.min_severity is not None:
        settings = replace(settings, min_severity=Severity[request.min_severity.upper()])
    if request.persona is not None:
        settings = replace(settings, persona=Persona[request.persona.upper()])
    return settings, problems


def _report(result: Result, request: Request, workspace: Workspace) -> str:
    """The report as text. Formats are imported when they are asked for."""

    def read(path: str) -> Source | None:
        source = workspace.read(path)
        return None if isinstance(source, Problem) else source

    lines = Lines(read, result.secrets, Charts(workspace).template)
    if request.format == "text":
        from rolecall.report import text

        style = style_for(sys.stdout, request.color) if request.output is None else Style(request.color == "always")
        return "".join(f"{line}\n" for line in text.render(result, lines, style, verbose=request.verbose))
    if request.format == "github":
        from rolecall.report import github

        return "".join(f"{line}\n" for line in github.render(result))
    from json import dumps

    if request.format == "sarif":
        from rolecall.report import sarif
        from rolecall.report.location import Locations

        return dumps(sarif.render(result, lines, Locations.of(Path.cwd())), indent=2, ensure_ascii=False) + "\n"
    from rolecall.report import json

    return dumps(json.render(result), indent=2, ensure_ascii=False) + "\n"
