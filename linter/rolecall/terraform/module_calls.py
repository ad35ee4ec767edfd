"""What a call of a module, or a block that repeats, is to the expressions that name it: outputs and instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.module_blocks import META
from rolecall.terraform.values import Failure, null
from rolecall.tree import Entry, Hole, Mapping, Node, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.span import Span
    from rolecall.terraform.directory import Declared
    from rolecall.terraform.evaluate import Scope
    from rolecall.terraform.module import Module
    from rolecall.terraform.module_blocks import Block
    from rolecall.terraform.module_instances import Instances

_NOT_EVALUATED = "a module that is not evaluated"
_ONE_OF_MANY = "one of several instances"


def reason(block: Block) -> str:
    """Why what a block does not say is unknown."""
    return "a data source" if block.kind == "data" else "known only after apply"


def output_of(
    module: Module, name: str, steps: tuple[hcl.Step, ...], scope: Scope, span: Span
) -> tuple[Node, tuple[hcl.Step, ...]]:
    """What `module.name` and the steps after it give, and the steps that are left. Raises `Failure`."""
    unseen = unknown(Hole(_NOT_EVALUATED, (Reference(module.unit, f"{module.prefix}module.{name}"),)), span)
    declared = next(iter(module.declared("module", name)), None)
    if declared is None:
        return _undeclared(module, name, span), steps
    if isinstance(module.configuration.located(module, declared), Hole):
        return unseen, steps[1:] if steps and isinstance(steps[0], hcl.Index) else steps
    block, steps, many = instance(module, declared, steps, scope)
    if block is None:
        return many or unseen, steps
    first = steps[0] if steps else None
    if isinstance(first, hcl.Attribute):
        return _output(module, block, first.name, span), steps[1:]
    return outputs_of(module, block, span), steps


def _undeclared(module: Module, name: str, span: Span) -> Scalar:
    address = f"{module.prefix}module.{name}"
    return unknown(Hole("not declared in this directory", (Reference(module.unit, address),)), span)


def _output(module: Module, call: Block, name: str, span: Span) -> Node:
    called = module.called(call)
    if isinstance(called, Hole):
        return unknown(Hole(_NOT_EVALUATED, (Reference(module.unit, call.address, name),)), span)
    argument = called.output(name)
    if argument is None:
        missing = _NOT_EVALUATED if called.directory.foreign else "an output that the module does not have"
        return unknown(Hole(missing, (Reference(module.unit, call.address, name),)), span)
    return called.names.once(f"output.{name}", argument.value, {}, span)


def outputs_of(module: Module, call: Block, span: Span) -> Node:
    """All outputs of a called module: the object that a module is to its caller."""
    called = module.called(call)
    hole = Hole(_NOT_EVALUATED, (Reference(module.unit, call.address),))
    if isinstance(called, Hole):
        return unknown(hole, span)
    names = [declared.labels[0] for declared in called.declared("output") if declared.labels]
    entries = tuple(Entry(known(name, span), _output(module, call, name, span)) for name in names)
    # A module that we model has more outputs than the model.
    return Mapping(entries, span, hole if called.directory.foreign else None)


def object_of(module: Module, block: Block, span: Span) -> Node:
    """A whole resource or data source: the attributes that its block sets, and those by which others name it."""
    hole = Hole(reason(block), (Reference(module.unit, block.address),))
    body = module.parsed(block.declared)
    if body is None:
        return unknown(hole, span)
    names = dict.fromkeys(argument.name for argument in body.arguments if argument.name not in META)
    names.update(dict.fromkeys(kind for nested in body.blocks if (kind := nested.type) not in META))
    if "name" in names:
        names.update(dict.fromkeys(("id", "arn")))
    entries = tuple(Entry(known(name, span), module.names.attribute(block, name, span)) for name in names)
    return Mapping(entries, span, hole)


def instance(  # noqa: PLR0911 - one branch a case
    module: Module, declared: Declared, steps: tuple[hcl.Step, ...], scope: Scope
) -> tuple[Block | None, tuple[hcl.Step, ...], Node | None]:
    """The instance that the first step chooses, and the steps after it; else what stands for all instances."""
    instances = module.instances(declared)
    if not instances.repeats:
        return instances.blocks()[0], steps, None
    first = steps[0] if steps else None
    if instances.keys is None:
        if isinstance(first, hcl.Index):
            return instances.block(None, None), steps[1:], None
        if isinstance(first, hcl.Attribute):
            # Written as in Terraform 0.11, or the key of a map of instances.
            return instances.block(None, None), steps, None
        return None, steps, None
    if isinstance(first, hcl.Index):
        key = module.evaluator.evaluate(first.key, scope)
        return _chosen(instances, key), steps[1:], None
    if isinstance(first, hcl.Splat) and first.steps and _is_counted(module, declared):
        return None, *_of_each(module, instances, steps, first, declared)
    return None, steps, _all(module, instances, declared)


def _chosen(instances: Instances, key: Node) -> Block:
    """The instance of a key; the one that stands for all where that is not known. Raises `Failure`."""
    text = key.known if isinstance(key, Scalar) else None
    keys = instances.keys or ()
    if text is not None:
        for candidate, value in keys:
            if candidate is not None and candidate.known == text:
                return instances.block(candidate, value)
        if instances.hole is None and all(one is None or one.known is not None for one, _ in keys):
            raise Failure("an instance that is not declared")
    return instances.block(None, None)


def _of_each(
    module: Module, instances: Instances, steps: tuple[hcl.Step, ...], splat: hcl.Splat, declared: Declared
) -> tuple[tuple[hcl.Step, ...], Node]:
    """What a splat gives that asks each instance for one attribute: the others need not be evaluated."""
    first = splat.steps[0]
    if not isinstance(first, hcl.Attribute):
        return steps, _all(module, instances, declared)
    values = tuple(_attribute(module, block, first.name, declared.span) for block in instances.known())
    return (hcl.Splat(splat.steps[1:]), *steps[1:]), Sequence(values, declared.span)


def _is_counted(module: Module, declared: Declared) -> bool:
    body = module.parsed(declared)
    return body is not None and body.argument("for_each") is None


def _attribute(module: Module, block: Block, name: str, span: Span) -> Node:
    return _output(module, block, name, span) if block.kind == "module" else module.names.attribute(block, name, span)


def _all(module: Module, instances: Instances, declared: Declared) -> Node:
    """All instances of a block: a list with `count`, a map with `for_each`; null where it is not enabled."""
    blocks = instances.known()
    body = module.parsed(declared) if not blocks else None
    if body is not None and body.argument("count") is None and body.argument("for_each") is None:
        return null(declared.span)
    objects = [
        outputs_of(module, block, declared.span) if block.kind == "module" else object_of(module, block, declared.span)
        for block in blocks
    ]
    if not _is_counted(module, declared):
        keys = [block.instance[0][1] for block in blocks]
        texts = [key.scalar("key") for key in keys if isinstance(key, Mapping)]
        pairs = zip(texts, objects, strict=True)
        rest = instances.hole and Hole(_ONE_OF_MANY, (Reference(module.unit, module.prefix + declared.address),))
        return Mapping(tuple(Entry(text, value) for text, value in pairs if text is not None), declared.span, rest)
    return Sequence(tuple(objects), declared.span)
