"""Expressions with what Terraform makes of them, and what rolecall does."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rolecall.source import Source
from rolecall.terraform.module import load
from rolecall.tree import Scalar
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rolecall.tree import Node

TABLE = Path(__file__).with_name("terraform_console.txt")
ERROR = "an error"
_MARK = re.compile(r"#([=!?]) (.*)")


class Case(NamedTuple):
    """An expression, what Terraform's `jsonencode` writes of it (or `ERROR`), and whether that is known here too."""

    line: int
    expression: str
    expected: str
    known: bool


def cases() -> Iterator[Case]:
    """The table's cases. Not by `splitlines`: JSON has rare line ends as they are."""
    written: list[str] = []
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").split("\n"), 1):
        mark = _MARK.fullmatch(line)
        if mark is not None:
            yield Case(number, "\n".join(written), mark[2], mark[1] != "?")
            written = []
        elif written or (line and not line.startswith("##")):
            written.append(line)


def evaluated(expression: str, more: str = "") -> Node:
    """The value that the evaluator gives an expression."""
    source = Source("m/main.tf", f'output "x" {{\n  value = (\n{expression}\n)\n}}\n{more}')
    module = load("m", (source,), Workspace(Path()))
    value = module.blocks("output")[0].body().get("value")
    assert value is not None, [problem.message for problem in module.problems]
    return value


def as_json(expression: str) -> str | None:
    """What `jsonencode` writes of an expression, or None where that is not known."""
    value = evaluated(f"jsonencode(\n{expression}\n)")
    assert isinstance(value, Scalar)
    return value.known


def by_terraform(expressions: Sequence[str], directory: Path) -> list[str]:
    """What Terraform's `jsonencode` writes of some expressions, or `ERROR`; asked in one process, offline."""
    names = [f"e{number:05}" for number in range(len(expressions))]
    for name, expression in zip(names, expressions, strict=True):
        # A file each, so that one that is not valid HCL can be told from the message.
        text = f'locals {{\n  {name} = try(base64encode(nonsensitive(jsonencode(\n{expression}\n))), "")\n}}\n'
        (directory / f"{name}.tf").write_text(text, encoding="utf-8", newline="")
    asked = "[" + ", ".join(f"local.{name}" for name in names) + "]\n"
    done = subprocess.run(
        ["terraform", "console"], input=asked, cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [line.strip().rstrip(",") for line in done.stdout.strip().split("\n")[1:-1]]
    assert len(lines) == len(names)
    return [base64.b64decode(line.strip('"')).decode() if line != '""' else ERROR for line in lines]
