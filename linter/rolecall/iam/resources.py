"""On which resources a permission holds: everything, a part, or not known."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer, any_of
from rolecall.iam.catalogue import arn_services
from rolecall.iam.globs import matcher, takes_in
from rolecall.iam.patterns import contains, glob, intersects, pattern

if TYPE_CHECKING:
    from rolecall.iam.patterns import Pattern
    from rolecall.model import Statement
    from rolecall.tree import Scalar


class Scope(Enum):
    """On how many resources a permission holds."""

    EVERYTHING = "everything"
    PART = "part"
    UNKNOWN = "unknown"


# `*`, `*/*`, `table/*`, `secret:*`: all resources of a kind. A bucket's name stands where others have their kind.
_ALL_OF_A_KIND = regex.compile(r"(?:[a-z-]+[/:])?\*(?:[/:]\*)*", re.IGNORECASE)
# `parameter*`: no other kind of the service's resources begins so.
_KINDS = {"ssm": "parameter*", "secretsmanager": "secret*", "kms": "key*", "iam": "role*"}
_UNKNOWN = "\0"
_ALL_BUCKETS = regex.compile(r"\*(?:/\*)*")
MOST_RESOURCES = 50
"""A statement that lists more is compared with others no further."""


def scope_of(statement: Statement, service: str) -> tuple[tuple[Scalar, ...], Scope | None]:
    """The resources of a statement that belong to a service (`*`: any), and how far they reach; None for none."""
    if statement.not_resources and not statement.resources:
        nothing = any(_is_star(left) for left in statement.not_resources)
        return statement.not_resources, None if nothing else Scope.EVERYTHING
    fitting = tuple(resource for resource in statement.resources if _belongs(resource, service))
    if any(is_everything(resource) for resource in fitting):
        return fitting, Scope.EVERYTHING
    if statement.resources_rest is not None:
        return fitting, Scope.UNKNOWN
    return fitting, Scope.PART if fitting else None


def _is_star(resource: Scalar) -> bool:
    return bool(resource.known) and not (resource.known or "").strip("*")


def _belongs(resource: Scalar, service: str) -> bool:
    first = resource.parts[0] if resource.parts else ""
    if service == "*" or not isinstance(first, str):
        return True
    pieces = first.split(":", 3)
    if len(pieces) < 4 or pieces[0] != "arn":
        return True
    written = pieces[2]
    if written == service:
        return True
    return any(matcher(written)(name) for name in (service, *arn_services(service)))


def is_everything(resource: Scalar) -> bool:
    """Whether a resource as written is all resources, or all of a kind, of a service in an account at least.

    Partition, region and account need not be known: `arn:aws:secretsmanager:eu-west-1:${account}:secret:*`.
    """
    text = resource.known
    if text is None:
        # What is not known stands for no more than a part of a field: no pattern has this character.
        text = "".join(part if isinstance(part, str) else _UNKNOWN for part in resource.parts)
    return _is_everything(text)


@lru_cache(maxsize=4096)
def _is_everything(text: str) -> bool:
    pieces = text.split(":", 5)
    if len(pieces) < 6:
        # `*/*` is what "${arn}/*" makes of `*`.
        return "*" in text and not text.strip("*/")
    if pieces[5] == _KINDS.get(pieces[2]):
        return True
    return (_ALL_BUCKETS if pieces[2] == "s3" else _ALL_OF_A_KIND).fullmatch(pieces[5]) is not None


def covers(statement: Statement, wanted: Pattern) -> Answer:
    """Whether a statement's resources hold all of a pattern of resources."""
    if statement.not_resources and not statement.resources:
        return any_of(intersects(_read(left), wanted) for left in statement.not_resources).negated()
    found = any_of(contains(_read(resource), wanted) for resource in statement.resources[:MOST_RESOURCES])
    if found is not Answer.YES and (statement.resources_rest is not None or len(statement.resources) > MOST_RESOURCES):
        return Answer.UNKNOWN
    return found


def touches(statement: Statement, wanted: Pattern) -> Answer:
    """Whether a statement's resources hold any of a pattern of resources."""
    if statement.not_resources and not statement.resources:
        return any_of(contains(_read(left), wanted) for left in statement.not_resources).negated()
    found = any_of(intersects(_read(resource), wanted) for resource in statement.resources[:MOST_RESOURCES])
    if found is not Answer.YES and (statement.resources_rest is not None or len(statement.resources) > MOST_RESOURCES):
        return Answer.UNKNOWN
    return found


def _read(resource: Scalar) -> Pattern:
    text = resource.known
    return pattern(resource, like=True) if text is None or "${" in text else _glob(text)


@lru_cache(maxsize=4096)
def _glob(text: str) -> Pattern:
    return glob(text)


def excluding(deny: Statement, allow: Statement) -> bool:
    """Whether the resources of a Deny plainly hold all those of an Allow."""
    if any(_is_star(resource) for resource in deny.resources):
        return True
    if not allow.resources or allow.resources_rest is not None or len(allow.resources) > MOST_RESOURCES:
        return False
    if deny.not_resources and not deny.resources:
        return all(
            intersects(_read(left), _read(resource)) is Answer.NO
            for left in deny.not_resources[:MOST_RESOURCES]
            for resource in allow.resources
        )
    patterns = [resource.display for resource in deny.resources[:MOST_RESOURCES]]
    return all(any(takes_in(each, resource.display) for each in patterns) for resource in allow.resources)
