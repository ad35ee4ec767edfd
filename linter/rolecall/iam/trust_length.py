"""How long a trust policy is as IAM counts it: its JSON without white space."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.model import Condition, PolicyDocument, Principal, Statement
    from rolecall.tree import Scalar

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
QUOTA: Final = 2048
MOST: Final = 8192
"""What the quota can be raised to."""
_FRAME = len('{"Version":"2012-10-17","Statement":[]}')


@dataclass(frozen=True, slots=True)
class Length:
    """The characters of a policy. `least`: it is longer by what is not known of it.

    `crossing` is the statement with which the quota is passed, if it is.
    """

    characters: int
    least: bool
    crossing: Statement | None


def length_of(document: PolicyDocument) -> Length:
    """The length of a policy written as short as it can be: lists of one value as the value, unknown text as none."""
    total, crossing = _FRAME, None
    for index, statement in enumerate(document.statements):
        total += len("".join(_statement(statement).split())) + bool(index)
        if total > QUOTA and crossing is None:
            crossing = statement
    least = document.rest is not None or any(map(_is_open, document.statements))
    return Length(total, least, crossing)


def _statement(statement: Statement) -> str:
    elements = (
        ("Sid", _values([statement.sid] if statement.sid is not None else [])),
        ("Effect", _values([statement.effect] if statement.effect is not None else [])),
        ("Principal", _principals(statement.principals)),
        ("NotPrincipal", _principals(statement.not_principals)),
        ("Action", _values(statement.actions)),
        ("NotAction", _values(statement.not_actions)),
        ("Condition", _conditions(statement.conditions)),
    )
    return _object((_text(name), value) for name, value in elements if value)


def _conditions(conditions: Iterable[Condition]) -> str:
    by_operator: dict[str, list[tuple[str, str]]] = {}
    for one in conditions:
        by_operator.setdefault(_known(one.operator), []).append((_known(one.key), _values(one.values)))
    return _object((operator, _object(of_it)) for operator, of_it in by_operator.items())


def _principals(principals: Iterable[Principal]) -> str:
    by_type: dict[str, list[Scalar]] = {}
    for principal in principals:
        if principal.type is principal.value:
            return _known(principal.value)
        by_type.setdefault(_known(principal.type), []).append(principal.value)
    return _object((kind, _values(values)) for kind, values in by_type.items())


def _object(members: Iterable[tuple[str, str]]) -> str:
    """An object of names and values in JSON; names that are not known may be equal. Empty if it has no members."""
    text = ",".join(f"{name}:{value}" for name, value in members)
    return f"{{{text}}}" if text else ""


def _values(values: Iterable[Scalar]) -> str:
    texts = [_known(value) for value in values]
    return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]" if texts else ""


def _known(scalar: Scalar) -> str:
    return _text("".join(part for part in scalar.parts if isinstance(part, str)))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_open(statement: Statement) -> bool:
    rests = (statement.principals_rest, statement.actions_rest, statement.conditions_rest)
    return any(rest is not None for rest in rests) or any(
        value.holes
        for value in (
            *(principal.value for principal in (*statement.principals, *statement.not_principals)),
            *statement.actions,
            *(scalar for one in statement.conditions for scalar in (one.key, *one.values)),
        )
    )


__all__ = ["MOST", "QUOTA", "Length", "length_of"]
