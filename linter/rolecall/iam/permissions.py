"""How much the statements of permission policies give: all of the account, a service, an application's data."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.managed import Breadth
from rolecall.iam.patterns import contains, glob, intersects, literal
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rolecall.iam.patterns import Pattern
    from rolecall.model import PolicyDocument, Statement
    from rolecall.span import Span
    from rolecall.tree import Scalar


class Scope(Enum):
    """On how many resources a permission holds."""

    EVERYTHING = "everything"
    PART = "part"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """Something broad that a role may do.

    `what` names it: the action as written, or an AWS managed policy. `at` is the text that gives it. `actions` are
    the sensitive actions in it. `bounded`: a condition narrows it. `resources` are those it holds on, as written.
    """

    breadth: Breadth
    what: str
    at: Span
    scope: Scope = Scope.EVERYTHING
    bounded: bool = False
    actions: tuple[str, ...] = ()
    resources: tuple[Scalar, ...] = ()
    managed: bool = False


# Reading or changing an application's data or secrets; the names are of the Service Authorization Reference,
# https://docs.aws.amazon.com/service-authorization/latest/reference/
APPLICATION_ACTIONS = (
    *(f"s3:{name}" for name in ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject")),
    *(f"dynamodb:{name}" for name in ("GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem")),
    *(f"dynamodb:{name}" for name in ("DeleteItem", "BatchWriteItem", "PartiQLSelect", "GetRecords")),
    *(f"sqs:{name}" for name in ("ReceiveMessage", "SendMessage", "DeleteMessage", "PurgeQueue")),
    *("sns:Publish", "kms:Decrypt"),
    *("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
    *(f"ssm:{name}" for name in ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter")),
)
_APPLICATION = tuple((name, literal(name, ignore_case=True)) for name in APPLICATION_ACTIONS)
# Both, so that a `?` is not taken for the star.
_ALL_OF_IAM = (literal("iam:*"), literal("iam:**"))
_SERVICE_WILDCARD = re.compile(r"([A-Za-z0-9-]+):[*?]*\*[*?]*")
# `*`, `*/*`, `table/*`, `secret:*`: all resources of a kind. A bucket's name stands where others have their kind.
_ALL_OF_A_KIND = re.compile(r"(?:[a-z-]+[/:])?\*(?:[/:]\*)*", re.IGNORECASE)
_ALL_BUCKETS = re.compile(r"\*(?:/\*)*")
# Public parameters, which every account may read:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
_PUBLIC_PARAMETER = re.compile(r"arn:[^:]*:ssm:[^:]*:[^:]*:parameter/aws/service/.*", re.DOTALL)
# Conditions that say where a request comes from or goes to, not what it may touch.
_NOT_NARROWING = frozenset({"aws:requestedregion", "aws:securetransport", "aws:currenttime", "aws:epochtime"})

# A role's policies cannot hold more: IAM's limits are some ten thousand characters a role.
_MOST_DENIES = 200
_MOST_RESOURCES = 50


def permissions(document: PolicyDocument, beside: Sequence[PolicyDocument] = ()) -> Iterator[Permission]:
    """What is broad in a policy, less what unconditional Deny statements in it or in those beside it take away."""
    denied = [
        statement
        for each in (document, *beside)
        for statement in each.statements
        if _effect(statement) == "Deny" and not statement.conditions and statement.conditions_rest is None
    ][:_MOST_DENIES]
    for statement in document.statements:
        if _effect(statement) == "Allow":
            yield from _allowed(statement, denied)


def _effect(statement: Statement) -> str | None:
    return statement.effect.known if statement.effect else None


def _allowed(statement: Statement, denied: list[Statement]) -> Iterator[Permission]:
    bounded = _is_bounded(statement)
    application: dict[str, Scalar] = {}
    for action in statement.actions:
        wanted = glob(action.parts, ignore_case=True)
        if _is_denied(action.display, statement, denied):
            continue
        service = _SERVICE_WILDCARD.fullmatch(action.known or "")
        resources, scope = _resources(statement, service.group(1).lower() if service else "*")
        if scope is None:
            continue
        if all(contains(wanted, each) is Answer.YES for each in _ALL_OF_IAM):
            breadth = Breadth.ADMIN if scope is Scope.EVERYTHING else Breadth.SERVICE
        elif service is not None:
            breadth = Breadth.SERVICE
        else:
            for name in _touched(wanted, statement, denied):
                application.setdefault(name, action)
            continue
        yield Permission(breadth, action.display, action.span, scope, bounded, (), resources)
    if application:
        yield _of_applications(statement, application, bounded=bounded)
    if statement.not_actions and not statement.actions:
        resources, scope = _resources(statement, "*")
        everything = any((left.known or "").strip("*:") == "" and left.known for left in statement.not_actions)
        if scope is Scope.EVERYTHING and not everything:
            left = ", ".join(action.display for action in statement.not_actions[:3])
            what = f"everything except {left}"
            yield Permission(Breadth.ADMIN, what, statement.not_actions[0].span, scope, bounded, (), resources)


def _of_applications(statement: Statement, found: dict[str, Scalar], *, bounded: bool) -> Permission:
    name, action = next(iter(found.items()))
    scopes: list[Scope] = []
    resources: list[Scalar] = []
    for touched in found:
        of_service, scope = _resources(statement, touched.partition(":")[0])
        resources += [resource for resource in of_service if resource not in resources]
        if scope is not None:
            scopes.append(scope)
    widest = next((scope for scope in (Scope.EVERYTHING, Scope.UNKNOWN) if scope in scopes), Scope.PART)
    what = action.display if action.known else name
    return Permission(Breadth.APPLICATION, what, action.span, widest, bounded, tuple(found), tuple(resources))


def _touched(wanted: Pattern, statement: Statement, denied: list[Statement]) -> Iterator[str]:
    """The sensitive actions that an action pattern takes in, on resources that they work on."""
    for name, action in _APPLICATION:
        if intersects(wanted, action) is not Answer.YES or _is_denied(name, statement, denied):
            continue
        resources, scope = _resources(statement, name.partition(":")[0])
        if scope is None:
            continue
        if resources and all(_PUBLIC_PARAMETER.fullmatch(resource.display) for resource in resources):
            continue
        yield name


def _resources(statement: Statement, service: str) -> tuple[tuple[Scalar, ...], Scope | None]:
    """The resources of a statement that belong to a service, and how far they reach; None if there are none."""
    if statement.not_resources and not statement.resources:
        return statement.not_resources, Scope.EVERYTHING
    fitting = tuple(resource for resource in statement.resources if _belongs(resource, service))
    if any(_is_everything(resource) for resource in fitting):
        return fitting, Scope.EVERYTHING
    if statement.resources_rest is not None:
        return fitting, Scope.UNKNOWN
    return fitting, Scope.PART if fitting else None


def _belongs(resource: Scalar, service: str) -> bool:
    first = resource.parts[0] if resource.parts else ""
    if service == "*" or not isinstance(first, str):
        return True
    pieces = first.split(":", 3)
    if len(pieces) < 4 or pieces[0] != "arn":
        return True
    return intersects(glob(pieces[2]), literal(service)) is Answer.YES


def _is_everything(resource: Scalar) -> bool:
    text = resource.known
    if text is None:
        return False
    pieces = text.split(":", 5)
    if len(pieces) < 6:
        return bool(text) and not text.strip("*")
    return (_ALL_BUCKETS if pieces[2] == "s3" else _ALL_OF_A_KIND).fullmatch(pieces[5]) is not None


def _is_bounded(statement: Statement) -> bool:
    keys = (condition.key.known or "" for condition in statement.conditions)
    return statement.conditions_rest is not None or any(key.lower() not in _NOT_NARROWING for key in keys)


def _is_denied(action: str, allow: Statement, denied: Iterable[Statement]) -> bool:
    return any(_denies_action(deny, action.lower()) and _denies_resources(deny, allow) for deny in denied)


def _denies_action(deny: Statement, wanted: str) -> bool:
    if any(_takes_in(action.display.lower(), wanted) for action in deny.actions):
        return True
    return bool(deny.not_actions) and all(_is_of_another_service(left, wanted) for left in deny.not_actions)


def _takes_in(outer: str, inner: str) -> bool:
    """Whether a pattern plainly holds all that another one holds: its stars take in letters, stars and unknowns alike.

    Never wrong where it says yes; a `?` stands only for itself here. Takes time in proportion to the text.
    """
    first, *middle = outer.split("*")
    if not middle:
        return outer == inner
    last = middle.pop()
    if len(first) + len(last) > len(inner) or not inner.startswith(first) or not inner.endswith(last):
        return False
    at, end = len(first), len(inner) - len(last)
    for piece in middle:
        found = inner.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _is_of_another_service(left: Scalar, wanted: str) -> bool:
    first, colon, _ = wanted.partition(":")
    second, other_colon, _ = (left.known or "").lower().partition(":")
    return bool(colon and other_colon) and first != second and not set("*?") & set(first + second)


def _denies_resources(deny: Statement, allow: Statement) -> bool:
    if any(resource.known and not resource.known.strip("*") for resource in deny.resources):
        return True
    if not allow.resources or allow.resources_rest is not None or len(allow.resources) > _MOST_RESOURCES:
        return False
    patterns = [resource.display for resource in deny.resources[:_MOST_RESOURCES]]
    return all(any(_takes_in(pattern, resource.display) for pattern in patterns) for resource in allow.resources)
