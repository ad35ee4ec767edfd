"""A root module with all modules that it calls, each evaluated for its call: what they share, and how they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.terraform.addresses import calls
from rolecall.terraform.evaluate import Meter
from rolecall.terraform.library import Call
from rolecall.tree import Hole, Scalar, parted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.terraform.directory import Declared, Directory
    from rolecall.terraform.library import Library
    from rolecall.terraform.module import Block, Module
    from rolecall.tree import Reference

_DEEPEST = 12
_MOST = 2000
"""Modules of one configuration, each instance of a call for itself."""
_INSTANCES = 2000
"""Instances that the blocks of one configuration may have by `count` and `for_each`, all together."""


class Configuration:
    """What the modules of one root module share.

    `unit` is the root module's directory as shown. `open` are the values that are being evaluated, by their addresses,
    `texts` the files that they were read from, by path, and `accounts` those of provider configurations, by name.
    `firsts` has for each of them the first that is for the same account, once somebody has asked.
    """

    def __init__(self, root: Directory, library: Library) -> None:
        self.unit = root.path
        self.root = root
        self.library = library
        self.meter = Meter()
        self.open: dict[str, None] = {}
        self.texts: dict[str, str] = {}
        self._instances = 0
        self.unevaluated: dict[Unevaluated, None] = {}
        self._problems: dict[Problem, None] = {}
        self._modules: dict[str, Module | Hole] = {}
        self._directories: dict[int, Directory] = {}
        self._located: dict[tuple[int, int, str], Directory | Hole] = {}
        self._below: dict[tuple[int, str], bool] = {}
        self._above: set[int] = set()
        self.accounts: dict[str, Scalar | None] = {}
        self.firsts: dict[str, str] | None = None
        self._foreign: set[str] = set()
        self.texts.update((source.path, source.text) for source in library.values)
        self.takes(root)

    def takes(self, directory: Directory) -> None:
        """Keeps the texts of a directory, whose places may be asked for."""
        if id(directory) not in self._directories:
            self._directories[id(directory)] = directory
            self.texts.update((source.path, source.text) for source in (*directory.sources, *directory.values))
            if directory.foreign:
                self._foreign.update(source.path for source in directory.sources)

    @property
    def has_foreign(self) -> bool:
        """Whether a module that is not the user's own code was evaluated."""
        return bool(self._foreign)

    def is_foreign(self, path: str) -> bool:
        """Whether a file belongs to a module that is not the user's own code."""
        return path in self._foreign

    @property
    def directories(self) -> tuple[Directory, ...]:
        """The directories whose modules were evaluated."""
        return tuple(self._directories.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the blocks that were asked for so far; in foreign modules nothing is the user's."""
        own = (directory for directory in self._directories.values() if not directory.foreign)
        return tuple({**self._problems, **dict.fromkeys(problem for one in own for problem in one.problems)})

    def report(self, problem: Problem) -> None:
        """Keeps a problem, once."""
        self._problems[problem] = None

    def leave_out(self, what: str, hole: Hole, place: Span) -> None:
        """Keeps, once, that something is not evaluated."""
        self.unevaluated[Unevaluated(what, hole.reason, place)] = None

    def sources(self) -> Iterator[Source]:
        """The files of the user's own modules."""
        for directory in self._directories.values():
            if not directory.foreign:
                yield from directory.sources

    def located(self, caller: Module, declared: Declared) -> Directory | Hole:
        """The directory that a module call leads to, or why it cannot be evaluated."""
        key = (id(caller.directory), declared.index, calls(caller.prefix))
        found = self._located.get(key)
        if found is None:
            names = calls(f"{caller.prefix}module.{declared.labels[0] if declared.labels else ''}.")
            source, version = (_static(caller, declared, name) for name in ("source", "version"))
            found = self.library.find(Call(self.unit, names, caller.directory, source, version))
            if isinstance(found, Hole):
                shown = f"{declared.address} ({source})" if isinstance(source, str) else declared.address
                place = caller.place or declared.span
                self.leave_out(shown, found, place)
            self._located[key] = found
        return found

    def any_below(self, directory: Directory, path: str, holds: Callable[[Directory], bool]) -> bool:
        """Whether a directory, or one that it calls, holds something, or leads to what is not evaluated."""
        key = (id(directory), calls(path))
        found = self._below.get(key)
        if found is None:
            if id(directory) in self._above or len(self._above) > _DEEPEST:
                return True  # Whoever follows the calls will say so.
            self._above.add(id(directory))
            found = self._below[key] = holds(directory) or any(
                self._leads_to(directory, f"{path}{declared.address}.", declared, holds)
                for declared in directory.declared("module")
            )
            self._above.discard(id(directory))
        return found

    def _leads_to(self, caller: Directory, path: str, declared: Declared, holds: Callable[[Directory], bool]) -> bool:
        source, version = (caller.literal(declared, name) for name in ("source", "version"))
        found = self.library.find(Call(self.unit, calls(path), caller, source, version))
        return isinstance(found, Hole) or self.any_below(found, path, holds)

    def module(self, caller: Module, block: Block) -> Module | Hole:
        """The module of one call, or why it cannot be evaluated."""
        prefix = f"{block.address}."
        found = self._modules.get(prefix)
        if found is None:
            found = self._modules[prefix] = self._called(caller, block, prefix)
        return found

    def _called(self, caller: Module, block: Block, prefix: str) -> Module | Hole:
        from rolecall.terraform.module import Module  # noqa: PLC0415 - modules know their configuration

        directory = self.located(caller, block.declared)
        if isinstance(directory, Hole):
            return directory
        chain = [caller, *caller.callers()]
        if any(one.directory is directory for one in chain):
            ring = " → ".join(one.path for one in (*(module.directory for module in reversed(chain)), directory))
            place = caller.place or block.span
            self.report(Problem(ProblemKind.SYNTAX, f"modules that call each other: {ring}", place.path, place))
            return Hole("a module that calls itself")
        if len(chain) >= _DEEPEST or len(self._modules) >= _MOST:
            hole = Hole("more module calls than are evaluated")
            self.leave_out(block.declared.address, hole, caller.place or block.span)
            return hole
        self.takes(directory)
        return Module(directory, self, prefix, caller, block)

    def may_have(self, instances: int) -> bool:
        """Counts the instances of one more block; whether each is still to be evaluated for itself."""
        self._instances += instances
        return self._instances <= _INSTANCES

    def resolve(self, reference: Reference) -> Block | None:
        """The block that a reference names, if a module of this configuration declares it."""
        if reference.unit != self.unit:
            return None
        prefix, address = parted(reference.address)
        module = self._modules.get(prefix)
        return module.named(address) if module is not None and not isinstance(module, Hole) else None

    def enter(self, root: Module) -> None:
        """Makes the root module known by its address."""
        self._modules[root.prefix] = root


def _static(caller: Module, declared: Declared, name: str) -> str | Hole | None:
    """A call's `source` or `version`: its text, None where it is not written, else why it is not known.

    In OpenTofu variables and locals may stand in both: https://opentofu.org/docs/language/modules/sources/
    """
    text = caller.directory.literal(declared, name)
    body = caller.parsed(declared) if text is None else None
    argument = body.argument(name) if body is not None else None
    if argument is None:
        return text
    value = caller.names.once(f"{declared.address}.{name}", argument.value, {}, argument.value.span)
    known = value.known if isinstance(value, Scalar) else None
    return Hole(f"a module whose {name} is not known") if known is None else known
