"""The GitHub action's steps, run as the shell that they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.fixtures import FIXTURES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = """\
import zipfile

FILES = {
    "stand_in.py": "here = True",
    "stand_in-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: stand-in\\nVersion: 1\\n",
    "stand_in-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "stand_in-1.dist-info/RECORD": "",
}


def build_wheel(directory, settings=None, metadata=None):
    name = "stand_in-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
    return name
"""
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def run_step(name: str, environment: dict[str, str], directory: Path) -> subprocess.CompletedProcess[str]:
    (step,) = [step for step in ACTION["runs"]["steps"] if step["name"] == name]
    assert set(step["env"]) == set(environment), "the step's variables are those that this test sets"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=directory,
        env={**os.environ, "GITHUB_OUTPUT": str(directory / "output"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """What the install step leaves behind, without the wait: an environment with a `rolecall` command."""
    folder = tmp_path / "environment"
    (folder / "bin").mkdir(parents=True)
    command = folder / "bin" / "rolecall"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rolecall "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


def check(tmp_path: Path, environment: Path, paths: str, fail: str) -> subprocess.CompletedProcess[str]:
    return run_step(
        "Check",
        {
            "ENVIRONMENT": str(environment),
            "PATHS": paths,
            "ARGUMENTS": "--persona regular",
            "SARIF_FILE": "out.sarif",
            "FAIL_ON_FINDINGS": fail,
        },
        tmp_path,
    )


def outputs(tmp_path: Path) -> dict[str, str]:
    lines = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_findings_leave_a_sarif_file_and_fail_only_where_asked(tmp_path: Path, environment: Path) -> None:
    demo = str(FIXTURES / "demo")
    kind = check(tmp_path, environment, demo, "false")
    assert kind.returncode == 0, kind.stderr
    assert outputs(tmp_path) == {"sarif-file": "out.sarif", "exit-code": "1"}
    assert json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert check(tmp_path, environment, demo, "true").returncode == 1


def test_a_path_that_does_not_exist_fails_the_step(tmp_path: Path, environment: Path) -> None:
    assert check(tmp_path, environment, "nowhere", "false").returncode == 2


def test_the_install_step_installs_what_it_is_told(tmp_path: Path) -> None:
    package = tmp_path / "stand_in"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    # Run for real with a package that has no dependencies: what the step does with rolecall, CI's wheel test does.
    (package / "backend.py").write_text(BACKEND, encoding="utf-8")
    environment = tmp_path / "made"
    done = run_step("Install rolecall", {"PACKAGE": str(package), "ENVIRONMENT": str(environment)}, tmp_path)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([environment / "bin" / "python", "-c", "import stand_in"], check=False).returncode == 0
