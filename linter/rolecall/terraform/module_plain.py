"""Texts that an argument encodes or decodes, as they are on the other side of the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module_blocks import Block

_ENCODERS = frozenset({"base64encode", "base64gzip"})
_DECODERS = frozenset({"yamldecode", "jsondecode"})
_LONGEST_WAY = 40


def unencoded(block: Block, argument: str, value: Scalar) -> Scalar:
    """The value of an argument before it is put in base64, where the configuration does that."""
    module = block.module
    body = module.parsed(block.declared)
    written = body.argument(argument) if body else None
    expression = written.value if written else None
    scope: Scope = dict(block.instance)
    encoded = False
    for _ in range(_LONGEST_WAY):
        if isinstance(expression, hcl.Call) and expression.name in _ENCODERS and len(expression.arguments) == 1:
            expression, encoded = expression.arguments[0], True
        elif isinstance(expression, hcl.Template) and expression.bare and len(expression.pieces) == 1:
            piece = expression.pieces[0]
            expression = piece.value if isinstance(piece, hcl.Interpolation) else None
        elif (name := _named("local", expression)) is not None and (local := module.local(name)) is not None:
            expression, scope = local.value, {}
        elif (name := _named("var", expression)) is not None and (given := module.given(name)) is not None:
            expression, scope = given.value, dict(module.call.instance) if module.call else {}
            module = module.caller or module
        else:
            break
    if expression is None or not encoded:
        return value
    plain = module.evaluator.apart(expression, scope)
    return plain if isinstance(plain, Scalar) and not plain.is_null else value


def decoded(block: Block, argument: str) -> Scalar | None:
    """The text of which an argument is the `yamldecode` or `jsondecode`, if it is that."""
    parsed = block.module.parsed(block.declared)
    written = parsed.argument(argument) if parsed else None
    call = written.value if written else None
    if not isinstance(call, hcl.Call) or call.name not in _DECODERS or len(call.arguments) != 1:
        return None
    text = block.module.evaluator.apart(call.arguments[0], dict(block.instance))
    return text if isinstance(text, Scalar) else None


def _named(root: str, expression: hcl.Expression | None) -> str | None:
    """The local or variable that an expression names, if it is nothing but that."""
    if not isinstance(expression, hcl.Traversal) or not isinstance(expression.root, hcl.Variable):
        return None
    step = expression.steps[0]
    alone = expression.root.name == root and len(expression.steps) == 1
    return step.name if alone and isinstance(step, hcl.Attribute) else None
