"""Arrows between the packages point one way."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINTER = ROOT / "linter"
RULES = ROOT / "rules" / "rolecall_rules"

# A module may import from its own layer and from those above it in this list. A name stands for the module and all
# below it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("near", "parallel", "records", "regex"),
    ("span",),
    ("source", "tree"),
    ("answer", "problem"),
    ("model", "secrets"),
    ("facts", "workspace", "suppression"),
    ("charts",),
    ("syntax", "kinds"),
    ("iam",),
    ("adapt", "cloudformation", "terraform"),
    ("kustomize",),
    ("discover", "reading"),
    ("graph",),
    ("chain",),
    ("rule",),
    ("registry", "config"),
    ("judge", "decide", "fingerprint", "result"),
    ("engine", "judge"),
    ("report",),
    ("documentation",),
    ("cli",),
    ("start",),
    ("__main__",),
)
RULES_MAY_USE = (
    "rolecall.model",
    "rolecall.graph",
    "rolecall.chain",
    "rolecall.iam",
    "rolecall.answer",
    "rolecall.tree",
    "rolecall.rule",
    "rolecall.problem",
    "rolecall.span",
    "rolecall.records",
    "rolecall.near",
    "rolecall.regex",
    "rolecall_rules",
)


def layer_of(module: str) -> int | None:
    parts = module.split(".")
    if parts[0] != "rolecall" or len(parts) < 2 or parts[1] == "__version__":
        return None
    for index, names in enumerate(LAYERS):
        if parts[1] in names:
            return index
    raise AssertionError(f"{module} has no layer: add it to LAYERS")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "rolecall":
            yield from ((node.lineno, f"rolecall.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def modules(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


@pytest.mark.parametrize("path", modules(LINTER / "rolecall"), ids=lambda path: path.relative_to(LINTER).as_posix())
def test_an_engine_module_imports_only_its_own_layer_and_those_before_it(path: Path) -> None:
    name = ".".join(path.relative_to(LINTER).with_suffix("").parts).removesuffix(".__init__")
    own = layer_of(name)
    if own is None:
        return
    wrong = [
        f"{path.name}:{line} imports {target}"
        for line, target in imports(path)
        if target.split(".")[0] == "rolecall" and (layer_of(target) or 0) > own
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules(RULES), ids=lambda path: path.relative_to(RULES).as_posix())
def test_a_rule_knows_only_the_model(path: Path) -> None:
    wrong = [
        f"{path.name}:{line} imports {target}"
        for line, target in imports(path)
        if target.split(".")[0].startswith("rolecall") and not target.startswith(RULES_MAY_USE)
    ]
    assert wrong == []


def test_the_engine_does_not_know_the_rules() -> None:
    wrong = [
        f"{path.name}:{line}"
        for path in modules(LINTER / "rolecall")
        for line, target in imports(path)
        if target.startswith("rolecall_rules")
    ]
    assert wrong == []
