"""One Terraform module: a directory evaluated for one call, its values given by the caller, or as a root module."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.terraform.configuration import Configuration
from rolecall.terraform.evaluate import Evaluator
from rolecall.terraform.library import Library
from rolecall.terraform.module_blocks import Block, evaluate_body, unparsed
from rolecall.terraform.module_instances import Instances, instances_of
from rolecall.terraform.module_names import ModuleNames
from rolecall.terraform.module_references import referred
from rolecall.terraform.module_variables import Variables
from rolecall.terraform.parser_nodes import Body
from rolecall.terraform.provider_configurations import account, firsts
from rolecall.tree import Hole, Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.problem import Problem
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.terraform import parser_nodes as hcl
    from rolecall.terraform.directory import Declared, Directory
    from rolecall.terraform.parser_template import Fault
    from rolecall.tree import Reference, Scalar
    from rolecall.workspace import Workspace

__all__ = ["Block", "Module", "load", "root_module"]


def load(directory: str, sources: tuple[Source, ...], workspace: Workspace) -> Module:
    """The root module that a directory's files declare; nothing is parsed yet."""
    return root_module(directory, sources, Library(workspace))


def root_module(directory: str, sources: tuple[Source, ...], library: Library) -> Module:
    """The root module that a directory's files declare, its calls led to their directories by a library."""
    root = library.add(directory, sources)
    return Module(root, Configuration(root, library))


class Module:
    """The blocks of a directory, evaluated for one call.

    `prefix` is the module's path in front of an address (`module.a["x"].`, empty for the root module), `caller` and
    `call` the module and block that call it. `unit` is the name of the whole configuration.
    """

    def __init__(
        self,
        directory: Directory,
        configuration: Configuration,
        prefix: str = "",
        caller: Module | None = None,
        call: Block | None = None,
    ) -> None:
        self.directory = directory
        self.configuration = configuration
        self.unit = configuration.unit
        self.prefix = prefix
        self.caller = caller
        self.call = call
        self._instances: dict[int, Instances] = {}
        self._counting: set[int] = set()
        self._bodies: dict[tuple[int, str], Mapping] = {}
        self.variables = Variables(self)
        self.names = ModuleNames(self)
        self.evaluator = Evaluator(self.names, configuration.meter, directory.foreign)
        if caller is None:
            configuration.enter(self)

    def callers(self) -> Iterator[Module]:
        """The modules on the way to this one, innermost first."""
        module = self.caller
        while module is not None:
            yield module
            module = module.caller

    @property
    def place(self) -> Span | None:
        """The call in the user's own code by which a foreign module came in; None for the user's own modules."""
        if not self.directory.foreign or self.call is None or self.caller is None:
            return None
        return self.caller.place or self.call.span

    @property
    def foreign_call(self) -> str:
        """The address of the call in the user's own code by which a foreign module came in, else empty."""
        if self.place is None or self.call is None or self.caller is None:
            return ""
        return self.caller.foreign_call or self.call.address

    @property
    def paths(self) -> tuple[str, ...]:
        """The user's own files that were read for this configuration."""
        configuration = self.configuration
        return tuple(sorted(path for path in configuration.texts if not configuration.is_foreign(path)))

    @property
    def calls(self) -> tuple[Span, ...]:
        """The calls in the user's own code that lead to this module, outermost first."""
        chain = [self, *self.callers()]
        return tuple(one.call.span for one in reversed(chain) if one.call and one.caller and one.caller.place is None)

    @property
    def certain(self) -> bool:
        """Whether it is called once for each instance."""
        return all(one.call is None or _is_counted(one.call) for one in (self, *self.callers()))

    def first_of_account(self, configuration: str) -> str:
        """The first provider configuration of the root module that is for the same account as another."""
        if self.configuration.firsts is None:
            self.configuration.firsts = firsts(self)
        return self.configuration.firsts.get(configuration, configuration)

    def account(self, configuration: str) -> Scalar | None:
        """The account in which a provider configuration of the root module works, where it says so."""
        accounts = self.configuration.accounts
        if configuration not in accounts:
            accounts[configuration] = account(self, configuration)
        return accounts[configuration]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the blocks that were asked for so far, and between blocks."""
        return self.configuration.problems

    def report(self, problem: Problem) -> None:
        """Keeps a problem, once; one in a foreign module is nothing that the user can repair."""
        if not self.directory.foreign:
            self.configuration.report(problem)

    def fault(self, fault: Fault) -> None:
        """Keeps a fault of the text as a problem."""
        if not self.directory.foreign:
            self.directory.fault(fault)

    def declared(self, kind: str, *labels: str) -> tuple[Declared, ...]:
        """The blocks as they are written."""
        return self.directory.declared(kind, *labels)

    def parsed(self, declared: Declared) -> hcl.Body | None:
        """The body of a block, or None (and a problem, once) where it is not valid HCL."""
        return self.directory.parsed(declared)

    def local(self, name: str) -> hcl.Argument | None:
        """The definition of a local."""
        return self.directory.local(name)

    def blocks(self, kind: str, *labels: str) -> tuple[Block, ...]:
        """The blocks of a kind whose first labels are these, each instance of `count` and `for_each` for itself."""
        return tuple(block for declared in self.declared(kind, *labels) for block in self.instances(declared).blocks())

    def called(self, block: Block) -> Module | Hole:
        """The module that one instance of a call makes, or why it is not evaluated."""
        return self.configuration.module(self, block)

    def given(self, name: str) -> hcl.Argument | None:
        """The argument by which the call gives a variable its value; it is to be read in the calling module."""
        body = self.caller.parsed(self.call.declared) if self.caller and self.call else None
        return body.argument(name) if body else None

    def output(self, name: str) -> hcl.Argument | None:
        """The value of an output, as it is written."""
        for declared in self.declared("output", name):
            body = self.parsed(declared)
            return body.argument("value") if body else None
        return None

    def resolve(self, reference: Reference) -> Block | None:
        """The block that a reference's address names, if a module of this configuration declares it."""
        return self.configuration.resolve(reference)

    def named(self, address: str) -> Block | None:
        """The block of an address within this module."""
        bare, _, key = address.partition("[")
        words = bare.split(".")
        if words[0] in ("data", "module", "output", "ephemeral"):
            kind, labels = words[0], words[1:]
        elif words[0] == "var":
            kind, labels = "variable", words[1:]
        else:
            kind, labels = "resource", words
        blocks = self.blocks(kind, *labels) if labels else ()
        found = next((block for block in blocks if block.address == self.prefix + address), None)
        return found or (blocks[0] if blocks and not key else None)

    def instances(self, declared: Declared) -> Instances:
        """The instances of a block, as far as its `count` or `for_each` is known."""
        found = self._instances.get(declared.index)
        if found is None:
            if declared.index in self._counting:
                return Instances(self, declared, None, Hole("a block that counts itself"))
            self._counting.add(declared.index)
            found = self._instances[declared.index] = instances_of(self, declared)
            self._counting.discard(declared.index)
        return found

    def evaluated(self, block: Block) -> Mapping:
        """The evaluated body of a block."""
        # Several blocks of a directory may share an address: providers, `terraform`, `locals`.
        key = (block.declared.index, block.address)
        found = self._bodies.get(key)
        if found is None:
            self.evaluator.refuel()
            body = self.parsed(block.declared)
            if body is None:
                found = unparsed(block.whole)
            else:
                try:
                    # `depends_on` lists names; nobody wants what they stand for.
                    arguments = tuple(one for one in body.arguments if one.name != "depends_on")
                    body = Body(arguments, body.blocks, body.span)
                    found = evaluate_body(self, body, dict(block.instance), block.whole)
                except RecursionError:
                    found = Mapping((), block.whole, Hole("a block that is nested too deeply"))
            self._bodies[key] = found
        return found

    def referred(self, block: Block, name: str) -> Reference | None:
        """See `Block.reference`."""
        body = self.parsed(block.declared)
        argument = body.argument(name) if body else None
        return referred(self, argument.value, dict(block.instance)) if argument else None

    def path(self, relative: str) -> str | None:
        """The shown path of a file that the module names, or None if it is outside the tree.

        Terraform runs in the root module's directory.
        """
        if relative.startswith(("/", "~")) or "\0" in relative:
            return None
        return posixpath.normpath(posixpath.join(self.unit, relative))


def _is_counted(call: Block) -> bool:
    body = call.body()
    repeats = body.get("count") is not None or body.get("for_each") is not None
    return not repeats or call.address.endswith("]")
