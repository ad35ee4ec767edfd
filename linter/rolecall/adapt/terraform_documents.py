"""Policy documents in Terraform: strings, `jsonencode`, and `aws_iam_policy_document` with its merges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rolecall.adapt.policy import policy_document
from rolecall.model import Condition, PolicyDocument, Principal, Statement
from rolecall.tree import Hole, Kind, Mapping, Scalar, known, one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.adapt.terraform import Block
    from rolecall.model import Duplicate
    from rolecall.span import Span
    from rolecall.tree import Node, Reference

DATA_SOURCE = "aws_iam_policy_document"
# Each data source may take in others, twice each: the whole doubles a step. IAM's own limits are far below.
_MOST_STATEMENTS = 1000
_DEEPEST = 40


@dataclass(slots=True)
class Documents:
    """The policy documents of a configuration. One that several objects use is made once, so it is one object.

    `resolve` finds the block of a reference; `used` are the addresses of the data sources that something has taken.
    """

    resolve: Callable[[Reference], Block | None]
    text_of: Callable[[str], str | None]
    used: set[str] = field(default_factory=set)
    _made: dict[str, PolicyDocument] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def read(self, node: Node, at: Span) -> PolicyDocument:
        """The document that an argument gives; what cannot be read is its `rest`. `at`: where it stands, if nowhere."""
        if isinstance(node, Scalar):
            block = self._data_source(node)
            if block is not None:
                self.used.add(block.address)
                return self.data_source(block)
            if node.kind is Kind.UNKNOWN or not node.parts:
                return PolicyDocument((), at, node.hole)
        return policy_document(node, self.text_of)

    def data_source(self, block: Block) -> PolicyDocument:
        """The document that an `aws_iam_policy_document` makes, with those that it takes in."""
        address = block.address
        made = self._made.get(address)
        if made is not None:
            return made
        if address in self._open or len(self._open) >= _DEEPEST:
            return PolicyDocument((), block.span, Hole("policy documents that take in each other"))
        self._open.append(address)
        try:
            made = self._merged(block)
        finally:
            self._open.pop()
        self._made[address] = made
        return made

    def _data_source(self, scalar: Scalar) -> Block | None:
        reference = scalar.hole.unchanged if len(scalar.parts) == 1 else None
        if reference is None or reference.attribute.rpartition(".")[2] not in ("json", "minified_json"):
            return None
        block = self.resolve(reference)
        if block is not None and block.kind == "data" and block.labels[:1] == (DATA_SOURCE,):
            return block
        return None

    def _merged(self, block: Block) -> PolicyDocument:
        """As the provider merges (its `policy_document_data_source.go`): sources, the statements here, overrides."""
        body = block.body()
        own = PolicyDocument(*_statements(body, block.span), version=body.scalar("version"))
        before = [*self._taken(body, "source_json"), *self._taken(body, "source_policy_documents")]
        after = [*self._taken(body, "override_policy_documents"), *self._taken(body, "override_json")]
        if not before and not after:
            return own
        return merge([*before, own, *after], block.span)

    def _taken(self, body: Mapping, argument: str) -> Iterator[PolicyDocument]:
        node = body.get(argument)
        if node is None:
            return
        scalars, rest = one_or_many(node)
        for scalar in scalars:
            yield self.read(scalar, scalar.span)
        if rest is not None:
            # An argument that is one reference, not a list, comes back as a rest.
            yield self.read(node, node.span) if isinstance(node, Scalar) else PolicyDocument((), node.span, rest)


def merge(documents: Iterable[PolicyDocument], span: Span) -> PolicyDocument:
    """One document of several: a statement replaces the one before it that has the same `sid`."""
    statements: dict[object, Statement] = {}
    rest: Hole | None = None
    version: Scalar | None = None
    duplicates: list[Duplicate] = []
    for document in documents:
        for statement in document.statements:
            sid = statement.sid.known if statement.sid else None
            statements[sid or object()] = statement
        rest = rest or document.rest
        duplicates += document.duplicates
        version = document.version or version
        if len(statements) > _MOST_STATEMENTS:
            rest = Hole("more statements than IAM admits")
            break
    return PolicyDocument(tuple(statements.values())[:_MOST_STATEMENTS], span, rest, version, tuple(duplicates))


def _statements(body: Mapping, span: Span) -> tuple[tuple[Statement, ...], Span, Hole | None]:
    node = body.get("statement")
    rest = body.rest
    if node is None:
        return (), span, rest
    if isinstance(node, Mapping):
        return (_statement(node),), span, rest
    if isinstance(node, Scalar):
        return (), span, node.holes[0] if node.holes else rest
    found = tuple(_statement(item) for item in node.items if isinstance(item, Mapping))
    loose = next((item.holes[0] for item in node.items if isinstance(item, Scalar) and item.holes), None)
    return found, span, node.rest or loose or rest


def _statement(body: Mapping) -> Statement:
    more = body.rest
    actions, actions_rest = _strings(body, "actions")
    not_actions, not_actions_rest = _strings(body, "not_actions")
    resources, resources_rest = _strings(body, "resources")
    not_resources, not_resources_rest = _strings(body, "not_resources")
    principals, principals_rest = _principals(body, "principals")
    not_principals, not_principals_rest = _principals(body, "not_principals")
    conditions, conditions_rest = _conditions(body)
    effect, sid = body.scalar("effect"), body.scalar("sid")
    head = (sid or effect or (actions or not_actions or (None,))[0] or body).span
    return Statement(
        # The data source's default.
        effect=effect or known("Allow", head),
        span=body.span,
        sid=sid,
        principals=principals,
        principals_rest=principals_rest or not_principals_rest or more,
        not_principals=not_principals,
        actions=actions,
        actions_rest=actions_rest or not_actions_rest or more,
        not_actions=not_actions,
        resources=resources,
        resources_rest=resources_rest or not_resources_rest or more,
        not_resources=not_resources,
        conditions=conditions,
        conditions_rest=conditions_rest or more,
        at=head,
    )


def _strings(body: Mapping, argument: str) -> tuple[tuple[Scalar, ...], Hole | None]:
    """The strings of a set, unknown ones included, and the hole that more may come from."""
    scalars, rest = one_or_many(body.get(argument))
    return tuple(_unescaped(scalar) for scalar in scalars), rest


def _is_blank(scalar: Scalar) -> bool:
    return scalar.kind is Kind.UNKNOWN and len(scalar.parts) <= 1


def _unescaped(scalar: Scalar) -> Scalar:
    """With `&{…}` as the `${…}` of IAM, as the data source writes it."""
    if not any(isinstance(part, str) and "&{" in part for part in scalar.parts):
        return scalar
    parts = tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in scalar.parts)
    return replace(scalar, parts=parts)


def _blocks(body: Mapping, kind: str) -> tuple[tuple[Mapping, ...], Hole | None]:
    node = body.get(kind)
    if node is None:
        return (), None
    if isinstance(node, Mapping):
        return (node,), None
    if isinstance(node, Scalar):
        return (), node.hole
    found = tuple(item for item in node.items if isinstance(item, Mapping))
    loose = next((item.hole for item in node.items if isinstance(item, Scalar)), None)
    return found, node.rest or loose


def _principals(body: Mapping, kind: str) -> tuple[tuple[Principal, ...], Hole | None]:
    blocks, rest = _blocks(body, kind)
    found: list[Principal] = []
    for block in blocks:
        of_type = block.scalar("type")
        identifiers, more = _strings(block, "identifiers")
        if of_type is None or _is_blank(of_type):
            rest = rest or (of_type.hole if of_type else Hole("a principal without a type"))
            continue
        found += [Principal(of_type, identifier) for identifier in identifiers]
        rest = rest or more or block.rest
    return tuple(found), rest


def _conditions(body: Mapping) -> tuple[tuple[Condition, ...], Hole | None]:
    """The conditions; the provider joins the values of blocks that have the same test and variable."""
    blocks, rest = _blocks(body, "condition")
    found: dict[object, Condition] = {}
    for block in blocks:
        test, variable = block.scalar("test"), block.scalar("variable")
        if test is None or variable is None:
            rest = rest or block.rest or Hole("a condition without a test or a variable")
            continue
        values, more = _strings(block, "values")
        same = (test.parts, variable.parts)
        condition = Condition(test, _unescaped(variable), values, block.span, more or block.rest)
        earlier = found.get(same)
        if earlier is not None:
            condition = replace(earlier, values=(*earlier.values, *values), rest=earlier.rest or condition.rest)
        found[same] = condition
    return tuple(found.values()), rest
