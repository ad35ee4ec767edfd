"""What the expressions of a plan's configuration refer to: through module inputs and outputs, to resources.

A plan keeps of an expression only what it refers to, not what is done with it: `references` lists each reference and
all of its beginnings. Where that is one reference, the value is taken to be it, unless the plan itself shows that it
is not; of several, nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass
from rolecall.terraform.plan_json import at, items
from rolecall.tree import Reference

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

_STEP = regex.compile(r'\.?([^.\["\]]+|\[(?:\d+|"(?:[^"\\]|\\.)*")\])')
_CALL = regex.compile(r'module\.([\w-]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|\Z)')
_DEEPEST = 50
_MOST = 64


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: a module instance (its address), the key of its block's instance, its `for_each`."""

    module: str
    key: str = ""
    for_each: object = None


class References:
    """The references of one configuration. `addresses` are the instances that there are, each with its base."""

    def __init__(self, unit: str, root: object, addresses: Iterable[tuple[str, str]]) -> None:
        self._unit = unit
        self._root = root
        self._blocks: dict[str, dict[str, object]] = {}
        self._instances: dict[str, list[str]] = defaultdict(list)
        self._modules: dict[str, dict[str, None]] = defaultdict(dict)
        seen: set[str] = set()
        for base, address in addresses:
            self._instances[base].append(address)
            start = 0
            while (call := _CALL.match(base, start)) is not None:
                start = call.end()
                instance = base[:start].removesuffix(".")
                if instance not in seen:
                    seen.add(instance)
                    self._modules[instance.removesuffix(call[2] or "")][instance] = None

    def block(self, scope: Scope, name: str) -> object:
        """The configuration of a resource or data source, given its address within its module."""
        path = ".".join(call[1] for call in _calls(scope.module))
        found = self._blocks.get(path)
        if found is None:
            resources = items(at(self._module(scope.module), "resources"))
            found = self._blocks[path] = {str(at(resource, "address")): resource for resource in resources}
        return found.get(name)

    def call(self, module: str) -> object:
        """The configuration of the call that makes a module instance; None for the root module."""
        calls = _calls(module)
        if not calls:
            return None
        parent = module[: calls[-1].start()].removesuffix(".")
        return at(self._module(parent), "module_calls", calls[-1][1])

    def resolve(self, expression: object, scope: Scope) -> Reference | None:
        """The resource attribute that an expression is, if it is one."""
        return self._resolved(_references(expression), scope, _DEEPEST)

    def _resolved(  # noqa: PLR0911 - one branch a case
        self, texts: list[str], scope: Scope, left: int
    ) -> Reference | None:
        reference, by_key = _one(texts)
        steps = _STEP.findall(reference)
        if left == 0 or len(steps) < 2:
            return None
        match steps[0]:
            case "each" if steps[1] == "value":
                loop, _ = _one(_references(scope.for_each))
                if not loop:
                    return None
                text = loop + scope.key + reference.removeprefix("each.value")
                return self._resolved([text], Scope(scope.module), left - 1)
            case "each" | "count" | "local" | "self" | "path" | "terraform":
                return None
            case "var":
                return self._input(steps[1], steps[2:], scope, left)
            case "module":
                return self._output(steps[1:], scope if by_key else Scope(scope.module), left)
        return self._resource(steps, scope, by_key=by_key)

    def _input(self, name: str, rest: list[str], scope: Scope, left: int) -> Reference | None:
        calls = list(_calls(scope.module))
        if not calls:
            return None
        parent = scope.module[: calls[-1].start()].removesuffix(".")
        call = self.call(scope.module)
        outer = Scope(parent, calls[-1][2] or "", at(call, "for_each_expression"))
        given = _references(at(call, "expressions", name))
        return _further(self._resolved(given, outer, left - 1), rest)

    def _output(self, steps: list[str], scope: Scope, left: int) -> Reference | None:
        base = f"{scope.module}." if scope.module else ""
        base += f"module.{steps[0]}"
        key = steps[1] if steps[1:] and steps[1].startswith("[") else ""
        rest = steps[2:] if key else steps[1:]
        instance = base + key if key else _chosen(list(self._modules.get(base, ())), base + scope.key)
        if not rest or not instance:
            return None
        inner = Scope(instance)
        output = at(self._module(instance), "outputs", rest[0], "expression")
        return _further(self._resolved(_references(output), inner, left - 1), rest[1:])

    def _resource(self, steps: list[str], scope: Scope, *, by_key: bool) -> Reference | None:
        count = 3 if steps[0] == "data" else 2
        base = f"{scope.module}." if scope.module else ""
        base += ".".join(steps[:count])
        rest = steps[count:]
        if len(steps) < count:
            return None
        if rest and rest[0].startswith("["):
            return Reference(self._unit, base + rest[0], _path(rest[1:]))
        address = _chosen(self._instances.get(base, [base]), base + scope.key if by_key else "")
        return Reference(self._unit, address, _path(rest)) if address else None

    def _module(self, address: str) -> object:
        module = self._root
        for call in _calls(address):
            module = at(module, "module_calls", call[1], "module")
        return module


def _references(expression: object) -> list[str]:
    return [text for text in items(at(expression, "references"))[:_MOST] if isinstance(text, str)]


def _one(references: list[str]) -> tuple[str, bool]:
    """The one reference of an expression, beginnings of it left out, and whether `each` or `count` chooses from it."""
    whole = [
        text
        for text in dict.fromkeys(references)
        if not any(other.startswith((f"{text}.", f"{text}[")) for other in references)
    ]
    chosen = [text for text in whole if text not in ("each.key", "count.index")]
    return (chosen[0], len(chosen) < len(whole)) if len(chosen) == 1 else ("", False)


def _chosen(instances: list[str], by_key: str) -> str:
    """The only instance, else the one of the same key."""
    if len(instances) == 1:
        return instances[0]
    return by_key if by_key in instances else ""


def _further(reference: Reference | None, rest: list[str]) -> Reference | None:
    """The reference to a part of what an input or output is."""
    if reference is None or not rest:
        return reference
    # Of an object that is made on the way it is not known which of its attributes the reference became.
    return Reference(reference.unit, reference.address, _path(rest)) if not reference.attribute else None


def _path(steps: list[str]) -> str:
    return "".join(step if step.startswith("[") else f".{step}" for step in steps).removeprefix(".")


def _calls(module: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    start = 0
    while (call := _CALL.match(module, start)) is not None:
        found.append(call)
        start = call.end()
    return found
