"""The rules there are: those of every installed rule pack, ours included, and what went wrong loading them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass
from rolecall.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GROUP = "rolecall.rules"
BUILTIN = "rolecall_rules"


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack as a distribution declares it: the entry point's name and the package that holds the rules."""

    name: str
    package: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Every rule by name, in order of name, and the problems of the packs that could not be loaded."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...] = ()

    def get(self, name: str) -> Rule | None:
        """The rule of a name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all rules."""
        return tuple(rule.name for rule in self.rules)


class Deferred:
    """A registry whose rules are imported when they are first asked for: that can go on while files are read."""

    def __init__(self) -> None:
        self._packs = declared()
        self._loaded: Registry | None = None

    def load(self) -> Registry:
        """The registry itself."""
        if self._loaded is None:
            self._loaded = load(self._packs)
        return self._loaded

    @property
    def is_ours(self) -> bool:
        """Whether there are no packs but our own."""
        return all(pack.package == BUILTIN for pack in self._packs)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, in order of name."""
        return self.load().rules

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the packs that could not be loaded."""
        return self.load().problems

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all rules."""
        return self.load().names


def load(packs: Iterable[Pack] | None = None) -> Registry:
    """Import every pack (those installed, unless given) and collect its rules.

    A pack that cannot be imported, in part or whole, is a problem; what could be imported of it is used.
    """
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for pack in declared() if packs is None else packs:
        # A module that imports another's rule holds it, too.
        found: dict[Rule, None] = {}
        for thing in _imported(pack):
            if isinstance(thing, Problem):
                problems.append(thing)
            else:
                found[thing] = None
        for rule in _namespaced(pack, found):
            if rule.name in rules:
                problems.append(_problem(pack, f"the name {rule.name} is taken by another rule"))
            else:
                rules[rule.name] = rule
    return Registry(tuple(rules[name] for name in sorted(rules)), tuple(problems))


def declared() -> tuple[Pack, ...]:
    """The packs that installed distributions declare in the entry point group, ours first.

    `importlib.metadata` would answer the same; importing it takes as long as checking a small tree does, so the few
    lines of `entry_points.txt` that matter are read here. The current directory is left out, which `python -m` puts on
    the path: the tree that is checked must not provide code that checks it.
    """
    packs: dict[str, Pack] = {}
    seen: set[str] = set()
    for directory in dict.fromkeys(sys.path):
        for folder in _metadata_folders(directory):
            distribution = folder.name.partition("-")[0].lower()
            if distribution in seen:
                continue
            for pack in _entries(folder / "entry_points.txt"):
                seen.add(distribution)
                packs.setdefault(pack.name, pack)
    ours = next((pack for pack in packs.values() if pack.package == BUILTIN), Pack("builtin", BUILTIN))
    return (ours, *(pack for _, pack in sorted(packs.items()) if pack.package != BUILTIN))


def _metadata_folders(directory: str) -> Iterator[Path]:
    try:
        if not directory or os.path.samefile(directory, os.curdir):  # noqa: PTH121 - a third of pathlib's time
            return
        names = sorted(os.listdir(directory))  # noqa: PTH208 - likewise
    except OSError:
        return
    yield from (Path(directory, name) for name in names if name.endswith((".dist-info", ".egg-info")))


def _entries(file: Path) -> Iterator[Pack]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if GROUP not in text:
        return
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield Pack(name.strip(), value.partition(":")[0].partition("[")[0].strip())


def _imported(pack: Pack) -> Iterator[Rule | Problem]:
    """The rules in a pack's modules, found without recursion."""
    waiting = [pack.package]
    while waiting:
        name = waiting.pop()
        try:
            module = import_module(name)
            paths = list(getattr(module, "__path__", ()))
            waiting += sorted((f"{name}.{below.name}" for below in iter_modules(paths)), reverse=True)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a foreign module raises, sys.exit() included
            yield _problem(pack, f"{name} cannot be imported: {type(error).__name__}: {error}")
            continue
        yield from (value for value in vars(module).values() if isinstance(value, Rule))


def _namespaced(pack: Pack, rules: Iterable[Rule]) -> Iterable[Rule]:
    """The rules of a third party under the pack's name, what they yield to within the pack included."""
    if pack.package == BUILTIN:
        return rules
    own = {rule.name for rule in rules}
    return [
        replace(
            rule,
            name=f"{pack.name}/{rule.name}",
            yields_to=tuple(f"{pack.name}/{name}" if name in own else name for name in rule.yields_to),
        )
        for rule in rules
    ]


def _problem(pack: Pack, message: str) -> Problem:
    return Problem(
        ProblemKind.PLUGIN,
        f"rule pack {pack.name}: {message}",
        help="repair or uninstall the package that provides it",
    )
