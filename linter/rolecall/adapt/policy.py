"""IAM policy documents, from whatever syntax: a tree becomes statements, what is unknown in it stays a hole."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rolecall.adapt.policy_duplicates import counting, duplicates
from rolecall.model import Condition, PolicyDocument, Principal, Statement
from rolecall.records import dataclass
from rolecall.span import until
from rolecall.tree import Hole, Kind, Mapping, Scalar, Sequence, one_or_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.model import Duplicate
    from rolecall.span import Span
    from rolecall.tree import Entry, Node


def _no_text(_: str) -> str | None:
    return None


def policy_document(node: Node, text_of: Callable[[str], str | None] = _no_text) -> PolicyDocument:
    """The policy that a tree, or a string holding JSON, writes down.

    Names of elements are read as IAM reads them, with regard to case; of equal keys the last one counts, and the others
    are recorded. `text_of` gives the text of a file by its path, for exact places inside strings.
    """
    if isinstance(node, Scalar):
        return _from_string(node, text_of)
    if isinstance(node, Sequence):
        return PolicyDocument((), node.span, Hole("a list where a policy document is expected"))
    statements, rest = _statements(node)
    return PolicyDocument(
        statements=statements,
        span=node.span,
        rest=rest,
        version=node.scalar("Version"),
        duplicates=tuple(duplicates(node)),
    )


def is_trust(document: PolicyDocument) -> bool:
    """Whether this is a role's trust policy rather than a permission policy or a resource's policy.

    A trust policy names principals and only STS actions, and never a resource: IAM refuses `Resource` in it, which
    tells it from the policy of a VPC endpoint for STS.
    """
    return any(_trusts(statement) for statement in document.statements) and not any(
        statement.resources or statement.not_resources or _acts_elsewhere(statement)
        for statement in document.statements
    )


def _trusts(statement: Statement) -> bool:
    somebody = statement.principals or statement.not_principals or statement.principals_rest
    return bool(somebody) and any(_service(action) == "sts" for action in (*statement.actions, *statement.not_actions))


def _acts_elsewhere(statement: Statement) -> bool:
    return any(_service(action) not in ("sts", None) for action in statement.actions)


def _service(action: Scalar) -> str | None:
    """The service prefix of an action, `*` for all; None where it is not known."""
    first = action.parts[0] if action.parts else ""
    if not isinstance(first, str):
        return None
    service, colon, _ = first.partition(":")
    return service.lower() if colon or action.known is not None else None


def _from_string(scalar: Scalar, text_of: Callable[[str], str | None]) -> PolicyDocument:
    if scalar.is_null:
        return PolicyDocument((), scalar.span)
    if scalar.kind is Kind.UNKNOWN and scalar.holes:
        return PolicyDocument((), scalar.span, scalar.holes[0])
    text = scalar.known
    if text is not None and text.lstrip()[:3].upper() == "%7B":
        # The IAM API returns documents percent-encoded (RFC 3986); the offsets inside are lost.
        scalar = Scalar((unquote(text),), scalar.kind, scalar.span, scalar.via)
        text_of = _no_text
    # Imported here: strings are rare, trees are not.
    from rolecall.syntax import embedded  # noqa: PLC0415

    node = embedded.parse(scalar, text_of)
    if isinstance(node, Mapping):
        return policy_document(node, text_of)
    reason = "a string that is not JSON" if not scalar.holes else scalar.holes[0].reason
    references = tuple(reference for hole in scalar.holes for reference in hole.references)
    return PolicyDocument((), scalar.span, Hole(reason, references))


def _statements(node: Mapping) -> tuple[tuple[Statement, ...], Hole | None]:
    value = node.get("Statement")
    if value is None:
        return (), _open(node)
    if isinstance(value, Mapping):
        return (_statement(value),), None
    if isinstance(value, Scalar):
        return (), None if value.is_null else (value.holes[0] if value.holes else Hole("a statement that is a string"))
    found = tuple(_statement(item) for item in value.items if isinstance(item, Mapping))
    return found, value.rest or _hole_among(value)


def _hole_among(value: Sequence) -> Hole | None:
    for item in value.items:
        if isinstance(item, Scalar) and not item.is_null:
            return item.holes[0] if item.holes else Hole("a statement that is a string")
    return None


@dataclass(frozen=True, slots=True)
class _Element:
    """An element's scalars and the hole that more may come from."""

    values: tuple[Scalar, ...] = ()
    rest: Hole | None = None


def _statement(node: Mapping) -> Statement:
    more = _open(node)
    actions, resources = _element(node, "Action", more), _element(node, "Resource", more)
    not_actions, not_resources = _element(node, "NotAction", None), _element(node, "NotResource", None)
    principals, principals_rest = _principals(node, "Principal", more)
    not_principals, not_principals_rest = _principals(node, "NotPrincipal", None)
    conditions, conditions_rest = _conditions(node, more)
    return Statement(
        effect=node.scalar("Effect"),
        span=node.span,
        sid=node.scalar("Sid"),
        principals=principals,
        principals_rest=principals_rest or not_principals_rest,
        not_principals=not_principals,
        actions=actions.values,
        actions_rest=actions.rest or not_actions.rest,
        not_actions=not_actions.values,
        resources=resources.values,
        resources_rest=resources.rest or not_resources.rest,
        not_resources=not_resources.values,
        conditions=conditions,
        conditions_rest=conditions_rest,
        at=_head(node),
        duplicates=tuple(_duplicates(node)),
    )


def _head(node: Mapping) -> Span | None:
    """The text that names a statement: its Sid, else its effect with the key."""
    sid = node.scalar("Sid")
    if sid is not None and sid.span.start < sid.span.end:
        return sid.span
    effect = node.entry("Effect")
    if effect is None:
        return None
    key, value = effect.key.span, effect.value.span
    return until(key, value) if key.path == value.path and key.start <= value.start else value


def _element(node: Mapping, name: str, more: Hole | None) -> _Element:
    value = node.get(name)
    if value is None:
        return _Element(rest=more)
    return _values(value)


def _values(value: Node) -> _Element:
    """The scalars of one value or a list. An unknown one is kept as a value, other items are holes, never dropped."""
    if isinstance(value, Scalar):
        return _Element(() if value.is_null else (value,))
    scalars, rest = one_or_many(value)
    if rest is None and isinstance(value, Sequence) and any(not isinstance(item, Scalar) for item in value.items):
        rest = Hole("a list inside of a list")
    return _Element(scalars, rest)


def _principals(node: Mapping, name: str, more: Hole | None) -> tuple[tuple[Principal, ...], Hole | None]:
    value = node.get(name)
    if value is None:
        return (), more
    if isinstance(value, Scalar):
        if value.is_null:
            return (), None
        if value.holes:
            return (), value.holes[0]
        # Only `*` may be written bare; any other bare string has no type, so it is nobody.
        return (Principal(value, value),), None
    if isinstance(value, Sequence):
        return (), Hole("a list where a principal is expected")
    found: list[Principal] = []
    rest = _open(value)
    for entry in counting(value):
        element = _values(entry.value)
        found += [Principal(entry.key, scalar) for scalar in element.values]
        rest = rest or element.rest
    return tuple(found), rest


def _conditions(node: Mapping, more: Hole | None) -> tuple[tuple[Condition, ...], Hole | None]:
    value = node.get("Condition")
    return _read(value) if value is not None else ((), more)


def _read(value: Node) -> tuple[tuple[Condition, ...], Hole | None]:
    """The conditions of a `Condition` element."""
    if isinstance(value, Scalar):
        return (), None if value.is_null else (value.holes[0] if value.holes else Hole("a condition that is a string"))
    if isinstance(value, Sequence):
        return (), Hole("a list where a condition is expected")
    found: list[Condition] = []
    rest = _open(value)
    for operator in counting(value):
        conditions, more = _under(operator.key, operator.value)
        found += conditions
        rest = rest or more
    return tuple(found), rest


def _under(operator: Scalar, value: Node) -> tuple[tuple[Condition, ...], Hole | None]:
    """The conditions under one operator."""
    if isinstance(value, Mapping):
        return tuple(_condition(operator, entry) for entry in counting(value)), _open(value)
    holes = value.holes if isinstance(value, Scalar) else ()
    return (), holes[0] if holes else Hole("a condition operator without a mapping")


def _one(operator: Scalar, entry: Entry) -> tuple[Condition, ...]:
    return (_condition(operator, entry),)


def _condition(operator: Scalar, entry: Entry) -> Condition:
    element = _values(entry.value)
    key, value = entry.key.span, entry.value.span
    span = until(key, value) if key.path == value.path and key.start <= value.start else key
    return Condition(operator, entry.key, element.values, span, element.rest)


def _open(node: Mapping) -> Hole | None:
    """The hole through which a mapping may have more entries than are seen: a rest, or a key that is all unknown."""
    if node.rest is not None:
        return node.rest
    for entry in node.entries:
        if len(entry.key.parts) == 1 and entry.key.holes:
            return entry.key.holes[0]
    return None


def _duplicates(node: Mapping) -> Iterator[Duplicate]:
    """The keys that a statement has twice: of its own, of its condition, of an operator in it, of its principal."""
    yield from duplicates(node, lambda entry: _read(entry.value)[0] if entry.key.known == "Condition" else ())
    condition = node.mapping("Condition")
    if condition is not None:
        yield from duplicates(condition, lambda operator: _under(operator.key, operator.value)[0])
        for operator in counting(condition):
            if isinstance(operator.value, Mapping):
                yield from duplicates(operator.value, partial(_one, operator.key))
    for name in ("Principal", "NotPrincipal"):
        principal = node.mapping(name)
        if principal is not None:
            yield from duplicates(principal)


__all__ = ["is_trust", "policy_document"]
