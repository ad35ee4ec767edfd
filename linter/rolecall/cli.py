"""The command line."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rolecall import __version__


class PlainCommand(TyperCommand):
    """A command whose parameters are texts and flags, which need no coercion.

    Newer typer builds pydantic adapters for every parameter when a command runs; importing pydantic takes longer
    than checking a small tree. Where typer has no such step, nothing is changed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - typer's own signature
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            if hasattr(parameter, "get_runtime_param"):
                parameter.get_runtime_param = _Identity


class _Identity:
    """Stands in for typer's coercion."""

    def coerce(self, value: object, param: Any, ctx: object) -> object:  # noqa: ANN401, ARG002 - typer's interface
        return () if value is None and (param.multiple or param.nargs == -1) else value


app = typer.Typer(
    name="rolecall",
    help="Who does your pod become? Checks AWS workload identity on Kubernetes before anything is deployed.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"rolecall {__version__}\n")
        raise typer.Exit


@app.callback()
def rolecall(
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Who does your pod become? Checks AWS workload identity on Kubernetes before anything is deployed."""


@app.command(cls=PlainCommand)
def check(  # noqa: PLR0913 - the options of the command line
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATHS]...", show_default=False)] = None,
    format_: Annotated[str, typer.Option("--format", metavar="text|json|sarif|github")] = "text",
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE")] = None,
    select: Annotated[list[str] | None, typer.Option("--select", metavar="RULE")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE")] = None,
    min_severity: Annotated[str | None, typer.Option("--min-severity", metavar="LEVEL")] = None,
    persona: Annotated[str | None, typer.Option("--persona", metavar="PERSONA")] = None,
    config: Annotated[str | None, typer.Option("--config", metavar="FILE")] = None,
    color: Annotated[str, typer.Option("--color", metavar="auto|always|never")] = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
    no_ignores: Annotated[bool, typer.Option("--no-ignores")] = False,
    fail_on_unresolved: Annotated[bool, typer.Option("--fail-on-unresolved")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero")] = False,
) -> None:
    """Check files and directories (default: the current one; `-` is standard input)."""
    from pathlib import Path

    from rolecall import engine, registry
    from rolecall.config import Settings
    from rolecall.problem import Problem
    from rolecall.report import text
    from rolecall.report.masked import Lines
    from rolecall.report.style import style_for
    from rolecall.workspace import Workspace

    workspace = Workspace(Path.cwd())
    result = engine.run(paths or ["."], Settings(), registry.load(), workspace)

    def source(path):
        source = workspace.read(path)
        return None if isinstance(source, Problem) else source

    for line in text.render(result, Lines(source, result.secrets), style_for(sys.stdout, color), verbose=verbose):
        sys.stdout.write(line + "\n")
    code = 2 if result.problems else 1 if result.reported and not exit_zero else 0
    raise typer.Exit(code)


def main() -> None:
    """The entry point of the command."""
    app(prog_name="rolecall")
