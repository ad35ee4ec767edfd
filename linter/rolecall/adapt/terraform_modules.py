"""What a module says beyond the resources that it makes: roles that it leaves out, values that it hands out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model import HandedOut, Origin, UnmadeRole, UnreadClusterModule
from rolecall.secrets import mask
from rolecall.terraform import parser_nodes as hcl
from rolecall.tree import Hole, Scalar, known, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.adapt.terraform import ModuleContext
    from rolecall.facts import Said
    from rolecall.span import Span
    from rolecall.terraform.module import Block, Module
    from rolecall.tree import Node

_COMMENT = ("#", "//", "*")
_MAY_BE_OF_A_CLUSTER = regex.compile(r"aws_eks_cluster\.|cluster_(?:name|id)\s*=|add[-_]?on", re.IGNORECASE)
_MAY_NAME_A_ROLE = regex.compile("role|iam", re.IGNORECASE)


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


def handed_out(context: ModuleContext) -> Iterator[Said]:
    """What modules that are not read are given, and the values that may name a role in the outputs of a root module."""
    module = context.module
    for declared in module.declared("module"):
        if not isinstance(module.configuration.located(module, declared), Hole):
            continue
        if module.directory.may_say(declared, _MAY_BE_OF_A_CLUSTER):
            yield UnreadClusterModule(_origin(module, f"{module.prefix}{declared.address}", declared.span))
        if module.directory.may_say(declared, _MAY_NAME_A_ROLE):
            for call in module.instances(declared).blocks():
                yield from (HandedOut(context.origin(call), value) for value in _plain((call.body(),)))
    if module.caller is not None:
        return
    for declared in module.declared("output"):
        if declared.labels and module.directory.may_say(declared, _MAY_NAME_A_ROLE):
            for value in _values(module, declared.labels[0], declared.span):
                yield HandedOut(_origin(module, f"output.{declared.labels[0]}", declared.span), value)


def _origin(module: Module, address: str, at: Span) -> Origin:
    return Origin(module.unit, address, at, at, module.unit, calls=module.calls)


def _values(module: Module, name: str, span: Span) -> Iterator[Scalar]:
    argument = module.output(name)
    if argument is not None:
        value = module.names.once(f"output.{name}", argument.value, {}, span)
        yield from _plain((value,))


def _plain(nodes: Iterable[Node]) -> Iterator[Scalar]:
    """The values in them but for what looks like a secret: the name or ARN of a role never does."""
    for node in walk(nodes):
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
