"""The plan of a Terraform directory as `terraform show -json` has it, by our own evaluation of the directory."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rolecall.adapt.terraform_documents import DATA_SOURCE, Documents
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence
from tests.carried import module_of, written
from tests.plans import configured, plan, references, resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rolecall.terraform import parser_nodes as hcl
    from rolecall.terraform.module import Block, Module
    from rolecall.tree import Node

_META = frozenset({"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"})
_NAME = re.compile(r'(?<![\w."/:-])((?:data\.)?[a-z_][\w-]*\.[\w-]+(?:\[[^\]]*\])?(?:\.[\w-]+|\[[^\]]*\])*)')
_COMPUTED = {"arn": True, "id": True}
_NOT_RESOURCES = ("each", "local", "path", "self", "var")


class Unplannable(Exception):  # noqa: N818 - no fault: a directory that Terraform itself could not plan without more
    """A directory of which no plan can be made from its files alone."""


def plan_of(root: Path) -> dict[str, Any]:
    """The plan. Raises `Unplannable` where more is not known than what AWS makes up.

    And where modules of others are called, or providers give tags.
    """
    module = module_of(root)
    if module is None or any(block.body().get("default_tags") for block in module.blocks("provider")):
        raise Unplannable
    made = _Plan(module)
    resources, children, configuration = made.module(module)
    return plan(resources, modules=children, unknown=made.unknown, configuration=configuration)


class _Plan:
    def __init__(self, root: Module) -> None:
        self._documents = Documents(root.resolve, root.configuration.texts.get)
        self.unknown: dict[str, Any] = {}

    def module(self, module: Module) -> tuple[list[Any], list[Any], dict[str, Any]]:
        """The resources of a module, the modules that it calls, and its configuration."""
        resources, declared = [], {}
        for block in self._blocks(module):
            body = module.parsed(block.declared)
            if body is None or (module.instances(block.declared).hole is not None and not block.address.endswith("]")):
                raise Unplannable
            values, marks = self._of_block(block, body)
            resources.append(resource(block.address, values))
            self.unknown[block.address] = marks if block.kind == "data" else {**_COMPUTED, **marks}
            own = ".".join((*(("data",) if block.kind == "data" else ()), *block.labels))
            provider = body.argument("provider")
            key = _text(module, provider) if provider is not None else "aws"
            declared[own] = configured(own, _expressions(module, body), provider_config_key=key)
        children, calls = [], {}
        for block in module.blocks("module"):
            called = module.called(block)
            body = module.parsed(block.declared)
            if isinstance(called, Hole) or called.directory.foreign or body is None or body.argument("providers"):
                raise Unplannable
            inner, below, configuration = self.module(called)
            children.append({"address": called.prefix.rstrip("."), "resources": inner, "child_modules": below})
            calls[block.labels[0]] = {"expressions": _expressions(module, body), "module": configuration}
        outputs = {
            block.labels[0]: {"expression": _expression(module, argument)}
            for block in module.blocks("output")
            if (argument := module.output(block.labels[0])) is not None
        }
        return resources, children, {"resources": list(declared.values()), "module_calls": calls, "outputs": outputs}

    @staticmethod
    def _blocks(module: Module) -> Iterator[Block]:
        yield from module.blocks("resource")
        yield from module.blocks("data", DATA_SOURCE)

    def _of_block(self, block: Block, body: hcl.Body) -> tuple[dict[str, Any], dict[str, Any]]:
        """The values and the marks of what is not known."""
        nested = {one.labels[0] if one.kind == "dynamic" else one.kind for one in body.blocks}
        values: dict[str, Any] = {}
        marks: dict[str, Any] = {}
        for entry in block.body().entries:
            name, node = entry.key.known or "", entry.value
            if name not in _META:
                many = name in nested and isinstance(node, Mapping)
                value, mark = self._value(Sequence((node,), node.span) if many else node)
                if mark and not (isinstance(node, Scalar) and _is_made_up(node)):
                    raise Unplannable
                values |= {} if mark is True else {name: value}
                marks |= {name: mark} if mark else {}
        if block.kind == "data":
            reference = Reference(block.module.unit, block.address, "json")
            text = Scalar((Hole("known by the plan", (reference,)),), Kind.UNKNOWN, block.span)
            value, mark = self._value(text)
            if mark:
                raise Unplannable
            values["json"] = value
        return values, marks

    def _value(self, node: Node) -> tuple[object, Any]:
        """A value and its marks: True where nothing of it is known."""
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, Sequence):
            pairs = [self._value(item) for item in node.items]
            values = [None if mark is True else value for value, mark in pairs]
            return (None, True) if node.rest else (values, any(mark for _, mark in pairs) and [m for _, m in pairs])
        if node.rest or any(entry.key.known is None for entry in node.entries):
            return None, True
        found = {entry.key.known or "": self._value(entry.value) for entry in node.entries}
        known = {name: value for name, (value, mark) in found.items() if mark is not True}
        return known, {name: mark for name, (_, mark) in found.items() if mark}

    def _scalar(self, scalar: Scalar) -> tuple[object, bool]:
        if scalar.is_null:
            return None, False
        if scalar.known is None:
            named = any(DATA_SOURCE in reference.address for hole in scalar.holes for reference in hole.references)
            document = written(self._documents.read(scalar, scalar.span)) if named and len(scalar.parts) == 1 else None
            return (None, True) if document is None else (json.dumps(document), False)
        if scalar.kind in (Kind.NUMBER, Kind.BOOLEAN):
            return json.loads(scalar.known), False
        return scalar.known, False


def _is_made_up(scalar: Scalar) -> bool:
    """Whether a value is an attribute that AWS gives to a resource."""
    reference = scalar.hole.unchanged if len(scalar.parts) == 1 else None
    return reference is not None and not reference.block.startswith(("data.", "local.", "module.", "var."))


def _expressions(module: Module, body: hcl.Body) -> dict[str, Any]:
    """The configuration of a body; Terraform leaves `dynamic` blocks out."""
    found: dict[str, Any] = {
        argument.name: _expression(module, argument) for argument in body.arguments if argument.name not in _META
    }
    for block in body.blocks:
        if block.kind != "dynamic" and block.kind not in _META:
            found.setdefault(block.kind, []).append(_expressions(module, block.body))
    return found


def _expression(module: Module, argument: hcl.Argument) -> dict[str, Any]:
    names: dict[str, None] = {}
    for name in _NAME.findall(_text(module, argument)):
        steps = name.split(".")
        shortest = len(steps) if steps[0] in _NOT_RESOURCES else 3 if steps[0] == "data" else 2
        names |= dict.fromkeys(".".join(steps[:length]) for length in range(len(steps), shortest - 1, -1))
    return references(*names) if names else {}


def _text(module: Module, argument: hcl.Argument) -> str:
    at = argument.value.span
    return module.configuration.texts.get(at.path, "")[at.start : at.end]
