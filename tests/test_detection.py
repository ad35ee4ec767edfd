"""A tree of other people's files says nothing: no finding, no problem, nothing that was not evaluated."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from rolecall import engine
from rolecall.workspace import Workspace
from tests.foreign_files import FILES
from tests.worlds import BUILTIN, inside

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.engine import World


def write(root: Path, name: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FILES[name].removeprefix("\n"), encoding="utf-8")


def said(root: Path) -> tuple[World, list[object]]:
    with inside(root):
        world = engine.read(["."], Workspace(root))
        judgement = engine.judge(BUILTIN, world.graph)
    told = [*world.problems, *judgement.problems, *world.unevaluated, *judgement.unevaluated, *judgement.diagnostics]
    return world, told


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_ours_is_passed_by_in_silence(name: str, tmp_path: Path) -> None:
    write(tmp_path, name)
    assert said(tmp_path)[1] == []


def test_a_tree_of_such_files_is_passed_by_in_no_time(tmp_path: Path) -> None:
    for name in FILES:
        write(tmp_path, name)
    begun = time.process_time()
    world, told = said(tmp_path)
    assert told == []
    assert len(FILES) >= 100
    assert world.passed_by + world.looked_at >= 100
    assert time.process_time() - begun < 5
