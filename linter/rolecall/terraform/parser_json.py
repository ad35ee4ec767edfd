"""Terraform's JSON syntax (`.tf.json`, `.tfvars.json`) as the same blocks and expressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.parser import parse_template, parse_written
from rolecall.terraform.parser_template import Fault
from rolecall.tree import Kind, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.source import Source
    from rolecall.span import Span

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "provider": 1, "variable": 1, "output": 1, "module": 1, "check": 1}
# JSON writes a nested block as an object or as a list of them; these are blocks, so that one alone is a list too.
# Calls of modules and `locals` have none: there the names are of inputs and of values.
_WITH_BLOCKS = frozenset({"data", "ephemeral", "provider", "resource", "terraform"})
_BLOCKS = frozenset(
    {
        "access_config", "assume_role", "assume_role_with_web_identity", "compute_config", "condition", "content",
        "exec", "iam_instance_profile", "inline_policy", "instance_market_options", "launch_template", "lifecycle",
        "metadata_options", "not_principals", "pod_identity_association", "principals", "selector", "set",
        "set_sensitive", "statement", "vpc_config",
        # Of the Kubernetes provider.
        "aggregation_rule", "cluster_role_selectors", "config_map", "config_map_key_ref", "config_map_ref", "container",
        "downward_api", "egress", "env", "env_from", "field_ref", "from", "ingress", "init_container", "ip_block",
        "items", "job_template", "match_expressions", "metadata", "namespace_selector", "pod_selector", "ports",
        "projected", "role_ref", "rule", "secret", "secret_key_ref", "secret_ref", "service_account_token", "sources",
        "spec", "subject", "template", "to", "value_from", "volume", "volume_mount",
    }
)  # fmt: skip
_DEEPEST = 60
_LONGEST = 2_000_000
"""Characters of a file. The trees of a text are some hundred times its size."""

JsonBlock = tuple[str, tuple[str, ...], "Span", hcl.Body]


def json_blocks(source: Source, report: Callable[[Fault], None]) -> list[JsonBlock] | Problem:
    """The top-level blocks of a `.tf.json` file. `report` is told of templates and types that cannot be read."""
    root = _root(source)
    if isinstance(root, Problem):
        return root
    return list(_blocks(source, root, report))


def json_body(source: Source, *, plain: bool = False) -> hcl.Body | Problem:
    """A whole file as one body; `plain`: strings are no templates, as in `.tfvars.json`."""
    root = _root(source)
    if isinstance(root, Problem):
        return root
    return _Reader(source, plain=plain).body(root, 0)


def _root(source: Source) -> Mapping | Problem:
    from rolecall.syntax.json import document  # noqa: PLC0415 - heavy or rare: only when it is needed

    if len(source.text) > _LONGEST:
        message = f"this is too long to be read: more than {_LONGEST:,} characters"
        return Problem(ProblemKind.SYNTAX, message, source.path, source.span(0, 1))
    found = document(source)
    if isinstance(found, Problem):
        return found
    return Mapping(tuple(entry for one in _objects(found.root) for entry in one.entries), found.span)


def _objects(node: Node) -> list[Mapping]:
    """The objects that stand for a body: one, or those of a list."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return [item for item in items if isinstance(item, Mapping)]


def _blocks(source: Source, root: Mapping, report: Callable[[Fault], None]) -> Iterator[JsonBlock]:
    for entry in root.entries:
        kind = _raw(source, entry.key)
        # Of a variable the type is an expression, and nothing is a template.
        reader = _Reader(source, plain=kind == "variable", blocks=kind in _WITH_BLOCKS, report=report)
        stack: list[tuple[tuple[str, ...], Span, Node]] = [((), entry.key.span, entry.value)]
        while stack:
            labels, span, node = stack.pop()
            if isinstance(node, Sequence):
                stack.extend((labels, span, item) for item in reversed(node.items))
            elif isinstance(node, Mapping) and len(labels) < _LABELS.get(kind, 0):
                inner = [((*labels, _raw(source, one.key)), one.key.span, one.value) for one in node.entries]
                stack.extend(reversed(inner))
            elif isinstance(node, Mapping):
                yield kind, labels, span, reader.body(node, 0)


def _raw(source: Source, scalar: Scalar) -> str:
    """The text of a string as JSON spells it; the JSON reader has holes where `${` stands."""
    written = source.text[scalar.span.start : scalar.span.end]
    try:
        text = json.loads(written, strict=False)
    except ValueError:
        return scalar.known or ""
    return text if isinstance(text, str) else written


class _Reader:
    """Turns the JSON tree of one file into expressions. `blocks`: some of the objects are nested blocks."""

    def __init__(
        self, source: Source, *, plain: bool, blocks: bool = False, report: Callable[[Fault], None] | None = None
    ) -> None:
        self._source = source
        self._plain = plain
        self._blocks = blocks
        self._report = report

    def body(self, mapping: Mapping, depth: int) -> hcl.Body:
        """The arguments and blocks of an object; a key may stand twice."""
        arguments: list[hcl.Argument] = []
        blocks: list[hcl.NestedBlock] = []
        for entry in mapping.entries:
            name = _raw(self._source, entry.key)
            nests = self._blocks and isinstance(entry.value, (Mapping, Sequence))
            if name == "//":
                continue
            if name == "dynamic" and nests:
                for inner in (one for body in _objects(entry.value) for one in body.entries):
                    kind = (_raw(self._source, inner.key),)
                    blocks.extend(self._nested("dynamic", kind, inner.key.span, inner.value, depth))
            elif name in _BLOCKS and nests:
                blocks.extend(self._nested(name, (), entry.key.span, entry.value, depth))
            elif name == "type" and self._plain and self._report and isinstance(entry.value, Scalar):
                arguments.append(hcl.Argument(name, entry.key.span, self._type(entry.value)))
            else:
                arguments.append(hcl.Argument(name, entry.key.span, self.expression(entry.value, depth)))
        return hcl.Body(tuple(arguments), tuple(blocks), mapping.span)

    def _nested(
        self, kind: str, labels: tuple[str, ...], span: Span, value: Node, depth: int
    ) -> Iterator[hcl.NestedBlock]:
        for item in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(item, Mapping) and depth < _DEEPEST:
                yield hcl.NestedBlock(kind, labels, self.body(item, depth + 1), span)

    def expression(self, node: Node, depth: int) -> hcl.Expression:
        """The expression that a JSON value stands for."""
        if depth > _DEEPEST:
            return hcl.Variable("a value that is nested too deeply", node.span)
        if isinstance(node, Sequence):
            return hcl.TupleOf(tuple(self.expression(item, depth + 1) for item in node.items), node.span)
        if isinstance(node, Mapping):
            items = (
                hcl.ObjectItem(self._text(entry.key), self.expression(entry.value, depth + 1)) for entry in node.entries
            )
            return hcl.ObjectOf(tuple(items), node.span)
        if node.kind is Kind.STRING or node.holes:
            return self._text(node)
        return hcl.Literal(node.known or "null", node.kind, node.span)

    def _type(self, scalar: Scalar) -> hcl.Expression:
        try:
            return parse_written(scalar.span, _raw(self._source, scalar))
        except Fault as fault:
            return self._unread(fault, scalar)

    def _unread(self, fault: Fault, scalar: Scalar) -> hcl.Expression:
        if self._report is not None:
            self._report(fault)
        # A name that is not declared leaves a hole there.
        return hcl.Variable("a template that could not be parsed", scalar.span)

    def _text(self, scalar: Scalar) -> hcl.Expression:
        text = _raw(self._source, scalar)
        if self._plain or ("${" not in text and "%{" not in text):
            return hcl.Template((hcl.Text(text, scalar.span),), scalar.span)
        try:
            return parse_template(self._source, scalar.span, text)
        except Fault as fault:
            return self._unread(fault, scalar)
