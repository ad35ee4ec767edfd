"""Running rules over a directory, in this process."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rolecall import engine, registry
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rolecall.rule import Rule

BUILTIN: tuple[Rule, ...] = registry.load([registry.Pack("builtin", registry.BUILTIN)]).rules


@contextmanager
def inside(directory: Path) -> Iterator[None]:
    """With this current directory, as a user who runs the tool there."""
    before = os.getcwd()  # noqa: PTH109 - what os.chdir takes back
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


def read(directory: Path) -> engine.World:
    """All of a directory as one world; paths are relative to it."""
    with inside(directory):
        return engine.read(["."], Workspace(directory))


def judge(directory: Path, rules: Iterable[Rule] = BUILTIN) -> tuple[engine.World, engine.Judgement]:
    """What rules say about a directory."""
    world = read(directory)
    return world, engine.judge(rules, world.graph)
