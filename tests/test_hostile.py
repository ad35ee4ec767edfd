"""Broken forms of every fixture: cut off, and with template actions for values. Nothing may crash or get lost."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zlib import crc32

import pytest

from rolecall.problem import ProblemKind
from tests.fixtures import EXPECTED, FIXTURES, cases
from tests.worlds import judge

STEP = 10
FEW = 8
"""How often a file is cut that is not an example: there are thousands, each cut elsewhere."""
VALUES = ("{{ x }}", '"{{ x }}"', "${x}")
# A scalar in YAML, JSON, HCL or a Dockerfile, roughly: what stands after a colon or equals sign, or between quotes.
SCALAR = re.compile(r"""(?<=[:=] )[^\s{\["'|>&*#][^\n#]*|"[^"\n]*"|'[^'\n]*'""")


def distinct() -> dict[bytes, Path]:
    """Every fixture file by its content: many cases share one."""
    roots = [case.directory for case in cases()] + [FIXTURES / "demo"]
    files = sorted(path for root in roots for path in root.rglob("*") if path.is_file() and path.name != EXPECTED)
    return {path.read_bytes(): path for path in files}


FILES = sorted(distinct().values())


def is_shown(path: Path) -> bool:
    """Whether a file is on a rule's page, or in the demonstration."""
    return path.relative_to(FIXTURES).parts[2:3] == ("example",) or path.is_relative_to(FIXTURES / "demo")


def cuts(path: Path, length: int) -> range:
    """Where a file is cut off."""
    if is_shown(path):
        return range(0, length, STEP)
    apart = max(length // FEW, 1)
    return range(crc32(path.as_posix().encode()) % apart, length, apart)


def fillings() -> list[tuple[Path, str]]:
    """Files with what to put in place of their values: all for those that are shown, one each for the others."""
    return [
        (path, value)
        for number, path in enumerate(FILES)
        for value in (VALUES if is_shown(path) else (VALUES[number % len(VALUES)],))
    ]


def crashes(directory: Path) -> list[str]:
    world, judgement = judge(directory)
    problems = (*world.problems, *judgement.problems)
    return [problem.message for problem in problems if problem.kind is ProblemKind.INTERNAL]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_a_file_cut_off_anywhere_does_not_crash(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    copy = tmp_path / path.name
    for length in cuts(path, len(data)):
        copy.write_bytes(data[:length])
        assert crashes(tmp_path) == [], f"cut after {length} bytes"


@pytest.mark.parametrize(
    ("path", "value"),
    fillings(),
    ids=lambda one: one.relative_to(FIXTURES).as_posix() if isinstance(one, Path) else one,
)
def test_a_file_with_templates_for_all_its_values_does_not_crash(path: Path, tmp_path: Path, value: str) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    (tmp_path / path.name).write_text(SCALAR.sub(lambda _: value, text), encoding="utf-8")
    assert crashes(tmp_path) == []


def test_the_whole_demonstration_with_templates_for_all_values_does_not_crash(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "demo", tmp_path / "demo")
    for path in (tmp_path / "demo").rglob("*"):
        if path.is_file():
            path.write_text(SCALAR.sub("{{ x }}", path.read_text(encoding="utf-8")), encoding="utf-8")
    assert crashes(tmp_path) == []
