"""Which Terraform directories are root modules: those that nobody calls."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.kinds import Unit, UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOURCE = regex.compile(r'source"?\s*[=:]\s*"(\.\.?(?:/[^"\n$%\\]*)?)"')


def called_from(directory: str, text: str) -> tuple[str, ...]:
    """The local directories that a file may call as modules; generously, for any may be named in another block."""
    return tuple(posixpath.normpath(posixpath.join(directory, found)) for found in _SOURCE.findall(text))


def with_roots(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """The units, those Terraform directories marked that another one calls. Of a ring, the first is a root module."""
    units = tuple(units)
    modules = {unit.name: unit for unit in units if unit.kind is UnitKind.TERRAFORM}
    called = {name for unit in modules.values() for name in unit.calls if name != unit.name}
    roots = [name for name in modules if name not in called]
    reached: set[str] = set()
    _reach(roots, modules, reached)
    for name in modules:
        if name not in reached:
            roots.append(name)
            _reach([name], modules, reached)
    chosen = frozenset(roots)
    return tuple(
        replace(unit, called=True) if unit.kind is UnitKind.TERRAFORM and unit.name not in chosen else unit
        for unit in units
    )


def _reach(names: list[str], modules: dict[str, Unit], reached: set[str]) -> None:
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in reached and name in modules:
            reached.add(name)
            pending.extend(modules[name].calls)
