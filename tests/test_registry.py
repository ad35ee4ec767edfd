"""Rule packs: loaded through the entry point, namespaced, and no obstacle to each other when they are broken."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rolecall import registry
from rolecall.problem import ProblemKind
from rolecall.registry import BUILTIN, Pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RULE = '''
from collections.abc import Iterator

from rolecall.model import ServiceAccount
from rolecall.rule import Confidence, Finding, Severity, rule


@rule("{name}", summary="x", severity=Severity.LOW, confidence=Confidence.HIGH, yields_to={yields_to})
def check(account: ServiceAccount) -> Iterator[Finding]:
    """Find it."""
    yield from ()
'''


@pytest.fixture
def make_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, str]], None]:
    """Write a package of rules that can be imported."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(package: str, files: dict[str, str]) -> None:
        for name, text in {"__init__.py": "", **files}.items():
            path = tmp_path / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.delitem(sys.modules, package)

    return make


def rule_file(name: str, yields_to: tuple[str, ...] = ()) -> str:
    return RULE.format(name=name, yields_to=repr(yields_to))


def test_our_own_rules_are_declared_through_the_entry_point_and_not_namespaced() -> None:
    packs = registry.declared()
    assert packs[0] == Pack("builtin", BUILTIN)
    loaded = registry.load()
    assert loaded.problems == ()
    assert "static-env-shadows-identity" in loaded.names
    assert loaded.names == tuple(sorted(loaded.names))


def test_a_distribution_declares_a_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = tmp_path / "acme_rules-1.0.dist-info"
    metadata.mkdir()
    text = "[console_scripts]\nx = y:z\n\n[rolecall.rules]\nacme = acme_rules\n\n[other]\nno = pe\n"
    (metadata / "entry_points.txt").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.declared() == (Pack("builtin", BUILTIN), Pack("acme", "acme_rules"))


@pytest.mark.parametrize("entry", ["", "."])
def test_the_current_directory_declares_no_pack(entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = tmp_path / "acme_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[rolecall.rules]\nacme = acme_rules\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry, str(tmp_path), *sys.path])
    assert registry.declared() == (Pack("builtin", BUILTIN),)


def test_what_is_checked_provides_no_code(tmp_path: Path) -> None:
    for name in ("yaml.py", "typer.py", "rolecall_rules.py", "acme_rules.py"):
        (tmp_path / name).write_text("raise SystemExit(77)\n", encoding="utf-8")
    metadata = tmp_path / "acme_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[rolecall.rules]\nacme = acme_rules\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "rolecall", "check", "."], cwd=tmp_path, capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")


def test_a_third_partys_rules_are_namespaced_wherever_they_stand(
    make_pack: Callable[[str, dict[str, str]], None],
) -> None:
    own, foreign = rule_file("general", ("specific", "trust-any-principal")), rule_file("specific")
    make_pack("pack_one", {"general.py": own, "deep/__init__.py": "", "deep/er/__init__.py": foreign})
    loaded = registry.load([Pack("acme", "pack_one")])
    assert loaded.problems == ()
    assert loaded.names == ("acme/general", "acme/specific")
    general = loaded.get("acme/general")
    assert general is not None
    assert general.yields_to == ("acme/specific", "trust-any-principal")


@pytest.mark.parametrize(
    "text", ["raise ValueError('no')", "import nothing_of_that_name", "raise SystemExit(3)", "def"]
)
def test_a_module_that_cannot_be_imported_is_a_problem_and_the_others_work(
    text: str, make_pack: Callable[[str, dict[str, str]], None]
) -> None:
    make_pack("pack_two", {"bad.py": text, "good.py": rule_file("good")})
    loaded = registry.load([Pack("gone", "no_such_package_at_all"), Pack("acme", "pack_two")])
    assert loaded.names == ("acme/good",)
    assert [problem.kind for problem in loaded.problems] == [ProblemKind.PLUGIN, ProblemKind.PLUGIN]
    assert loaded.problems[0].message.startswith("rule pack gone: no_such_package_at_all cannot be imported")
    assert loaded.problems[1].message.startswith("rule pack acme: pack_two.bad cannot be imported")


def test_two_rules_of_one_name_are_a_problem(make_pack: Callable[[str, dict[str, str]], None]) -> None:
    make_pack("pack_three", {"one.py": rule_file("same"), "two.py": rule_file("same")})
    loaded = registry.load([Pack("acme", "pack_three")])
    assert loaded.names == ("acme/same",)
    assert [problem.message for problem in loaded.problems] == [
        "rule pack acme: the name acme/same is taken by another rule"
    ]


def test_a_rule_imported_by_another_module_counts_once(make_pack: Callable[[str, dict[str, str]], None]) -> None:
    make_pack("pack_four", {"one.py": rule_file("same"), "two.py": "from pack_four.one import check\n"})
    assert registry.load([Pack("acme", "pack_four")]).problems == ()
