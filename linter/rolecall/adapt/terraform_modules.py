"""What a module says beyond the resources that it makes: roles that it leaves out, values that it hands out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.model import Origin, Output, UnmadeRole
from rolecall.secrets import mask
from rolecall.terraform import parser_nodes as hcl
from rolecall.tree import Scalar, known, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform import ModuleContext
    from rolecall.facts import Said
    from rolecall.span import Span
    from rolecall.terraform.module import Block, Module

_COMMENT = ("#", "//", "*")
_MAY_NAME_A_ROLE = re.compile("role|iam", re.IGNORECASE)


def unmade_role(context: ModuleContext, call: Block, called: Module) -> Iterator[Said]:
    """A role that a modelled module does not make, for its switch is off, though its outputs are used."""
    model = called.directory.model
    if model is None or model.switch is None or called.blocks("resource", "aws_iam_role"):
        return
    given = called.given(model.switch)
    if given is not None and not (isinstance(given.value, hcl.Literal) and given.value.text == "false"):
        # Somebody decides elsewhere whether there is a role.
        return
    uses = tuple(_uses(context.module, call, called)) if context.module.place is None else ()
    if uses:
        at = given.value.span if given is not None else call.span
        yield UnmadeRole(context.origin(call), model.name, known(model.switch, at), at, uses)


def outputs(context: ModuleContext) -> Iterator[Said]:
    """The values that a configuration hands out, those that may name a role."""
    module = context.module
    for declared in module.declared("output"):
        if declared.labels and _MAY_NAME_A_ROLE.search(module.directory.text(declared) or "role"):
            for value in _values(module, declared.labels[0], declared.span):
                origin = Origin(module.unit, f"output.{declared.labels[0]}", declared.span, declared.span, module.unit)
                yield Output(origin, value)


def _values(module: Module, name: str, span: Span) -> Iterator[Scalar]:
    argument = module.output(name)
    if argument is not None:
        value = module.names.once(f"output.{name}", argument.value, {}, span)
        for node in walk((value,)):
            # A role's name or ARN never looks like a secret.
            if isinstance(node, Scalar) and not node.is_null and mask(node.display) == node.display:
                yield node


def _uses(caller: Module, call: Block, called: Module) -> Iterator[Scalar]:
    """Where the calling directory names outputs of the module; looked for in its text, for most of it is not parsed."""
    outputs = "|".join(re.escape(declared.labels[0]) for declared in called.declared("output") if declared.labels)
    name = re.escape(call.labels[0]) if call.labels else ""
    use = re.compile(rf"\bmodule\.{name}(?:\[[^\]\n]*\])?\.(?:{outputs})\b")
    for source in caller.directory.sources:
        for found in use.finditer(source.text):
            line = source.text[source.text.rfind("\n", 0, found.start()) + 1 : found.start()]
            if not line.lstrip().startswith(_COMMENT):
                yield known(found[0], source.span(*found.span()))
