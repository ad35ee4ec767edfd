"""The values of a module's variables: `terraform.tfvars`, `*.auto.tfvars`, then defaults."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.problem import Problem
from rolecall.terraform.parser_template import Fault

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.terraform import parser_nodes as hcl
    from rolecall.terraform.module import Module


def is_values_file(path: str) -> bool:
    """Whether a file holds values of variables, not blocks."""
    return path.endswith((".tfvars", ".tfvars.json"))


def _rank(path: str) -> tuple[int, str] | None:
    """Where a file stands in the order in which Terraform reads values; None for one it does not read by itself."""
    name = posixpath.basename(path)
    if name in ("terraform.tfvars", "terraform.tfvars.json"):
        return (0 if name.endswith("s") else 1), name
    return (2, name) if name.endswith((".auto.tfvars", ".auto.tfvars.json")) else None


class Variables:
    """The values given to a module's variables. Files are read when the first variable is asked for."""

    def __init__(self, module: Module, sources: tuple[Source, ...]) -> None:
        self._module = module
        self._sources = sources
        self._given: dict[str, hcl.Expression] | None = None

    def value(self, name: str) -> hcl.Expression | None:
        """The expression of a variable's value, or None where nothing gives it one."""
        if self._given is None:
            self._given = self._read()
        given = self._given.get(name)
        if given is not None and self._module.declared("variable", name):
            return given
        for declared in self._module.declared("variable", name):
            body = self._module.parsed(declared)
            default = body.argument("default") if body else None
            if default is not None:
                return default.value
        return None

    def constraint(self, name: str) -> hcl.Expression | None:
        """The type that a variable is declared with."""
        for declared in self._module.declared("variable", name):
            body = self._module.parsed(declared)
            argument = body.argument("type") if body else None
            return argument.value if argument else None
        return None

    def _read(self) -> dict[str, hcl.Expression]:
        from rolecall.terraform.parser import parse_body  # noqa: PLC0415 - heavy or rare: only when it is needed

        found: dict[str, hcl.Expression] = {}
        ranked = ((rank, source) for source in self._sources if (rank := _rank(source.path)) is not None)
        for _, source in sorted(ranked, key=lambda pair: pair[0]):
            if source.path.endswith(".json"):
                from rolecall.terraform.parser_json import json_body  # noqa: PLC0415 - heavy or rare: only when it is needed

                body = json_body(source, plain=True)
                if isinstance(body, Problem):
                    self._module.report(body)
                    continue
            else:
                try:
                    body = parse_body(source, 0, len(source.text))
                except (Fault, RecursionError) as error:
                    fault = error if isinstance(error, Fault) else Fault("this is nested too deeply", source.whole())
                    self._module.fault(fault)
                    continue
            found.update((argument.name, argument.value) for argument in body.arguments)
        return found
