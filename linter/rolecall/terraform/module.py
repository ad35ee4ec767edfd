"""One Terraform directory: its blocks, parsed and evaluated when something asks for them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.blocks import RawBlock, index
from rolecall.terraform.evaluate import Evaluator
from rolecall.terraform.module_blocks import Block, Declared, evaluate_body, unparsed
from rolecall.terraform.module_instances import Instances, instances_of
from rolecall.terraform.module_names import ModuleNames
from rolecall.terraform.module_variables import Variables, is_values_file
from rolecall.terraform.parser_template import Fault
from rolecall.tree import Hole, Mapping

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.tree import Reference
    from rolecall.workspace import Workspace

__all__ = ["Block", "Module", "load"]


def load(directory: str, sources: tuple[Source, ...], workspace: Workspace) -> Module:
    """The module that a directory's `.tf`, `.tofu`, `.tf.json` and `.tfvars` files declare; nothing is parsed yet."""
    return Module(directory, sources, workspace)


class Module:
    """The blocks of one directory.

    `unit` is the directory's path as shown, `files` the texts that `file` and `templatefile` have read, by path.
    """

    def __init__(self, directory: str, sources: tuple[Source, ...], workspace: Workspace) -> None:
        self.unit = directory
        self.files: dict[str, str] = {}
        self._problems: dict[Problem, None] = {}
        self._declared: list[Declared] = []
        self._written: list[RawBlock | hcl.Body] = []
        self._parsed: dict[int, hcl.Body | None] = {}
        self._instances: dict[int, Instances] = {}
        self._counting: set[int] = set()
        self._bodies: dict[str, Mapping] = {}
        self._by_labels: dict[tuple[str, ...], list[Declared]] = {}
        for source in sources:
            if not is_values_file(source.path):
                self._add(source)
        self.variables = Variables(self, tuple(source for source in sources if is_values_file(source.path)))
        self.evaluator = Evaluator(ModuleNames(self, workspace))

    def _add(self, source: Source) -> None:
        if source.path.endswith(".json"):
            from rolecall.terraform.parser_json import json_blocks  # noqa: PLC0415 - heavy or rare: only when it is needed

            found = json_blocks(source)
            if isinstance(found, Problem):
                self.report(found)
                return
            for kind, labels, span, body in found:
                self._declare(kind, labels, span, body.span, body)
            return
        blocks, problems = index(source)
        for problem in problems:
            self.report(problem)
        for raw in blocks:
            header, whole = source.span(raw.start, raw.header_end), source.span(raw.start, raw.end)
            self._declare(raw.kind, raw.labels, header, whole, raw)

    def _declare(
        self, kind: str, labels: tuple[str, ...], span: Span, whole: Span, written: RawBlock | hcl.Body
    ) -> None:
        declared = Declared(len(self._declared), kind, labels, span, whole)
        self._declared.append(declared)
        self._written.append(written)
        for length in range(len(labels) + 1):
            self._by_labels.setdefault((kind, *labels[:length]), []).append(declared)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the blocks that were asked for so far, and between blocks."""
        return tuple(self._problems)

    def report(self, problem: Problem) -> None:
        """Keeps a problem, once."""
        self._problems[problem] = None

    def fault(self, fault: Fault) -> None:
        """Keeps a fault of the text as a problem."""
        self.report(Problem(ProblemKind.SYNTAX, fault.message, fault.span.path, fault.span))

    def declared(self, kind: str, *labels: str) -> tuple[Declared, ...]:
        """The blocks as they are written."""
        return tuple(self._by_labels.get((kind, *labels), ()))

    def blocks(self, kind: str, *labels: str) -> tuple[Block, ...]:
        """The blocks of a kind whose first labels are these, each instance of `count` and `for_each` for itself."""
        return tuple(block for declared in self.declared(kind, *labels) for block in self.instances(declared).blocks())

    def resolve(self, reference: Reference) -> Block | None:
        """The block that a reference's address names, if this module declares it."""
        if reference.unit != self.unit:
            return None
        address, _, key = reference.address.partition("[")
        words = address.split(".")
        if words[0] in ("data", "module", "output", "ephemeral"):
            kind, labels = words[0], words[1:]
        elif words[0] == "var":
            kind, labels = "variable", words[1:]
        else:
            kind, labels = "resource", words
        blocks = self.blocks(kind, *labels) if labels else ()
        if not key:
            return blocks[0] if blocks else None
        return next((block for block in blocks if block.address == reference.address), None)

    def parsed(self, declared: Declared) -> hcl.Body | None:
        """The body of a block, or None (and a problem, once) where it is not valid HCL."""
        if declared.index not in self._parsed:
            written = self._written[declared.index]
            if isinstance(written, RawBlock):
                from rolecall.terraform.parser import parse_body  # noqa: PLC0415 - heavy or rare: only when it is needed

                try:
                    self._parsed[declared.index] = parse_body(written.source, written.inside, written.inside_end)
                except Fault as fault:
                    self.fault(fault)
                    self._parsed[declared.index] = None
                except RecursionError:
                    self.fault(Fault("this block is nested too deeply to be read", declared.span))
                    self._parsed[declared.index] = None
            else:
                self._parsed[declared.index] = written
        return self._parsed[declared.index]

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
        key = f"{block.declared.index}:{block.address}"
        found = self._bodies.get(key)
        if found is None:
            self.evaluator.refuel()
            body = self.parsed(block.declared)
            if body is None:
                found = unparsed(block.whole)
            else:
                try:
                    found = evaluate_body(self, body, dict(block.instance), block.whole)
                except RecursionError:
                    found = Mapping((), block.whole, Hole("a block that is nested too deeply"))
            self._bodies[key] = found
        return found

    def referred(self, block: Block, name: str) -> Reference | None:
        """See `Block.reference`."""
        body = self.parsed(block.declared)
        argument = body.argument(name) if body else None
        expression = argument.value if argument else None
        for _ in range(20):
            if isinstance(expression, hcl.Template) and expression.bare and len(expression.pieces) == 1:
                piece = expression.pieces[0]
                expression = piece.value if isinstance(piece, hcl.Interpolation) else None
            if not isinstance(expression, hcl.Traversal) or not isinstance(expression.root, hcl.Variable):
                return None
            step = expression.steps[0]
            if expression.root.name == "local" and isinstance(step, hcl.Attribute) and len(expression.steps) == 1:
                local = self.local(step.name)
                expression = local.value if local else None
                continue
            return ModuleNames.target(self, expression, dict(block.instance))
        return None

    def local(self, name: str) -> hcl.Argument | None:
        """The definition of a local."""
        for declared in self.declared("locals"):
            body = self.parsed(declared)
            argument = body.argument(name) if body else None
            if argument is not None:
                return argument
        return None

    def path(self, relative: str) -> str | None:
        """The shown path of a file that the module names, or None if it is outside the tree."""
        if relative.startswith(("/", "~")) or "\0" in relative:
            return None
        return posixpath.normpath(posixpath.join(self.unit, relative))
