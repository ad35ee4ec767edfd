"""What the names in a module's expressions stand for: variables, locals, resources, data sources, files."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.source import Source
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.module_attributes import attribute_of
from rolecall.terraform.module_calls import instance, object_of, output_of, reason
from rolecall.terraform.module_types import conformed
from rolecall.terraform.parser_template import Fault, template_file
from rolecall.terraform.values import Failure, holes_of, selected
from rolecall.tree import Hole, Mapping, Node, Reference, Scalar, known, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping as Names

    from rolecall.span import Span
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Module
    from rolecall.terraform.module_blocks import Block

_NOT_EVALUATED = "a module that is not evaluated"
_AFTER_APPLY = "known only after apply"
_LONGEST_FILE = 1_000_000


class ModuleNames:
    """Looks names up in one module."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._configuration = module.configuration
        self._open = module.configuration.open
        self._values: dict[str, Node] = {}
        self._variables: dict[str, Node] = {}
        self._templates: dict[str, hcl.Template] = {}

    def look_up(  # noqa: PLR0911 - one branch a case
        self, name: str, steps: tuple[hcl.Step, ...], scope: Scope, span: Span
    ) -> tuple[Node, tuple[hcl.Step, ...]]:
        """The value at the head of a reference, and the steps that are left. Raises `Failure`."""
        words = _words(steps)
        if name in ("each", "count", "self") and words:
            return self._unknown("one of several instances", name, span, words[0]), steps[1:]
        if name == "path" and words:
            return self._path(words[0], span), steps[1:]
        if name == "terraform" and words:
            return self._unknown("chosen at run time", f"terraform.{words[0]}", span), steps[1:]
        if not words:
            raise Failure("a name that is not declared")
        if name == "local":
            return self._local(words[0], span), steps[1:]
        if name == "var":
            return self._variable(words[0], span), steps[1:]
        if name == "module":
            return output_of(self._module, words[0], steps[1:], scope, span)
        if name in ("data", "ephemeral"):
            if len(words) < 2:
                raise Failure("a reference without a name")
            return self._resource(name, words[0], words[1], steps[2:], scope, span)
        return self._resource("resource", name, words[0], steps[1:], scope, span)

    def _unknown(self, reason: str, address: str, span: Span, attribute: str = "") -> Scalar:
        return unknown(Hole(reason, (Reference(self._module.unit, self._module.prefix + address, attribute),)), span)

    def _path(self, word: str, span: Span) -> Node:
        # Terraform runs in the root module's directory.
        if word == "root":
            return known(".", span)
        if word == "module":
            return known(posixpath.relpath(self._module.directory.path, self._module.unit), span)
        return self._unknown("chosen at run time", f"path.{word}", span)

    def once(self, address: str, expression: hcl.Expression, scope: Scope, span: Span) -> Node:
        """The value of something that has one, kept; a hole and a problem where it needs itself."""
        address = self._module.prefix + address
        found = self._values.get(address)
        if found is not None:
            return found
        if address in self._open:
            chain = list(self._open)
            ring = [*chain[chain.index(address) :], address]
            shown = " → ".join(ring if len(ring) <= 6 else [*ring[:3], "…", ring[-1]])
            self._module.report(
                Problem(ProblemKind.SYNTAX, f"a value that needs itself: {shown}", span.path, expression.span)
            )
            return unknown(Hole("a value that needs itself", (Reference(self._module.unit, address),)), span)
        self._open[address] = None
        evaluator = self._module.evaluator
        try:
            value = evaluator.apart(expression, scope)
        finally:
            del self._open[address]
        bounded = any(hole.reason in _BOUNDS for hole in holes_of((value,)))
        if not self._open or not bounded:
            self._values[address] = value
        return value

    def _local(self, name: str, span: Span) -> Node:
        argument = self._module.local(name)
        if argument is None:
            return self._unknown("not declared in this directory", f"local.{name}", span)
        return self.once(f"local.{name}", argument.value, {}, span)

    def _variable(self, name: str, span: Span) -> Node:
        found = self._variables.get(name)
        if found is not None:
            return found
        variables = self._module.variables
        declared = self._module.declared("variable", name)
        value = self._input(name, span) if declared else None
        if value is None:
            why = "a variable without a default" if declared else "not declared in this directory"
            return self._unknown(why, f"var.{name}", span)
        if self._module.prefix + f"var.{name}" in self._open:
            return value
        constraint = variables.constraint(name)
        if constraint is not None:
            value = conformed(value, constraint, self._module.evaluator)
        self._variables[name] = value
        return value

    def _input(self, name: str, span: Span) -> Node | None:
        """The value of a variable: what the caller gives, what files give, its default."""
        module, variables = self._module, self._module.variables
        value: Node | None = None
        given, expression = module.given(name), variables.given(name)
        if given is not None and module.caller is not None and module.call is not None:
            address = module.call.address.removeprefix(module.caller.prefix)
            value = module.caller.names.once(f"{address}.{name}", given.value, dict(module.call.instance), span)
        elif module.caller is not None and module.call is not None and not module.caller.parsed(module.call.declared):
            return self._unknown("a call that could not be parsed", f"var.{name}", span)
        elif expression is not None:
            value = self.once(f"var.{name}", expression, {}, span)
        elif variables.unread:
            return self._unknown("a file of values that could not be read", f"var.{name}", span)
        if value is not None and not (isinstance(value, Scalar) and value.is_null and not variables.nullable(name)):
            return value
        default = variables.default(name)
        return self.once(f"var.{name} default", default, {}, span) if default is not None else None

    def _resource(  # noqa: PLR0913, PLR0917 - the parts of one reference
        self, kind: str, labels: str, name: str, steps: tuple[hcl.Step, ...], scope: Scope, span: Span
    ) -> tuple[Node, tuple[hcl.Step, ...]]:
        declared = next(iter(self._module.declared(kind, labels, name)), None)
        address = ".".join((labels, name) if kind == "resource" else (kind, labels, name))
        if declared is None:
            why = "a data source" if kind == "data" else "not declared in this directory"
            return self._unknown(why, address, span), steps
        block, steps, many = instance(self._module, declared, steps, scope)
        if block is None:
            return many or self._unknown(_AFTER_APPLY, address, span), steps
        first = steps[0] if steps else None
        if not isinstance(first, hcl.Attribute):
            return object_of(self._module, block, span), steps
        value, steps = self.attribute(block, first.name, span), steps[1:]
        return value, _into_objects(value, steps) if declared.is_json else steps

    def _hole(self, block: Block, attribute: str = "") -> Hole:
        return Hole(reason(block), (Reference(self._module.unit, block.address, attribute),))

    def attribute(self, block: Block, name: str, span: Span) -> Node:
        """An attribute of a resource: what its block sets it to, else what only the provider knows."""
        value = attribute_of(self._module, block, name, span)
        return unknown(self._hole(block, name), span) if value is None else value

    @staticmethod
    def target(module: Module, expression: hcl.Traversal, scope: Scope) -> Reference | None:
        """The resource or data source that an expression names, with the path of the attribute."""
        name = expression.root.name if isinstance(expression.root, hcl.Variable) else ""
        words = _words(expression.steps)
        if name in ("", "var", "local", "module", "each", "count", "self", "path", "terraform") or name in scope:
            return None
        if name in ("data", "ephemeral"):
            kind, labels, steps = name, words[:2], expression.steps[2:]
        else:
            kind, labels, steps = "resource", (name, *words[:1]), expression.steps[1:]
        declared = next(iter(module.declared(kind, *labels)), None) if len(labels) == 2 else None
        address = ".".join(labels if kind == "resource" else (kind, *labels))
        if declared is not None:
            try:
                block, steps, _ = instance(module, declared, steps, scope)
            except Failure:
                return None
            address = block.address if block is not None else module.prefix + declared.address
        else:
            address = module.prefix + address
        hole = Hole("", (Reference(module.unit, address),))
        for step in steps:
            if isinstance(step, hcl.Attribute):
                hole = selected(hole, f".{step.name}")
            elif isinstance(step, hcl.Index) and isinstance(step.key, hcl.Literal):
                hole = selected(hole, f"[{step.key.text}]")
            else:
                break
        return hole.references[0]

    def _source(self, path: str) -> Source | Hole:
        shown = self._module.path(path)
        if shown is None:
            return Hole("a file outside the tree")
        try:
            found = self._configuration.library.workspace.read(shown)
        except (NotImplementedError, OSError, ValueError):
            return Hole("a file that cannot be read")
        if not isinstance(found, Source):
            return Hole("a file that cannot be read")
        if len(found.text) > _LONGEST_FILE:
            return Hole("a file that is too large")
        self._configuration.texts[found.path] = found.text
        return found

    def read(self, path: str, span: Span) -> tuple[Scalar | None, Hole | None]:
        """The text of a file, or the hole it leaves."""
        del span
        source = self._source(path)
        return (None, source) if isinstance(source, Hole) else (known(source.text, source.whole()), None)

    def listing(self, path: str) -> tuple[tuple[str, bool], ...] | Hole:
        """The names in a directory, each with whether it is a directory, or the hole it leaves."""
        shown, workspace = self._module.path(path), self._configuration.library.workspace
        if shown is None or not workspace.exists(shown):
            return Hole("a directory outside the tree, or that is not there")
        names = workspace.listing(shown)
        return tuple((name, not workspace.is_file(posixpath.join(shown, name))) for name in names)

    def render(self, path: str, scope: Names[str, Node], span: Span) -> Node:
        """A template file with the names of a scope."""
        template = self._templates.get(path)
        if template is None:
            from rolecall.terraform.parser import parse_expression  # noqa: PLC0415 - heavy or rare: only when it is needed

            source = self._source(path)
            if isinstance(source, Hole):
                return unknown(source, span)
            try:
                template = template_file(source, parse_expression)
            except Fault as fault:
                self._module.fault(fault)
                return unknown(Hole("a template that could not be parsed"), span)
            self._templates[path] = template
        if f"template {path}" in self._open:
            return unknown(Hole("a template that needs itself"), span)
        self._open[f"template {path}"] = None
        try:
            value = self._module.evaluator.contained(template, scope)
        finally:
            del self._open[f"template {path}"]
        return value.passed(span) if isinstance(value, Scalar) else value


_BOUNDS = frozenset(
    {
        "an expression that is nested too deeply",
        "an expression that is too large",
        "a value that is too large",
        "a value that needs itself",
    }
)


def _into_objects(value: Node, steps: tuple[hcl.Step, ...]) -> tuple[hcl.Step, ...]:
    """The steps into a value that JSON writes: of a block that stands there as an object, `[0]` is that object."""
    kept: list[hcl.Step] = []
    node: Node | None = value
    for step in steps:
        if isinstance(node, Mapping) and isinstance(step, hcl.Index) and _is_zero(step.key):
            continue
        kept.append(step)
        node = node.get(step.name) if isinstance(node, Mapping) and isinstance(step, hcl.Attribute) else None
    return tuple(kept)


def _is_zero(key: hcl.Expression) -> bool:
    return isinstance(key, hcl.Literal) and key.text == "0"


def _words(steps: tuple[hcl.Step, ...]) -> tuple[str, ...]:
    """The attribute names that a path starts with."""
    words: list[str] = []
    for step in steps[:3]:
        if not isinstance(step, hcl.Attribute):
            break
        words.append(step.name)
    return tuple(words)
