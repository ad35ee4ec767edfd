"""The text of a plan or state: where its resources stand, what is unknown of them, and the configuration.

The format is documented at https://developer.hashicorp.com/terraform/internals/json-format; the state file itself
(version 4) is not, but has not changed since Terraform 0.12. The versions before it, which have modules of their own
kind, are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass
from rolecall.syntax.json import parse
from rolecall.syntax.json_walk import Walk
from rolecall.terraform.plan_json import at as json_at
from rolecall.terraform.plan_json import has_mark, items, text
from rolecall.tree import Mapping, Scalar, Sequence, walk

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.tree import Node

_MODULES = regex.compile(r'(?:module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)*')


@dataclass(frozen=True, slots=True)
class Planned:
    """One instance of a resource or data source, and where its JSON stands in the file.

    `module` is the address of its module instance, empty for the root module; `key` ends its own: `[0]`, `["a"]`.
    `sensitive` has the shape of the values, with true where they are not to be shown.
    """

    mode: str
    type: str
    name: str
    module: str
    key: str
    start: int
    end: int
    sensitive: object

    @property
    def base(self) -> str:
        """The address without the key of the instance."""
        prefix = f"{self.module}." if self.module else ""
        return f"{prefix}{'data.' if self.mode == 'data' else ''}{self.type}.{self.name}"

    @property
    def address(self) -> str:
        """Terraform's address."""
        return self.base + self.key


class PlanFile:
    """What a plan or a state says, as far as it concerns resources of the given types.

    `unknown` has, by address, the shape of a resource's values with true where they are known only after apply;
    `configuration` is the root module's, as plain JSON; None in a state. `providers` are its provider
    configurations by name. `unread` is where the modules of a state file of an old version stand. Raises `JsonError`.
    """

    def __init__(self, source: Source, types: frozenset[str]) -> None:
        self.source = source
        self.resources: list[Planned] = []
        self.addresses: list[tuple[str, str]] = []
        self.unknown: dict[str, object] = {}
        self.configuration: object = None
        self.providers: object = None
        self.unread: Span | None = None
        self.secrets: list[Span] = []
        self._types = types
        self._walk = Walk(source.text)
        self._walk.root(self._top)

    def values(self, planned: Planned) -> Mapping:
        """The values of a resource, each with its place."""
        node = self._parsed(*self._stretch(planned, "values", "attributes"))
        return node if isinstance(node, Mapping) else Mapping((), node.span)

    def head(self, planned: Planned) -> Span:
        """The place that names a resource: its address, or where it begins."""
        start, end = self._stretch(planned, "address")
        return self.source.span(start, max(end, start + 1))

    def _stretch(self, planned: Planned, *names: str) -> tuple[int, int]:
        """Where the value of a key of a resource stands. Most resources are of types that nobody asks this of."""
        found = (planned.start, planned.start)

        def member(key: str, start: int) -> int:
            nonlocal found
            _, end = self._walk.value(start)
            if key in names:
                found = (start, end)
            return end

        self._walk.members(planned.start, member)
        return found

    def _parsed(self, start: int, end: int) -> Node:
        if start == end:
            return Mapping((), self.source.span(start, end))
        span = self.source.span
        return parse(self.source.text[start:end], lambda first, last: span(start + first, start + last), literal=True)

    def _top(self, key: str, at: int) -> int | None:
        match key:
            case "planned_values" | "values":
                return self._walk.members(at, self._values)
            case "resource_changes":
                return self._walk.items(at, self._change)
            case "resources":
                return self._walk.items(at, self._in_state)
            case "configuration":
                return self._walk.members(at, self._configuration)
            case "outputs":
                return self._outputs(at)
            case "modules":
                self.unread = self.source.span(at, at + 1)
        return None

    def _values(self, key: str, at: int) -> int | None:
        if key == "outputs":
            return self._outputs(at)
        return self._module(at) if key == "root_module" else None

    def _configuration(self, key: str, at: int) -> int | None:
        if key not in ("provider_config", "root_module"):
            return None
        value, end = self._walk.value(at)
        if key == "root_module":
            self.configuration = value
        else:
            self.providers = value
        return end

    def _module(self, at: int) -> int:
        """A module's resources. The module's own address may be written after them."""
        return self._walk.members(at, self._member)

    def _member(self, key: str, at: int) -> int | None:
        if key == "resources":
            return self._walk.items(at, self._resource)
        return self._walk.items(at, lambda _, inner: self._module(inner)) if key == "child_modules" else None

    def _resource(self, _: str, at: int) -> int:
        value, end = self._walk.value(at)
        mode, kind, name, address = (text(value, key) for key in ("mode", "type", "name", "address"))
        found = _parts(address, f"{'data.' if mode == 'data' else ''}{kind}.{name}")
        if found is not None:
            sensitive = json_at(value, "sensitive_values")
            self._keep(Planned(mode, kind, name, *found, at, end, sensitive))
        return end

    def _keep(self, planned: Planned) -> None:
        self.addresses.append((planned.base, planned.address))
        if planned.type in self._types:
            self.resources.append(planned)
        if has_mark(planned.sensitive):
            self._hide(self.values(planned), planned.sensitive)

    def _hide(self, node: Node | None, sensitive: object) -> None:
        """Keeps the places of what is not to be shown."""
        pending: list[tuple[Node | None, object]] = [(node, sensitive)]
        while pending:
            inner, marks = pending.pop()
            if inner is None:
                continue
            if marks is True:
                self.secrets += [one.span for one in walk((inner,)) if isinstance(one, Scalar) and not one.is_empty]
            elif isinstance(inner, Mapping) and isinstance(marks, dict):
                pending += [(inner.get(key), mark) for key, mark in marks.items()]
            elif isinstance(inner, Sequence) and isinstance(marks, list):
                pending += list(zip(inner.items, marks, strict=False))

    def _outputs(self, at: int) -> int:
        value, end = self._walk.value(at)
        names = [name for name in value if json_at(value, name, "sensitive") is True] if isinstance(value, dict) else []
        if names:
            node = self._parsed(at, end)
            for name in names:
                output = node.mapping(name) if isinstance(node, Mapping) else None
                self._hide(output.get("value") if output else None, sensitive=True)
        return end

    def _change(self, _: str, at: int) -> int:
        value, end = self._walk.value(at)
        if text(value, "type") in self._types and json_at(value, "deposed") is None:
            self.unknown[text(value, "address")] = json_at(value, "change", "after_unknown")
        return end

    def _in_state(self, _: str, at: int) -> int:
        """A resource of a state file: its instances, which say their keys but not their addresses."""
        head: dict[str, object] = {}
        found: list[tuple[int, int, object]] = []

        def instance(_: str, start: int) -> int:
            value, end = self._walk.value(start)
            found.append((start, end, value))
            return end

        def member(key: str, start: int) -> int | None:
            if key == "instances":
                return self._walk.items(start, instance)
            head[key], end = self._walk.value(start)
            return end

        end = self._walk.members(at, member)
        mode, kind, name, module = (text(head, key) for key in ("mode", "type", "name", "module"))
        for start, stop, value in found:
            # A deposed instance is on its way out.
            if json_at(value, "deposed") is None:
                key = _key(json_at(value, "index_key"))
                sensitive = _marks(json_at(value, "sensitive_attributes"))
                self._keep(Planned(mode, kind, name, module, key, start, stop, sensitive))
        return end


def _parts(address: str, base: str) -> tuple[str, str] | None:
    """The address of the module and the key of an instance, given what stands between them."""
    start = _MODULES.match(address)
    length = start.end() if start else 0
    if not address.startswith(base, length):
        return None
    return address[:length].removesuffix("."), address[length + len(base) :]


def _key(index: object) -> str:
    if index is None:
        return ""
    if isinstance(index, str):
        return '["' + index.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return f"[{index}]"


def _marks(paths: object) -> object:
    """Where a state says which attributes are sensitive, as marks: only the first step of each path is told apart."""
    marks: dict[str, object] = {}
    for path in items(paths):
        first = next(iter(items(path)), None)
        marks[text(first, "value")] = True
    return marks
