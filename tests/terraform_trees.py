"""Trees of Terraform files, for tests: written to disk, then read as a user's directory is."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from rolecall.discover import UnitKind, discover
from rolecall.discover.modules import with_roots
from rolecall.model import Role
from rolecall.problem import Problem
from rolecall.terraform.library import Library
from rolecall.terraform.module import Module, root_module
from rolecall.workspace import Workspace
from tests.worlds import read

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.engine import World
    from rolecall.tree import Node, Scalar

_NAME = re.compile(r"^=== (\S+)\n", re.MULTILINE)


def plant(root: Path, text: str) -> Path:
    """Writes the files of a text in which `=== path` starts each."""
    _, *parts = _NAME.split(dedent(text))
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


def world_of(root: Path, text: str) -> World:
    """What a tree says."""
    return read(plant(root, text))


def roles(world: World) -> dict[str, str]:
    """The names of the roles by address; of several root modules, with the directory in front."""
    found = world.graph.all(Role)
    several = len({role.origin.unit for role in found}) > 1
    return {
        f"{role.origin.unit}/{role.origin.address}" if several else role.origin.address: name_of(role).display
        for role in found
    }


def name_of(role: Role) -> Scalar:
    """The name of a role, which has one."""
    assert role.name is not None
    return role.name


def roots(root: Path, text: str) -> list[str]:
    """The directories of a tree that are root modules."""
    plant(root, text)
    units = with_roots(discover([str(root)], Workspace(root)).units)
    return [unit.name for unit in units if unit.kind is UnitKind.TERRAFORM and not unit.called]


def root_of(root: Path, text: str, directory: str = ".") -> Module:
    """The root module in a directory of a tree."""
    plant(root, text)
    workspace = Workspace(root)
    sources = []
    for name in workspace.listing(directory):
        if name.endswith((".tf", ".tofu", ".tfvars", ".tf.json")):
            source = workspace.read(f"{directory}/{name}" if directory != "." else name)
            assert not isinstance(source, Problem)
            sources.append(source)
    return root_module(directory, tuple(sources), Library(workspace))


def output(module: Module, name: str) -> Node:
    """The value of an output."""
    (block,) = module.blocks("output", name)
    node = block.body().get("value")
    assert node is not None
    return node
