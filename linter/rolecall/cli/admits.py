"""`rolecall admits`: does a role admit this request, and why; one question, or a batch of them."""

# ruff: noqa: PLC0415 - a question imports what answers it
from __future__ import annotations

import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.cli.output import complain, write
from rolecall.cli.questions import Fields, QuestionError, asked, asker, of_role
from rolecall.cli.trusts import Trusts
from rolecall.cli.worlds import settings_of, workspace_of
from rolecall.records import dataclass
from rolecall.secrets import mask
from rolecall.workspace import STDIN, Workspace

if TYPE_CHECKING:
    from rolecall.cli.trusts import Found
    from rolecall.iam.questions import Answered, Asked

CODES = {Answer.YES: 0, Answer.NO: 1, Answer.UNKNOWN: 3}
IMPOSSIBLE = 2
"""The exit code where the question could not be put."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for on the command line."""

    role: str | None = None
    paths: tuple[str, ...] = ()
    fields: Fields = Fields()
    format: str = "text"
    batch: str | None = None
    var_files: tuple[str, ...] = ()
    config: str | None = None
    color: str = "auto"


def perform(request: Request) -> int:
    """Answer, and give the exit code."""
    settings = settings_of(request.config, request.var_files)
    if settings is None:
        return IMPOSSIBLE
    if request.batch is not None:
        from rolecall.cli.admits_batch import answer_all

        paths = (*((request.role,) if request.role is not None else ()), *request.paths)
        workspace = Workspace(Path.cwd()).naming(paths)
        return answer_all(request.batch, paths or (".",), Trusts(workspace, settings))
    try:
        question = asked(request.fields)
        named = tuple(path for path in (request.role, *request.paths) if path is not None)
        trusts = Trusts(workspace_of(named), settings)
        found = _found(request, trusts)
        question = of_role(question, found.trust)
        answered = _answered(found, question)
    except QuestionError as error:
        message = mask(str(error))
        complain(f"rolecall admits: {message}")
        if request.format == "json":
            write(dumps({"error": message}, ensure_ascii=False) + "\n", encoding="utf-8")
        return IMPOSSIBLE
    for world in trusts.worlds.values():
        for problem in world.problems:
            complain(f"{problem.span or problem.path}: {problem.message}")
    _print(request, trusts, found, question, answered)
    return CODES[answered.answer]


def _found(request: Request, trusts: Trusts) -> Found:
    role = request.role
    if role is None:
        raise QuestionError("say which role is asked: its name, ARN or address, or a file that holds its trust policy")
    if role == STDIN or trusts.workspace.is_file(role):
        return trusts.of_file(role, request.paths)
    return trusts.of_role(role, request.paths or (".",))


def _answered(found: Found, question: Asked) -> Answered:
    from rolecall.iam.questions import ask
    from rolecall.iam.trust_prepared import Prepared

    return ask(Prepared(found.trust.document), question, found.providers)


def _print(request: Request, trusts: Trusts, found: Found, question: Asked, answered: Answered) -> None:
    from rolecall.report import answer

    if request.format == "json":
        tree = {"role": mask(found.trust.display), "asker": mask(asker(question)), **answer.data(answered)}
        write(dumps(tree, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    from rolecall.engine import secrets
    from rolecall.report.masked import Lines
    from rolecall.report.style import style_for

    hidden = {path: spans for world in trusts.worlds.values() for path, spans in secrets(world.graph).items()}
    lines = Lines(trusts.source, hidden)
    style = style_for(sys.stdout, request.color)
    write("".join(f"{line}\n" for line in answer.text(answered, found.trust.display, asker(question), lines, style)))
