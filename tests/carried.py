"""Policy documents of a Terraform module, written again by other means: a heredoc, `jsonencode`, a data source."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from rolecall.adapt.terraform_documents import DATA_SOURCE, Documents
from rolecall.discover import UnitKind, discover
from rolecall.problem import Problem
from rolecall.terraform.library import Library
from rolecall.terraform.module import root_module
from rolecall.tree import Scalar
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from rolecall.model import PolicyDocument, Principal
    from rolecall.span import Span
    from rolecall.terraform.module import Module

    Carrier: TypeAlias = Callable[[dict[str, Any], str], tuple[str, str]]

_ARGUMENT = re.compile(r"\bpolicy\s*=|assume_role_policy")
_POLICIES = {"aws_iam_role": "assume_role_policy", "aws_iam_role_policy": "policy", "aws_iam_policy": "policy"}


def has_policies(root: Path) -> bool:
    """Whether a directory may have policies that can be written by other means."""
    return any(_ARGUMENT.search(path.read_text(encoding="utf-8")) for path in root.glob("*.tf"))


def rewritten(root: Path, carrier: Carrier) -> bool:
    """Writes every document in a directory by a carrier; False, and nothing is written, where none is wholly known."""
    module = module_of(root)
    if module is None:
        return False
    numbers = count()
    edits = [(at, *carrier(document, f"carried_{next(numbers)}")) for at, document in _documents(module)]
    for at, expression, _ in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        path = root / at.path
        text = path.read_text(encoding="utf-8")
        path.write_text(text[: at.start] + expression + text[at.end :], encoding="utf-8")
    (root / "carried.tf").write_text("".join(beside for _, _, beside in edits), encoding="utf-8")
    return bool(edits)


def module_of(root: Path) -> Module | None:
    """The root module of a directory that is just one."""
    discovery = discover([str(root)], Workspace(root))
    units = [unit for unit in discovery.units if unit.kind is UnitKind.TERRAFORM and not unit.called]
    if [unit.name for unit in units] != ["."]:
        return None
    read = [discovery.workspace.read(path) for path in units[0].paths]
    return root_module(".", tuple(one for one in read if not isinstance(one, Problem)), Library(discovery.workspace))


def _documents(module: Module) -> Iterator[tuple[Span, dict[str, Any]]]:
    """The documents of policies whose block stands for one resource, with the expressions that give them."""
    documents = Documents(module.resolve, module.configuration.texts.get)
    for kind, name in _POLICIES.items():
        for block in module.blocks("resource", kind):
            body = module.parsed(block.declared)
            argument, value = body.argument(name) if body else None, block.body().get(name)
            if block.address.endswith("]") or argument is None or not isinstance(value, Scalar):
                continue
            document = written(documents.read(value, value.span))
            if document is not None and argument.value.span.path.endswith(".tf"):
                yield argument.value.span, document


def written(document: PolicyDocument) -> dict[str, Any] | None:
    """A document as JSON has it; None where something is not known, or written twice."""
    twice = (document.duplicates, *(one.duplicates for one in document.statements))
    if document.rest is not None or any(twice):
        return None
    found = []
    for one in document.statements:
        rests = (one.principals_rest, one.actions_rest, one.resources_rest, one.conditions_rest)
        conditions: dict[str, dict[str, Any]] = {}
        for condition in one.conditions:
            conditions.setdefault(condition.operator.display, {})[condition.key.display] = _values(condition.values)
        elements = {
            "Sid": one.sid.display if one.sid is not None else None,
            "Effect": one.effect.display if one.effect is not None else "Allow",
            "Principal": _principals(one.principals),
            "NotPrincipal": _principals(one.not_principals),
            "Action": _values(one.actions),
            "NotAction": _values(one.not_actions),
            "Resource": _values(one.resources),
            "NotResource": _values(one.not_resources),
            "Condition": conditions,
        }
        scalars = [
            *(principal.value for principal in (*one.principals, *one.not_principals)),
            *(*one.actions, *one.not_actions, *one.resources, *one.not_resources),
            *(scalar for each in one.conditions for scalar in (each.operator, each.key, *each.values)),
        ]
        if any(rest is not None for rest in rests) or any(scalar.known is None for scalar in scalars):
            return None
        found.append({name: value for name, value in elements.items() if value})
    return {"Version": "2012-10-17", "Statement": found}


def _values(values: Iterable[Scalar]) -> str | list[str]:
    texts = [value.display for value in values]
    return texts[0] if len(texts) == 1 else texts


def _principals(principals: tuple[Principal, ...]) -> str | dict[str, str | list[str]]:
    if any(principal.type is principal.value or principal.type.known == "*" for principal in principals):
        return "*"
    kinds = dict.fromkeys(principal.type.display for principal in principals)
    return {kind: _values(one.value for one in principals if one.type.display == kind) for kind in kinds}


def heredoc(document: dict[str, Any], _: str) -> tuple[str, str]:
    """The text of the document."""
    return f"<<-EOT\n{_escaped(json.dumps(document, indent=2))}\n  EOT\n", ""


def jsonencode(document: dict[str, Any], _: str) -> tuple[str, str]:
    """A call of `jsonencode`: an object in JSON is one in HCL, too."""
    return f"jsonencode({_escaped(json.dumps(document))})", ""


def data_source(document: dict[str, Any], name: str) -> tuple[str, str]:
    """A reference to a data source, and the data source."""
    statements = "".join(f"  statement {{\n{''.join(_statement(one))}  }}\n" for one in document["Statement"])
    return f"data.{DATA_SOURCE}.{name}.json", f'data "{DATA_SOURCE}" "{name}" {{\n{statements}}}\n'


def _statement(statement: dict[str, Any]) -> Iterator[str]:
    for element, argument in (("Sid", "sid"), ("Effect", "effect")):
        if element in statement:
            yield f"    {argument} = {_string(statement[element])}\n"
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in statement:
            argument = f"not_{element[3:].lower()}s" if element.startswith("Not") else f"{element.lower()}s"
            yield f"    {argument} = {_strings(statement[element])}\n"
    for element, block in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        of_kind = statement.get(element, {})
        for kind, values in ({"*": "*"} if of_kind == "*" else of_kind).items():
            yield f"    {block} {{\n      type = {_string(kind)}\n      identifiers = {_strings(values)}\n    }}\n"
    for test, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            inner = f"test = {_string(test)}\n      variable = {_string(key)}\n      values = {_strings(values)}"
            yield f"    condition {{\n      {inner}\n    }}\n"


def _strings(values: str | list[str]) -> str:
    # The data source has its own spelling of IAM's variables.
    written = (_string(value).replace("$${", "&{") for value in ([values] if isinstance(values, str) else values))
    return f"[{', '.join(written)}]"


def _string(text: str) -> str:
    return _escaped(json.dumps(text))


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


CARRIERS: tuple[Carrier, ...] = (heredoc, jsonencode, data_source)
