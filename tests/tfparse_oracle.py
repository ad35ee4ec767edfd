"""What tfparse (Trivy's evaluator of Terraform) makes of a directory: run in a child process, for a panic ends it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHILD = """
import json, sys, tfparse
for path, *values in map(json.loads, sys.argv[1:]):
    print(json.dumps(tfparse.load_from_path(path, vars_paths=values)).join(("\\n\\0", "\\0")), flush=True)
"""
# Where Terraform takes a text from the directory of the shell, tfparse takes it from its own.
CWD = "oracle-cwd-6f1d"
MADE_UP = re.compile(rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|(?:/[^ \"]*/{CWD}-[^/]*/)?{CWD}")
_ANSWER = re.compile(r"\n\x00(.*)\x00")
_META = "__tfmeta"


class OracleError(Exception):
    """tfparse gave no answer: a panic, or too slow."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """One block as tfparse sees it."""

    address: str
    place: str
    arguments: dict[str, object]

    @property
    def repeats(self) -> bool:
        """Whether the block has `count` or `for_each`."""
        return bool(self.arguments.keys() & {"count", "for_each"})

    @property
    def counted(self) -> bool:
        """Whether tfparse knows the `count` or `for_each` that made this instance."""
        value = self.arguments.get("count", self.arguments.get("for_each"))
        if isinstance(value, list):
            return None not in value
        return isinstance(value, (int, dict)) and not is_unresolved(value)


def ask(directories: Sequence[Path], timeout: float = 300) -> Iterator[tuple[Theirs, ...] | OracleError]:
    """For each root module its blocks and those of the modules it calls, or why tfparse gave none."""
    left = list(directories)
    with tempfile.TemporaryDirectory(prefix=f"{CWD}-") as scratch:
        cwd = Path(scratch, CWD)
        cwd.mkdir()
        while left:
            answers, error = _run(left, cwd, timeout)
            for answer in answers:
                found = json.loads(answer)
                yield tuple(_block(one) for blocks in found.values() for one in blocks if "path" in one.get(_META, {}))
            left = left[len(answers) :]
            if error is not None and left:
                yield OracleError(f"{left.pop(0)}: {error}")


def _run(directories: list[Path], cwd: Path, timeout: float) -> tuple[list[str], str | None]:
    """The answers up to the first directory without one, and why there is none."""
    command = (sys.executable, "-c", CHILD, *map(_argument, directories))
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        output = error.stdout.decode() if isinstance(error.stdout, bytes) else error.stdout or ""
        return _ANSWER.findall(output), f"no answer within {timeout} s"
    failed = f"exit code {done.returncode}: {done.stderr.strip()[-300:]}" if done.returncode else None
    return _ANSWER.findall(done.stdout), failed


def _argument(directory: Path) -> str:
    """A directory with the files of values that Terraform reads by itself, in its order; tfparse reads none."""
    names = ("terraform.tfvars", "terraform.tfvars.json")
    found = [name for name in names if (directory / name).is_file()]
    found += sorted(
        path.name for path in directory.iterdir() if path.name.endswith((".auto.tfvars", ".auto.tfvars.json"))
    )
    return json.dumps([str(directory.resolve()), *found])


def _block(block: dict[str, object]) -> Theirs:
    meta = block[_META]
    assert isinstance(meta, dict)
    arguments = {name: value for name, value in block.items() if name != _META}
    return Theirs(meta["path"], f"{meta['filename']}:{meta['line_start']}", arguments)


def is_nested(value: object) -> bool:
    """Whether a value is a nested block, or several."""
    if isinstance(value, list):
        return bool(value) and all(is_nested(item) for item in value)
    return isinstance(value, dict) and _META in value


def nested(value: object) -> list[tuple[int, dict[str, object]]]:
    """The nested blocks of one type with their lines, in the order of the file: Trivy puts `dynamic` ones last."""
    blocks = sorted(value if isinstance(value, list) else [value], key=lambda block: block[_META]["line_start"])
    return [
        (block[_META]["line_start"], {name: inner for name, inner in block.items() if name != _META})
        for block in blocks
    ]


def is_unresolved(value: object) -> bool:
    """Whether tfparse did not find out a value. It writes null for what is null and for what it does not know."""
    if value is None:
        return True
    if isinstance(value, dict):
        return "__attribute__" in value or "__ref__" in value
    return isinstance(value, str) and MADE_UP.fullmatch(value) is not None
