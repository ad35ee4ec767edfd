"""What the attributes of a resource or data source are, as far as its block says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.functions import FUNCTIONS, Call
from rolecall.terraform.module_blocks import nested_value
from rolecall.terraform.module_calls import reason
from rolecall.terraform.values import fields, selected, step_of
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Module
    from rolecall.terraform.module_blocks import Block

# The provider documents these ids as the name: registry pages of the resources, "Attribute Reference".
_ID_IS_NAME = frozenset(
    {"aws_eks_cluster", "aws_iam_group", "aws_iam_instance_profile", "aws_iam_role", "aws_iam_user"}
)

# https://registry.terraform.io/providers/alekc/kubectl/latest/docs/resources/kubectl_manifest#attribute-reference
_OF_MANIFEST = {
    "api_version": ("apiVersion",),
    "kind": ("kind",),
    "name": ("metadata", "name"),
    "namespace": ("metadata", "namespace"),
}


def attribute_of(module: Module, block: Block, name: str, span: Span) -> Node | None:
    """The value of an attribute; None where only the provider, or AWS, knows it."""
    body = module.parsed(block.declared)
    if body is None:
        return None
    kind = block.labels[0] if block.labels else ""
    argument = body.argument(name)
    if argument is None and name == "id" and kind in _ID_IS_NAME and block.kind == "resource":
        argument = body.argument("name")
    if argument is not None:
        return _argument(module, block, argument, name, span)
    if kind == "template_file" and name == "rendered":
        return _rendered(module, body, dict(block.instance), span)
    if kind == "kubectl_manifest" and name in _OF_MANIFEST:
        return _of_manifest(module, block, body, name, span)
    if any(nested.kind == name or nested.labels[:1] == (name,) for nested in body.blocks):
        hole = Hole(reason(block), (Reference(module.unit, block.address, name),))
        return _with_computed(nested_value(module, body, name, dict(block.instance)), hole)
    return None


def _argument(module: Module, block: Block, argument: hcl.Argument, name: str, span: Span) -> Node | None:
    address = block.address.removeprefix(module.prefix)
    value = module.names.once(f"{address}.{argument.name}", argument.value, dict(block.instance), span)
    if isinstance(value, Scalar) and value.is_null:
        return None
    if block.labels[:1] == ("aws_iam_openid_connect_provider",) and name == "url":
        # IAM keeps the URL without its scheme, and the provider reads it back so.
        arguments = (value, known("https://", span), known("", span))
        return FUNCTIONS["replace"](Call("replace", arguments, span, module.names))
    return value


def _of_manifest(module: Module, block: Block, body: hcl.Body, name: str, span: Span) -> Node | None:
    """What the provider `kubectl` hands out of the manifest that it applies."""
    text = body.argument("yaml_body")
    value = _argument(module, block, text, "yaml_body", span) if text is not None else None
    tree = FUNCTIONS["yamldecode"](Call("yamldecode", (value,), span, module.names)) if value is not None else None
    found = tree.at(*_OF_MANIFEST[name]) if isinstance(tree, Mapping) else None
    return found.passed(span) if isinstance(found, Scalar) else None


def _rendered(module: Module, body: hcl.Body, scope: Scope, span: Span) -> Node | None:
    """What the data source `template_file`, which came before the function, makes of its template."""
    template, values = body.argument("template"), body.argument("vars")
    given = module.evaluator.apart(values.value, scope) if values else Mapping((), span)
    names = fields(given) if isinstance(given, Mapping) else None
    if template is None or names is None:
        return None
    expression = template.value
    if isinstance(expression, hcl.Call) and expression.name == "file" and len(expression.arguments) == 1:
        path = module.evaluator.apart(expression.arguments[0], scope)
        shown = path.known if isinstance(path, Scalar) else None
        return module.names.render(shown, names, span) if shown is not None else None
    text = module.evaluator.apart(expression, scope)
    if not isinstance(text, Scalar) or text.known is None:
        return None
    variables = Mapping(tuple(Entry(known(key, span), value) for key, value in names.items()), span)
    return module.evaluator.templatestring(Call("templatestring", (text, variables), span, module.names))


def _with_computed(value: Node, hole: Hole) -> Node:
    """Nested blocks as attributes: what they do not set, or set to null, the provider may."""
    if not isinstance(value, Sequence):
        return value
    if not value.items and value.rest is None:
        return unknown(hole, value.span)
    items: list[Node] = []
    for number, part in enumerate(value.items):
        inner = selected(hole, f"[{number}]")
        if isinstance(part, Mapping):
            entries = tuple(Entry(entry.key, _computed_in(entry, inner)) for entry in part.entries)
            items.append(Mapping(entries, part.span, part.rest or inner))
        else:
            items.append(part)
    return Sequence(tuple(items), value.span, value.rest)


def _computed_in(entry: Entry, hole: Hole) -> Node:
    value, inner = entry.value, selected(hole, step_of(entry.key.known or "", Kind.STRING))
    if isinstance(value, Scalar) and value.is_null:
        return unknown(inner, value.span)
    if isinstance(value, Sequence) and value.items and all(isinstance(item, Mapping) for item in value.items):
        return _with_computed(value, inner)
    return value
