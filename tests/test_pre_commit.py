"""The hook, run by the real pre-commit in a scratch repository: it installs rolecall from a snapshot of this tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import FIXTURES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_AUTHOR_NAME": "somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    # pre-commit puts its hook's environments on the path; ours must not leak into them.
    "PYTHONPATH": "",
}
# What the hook needs to be installed and run; not the tests, which would make the snapshot slow.
SHIPPED = ("linter", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


def git(directory: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env={**ENVIRONMENT, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def repository(directory: Path) -> None:
    assert git(directory, "init", "--quiet", "--initial-branch=main").returncode == 0
    assert git(directory, "add", "--all").returncode == 0
    assert git(directory, "commit", "--quiet", "--message=snapshot").returncode == 0


@pytest.fixture
def hook_repository(tmp_path: Path) -> Path:
    folder = tmp_path / "rolecall"
    folder.mkdir()
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    repository(folder)
    return folder


def test_a_commit_is_stopped_by_findings_and_let_through_without(tmp_path: Path, hook_repository: Path) -> None:
    revision = git(hook_repository, "rev-parse", "HEAD").stdout.strip()
    scratch = tmp_path / "scratch"
    shutil.copytree(FIXTURES / "demo" / "k8s", scratch / "k8s")
    (scratch / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hook_repository}\n    rev: {revision}\n    hooks:\n      - id: rolecall\n",
        encoding="utf-8",
    )
    home = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    repository(scratch)
    installed = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"],
        cwd=scratch,
        env={**ENVIRONMENT, **home},
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr

    # A file that rolecall does not read: the hook is not run.
    (scratch / "notes.txt").write_text("hello\n", encoding="utf-8")
    git(scratch, "add", "--all")
    passed = git(scratch, "commit", "--message=notes", **home)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "no files to check" in (passed.stdout + passed.stderr)

    # One touched manifest: the whole tree is read, so findings of the others are shown too.
    orders = scratch / "k8s" / "orders.yaml"
    orders.write_text(orders.read_text(encoding="utf-8") + "# touched\n", encoding="utf-8")
    git(scratch, "add", "--all")
    stopped = git(scratch, "commit", "--message=touch", **home)
    output = stopped.stdout + stopped.stderr
    assert stopped.returncode == 1, output
    assert "irsa-env-overridden" in output
    assert "static-env-shadows-identity" in output

    shutil.rmtree(scratch / "k8s")
    (scratch / "account.yaml").write_text(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: fine\n  namespace: fine\n", encoding="utf-8"
    )
    git(scratch, "add", "--all")
    mended = git(scratch, "commit", "--message=mend", **home)
    assert mended.returncode == 0, mended.stdout + mended.stderr
