"""What is left out of reading changes nothing of what is found."""

from __future__ import annotations

import pytest

from rolecall import engine
from rolecall.fingerprint import numbered
from rolecall.workspace import Workspace
from tests.fixtures import Case, cases
from tests.worlds import BUILTIN, inside


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_reading_everything_finds_the_same(case: Case) -> None:
    with inside(case.directory):
        worlds = [engine.read(["."], Workspace(case.directory), everything=whole) for whole in (False, True)]
        needed, everything = (engine.judge(BUILTIN, world.graph) for world in worlds)
    assert numbered(needed.diagnostics) == numbered(everything.diagnostics)
    assert needed.problems == everything.problems
    assert worlds[0].problems == worlds[1].problems
