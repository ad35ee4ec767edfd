"""What went wrong with the job itself, and what could not be looked at."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.span import Span


class ProblemKind(Enum):
    """Whose fault a problem is."""

    UNREADABLE = "unreadable"
    SYNTAX = "syntax"
    CONFIGURATION = "configuration"
    PLUGIN = "plugin"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept rolecall from doing its job; always shown, and the exit code is 2.

    `message` is one sentence without a final stop, and never holds text of the input that could be secret.
    """

    kind: ProblemKind
    message: str
    path: str = ""
    span: Span | None = None
    help: str = ""


def crash(what: str, error: Exception, advice: str, path: str = "", span: Span | None = None) -> Problem:
    """An exception as a problem: its type and where it was raised, never its own text, which may quote the input."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" (line {trace.tb_lineno} of {trace.tb_frame.f_globals.get('__name__', '?')})" if trace else ""
    return Problem(ProblemKind.INTERNAL, f"{what} failed with {type(error).__name__}{where}", path, span, advice)


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """Something that is ours but could not be evaluated: neither wrong nor fine, so it is counted and shown.

    `what` names the thing (`trust policy of aws_iam_role.app`, `Helm template`), `reason` why (`a variable without
    a default: var.issuer`).
    """

    what: str
    reason: str
    span: Span | None = None
    path: str = ""


_INSTANCE = regex.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def once_a_place(things: Iterable[Unevaluated]) -> tuple[Unevaluated, ...]:
    """The things, those once that are instances of one block: they are written, and to be seen to, at one place."""
    found: dict[tuple[str, Span | str], Unevaluated] = {}
    for thing in things:
        found.setdefault((_INSTANCE.sub("", thing.what), thing.span or thing.path), thing)
    return tuple(found.values())
