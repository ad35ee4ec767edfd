"""How much a role may do: all of the account, a service, changes or secrets everywhere, the data of applications."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.catalogue import expand
from rolecall.iam.globs import is_wild, matcher
from rolecall.iam.narrowing import Narrowing
from rolecall.iam.patterns import contains, glob, intersects, literal
from rolecall.iam.resources import Scope
from rolecall.iam.sensitive import DATA_ACTIONS, HARMLESS_CHANGES, SENSITIVE_READS
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.iam.catalogue import Action
    from rolecall.iam.permissions import Clause, HeldPolicy, Holding, Permissions
    from rolecall.span import Span
    from rolecall.tree import Scalar


class Breadth(IntEnum):
    """How much a permission gives.

    ADMIN: all of the account, or all of IAM. SERVICE: all actions of a service, on the resources that its scope says.
    CHANGE: actions on everything that change something and could be limited to named resources. READ: reading data or
    secrets of everything. DATA: reading or changing data or secrets of applications, on whatever resources.
    """

    DATA = 1
    READ = 2
    CHANGE = 3
    SERVICE = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Permission:
    """Something broad that a role may do.

    `what` names it: the action as written, or an AWS managed policy. `at` is the text that gives it, `granted` what
    gives that policy to the role. `actions` are the actions of the catalogue in it, where it is not all of a service.
    `bounded`: a condition narrows it. `cut`: the permissions boundary is not seen, or leaves only a part. `resources`
    are those it holds on, as written.
    """

    breadth: Breadth
    what: str
    at: Span
    granted: Span
    scope: Scope = Scope.EVERYTHING
    bounded: bool = False
    cut: bool = False
    actions: tuple[str, ...] = ()
    resources: tuple[Scalar, ...] = ()
    managed: bool = False


# Both, so that a `?` is not taken for the star.
_ALL_OF_IAM = ("iam:*", "iam:**")
_SERVICE_WILDCARD = regex.compile(r"[a-z0-9*?-]+:[*?]*\*[*?]*")
# Public parameters, which every account may read:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
_PUBLIC_PARAMETER = regex.compile(r"arn:[^:]*:ssm:[^:]*:[^:]*:parameter/aws/service/.*", re.DOTALL)


def broad(may: Permissions, skip: Callable[[HeldPolicy], bool] | None = None) -> tuple[Permission, ...]:
    """What is broad in a role's permissions, widest first: ADMIN to READ. `skip`: policies to pass over."""
    found = [each for clause in _clauses(may, skip) for each in _of_clause(may, clause)]
    return tuple(sorted(map(_as_named, _merged(found)), key=lambda each: -each.breadth))


def data(may: Permissions, skip: Callable[[HeldPolicy], bool] | None = None) -> tuple[Permission, ...]:
    """The statements that give actions on data and secrets of applications, not by a whole service: DATA."""
    found = [each for clause in _clauses(may, skip) for each in _of_data(may, clause)]
    return tuple(_merged(found))


def _clauses(may: Permissions, skip: Callable[[HeldPolicy], bool] | None) -> Iterator[Clause]:
    skipped = {id(source) for source in may.sources if skip is not None and skip(source)}
    return (clause for clause in may.clauses if id(clause.source) not in skipped)


def _merged(found: Iterable[Permission]) -> Iterator[Permission]:
    """Each once; of an AWS managed policy one of a breadth, or the widest from SERVICE on, with all its actions."""
    managed: dict[str, dict[Breadth, list[Permission]]] = {}
    once: dict[object, Permission] = {}
    for each in found:
        if each.managed:
            managed.setdefault(each.what, {}).setdefault(each.breadth, []).append(each)
        else:
            once.setdefault((each.at, each.what, each.breadth), each)
    for name, several in managed.items():
        widest = max(several)
        for breadth, same in several.items():
            if breadth is widest or not (widest >= Breadth.SERVICE or name.endswith("FullAccess")):
                first = min(same, key=lambda each: (_SCOPES.index(each.scope), each.bounded, each.cut))
                actions = tuple(dict.fromkeys(action for each in same for action in each.actions))
                once[name, breadth] = replace(first, actions=actions)
    yield from once.values()


def _as_named(found: Permission) -> Permission:
    """AWS names a policy `…FullAccess` for a service, or for what one can do with it, also where it lists actions."""
    named = found.managed and found.what.endswith("FullAccess") and found.breadth < Breadth.SERVICE
    return replace(found, breadth=Breadth.SERVICE) if named else found


_SCOPES = (Scope.EVERYTHING, Scope.UNKNOWN, Scope.PART)


def _of_clause(may: Permissions, clause: Clause) -> Iterator[Permission]:
    if clause.excludes:
        yield from _all_but(may, clause)
        return
    named: list[tuple[Scalar, str]] = []
    for action, text in clause.actions:
        wide = _is_wide(action, text)
        if wide is None:
            if text is not None:
                named.append((action, text))
            continue
        held = may.held(clause, action, action.display)
        if held is None:
            continue
        admin = wide is Breadth.ADMIN and held.scope is Scope.EVERYTHING
        breadth = Breadth.ADMIN if admin else Breadth.SERVICE
        yield _permission(breadth, held, action.display)
    yield from _everywhere(may, clause, named)


def _is_wide(action: Scalar, text: str | None) -> Breadth | None:
    """ADMIN for a pattern that takes in all of IAM, SERVICE for all of a service."""
    if text is None:
        wanted = glob(action.parts, ignore_case=True)
        all_of_iam = all(contains(wanted, literal(each)) is Answer.YES for each in _ALL_OF_IAM)
        return Breadth.ADMIN if all_of_iam else None
    return _width(text) if "*" in text else None


@lru_cache(maxsize=4096)
def _width(text: str) -> Breadth | None:
    fits = matcher(text)
    if all(fits(each) for each in _ALL_OF_IAM):
        return Breadth.ADMIN
    return Breadth.SERVICE if _SERVICE_WILDCARD.fullmatch(text) else None


def _all_but(may: Permissions, clause: Clause) -> Iterator[Permission]:
    left = clause.statement.not_actions
    if any((action.known or "").strip("*:") == "" and action.known for action in left):
        return
    held = may.held(clause, left[0], "*")
    if held is not None and held.scope is Scope.EVERYTHING:
        shown = ", ".join(action.display for action in left[:3])
        yield _permission(Breadth.ADMIN, held, f"everything except {shown}")


def _everywhere(may: Permissions, clause: Clause, named: list[tuple[Scalar, str]]) -> Iterator[Permission]:
    """What actions of a statement change or read of everything."""
    wanted = [(action, several) for action, text in named if (several := _broad_in(text))]
    if not wanted or may.scope(clause, "*")[1] is not Scope.EVERYTHING:
        return
    found: dict[Breadth, dict[str, Holding]] = {Breadth.CHANGE: {}, Breadth.READ: {}}
    for action, several in wanted:
        for name, breadth in several:
            if name in found[breadth]:
                continue
            held = may.held(clause, action, name)
            if held is not None and held.scope is Scope.EVERYTHING:
                found[breadth][name] = held
    for breadth, holdings in found.items():
        if holdings:
            first = next(iter(holdings.values()))
            yield _permission(breadth, first, first.action.display, tuple(holdings))


@lru_cache(maxsize=16384)
def _broad_in(pattern: str) -> tuple[tuple[str, Breadth], ...]:
    """The actions that a pattern takes in and that are a READ or a CHANGE on everything."""
    found = ((each.name, _of_action(each)) for each in expand(pattern))
    return tuple((name, breadth) for name, breadth in found if breadth is not None)


def _of_action(found: Action) -> Breadth | None:
    """What an action is on everything; None where it is harmless, or has no resource but `*`."""
    if found.name in SENSITIVE_READS:
        return Breadth.READ
    if not found.level.mutates or not found.on_resources or found.name in HARMLESS_CHANGES:
        return None
    # Reading who has permissions is counted as managing them, and some reads as writes.
    return None if found.name.partition(":")[2].startswith(_READING) else Breadth.CHANGE


_READING = ("Get", "Describe", "List", "BatchGet")


def _of_data(may: Permissions, clause: Clause) -> Iterator[Permission]:
    found: dict[str, Holding] = {}
    for action, text in clause.actions:
        touched = _touched_by(text) if text is not None else _touched(action)
        if not touched or _is_wide(action, text) is not None:
            continue
        for name in touched:
            if name not in found:
                held = may.held(clause, action, name)
                if held is not None and not _is_public(held):
                    found[name] = held
    if not found:
        return
    first = next(iter(found.values()))
    widest = min((held.scope for held in found.values()), key=_SCOPES.index)
    resources = tuple(dict.fromkeys(resource for held in found.values() for resource in held.resources))
    what = first.action.display if first.action.known else next(iter(found))
    given = _permission(Breadth.DATA, first, what, tuple(found))
    yield replace(given, scope=widest, resources=resources)


def _touched(action: Scalar) -> tuple[str, ...]:
    wanted = glob(action.parts, ignore_case=True)
    return tuple(name for name, one in _DATA if intersects(wanted, one) is Answer.YES)


@lru_cache(maxsize=16384)
def _touched_by(pattern: str) -> tuple[str, ...]:
    if not is_wild(pattern):
        return _BY_NAME.get(pattern, ())
    fits = matcher(pattern)
    return tuple(name for name in DATA_ACTIONS if fits(name.lower()))


_BY_NAME = {name.lower(): (name,) for name in DATA_ACTIONS}


_DATA = tuple((name, literal(name, ignore_case=True)) for name in DATA_ACTIONS)


def _is_public(held: Holding) -> bool:
    return bool(held.resources) and all(_PUBLIC_PARAMETER.fullmatch(each.display) for each in held.resources)


def _permission(breadth: Breadth, held: Holding, what: str, actions: tuple[str, ...] = ()) -> Permission:
    return Permission(
        breadth=breadth,
        what=held.managed or what,
        at=held.at,
        granted=held.granted,
        scope=held.scope,
        bounded=held.narrowing is not Narrowing.NONE,
        cut=held.cut,
        actions=actions or ((what,) if held.managed else ()),
        resources=held.resources,
        managed=held.managed is not None,
    )
