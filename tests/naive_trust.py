"""A second evaluator of trust policies: one concrete request, as the IAM user guide words it, in plain Python.

It shares no code with the engine: documents are JSON values, patterns are regular expressions, and every key of a
request has a list of values or is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class NaiveRequest:
    """`principals` are the texts by which a policy may name whoever asks, by type; `context` the keys in lower case."""

    action: str
    principals: dict[str, list[str]]
    context: dict[str, list[str]] = field(default_factory=dict)


def token(provider: str, issuer: str, **claims: str) -> NaiveRequest:
    context = {f"{issuer}:{claim}".lower(): [value] for claim, value in claims.items()}
    return NaiveRequest("sts:AssumeRoleWithWebIdentity", {"Federated": [provider + issuer]}, context)


def caller(arn: str, **context: str) -> NaiveRequest:
    account = arn.split(":")[4]
    keys = {"aws:principalarn": [arn], "aws:principalaccount": [account]}
    keys |= {name.replace("__", ":").lower(): [value] for name, value in context.items()}
    return NaiveRequest("sts:AssumeRole", {"AWS": [arn, account, f"arn:aws:iam::{account}:root"]}, keys)


def listed(value: Any) -> list[str]:  # noqa: ANN401 - JSON: a string or a list of them
    return value if isinstance(value, list) else [value]


def glob(written: str, given: str, *, ignore_case: bool = False) -> bool:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in written)
    return re.fullmatch(expression, given, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def matches(operator: str, written: str, given: str) -> bool:
    """Whether one value fits one written value under an operator taken as positive."""
    if operator.startswith("Arn"):
        first, second = written.split(":", 5), given.split(":", 5)
        return len(first) == len(second) == 6 and all(map(glob, first, second))
    if "Like" in operator:
        return glob(written, given)
    if "IgnoreCase" in operator or operator.startswith("Bool"):
        return written.lower() == given.lower()
    return written == given


def met(operator: str, written: list[str], given: list[str] | None) -> bool:
    """Whether a condition is met by the values of its key; None where the key is not in the request."""
    if operator == "Null":
        return any((value == "true") is (given is None) for value in written)
    quantifier, _, plain = operator.rpartition(":")
    if given is None:
        if plain.endswith("IfExists") or quantifier == "ForAllValues":
            return True
        return "Not" in plain and quantifier != "ForAnyValue"
    negated = "Not" in plain
    fits = [any(matches(plain.replace("Not", ""), value, one) for value in written) is not negated for one in given]
    return any(fits) if quantifier == "ForAnyValue" else all(fits)


def named(principal: Any, request: NaiveRequest) -> bool:  # noqa: ANN401 - JSON
    if principal == "*":
        return True
    for kind, values in principal.items():
        for value in listed(values):
            if value == "*" and kind == "AWS":
                return True
            if value in request.principals.get(kind, ()):
                return True
    return False


def applies(statement: dict[str, Any], request: NaiveRequest) -> bool:
    if "NotPrincipal" in statement:
        if named(statement["NotPrincipal"], request):
            return False
    elif not named(statement["Principal"], request):
        return False
    if "NotAction" in statement:
        if any(glob(one, request.action, ignore_case=True) for one in listed(statement["NotAction"])):
            return False
    elif not any(glob(one, request.action, ignore_case=True) for one in listed(statement["Action"])):
        return False
    return all(
        met(operator, listed(values), request.context.get(key.lower()))
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def admits(document: dict[str, Any], request: NaiveRequest) -> bool:
    effects = {statement["Effect"] for statement in document["Statement"] if applies(statement, request)}
    return "Allow" in effects and "Deny" not in effects
