"""Whole small repositories: who each container becomes, in a sentence, and every finding.

A repository is a folder of `tests/repositories`: its files in `repo`, the sentences in `chains.txt`, the findings in
`findings.txt` (path, line and rule; empty: it is free of findings). `python -m tests.test_repositories` writes what is
said today, to be read before it is kept.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rolecall.chain import chain_of
from rolecall.chain.sentences import sentence
from rolecall.graph.views import PodContainer
from tests.worlds import judge

REPOSITORIES = sorted(path for path in (Path(__file__).parent / "repositories").iterdir() if path.is_dir())


def said(repository: Path) -> tuple[list[str], list[str]]:
    """The sentences and the findings of a repository."""
    world, judgement = judge(repository / "repo")
    assert (*world.problems, *judgement.problems) == ()
    chains = [sentence(chain_of(one, world.graph)) for one in world.graph.all(PodContainer)]
    found = [(one.finding.at.span, one.rule.name) for one in judgement.diagnostics if one.finding.persona is None]
    return sorted(chains), sorted(f"{span.path}:{span.line} {rule}" for span, rule in found)


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_a_repository(repository: Path) -> None:
    chains, findings = said(repository)
    assert chains == (repository / "chains.txt").read_text(encoding="utf-8").splitlines()
    assert findings == (repository / "findings.txt").read_text(encoding="utf-8").splitlines()


def test_there_are_enough_of_them() -> None:
    free = [path for path in REPOSITORIES if not (path / "findings.txt").read_text(encoding="utf-8").strip()]
    assert len(REPOSITORIES) >= 8
    assert len(free) >= 3


if __name__ == "__main__":
    for path in REPOSITORIES:
        for name, lines in zip(("chains.txt", "findings.txt"), said(path), strict=True):
            (path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
