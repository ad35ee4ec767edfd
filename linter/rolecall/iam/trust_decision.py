"""What each statement of a trust policy says of one request, and what that comes to, so that it can be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, Verdict, all_of, any_of
from rolecall.iam.conditions import key_of
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.issuers import Issuer
    from rolecall.model import Condition, PolicyDocument, Principal, Statement
    from rolecall.tree import Hole


@dataclass(frozen=True, slots=True)
class Ground:
    """A principal of a statement that is, or may be, who asks, and what the statement's conditions then say.

    `principal` None: whoever `NotPrincipal` leaves, or a principal that is not seen. `issuer` vouches for a token.
    """

    principal: Principal | None
    fits: Answer
    issuer: Issuer | None
    conditions: tuple[tuple[Condition, Answer], ...]
    answer: Answer

    @property
    def deciding(self) -> tuple[Condition, ...]:
        """The conditions whose answer is that of all together."""
        together = all_of(answer for _, answer in self.conditions)
        return tuple(condition for condition, answer in self.conditions if answer is together)


@dataclass(frozen=True, slots=True)
class Applied:
    """Whether a statement applies to a request, and by which of its parts."""

    statement: Statement
    answer: Answer
    action: Answer
    grounds: tuple[Ground, ...]

    @property
    def verdict(self) -> Verdict:
        """The answer with its evidence."""
        conditions = dict.fromkeys(one.span for ground in self.grounds for one in ground.deciding)
        holes = tuple(_holes(self.statement)) if self.answer is Answer.UNKNOWN else ()
        return Verdict(self.answer, (self.statement.head, *conditions), holes)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says of a request: what each Allow and each Deny in it says, and together.

    A statement whose effect is not known is in both. `unseen`: there may be statements that are not seen.
    """

    document: PolicyDocument
    answer: Answer
    allowed: tuple[Applied, ...] = ()
    denied: tuple[Applied, ...] = ()
    unseen: Hole | None = None

    @property
    def allow(self) -> Answer:
        """Whether some Allow that is seen applies."""
        return any_of(one.answer for one in self.allowed)

    @property
    def verdict(self) -> Verdict:
        """The answer with its evidence."""
        deciding = [
            *(one.verdict for one in self.allowed if one.answer is not Answer.NO or self.answer is Answer.NO),
            *(one.verdict for one in self.denied if one.answer is not Answer.NO),
        ]
        holes: tuple[Hole, ...] = ()
        if self.answer is Answer.UNKNOWN:
            unseen = () if self.unseen is None else (self.unseen,)
            holes = (*unseen, *(hole for verdict in deciding for hole in verdict.holes))
        return Verdict(self.answer, tuple(span for verdict in deciding for span in verdict.evidence), holes)


def decision(
    document: PolicyDocument, allowed: tuple[Applied, ...], denied: tuple[Applied, ...], *, whole: bool = True
) -> Decision:
    """What the statements come to: some Allow applies, and no Deny does. `whole`: all Allows were asked."""
    allow = any_of([one.answer for one in allowed])
    deny = any_of([one.answer for one in denied])
    unseen = document.rest
    if unseen is not None:
        if whole and allow is not Answer.YES:
            allow = any_of((allow, Answer.UNKNOWN))
        if allow is not Answer.NO:
            deny = any_of((deny, Answer.UNKNOWN))
    return Decision(document, all_of((allow, deny.negated())), allowed, denied, unseen)


def effect_of(statement: Statement) -> str | None:
    """`Allow` or `Deny`; None where it is not known."""
    return statement.effect.known if statement.effect is not None else None


def may_be(statement: Statement, effect: str) -> bool:
    """Whether a statement's effect is this one, or not known."""
    return effect_of(statement) in (effect, None)


def applied(statement: Statement, action: Answer, grounds: tuple[Ground, ...]) -> Applied:
    """Whether a statement applies, from what its parts say."""
    certain = Answer.YES if effect_of(statement) is not None else Answer.UNKNOWN
    return Applied(statement, all_of((certain, action, any_of([one.answer for one in grounds]))), action, grounds)


def _holes(statement: Statement) -> Iterator[Hole]:
    """Everything unknown in a statement."""
    rests = (statement.principals_rest, statement.actions_rest, statement.conditions_rest)
    yield from (hole for hole in rests if hole is not None)
    if statement.effect is not None:
        yield from statement.effect.holes
    for condition in statement.conditions:
        if condition.rest is not None:
            yield condition.rest
        for scalar in (condition.operator, *condition.values):
            yield from scalar.holes
        if key_of(condition.key).name is None:
            yield from condition.key.holes
