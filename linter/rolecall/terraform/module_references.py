"""What an expression refers to, if it is nothing but a reference: through locals, inputs and outputs of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.module_calls import instance
from rolecall.terraform.module_names import ModuleNames
from rolecall.terraform.values import Failure
from rolecall.tree import Hole

if TYPE_CHECKING:
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Module
    from rolecall.tree import Reference

_LONGEST = 40


def referred(  # noqa: PLR0911 - one branch a case
    module: Module, expression: hcl.Expression, scope: Scope, steps: int = 0
) -> Reference | None:
    """The resource or data source, with the attribute, whose value an expression hands on unchanged."""
    if steps > _LONGEST:
        return None
    if isinstance(expression, hcl.Template) and expression.bare and len(expression.pieces) == 1:
        piece = expression.pieces[0]
        return referred(module, piece.value, scope, steps + 1) if isinstance(piece, hcl.Interpolation) else None
    if isinstance(expression, hcl.Call) and expression.name in ("try", "one", "nonsensitive", "sensitive"):
        return _first(module, expression, scope, steps)
    if not isinstance(expression, hcl.Traversal) or not isinstance(expression.root, hcl.Variable):
        return None
    name, path = expression.root.name, expression.steps
    if name in scope:
        return None
    if name in ("local", "var") and len(path) == 1 and isinstance(path[0], hcl.Attribute):
        return _value(module, name, path[0].name, steps)
    if name == "module":
        return _output(module, path, scope, steps)
    return ModuleNames.target(module, expression, scope)


def _first(module: Module, call: hcl.Call, scope: Scope, steps: int) -> Reference | None:
    """What the first argument refers to that is there."""
    for argument in call.arguments:
        found = referred(module, argument, scope, steps + 1)
        if found is not None and module.resolve(found) is not None:
            return found
    return None


def _value(module: Module, kind: str, name: str, steps: int) -> Reference | None:
    if kind == "local":
        argument = module.local(name)
        return referred(module, argument.value, {}, steps + 1) if argument else None
    given = module.given(name)
    if given is None or module.caller is None or module.call is None:
        return None
    return referred(module.caller, given.value, dict(module.call.instance), steps + 1)


def _output(module: Module, path: tuple[hcl.Step, ...], scope: Scope, steps: int) -> Reference | None:
    first = path[0] if path else None
    declared = module.declared("module", first.name) if isinstance(first, hcl.Attribute) else ()
    if not declared:
        return None
    try:
        block, rest, _ = instance(module, declared[0], path[1:], scope)
    except Failure:
        return None
    called = module.called(block) if block is not None else None
    if called is None or isinstance(called, Hole) or len(rest) != 1 or not isinstance(rest[0], hcl.Attribute):
        return None
    body = called.output(rest[0].name)
    return referred(called, body.value, {}, steps + 1) if body else None
