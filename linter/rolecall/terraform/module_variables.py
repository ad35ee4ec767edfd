"""The values of a root module's variables: `--var-file`, `*.auto.tfvars`, `terraform.tfvars`, then defaults."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.problem import Problem, Unevaluated
from rolecall.syntax import templates
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.parser_template import Fault

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.terraform.module import Module


def _rank(path: str) -> tuple[int, str] | None:
    """Where a file stands in the order in which Terraform reads values; None for one it does not read by itself."""
    name = posixpath.basename(path)
    if name in ("terraform.tfvars", "terraform.tfvars.json"):
        return (0 if name.endswith("s") else 1), name
    return (2, name) if name.endswith((".auto.tfvars", ".auto.tfvars.json")) else None


class Variables:
    """The values of one module's variables as its own files give them. They are read when one is asked for."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._given: dict[str, hcl.Expression] | None = None
        self.unread = False
        """Whether a file of values could not be read: what it might have said is unknown, not the default."""

    def given(self, name: str) -> hcl.Expression | None:
        """What the files of values beside a root module say, or those that the user named."""
        if self._module.caller is not None:
            return None
        if self._given is None:
            self._given = self._read()
        return self._given.get(name)

    @property
    def are_given(self) -> bool:
        """Whether any file gives values."""
        self.given("")
        return bool(self._given)

    def default(self, name: str) -> hcl.Expression | None:
        """The default of a variable."""
        return self._said(name, "default")

    def constraint(self, name: str) -> hcl.Expression | None:
        """The type that a variable is declared with."""
        return self._said(name, "type")

    def nullable(self, name: str) -> bool:
        """Whether a null that is given stays null; otherwise the default takes its place."""
        said = self._said(name, "nullable")
        return not (isinstance(said, hcl.Literal) and said.text == "false")

    def _said(self, name: str, argument: str) -> hcl.Expression | None:
        for declared in self._module.declared("variable", name):
            body = self._module.parsed(declared)
            found = body.argument(argument) if body else None
            return found.value if found else None
        return None

    def _read(self) -> dict[str, hcl.Expression]:
        from rolecall.terraform.parser import parse_body  # noqa: PLC0415 - heavy or rare: only when it is needed

        found: dict[str, hcl.Expression] = {}
        beside = self._module.directory.values
        ranked = ((rank, source) for source in beside if (rank := _rank(source.path)) is not None)
        sources = [source for _, source in sorted(ranked, key=lambda pair: pair[0])]
        for source in (*sources, *self._module.configuration.library.values):
            if source.path.endswith(".json"):
                from rolecall.terraform.parser_json import json_body  # noqa: PLC0415 - heavy or rare: only when it is needed

                body = json_body(source, plain=True)
                if isinstance(body, Problem):
                    self._module.report(body)
                    found = self._after_unread()
                    continue
            else:
                try:
                    body = parse_body(source, 0, len(source.text))
                except (Fault, RecursionError) as error:
                    fault = error if isinstance(error, Fault) else Fault("this is nested too deeply", source.whole())
                    self._unreadable(source, fault)
                    found = self._after_unread()
                    continue
            found.update((argument.name, argument.value) for argument in body.arguments)
        return found

    def _unreadable(self, source: Source, fault: Fault) -> None:
        """Say what is wrong with a file; with a template of one nothing is."""
        language = templates.language(source.text, source.path)
        if "{{" not in source.line(fault.span.line) or not language:
            self._module.fault(fault)
            return
        reason = "it is a template, and its values are not known; read what it renders to instead"
        self._module.configuration.unevaluated[Unevaluated(language, reason, fault.span, source.path)] = None

    def _after_unread(self) -> dict[str, hcl.Expression]:
        """What is known after a file that could not be read: it may have changed any value that came before."""
        self.unread = True
        return {}
