"""What a role may do: all its policies together, Deny and the permissions boundary honoured, in three values.

`Permissions` answers questions about one role; every answer comes with what decided it:

- `allows("sts:AssumeRole", "*")`: may it do this on all of these resources? `*` asks for everything. Yes holds whatever
  the request is; unknown where a condition narrows it, where the boundary is not seen or allows a part, where a Deny or
  a text is not known, and where a policy that is not seen may give it. A Deny that takes away only some of the
  resources leaves the answer as it is. A policy that is not seen is not suspected of a Deny.
- `allows("iam:PassRole", "*", {"iam:passedtoservice": "lambda.amazonaws.com"})`: the same in a request whose context
  has this value. Keys in lower case.
- `holdings("s3:GetObject")`: every Allow that gives an action, on whatever resources, with the place that gives it,
  its `scope`, what conditions leave of it, and whether the boundary cuts it.
- `everywhere("iam:*", Level.WRITE)`: the actions of the catalogue that it may do on everything.
- `mentions("s3:GetObject")`: quickly, whether any Allow names the action at all.

What is broad in it is in `rolecall.iam.breadth`, paths to more in `rolecall.iam.escalation`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.answer import Answer, any_of
from rolecall.iam.catalogue import expand
from rolecall.iam.globs import is_wild
from rolecall.iam.narrowing import Narrowing, applies, narrowing
from rolecall.iam.patterns import glob, intersects, pattern
from rolecall.iam.permissions_clauses import (
    MOST_DENIES,
    Clause,
    Deny,
    Entry,
    HeldPolicy,
    Index,
    clause_of,
    deny_of,
    indexed,
    takes,
)
from rolecall.iam.permissions_holdings import Decision, Holding
from rolecall.iam.resources import MOST_RESOURCES, Scope, covers, excluding, is_everything, scope_of, touches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rolecall.iam.catalogue import Level
    from rolecall.iam.patterns import Pattern
    from rolecall.model import Statement
    from rolecall.problem import Unevaluated
    from rolecall.span import Span
    from rolecall.tree import Scalar


__all__ = ["Clause", "Decision", "HeldPolicy", "Holding", "Permissions"]


class Permissions:
    """The permissions of one role, or of a session of it.

    `boundary`: those of its permissions boundary, or of the session's policy, with that boundary as its own; None where
    it has none. `boundary_unseen`: it has one that is not in these files. `unseen` is what could not be read of the
    policies.
    """

    __slots__ = (
        "_allows",
        "_boundary_unseen",
        "_by_service",
        "_denies",
        "_kept",
        "_named",
        "_narrowings",
        "_scopes",
        "boundary",
        "sources",
        "unseen",
    )

    def __init__(
        self,
        sources: Iterable[HeldPolicy],
        boundary: Permissions | None = None,
        unseen: tuple[Unevaluated, ...] = (),
        *,
        boundary_unseen: bool = False,
    ) -> None:
        self.sources = tuple(sources)
        self.boundary = boundary
        self.unseen = unseen
        self._boundary_unseen = boundary_unseen
        self._allows: list[Clause] = []
        self._denies: list[Deny] = []
        for source in self.sources:
            for statement in source.document.statements:
                effect = statement.effect.known if statement.effect else None
                if effect == "Allow":
                    self._allows.append(clause_of(statement, source))
                elif effect == "Deny" and len(self._denies) < MOST_DENIES:
                    self._denies.append(deny_of(Clause(statement, source)))
        self._by_service: Index | None = None
        self._kept: dict[str, tuple[Holding, ...]] = {}
        self._named: dict[str, tuple[Clause, ...]] = {}
        self._narrowings: dict[int, Narrowing] = {}
        self._scopes: dict[tuple[int, str], tuple[tuple[Scalar, ...], Scope | None]] = {}

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The Allow statements."""
        return tuple(self._allows)

    @property
    def bounded(self) -> bool:
        """Whether a permissions boundary is set that does not allow everything, or is not seen."""
        if self._boundary_unseen:
            return True
        return self.boundary is not None and not self.boundary.gives_all("*")

    def allows(self, action: str, resource: str = "*", given: Mapping[str, str] | None = None) -> Decision:
        """Whether the role may do an action on all resources of a pattern, but for those that a Deny names."""
        context = given or {}
        everything = not resource.strip("*")
        wanted = glob(resource)
        denied = self._denied(action, wanted, context)
        if denied is not None and denied[0] is Answer.YES:
            return Decision(Answer.NO, (), denied[1])
        answers: list[Answer] = []
        deciding: list[tuple[bool, int, Holding]] = []
        for holding in self.holdings(action, context):
            answer = _EVERYTHING[holding.scope] if everything else _covering(holding, wanted)
            if answer is Answer.NO:
                continue
            if holding.narrowing is not Narrowing.NONE or not holding.certain or (everything and holding.cut):
                answer = Answer.UNKNOWN
            answers.append(answer)
            deciding.append((answer is not Answer.YES, len(deciding), holding))
        answer = any_of(answers)
        if answer is Answer.YES and denied is not None:
            answer = Answer.UNKNOWN
        if answer is not Answer.NO:
            answer = self._within_boundary(answer, action, resource, context)
        if answer is Answer.NO and self.unseen:
            answer = Answer.UNKNOWN
        return Decision(answer, tuple(holding for _, _, holding in sorted(deciding)), denied[1] if denied else None)

    def _within_boundary(self, answer: Answer, action: str, resource: str, given: Mapping[str, str]) -> Answer:
        if self._boundary_unseen:
            return Answer.UNKNOWN
        if self.boundary is None:
            return answer
        within = self.boundary.allows(action, resource, given).answer
        return within if within is Answer.NO else answer if within is Answer.YES else Answer.UNKNOWN

    def _denied(self, action: str, wanted: Pattern, given: Mapping[str, str]) -> tuple[Answer, Span] | None:
        """A Deny that keeps the role from all of these resources: yes for certain, unknown where it may."""
        possible = None
        for deny in self._naming(action.lower()):
            answer = covers(deny.statement, wanted)
            if answer is Answer.NO and deny.statement.not_resources and not deny.statement.resources:
                # Everything but what it names: that is nearly all where those are few of the wanted ones.
                answer = Answer.of(not any(is_everything(left) for left in deny.statement.not_resources))
                answer = answer if wanted.wild else Answer.NO
            if answer is Answer.NO:
                continue
            applying = applies(deny.statement, given)
            if applying is Answer.YES and answer is Answer.YES:
                return Answer.YES, deny.place(deny.statement.effect) if deny.statement.effect else deny.source.at
            if applying is not Answer.NO:
                possible = Answer.UNKNOWN, deny.source.at
        return possible

    def _naming(self, wanted: str) -> tuple[Clause, ...]:
        """The Deny statements that take in an action, or all of an action pattern."""
        if not self._denies:
            return ()
        found = self._named.get(wanted)
        if found is None:
            found = tuple(deny.clause for deny in self._denies if deny.names(wanted))
            self._named[wanted] = found
        return found

    def holdings(self, action: str, given: Mapping[str, str] | None = None) -> tuple[Holding, ...]:
        """Every Allow that gives an action, on whatever resources, less what Deny and the boundary take away."""
        if given:
            return tuple(self._holdings(action, given))
        kept = self._kept.get(action)
        if kept is None:
            kept = self._kept[action] = tuple(self._holdings(action, {}))
        return kept

    def _holdings(self, action: str, given: Mapping[str, str]) -> Iterator[Holding]:
        name = action.lower()
        service = name.partition(":")[0]
        seen: set[int] = set()
        for entry in self._entries(service):
            if id(entry.clause) in seen:
                continue
            certain = takes(entry, name)
            if certain is None:
                continue
            seen.add(id(entry.clause))
            found = self.held(entry.clause, entry.action, name, given)
            if found is not None:
                yield found if certain else replace(found, certain=False)

    def held(
        self, clause: Clause, action: Scalar, wanted: str, given: Mapping[str, str] | None = None
    ) -> Holding | None:
        """What is left of an action, or of an action pattern, that an Allow gives; None for nothing."""
        context = given or {}
        wanted = wanted.lower()
        service = wanted.partition(":")[0]
        resources, scope = self.scope(clause, "*" if is_wild(service) or "$" in service else service)
        narrowed = self._narrowing(clause.statement, context)
        if scope is None or narrowed is Narrowing.NEVER:
            return None
        left = self._left(clause.statement, wanted, resources, scope, context)
        if left is None:
            return None
        resources, scope, possibly = left
        cut = self._boundary_unseen
        if self.boundary is not None:
            within = self.boundary.leaves(wanted, clause.statement, resources, scope)
            if within is Answer.NO:
                return None
            cut = cut or within is not Answer.YES
        return Holding(
            action=action,
            at=clause.place(action),
            granted=clause.source.at,
            statement=clause.statement,
            scope=scope,
            resources=resources,
            narrowing=max(narrowed, possibly),
            cut=cut,
            managed=clause.source.managed,
        )

    def scope(self, clause: Clause, service: str) -> tuple[tuple[Scalar, ...], Scope | None]:
        """The resources of an Allow that belong to a service (`*`: any), and how far they reach; None for none."""
        key = id(clause.statement), service
        found = self._scopes.get(key)
        if found is None:
            found = self._scopes[key] = scope_of(clause.statement, service)
        return found

    def _narrowing(self, statement: Statement, given: Mapping[str, str]) -> Narrowing:
        if given:
            return narrowing(statement, given)
        found = self._narrowings.get(id(statement))
        if found is None:
            found = self._narrowings[id(statement)] = narrowing(statement, given)
        return found

    def _left(
        self,
        allow: Statement,
        wanted: str,
        resources: tuple[Scalar, ...],
        scope: Scope,
        given: Mapping[str, str],
    ) -> tuple[tuple[Scalar, ...], Scope, Narrowing] | None:
        """What Deny statements leave of an Allow: the resources, and whether more may be taken away."""
        narrowed = Narrowing.NONE
        for deny in self._naming(wanted):
            applying = applies(deny.statement, given)
            kept = _spared(deny.statement, allow) if applying is not Answer.NO else None
            if kept is None or (kept and scope is not Scope.EVERYTHING):
                continue
            if applying is Answer.UNKNOWN:
                narrowed = Narrowing.UNKNOWN
            elif not kept:
                return None
            else:
                resources, scope = kept, Scope.PART
        return resources, scope, narrowed

    def leaves(self, wanted: str, statement: Statement, resources: tuple[Scalar, ...], scope: Scope) -> Answer:
        """Whether these permissions, as a boundary, leave an action or an action pattern of an Allow whole."""
        if self.gives_all(wanted):
            return Answer.YES
        found = self.holdings(wanted) if not is_wild(wanted) else ()
        if any(holding.unbounded for holding in found):
            return Answer.YES
        if self.unseen:
            return Answer.UNKNOWN
        if is_wild(wanted):
            return Answer.UNKNOWN if self._gives_some(wanted) else Answer.NO
        if found and scope is Scope.PART and statement.resources:
            return _of_parts(found, [pattern(resource, like=True) for resource in resources[:MOST_RESOURCES]])
        return Answer.UNKNOWN if found else Answer.NO

    def _gives_some(self, wanted: str) -> bool:
        """Whether an Allow gives any of an action pattern, as far as the catalogue tells."""
        if not self._allows or not wanted.strip("*:"):
            return bool(self._allows)
        known = expand(wanted)
        return not known or any(self.mentions(found.name) for found in known)

    def gives_all(self, wanted: str) -> bool:
        """Whether one unconditional Allow plainly gives an action pattern on everything, and nothing takes of it."""
        text = wanted.lower()
        if self._boundary_unseen or (self.boundary is not None and not self.boundary.gives_all(text)):
            return False
        if any(deny.may_name(text) for deny in self._denies):
            return False
        return any(
            clause.takes_in(text)
            and any((resource.known or "x").strip("*") == "" for resource in clause.statement.resources)
            and narrowing(clause.statement, {}) is Narrowing.NONE
            for clause in self._allows
        )

    def mentions(self, action: str) -> bool:
        """Whether an Allow gives an action at all, before Deny, conditions and resources."""
        name = action.lower()
        return any(takes(entry, name) is not None for entry in self._entries(name.partition(":")[0]))

    def everywhere(self, wanted: str = "*", *levels: Level) -> tuple[str, ...]:
        """The actions of the catalogue in a pattern, of these levels or any, that the role may do on everything.

        Actions that cannot be limited to resources are among them.
        """
        return tuple(
            found.name
            for found in expand(wanted)
            if (not levels or found.level in levels) and any(each.unbounded for each in self.holdings(found.name))
        )

    def _entries(self, service: str) -> Iterator[Entry]:
        """The action patterns of Allow statements that may take in actions of a service."""
        if self._by_service is None:
            self._by_service = indexed(self._allows)
        yield from self._by_service.get(service, ())
        yield from self._by_service.get("*", ())


_EVERYTHING = {Scope.EVERYTHING: Answer.YES, Scope.UNKNOWN: Answer.UNKNOWN, Scope.PART: Answer.NO}


def _of_parts(within: tuple[Holding, ...], parts: list[Pattern]) -> Answer:
    """Whether these holdings reach all, none or some of the resources."""
    if all(touches(holding.statement, part) is Answer.NO for holding in within for part in parts):
        return Answer.NO
    whole = [holding for holding in within if holding.narrowing is Narrowing.NONE and holding.certain]
    covered = all(any(covers(holding.statement, part) is Answer.YES for holding in whole) for part in parts)
    return Answer.YES if covered else Answer.UNKNOWN


def _spared(deny: Statement, allow: Statement) -> tuple[Scalar, ...] | None:
    """The resources that a Deny leaves of an Allow: nothing, what its `NotResource` names; None for all but some."""
    if excluding(deny, allow):
        return ()
    left = deny.not_resources
    if not left or deny.resources or any(is_everything(each) for each in left):
        return None
    return left


def _covering(holding: Holding, wanted: Pattern) -> Answer:
    if holding.resources != holding.statement.not_resources and holding.statement.not_resources:
        # What a Deny with `NotResource` leaves.
        return any_of(intersects(pattern(left, like=True), wanted) for left in holding.resources)
    return covers(holding.statement, wanted)
