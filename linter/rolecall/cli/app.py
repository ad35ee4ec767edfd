"""The command line: what may be said on it. What is done then is imported when it is done."""

# ruff: noqa: PLC0415 - a command imports what it does when it is run
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rolecall import __version__
from rolecall.cli.plain import PlainCommand, PlainGroup

if TYPE_CHECKING:
    from rolecall.cli.worlds import Scope


app = typer.Typer(
    name="rolecall",
    cls=PlainGroup,
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
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Who does your pod become? Checks AWS workload identity on Kubernetes, before anything is deployed."""


@app.command(cls=PlainCommand, short_help="Check files and folders.")
def check(  # noqa: PLR0913 - the options of a command line
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATHS]...", help='Files and folders; "-" is standard input. Default: "."'),
    ] = None,
    *,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, sarif or github.")] = "text",
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the report to a file.")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", metavar="RULES", help="Run only these rules (or patterns: 'irsa-*,pi-*'). Repeatable."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULES", help="Do not run these rules. Repeatable.")
    ] = None,
    min_severity: Annotated[
        str | None,
        typer.Option(
            "--min-severity", metavar="LEVEL", help="info, low, medium, high or critical: hide what is below."
        ),
    ] = None,
    persona: Annotated[
        str | None,
        typer.Option("--persona", metavar="PERSONA", help="regular, pedantic or auditor: each sees more."),
    ] = None,
    var_file: Annotated[
        list[str] | None,
        typer.Option(
            "--var-file", metavar="FILE", help="Values for variables of Terraform's root modules. Repeatable."
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help="The configuration file; default: found upwards.")
    ] = None,
    color: Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")] = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="List everything that was not evaluated.")] = False,
    no_ignores: Annotated[
        bool, typer.Option("--no-ignores", help="Report what comments, annotations and per-path-ignores suppress, too.")
    ] = False,
    fail_on_unresolved: Annotated[
        bool, typer.Option("--fail-on-unresolved", help="Exit with 1 when something could not be evaluated.")
    ] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings.")] = False,
) -> None:
    """Check files and folders as one world: who becomes which AWS identity, and what is wrong with that.

    Exit codes: 0 nothing found, 1 findings, 2 the job could not be done (usage, configuration, an input that could
    not be read or parsed, a rule that crashed).
    """
    from rolecall.cli.check import Request, perform

    request = Request(
        paths=tuple(paths or (".",)),
        format=_one_of("--format", format_, ("text", "json", "sarif", "github")) or "text",
        output=output,
        select=_names(select),
        ignore=_names(ignore),
        min_severity=_one_of("--min-severity", min_severity, ("info", "low", "medium", "high", "critical")),
        persona=_one_of("--persona", persona, ("regular", "pedantic", "auditor")),
        var_files=tuple(var_file or ()),
        config=config,
        color=_one_of("--color", color, ("auto", "always", "never")) or "auto",
        verbose=verbose,
        no_ignores=no_ignores,
        fail_on_unresolved=fail_on_unresolved,
        exit_zero=exit_zero,
    )
    raise typer.Exit(perform(request))


@app.command(cls=PlainCommand, short_help="Ask whether a role admits somebody.")
def admits(  # noqa: PLR0913 - the options of a command line
    role: Annotated[
        str | None,
        typer.Argument(
            metavar="[ROLE_OR_FILE]",
            help="A role's name, ARN or address in Terraform; or a file that holds its trust policy.",
        ),
    ] = None,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATHS]...", help='Where the role is declared. Default: "."'),
    ] = None,
    *,
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="URL", help="The token's issuer; '*': any that the role trusts.")
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", metavar="SUB", help="The token's subject.")] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            "--audience",
            metavar="AUD",
            help="The token's audience. Default: sts.amazonaws.com for a cluster of EKS, else what suits.",
        ),
    ] = None,
    principal: Annotated[
        str | None, typer.Option("--principal", metavar="ARN", help="An AWS principal, instead of a token.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="NAME", help="A service, such as pods.eks.amazonaws.com.")
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE", help='Answer each line of a file, a JSON object; "-": standard input.'),
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    var_file: Annotated[
        list[str] | None,
        typer.Option(
            "--var-file", metavar="FILE", help="Values for variables of Terraform's root modules. Repeatable."
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help="The configuration file; default: found upwards.")
    ] = None,
    color: Annotated[str, typer.Option("--color", metavar="WHEN", help="auto, always or never.")] = "auto",
) -> None:
    """Ask whether a role's trust policy admits a token, an AWS principal or a service, and which statement decides.

    Exit codes: 0 yes, 1 no, 3 unknown, 2 the question could not be put. With --batch: 0, 1 if an answer is not what
    its line expects, 2 if a line is no question.
    """
    from rolecall.cli.admits import Request, perform
    from rolecall.cli.questions import Fields

    request = Request(
        role=role,
        paths=tuple(paths or ()),
        fields=Fields(issuer, subject, audience, principal, service),
        format=_one_of("--format", format_, ("text", "json")) or "text",
        batch=batch,
        var_files=tuple(var_file or ()),
        config=config,
        color=_one_of("--color", color, ("auto", "always", "never")) or "auto",
    )
    raise typer.Exit(perform(request))


_VAR_FILE = typer.Option(
    "--var-file", metavar="FILE", help="Values for variables of Terraform's root modules. Repeatable."
)
_CONFIG = typer.Option("--config", metavar="FILE", help="The configuration file; default: found upwards.")
_COLOR = typer.Option("--color", metavar="WHEN", help="auto, always or never.")
_PATHS = typer.Argument(metavar="[PATHS]...", help='Files and folders; "-" is standard input. Default: "."')


@app.command(cls=PlainCommand, short_help="Show who each container becomes, and why.")
def chain(  # noqa: PLR0913 - the options of a command line
    workload: Annotated[
        str | None,
        typer.Argument(metavar="[WORKLOAD]", help="A workload: app, pay/app, deployment/app. Default: all of them."),
    ] = None,
    paths: Annotated[list[str] | None, _PATHS] = None,
    *,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json or markdown.")] = "text",
    var_file: Annotated[list[str] | None, _VAR_FILE] = None,
    config: Annotated[str | None, _CONFIG] = None,
    color: Annotated[str, _COLOR] = "auto",
) -> None:
    """Show the credential chain of each container: every source in order, which one wins, and who the container is.

    Exit codes: 0, or 2 where there is no such workload or a file could not be read.
    """
    from rolecall.cli.chain import named_first, perform

    name, where = named_first(workload, tuple(paths or ()))
    formats = ("text", "json", "markdown")
    raise typer.Exit(perform(name, _scope(where, format_, formats, var_file, config, color)))


@app.command(cls=PlainCommand, short_help="Show who can become a role.")
def who(  # noqa: PLR0913 - the options of a command line
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role's name, its ARN, or its address in Terraform.")],
    paths: Annotated[list[str] | None, _PATHS] = None,
    *,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    var_file: Annotated[list[str] | None, _VAR_FILE] = None,
    config: Annotated[str | None, _CONFIG] = None,
    color: Annotated[str, _COLOR] = "auto",
) -> None:
    """Show everybody who can become a role: workloads, nodes, and whom its trust policy admits, with a witness.

    Exit codes: 0, or 2 where there is no such role or a file could not be read.
    """
    from rolecall.cli.who import who as perform

    scope = _scope(tuple(paths or (".",)), format_, ("text", "json"), var_file, config, color)
    raise typer.Exit(perform(role, scope))


@app.command(cls=PlainCommand, short_help="Show what a workload can do in AWS.")
def can(  # noqa: PLR0913 - the options of a command line
    workload: Annotated[str, typer.Argument(metavar="WORKLOAD", help="A workload: app, pay/app, deployment/app.")],
    paths: Annotated[list[str] | None, _PATHS] = None,
    *,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    var_file: Annotated[list[str] | None, _VAR_FILE] = None,
    config: Annotated[str | None, _CONFIG] = None,
    color: Annotated[str, _COLOR] = "auto",
) -> None:
    """Show what each container of a workload can do as who it becomes, and which roles it can go on to assume.

    Exit codes: 0, or 2 where there is no such workload or a file could not be read.
    """
    from rolecall.cli.who import can as perform

    scope = _scope(tuple(paths or (".",)), format_, ("text", "json"), var_file, config, color)
    raise typer.Exit(perform(workload, scope))


@app.command(cls=PlainCommand, short_help="Show who becomes whom.")
def graph(  # noqa: PLR0913 - the options of a command line
    paths: Annotated[list[str] | None, _PATHS] = None,
    *,
    workload: Annotated[
        str | None, typer.Option("--workload", metavar="NAME", help="Only what leads from this workload.")
    ] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="NAME", help="Only what leads to this role.")] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", metavar="NAME", help="Only what leads from this namespace.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json, dot or mermaid.")] = "text",
    var_file: Annotated[list[str] | None, _VAR_FILE] = None,
    config: Annotated[str | None, _CONFIG] = None,
    color: Annotated[str, _COLOR] = "auto",
) -> None:
    """Show the identity graph: workloads, service accounts, roles, keys, and who else gets in.

    Exit codes: 0, or 2 where there is nothing of a name given or a file could not be read.
    """
    from rolecall.cli.who import graph as perform

    scope = _scope(tuple(paths or (".",)), format_, ("text", "json", "dot", "mermaid"), var_file, config, color)
    raise typer.Exit(perform(scope, workload, role, namespace))


def _scope(  # noqa: PLR0913, PLR0917 - the options of several commands
    paths: tuple[str, ...],
    format_: str,
    formats: tuple[str, ...],
    var_file: list[str] | None,
    config: str | None,
    color: str,
) -> Scope:
    from rolecall.cli.worlds import Scope

    return Scope(
        paths,
        _one_of("--format", format_, formats) or "text",
        tuple(var_file or ()),
        config,
        _one_of("--color", color, ("auto", "always", "never")) or "auto",
    )


@app.command(cls=PlainCommand, short_help="Explain a rule.")
def rule(name: Annotated[str, typer.Argument(metavar="NAME", help="The rule's name.")]) -> None:
    """Print a rule's page: what it finds, why it matters, how to fix it."""
    from rolecall.cli.pages import print_rule

    raise typer.Exit(print_rule(name))


@app.command(cls=PlainCommand, short_help="List the rules.")
def rules(
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> None:
    """List all rules, those of installed rule packs included."""
    from rolecall.cli.pages import print_rules

    raise typer.Exit(print_rules(as_json=_one_of("--format", format_, ("text", "json")) == "json"))


@app.command(cls=PlainCommand, short_help="Show what is configured, or the schema of the configuration.")
def config(
    *,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the configuration.")] = False,
) -> None:
    """Say which configuration file holds here, or print the schema that it must follow."""
    from rolecall.cli.pages import print_config

    raise typer.Exit(print_config(schema=schema))


def _names(given: list[str] | None) -> tuple[str, ...]:
    """Names that are given one by one, or with commas between them."""
    return tuple(name.strip() for one in given or () for name in one.split(","))


def _one_of(option: str, word: str | None, words: tuple[str, ...]) -> str | None:
    """The word, if it is one of those allowed; a usage error otherwise."""
    if word is None or word in words:
        return word
    from rolecall.config import meant

    raise typer.BadParameter(f"{word!r} is none of {', '.join(words)}{meant(word, words)}", param_hint=option)


def _only(word: str = "") -> None:
    """Leave only the command that is asked for: describing the others to the parser takes as long as a small file."""
    asked = [one for one in app.registered_commands if word in (one.name, getattr(one.callback, "__name__", ""))]
    if word and asked:
        app.registered_commands = asked


def run(arguments: list[str]) -> int:
    """Do what a command line says, and give the exit code. Raises `SystemExit` as typer does."""
    _only(*arguments[:1])
    app(arguments, prog_name="rolecall")
    return 0
