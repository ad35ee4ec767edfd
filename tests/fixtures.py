"""Fixture cases: folders under fixtures/<rule>/{fail,pass}/<case>, with the places where findings are expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
EXPECTED = "expected.txt"
_MARK = re.compile(
    r"(?:#|//|/\*|<!--|\{\{/\*)\s*expect:\s*(?P<rules>[a-z0-9/-]+(?:\s*,\s*[a-z0-9/-]+)*)\s*(?:\*/|-->)?\s*$"
)


@dataclass(frozen=True, slots=True, order=True)
class Expectation:
    """A finding of a rule whose primary place starts on a line of a file of the case."""

    path: str
    line: int
    rule: str


@dataclass(frozen=True, slots=True)
class Case:
    """One world that a rule is tried on."""

    rule: str
    verdict: str
    directory: Path

    @property
    def id(self) -> str:
        return f"{self.rule}/{self.verdict}/{self.directory.name}"

    def expectations(self) -> set[Expectation]:
        """Those written as `# expect: rule` (same line; alone on a line: the next) or in expected.txt."""
        found: set[Expectation] = set()
        for path in sorted(self.directory.rglob("*")):
            if path.is_file():
                relative = path.relative_to(self.directory).as_posix()
                found.update(_listed(path) if path.name == EXPECTED else _marked(path, relative))
        return found


def _listed(path: Path) -> Iterator[Expectation]:
    for row in path.read_text(encoding="utf-8").splitlines():
        if row.strip() and not row.startswith("#"):
            place, rule = row.split()
            name, _, line = place.rpartition(":")
            yield Expectation(name, int(line), rule)


def _marked(path: Path, relative: str) -> Iterator[Expectation]:
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        mark = _MARK.search(line)
        if mark:
            alone = not line[: mark.start()].strip()
            for rule in mark["rules"].split(","):
                yield Expectation(relative, number + alone, rule.strip())


def cases() -> list[Case]:
    """Every fixture case, in order."""
    return [
        Case(rule.name, verdict, directory)
        for rule in sorted(FIXTURES.iterdir())
        if rule.is_dir()
        for verdict in ("fail", "pass")
        for directory in sorted((rule / verdict).glob("*"))
        if directory.is_dir()
    ]
