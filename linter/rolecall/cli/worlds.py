"""What the commands that ask about a world have in common: settings, reading, problems, output."""

# ruff: noqa: PLC0415 - what reads files is imported when there is something to read
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.cli.output import complain, write
from rolecall.records import dataclass
from rolecall.workspace import MAX_BYTES, STDIN, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.config import Settings
    from rolecall.engine import World
    from rolecall.report.style import Style

IMPOSSIBLE = 2
"""The exit code where the question could not be put, or not all files could be read."""


class UnknownNameError(Exception):
    """Nothing of this world is called so; the text says that for the user."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files are read, and how the answer is written."""

    paths: tuple[str, ...] = (".",)
    format: str = "text"
    var_files: tuple[str, ...] = ()
    config: str | None = None
    color: str = "auto"

    @property
    def style(self) -> Style:
        """How text is painted on standard output."""
        from rolecall.report.style import style_for

        return style_for(sys.stdout, self.color)


def settings_of(config: str | None, var_files: tuple[str, ...]) -> Settings | None:
    """The settings: which files are excluded, and which values Terraform's variables have."""
    from rolecall.config import Settings
    from rolecall.config.file import find

    if config is None and find(Path.cwd()) is None:
        return Settings(var_files=var_files)
    from rolecall import registry
    from rolecall.cli.check import Request
    from rolecall.cli.check import settings_of as settings_of_check

    settings, problems = settings_of_check(Request(config=config, var_files=var_files), registry.load())
    for problem in problems:
        complain(f"{problem.span or problem.path}: {problem.message}")
    return settings


def workspace_of(named: tuple[str, ...]) -> Workspace:
    """The workspace of this directory, with standard input where it is among the paths."""
    stdin = sys.stdin.buffer.read(MAX_BYTES + 1) if STDIN in named else None
    return Workspace(Path.cwd(), stdin).naming(named)


def world_of(scope: Scope) -> World | None:
    """Everything that the files say, manifests that have nothing to do with AWS included; None without settings."""
    settings = settings_of(scope.config, scope.var_files)
    if settings is None:
        return None
    from rolecall import engine

    world = engine.read(scope.paths, workspace_of(scope.paths), settings, everything=True)
    for problem in world.problems:
        complain(f"{problem.span or problem.path}: {problem.message}")
    return world


def show(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    write("".join(f"{line}\n" for line in lines))


def show_json(tree: object) -> None:
    """Write plain data to standard output as JSON."""
    from json import dumps

    write(dumps(tree, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def nearest(text: str, names: Iterable[str], most: int = 3) -> str:
    """`; the nearest are …`, or the first of all there are, so that an error helps."""
    from difflib import get_close_matches

    every = list(dict.fromkeys(names))
    by_case = {name.lower(): name for name in every}
    near = [by_case[one] for one in get_close_matches(text.lower(), by_case, n=most, cutoff=0.5)]
    if near:
        return f"; the nearest are {', '.join(near)}" if len(near) > 1 else f"; did you mean {near[0]}?"
    if not every:
        return "; there are none in these files"
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return f"; there are {', '.join(every[:most])}{more}"
