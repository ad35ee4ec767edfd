"""Why a trust policy admits a request or does not: the places that decide, each with a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.iam.conditions import Presence, key_of
from rolecall.iam.explain_words import refused, said, trusted
from rolecall.records import dataclass
from rolecall.span import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.conditions import Value
    from rolecall.iam.trust import Request
    from rolecall.iam.trust_decision import Applied, Decision, Ground
    from rolecall.model import Condition, Statement
    from rolecall.span import Span
    from rolecall.tree import Hole, Scalar

_MOST_STATEMENTS = 8
_MOST_PRINCIPALS = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """A place of a policy and what it does to a request, in words that complete the text at the place.

    `statement` counts from 1; 0: the policy as a whole, or something outside of it.
    """

    span: Span
    text: str
    statement: int = 0


def reasons(decision: Decision, request: Request) -> tuple[Reason, ...]:
    """Why the answer is what it is, the places that decide most first."""
    explainer = _Explainer(decision, request)
    found = {Answer.YES: explainer.yes, Answer.NO: explainer.no, Answer.UNKNOWN: explainer.unknown}[decision.answer]()
    return tuple(dict.fromkeys(found))


class _Explainer:
    """One decision, in words."""

    def __init__(self, decision: Decision, request: Request) -> None:
        self._decision = decision
        self._request = request
        self._numbers = {id(one): index for index, one in enumerate(decision.document.statements, start=1)}

    def yes(self) -> Iterator[Reason]:
        """The first Allow that applies, and why no Deny does that comes near to it."""
        yield from self._allowing(Answer.YES, "allows it")
        for one in self._decision.denied:
            ground = next((ground for ground in one.grounds if ground.fits is not Answer.NO), None)
            if one.action is not Answer.NO and ground is not None:
                yield self._reason(one.statement, one.statement.head, "does not apply")
                yield from self._conditions(one.statement, ground, Answer.NO)

    def no(self) -> Iterator[Reason]:
        """The Denies that apply, or why no Allow does."""
        denying = [one for one in self._decision.denied if one.answer is Answer.YES]
        for one in denying[:_MOST_STATEMENTS]:
            yield self._reason(one.statement, one.statement.head, "denies it")
            yield from self._met(one, Answer.YES)
        if self._decision.allow is not Answer.NO:
            yield from self._allowing(self._decision.allow, "would allow it")
            return
        if denying:
            return
        allowed = self._decision.allowed
        nearest = min(map(_distance, allowed), default=0)
        for one in [one for one in allowed if _distance(one) == nearest][:_MOST_STATEMENTS]:
            yield from self._refusal(one)
        if not allowed:
            yield Reason(self._decision.document.span, "no statement allows anything")

    def unknown(self) -> Iterator[Reason]:
        """What is not known of the statements that would decide."""
        decision = self._decision
        if decision.unseen is not None:
            yield Reason(decision.document.span, f"not all of it is known: {decision.unseen.why}")
        if decision.allow is Answer.YES:
            yield from self._allowing(Answer.YES, "would allow it")
        for word, side in (("allow", decision.allowed), ("deny", decision.denied)):
            for one in side:
                if one.answer is Answer.UNKNOWN and (word == "deny" or decision.allow is not Answer.YES):
                    yield self._reason(one.statement, one.statement.head, f"may {word} it")
                    yield from self._open(one)

    def _allowing(self, answer: Answer, words: str) -> Iterator[Reason]:
        one = next((one for one in self._decision.allowed if one.answer is answer), None)
        if one is not None:
            yield self._reason(one.statement, one.statement.head, words)
            yield from self._met(one, answer)

    def _met(self, one: Applied, answer: Answer) -> Iterator[Reason]:
        """The principal and the conditions by which a statement applies."""
        ground = next((ground for ground in one.grounds if ground.answer is answer), None)
        if ground is None:
            return
        if ground.principal is not None:
            yield self._reason(one.statement, ground.principal.value.span, trusted(self._request, ground.principal))
        yield from self._conditions(one.statement, ground, answer)

    def _refusal(self, one: Applied) -> Iterator[Reason]:
        """Why an Allow does not apply: its action, else its principals, else conditions of the nearest of these."""
        statement = one.statement
        if one.action is Answer.NO:
            actions = statement.actions or statement.not_actions
            at = _around(actions) if actions else statement.head
            yield self._reason(statement, at, f"not {self._request.action}, which is asked")
            return
        ground = _nearest(one)
        if ground is not None:
            yield from self._conditions(statement, ground, Answer.NO)
            return
        for principal in (statement.principals or statement.not_principals)[:_MOST_PRINCIPALS]:
            words = "keeps it out" if statement.not_principals else refused(self._request, principal)
            yield self._reason(statement, principal.value.span, words)
        if not statement.principals and not statement.not_principals:
            yield self._reason(statement, statement.head, "names no principal")

    def _open(self, one: Applied) -> Iterator[Reason]:
        """What is not known of a statement."""
        statement = one.statement
        if statement.effect is not None and statement.effect.holes:
            yield self._hole(statement, statement.effect.span, statement.effect.holes[0])
        if one.action is Answer.UNKNOWN:
            holes = [hole for action in (*statement.actions, *statement.not_actions) for hole in action.holes]
            hole = next(iter(holes), statement.actions_rest)
            if hole is not None:
                yield self._hole(statement, statement.head, hole)
        for ground in one.grounds:
            if ground.answer is not Answer.UNKNOWN:
                continue
            if ground.fits is Answer.UNKNOWN:
                yield from self._unknown_principal(statement, ground)
            yield from self._conditions(statement, ground, Answer.UNKNOWN)
            if statement.conditions_rest is not None:
                yield self._hole(statement, statement.head, statement.conditions_rest)

    def _unknown_principal(self, statement: Statement, ground: Ground) -> Iterator[Reason]:
        principals = (ground.principal,) if ground.principal is not None else statement.not_principals
        for principal in principals[:_MOST_PRINCIPALS]:
            holes = (*principal.type.holes, *principal.value.holes)
            why = holes[0].why if holes else "it may be another one"
            yield self._reason(statement, principal.value.span, f"not known: {why}")
        if ground.principal is None and statement.principals_rest is not None:
            yield self._hole(statement, statement.head, statement.principals_rest)

    def _hole(self, statement: Statement, at: Span, hole: Hole) -> Reason:
        return self._reason(statement, at, f"not known: {hole.why}")

    def _conditions(self, statement: Statement, ground: Ground, answer: Answer) -> Iterator[Reason]:
        """The conditions of a ground that have an answer."""
        for condition, one in ground.conditions:
            if one is answer:
                at = _place(condition, self._request.value(key_of(condition.key), ground.issuer))
                yield self._reason(statement, at, said(condition, one, self._request, ground))

    def _reason(self, statement: Statement, at: Span, text: str) -> Reason:
        return Reason(at, text, self._numbers.get(id(statement), 0))


def _nearest(one: Applied) -> Ground | None:
    """The principal that is, or may be, who asks, with the fewest conditions in its way."""
    grounds = [ground for ground in one.grounds if ground.fits is not Answer.NO]
    return min(grounds, key=lambda ground: sum(one is Answer.NO for _, one in ground.conditions), default=None)


def _distance(one: Applied) -> int:
    """How far an Allow is from applying: its action is another; its principals; its conditions."""
    if one.action is Answer.NO:
        return 2
    return 1 if _nearest(one) is None else 0


def _place(condition: Condition, value: Value) -> Span:
    """What of a condition decides: its key where a request has none such, else its values."""
    if value is Presence.ABSENT:
        return condition.key.span if condition.key.span.path == condition.span.path else condition.span
    return _around(condition.values) if condition.values else condition.span


def _around(scalars: tuple[Scalar, ...]) -> Span:
    first, last = scalars[0].span, scalars[-1].span
    return until(first, last) if first.path == last.path and first.start <= last.start else first
