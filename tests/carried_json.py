"""Terraform files, written again in Terraform's JSON syntax."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rolecall.source import Source
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.blocks import index
from rolecall.terraform.parser import parse_body

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN = re.compile(r"true|false|null|-?\d+(?:\.\d+)?")
_KEY = re.compile(r"^(\s*)([\w-]+)\s*=", re.MULTILINE)


class Unwritable(Exception):  # noqa: N818 - no fault: JSON has no way to say it
    """What JSON cannot say: a heredoc inside an expression, a default that is an expression, text that is not HCL."""


def rewritten(root: Path) -> bool:
    """Writes every `.tf` file below a directory as `.tf.json`; False, and nothing is written, where one cannot be."""
    files = sorted(root.rglob("*.tf"))
    try:
        found = {path: _file(Source(path.name, path.read_text(encoding="utf-8"))) for path in files}
    except Unwritable:
        return False
    for path, value in found.items():
        path.with_suffix(".tf.json").write_text(json.dumps(value, indent=1), encoding="utf-8")
        path.unlink()
    return bool(files)


def _file(source: Source) -> dict[str, Any]:
    blocks, problems = index(source)
    if problems:
        raise Unwritable
    found: dict[str, Any] = {}
    for raw in blocks:
        body = parse_body(source, raw.inside, raw.inside_end)
        value = _variable(source, body) if raw.kind == "variable" else _body(source, body)
        # A list even of one: what stands twice is two.
        _inner(found, (raw.kind, *raw.labels)[:-1]).setdefault((raw.kind, *raw.labels)[-1], []).append(value)
    return found


def _body(source: Source, body: hcl.Body) -> dict[str, Any]:
    found: dict[str, Any] = {argument.name: _value(source, argument.value) for argument in body.arguments}
    for block in body.blocks:
        labels = (block.kind, *block.labels)
        _inner(found, labels[:-1]).setdefault(labels[-1], []).append(_body(source, block.body))
    return found


def _inner(outer: dict[str, Any], labels: tuple[str, ...]) -> dict[str, Any]:
    for label in labels:
        outer = outer.setdefault(label, {})
    return outer


def _value(source: Source, value: hcl.Expression) -> object:
    text = source.text[value.span.start : value.span.end]
    if "<<" in text:
        raise Unwritable
    if isinstance(value, hcl.Literal) and _PLAIN.fullmatch(text):
        return json.loads(text)
    if isinstance(value, hcl.Template) and "${" not in text and "%{" not in text:
        return json.loads(text)
    return f"${{{text}}}"


def _variable(source: Source, body: hcl.Body) -> dict[str, Any]:
    """Of a variable the type is an expression in quotes, and nothing is a template."""
    found: dict[str, Any] = {}
    for argument in body.arguments:
        text = source.text[argument.value.span.start : argument.value.span.end]
        if argument.name == "type":
            found["type"] = text
        elif argument.name == "default":
            try:
                found["default"] = json.loads(_KEY.sub(r'\1"\2":', text))
            except ValueError as error:
                raise Unwritable from error
    return found
