"""Compare whole processes of rolecall with Checkov, in turn, in the same run: medians and ratios.

Run it with the interpreter of an environment in which rolecall is installed:

    python -m tests.benchmarks.compare [--runs 3] [--checkov PATH] [--only NAME] [TREE …]

Checkov is installed from PyPI into an environment of its own unless a command is given. Each TREE is a directory to
compare on besides the generated ones.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import trees

KIB_IN_MIB = 1024
MOST_MEMORY = 300
"""MiB that a run of ours may take at its peak, whatever it reads."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One run: wall time in seconds, peak resident memory in MiB."""

    seconds: float
    memory: float


@dataclass(frozen=True, slots=True)
class Contest:
    """Two commands that do the same job; `limit` is the ratio ours/theirs that we promise."""

    name: str
    ours: list[str]
    theirs: list[str]
    limit: float


def measure(command: list[str]) -> Measure:
    """Run a command to its end, output thrown away."""
    # Compiled once and kept, as where the programs are installed.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with Path(os.devnull).open("wb") as nowhere:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env=environment)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = 0
    return Measure(seconds, usage.ru_maxrss / KIB_IN_MIB)


def compare(contest: Contest, runs: int) -> bool:
    """Run both in turn, print the medians and the median ratio, and say whether the promise is kept."""
    measure(contest.ours)
    pairs = [(measure(contest.ours), measure(contest.theirs)) for _ in range(runs)]
    ours, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    kept = ratio <= contest.limit and max(m.memory for m in ours) < MOST_MEMORY
    print(
        f"{contest.name:<28}"
        f" ours {statistics.median(m.seconds for m in ours):8.3f} s {max(m.memory for m in ours):6.0f} MiB"
        f" | theirs {statistics.median(m.seconds for m in theirs):8.3f} s {max(m.memory for m in theirs):6.0f} MiB"
        f" | ratio 1/{1 / ratio:.1f} (promised 1/{1 / contest.limit:.1f}, below {MOST_MEMORY} MiB)"
        f" {'kept' if kept else 'NOT KEPT'}",
        flush=True,
    )
    return kept


def install_checkov(directory: Path) -> str:
    """Checkov from PyPI in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    subprocess.run([str(directory / "bin" / "pip"), "install", "--quiet", "checkov"], check=True)
    return str(directory / "bin" / "checkov")


def _is_terraform(path: Path) -> bool:
    return path.is_dir() and next(path.rglob("*.tf"), None) is not None


def contests(checkov: str, work: Path, extra: list[str]) -> list[Contest]:
    """The promised comparisons."""
    rolecall = [sys.executable, "-m", "rolecall", "check"]
    one = work / "one" / "app.yaml"
    one.parent.mkdir()
    trees.identity_documents(work / "one-tree", 4)
    one.write_text(next((work / "one-tree").rglob("*.yaml")).read_text(encoding="utf-8"), encoding="utf-8")
    trees.identity_documents(work / "documents", 2000)
    trees.production_tree(work / "production", 9000, 40)
    trees.terraform_tree(work / "terraform")
    made = [("one manifest, cold", str(one), 1 / 12)]
    made += [("2,000 documents", str(work / "documents"), 1 / 50)]
    made += [("9,000 manifests, 40 AWS", str(work / "production"), 1 / 50)]
    made += [("600 Terraform files", str(work / "terraform"), 1 / 50)]
    made += [(Path(tree).name, tree, 1 / 50) for tree in extra]
    found = [
        Contest(
            name,
            [*rolecall, path],
            [
                checkov,
                *("--quiet", "--compact"),
                # A tree of Terraform has little else, and what there is is not compared.
                *(("--framework", "terraform") if _is_terraform(Path(path)) else ()),
                "-f" if Path(path).is_file() else "-d",
                path,
            ],
            limit,
        )
        for name, path, limit in made
    ]
    # Not a comparison with Checkov: the promise is at most twice the import of the library that reads the command line.
    found.append(
        Contest(
            "--help against import typer",
            [sys.executable, "-m", "rolecall", "--help"],
            [sys.executable, "-c", "import typer"],
            2.0,
        )
    )
    return found


def main() -> int:
    """Print every comparison; exit 1 if a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--checkov", help="the command, if it is installed already")
    parser.add_argument("--only", default="", help="part of a comparison's name")
    parser.add_argument("trees", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        checkov = arguments.checkov or install_checkov(work / "checkov")
        chosen = [one for one in contests(checkov, work, arguments.trees) if arguments.only in one.name]
        kept = [compare(one, arguments.runs) for one in chosen]
        return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
