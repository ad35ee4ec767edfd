"""A trust policy read once for many questions about tokens all of which is known: tens of thousands a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of
from rolecall.iam.conditions import Family, Presence, holds, key_of, operator_of, patterns_of
from rolecall.iam.issuers import Issuer
from rolecall.iam.patterns import literal
from rolecall.iam.patterns_automaton import ANY, STAR
from rolecall.iam.trust import Token, allows_action, decide, is_oversized, principals_of
from rolecall.iam.trust_decision import Applied, Decision, Ground, applied, decision, may_be
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from rolecall.iam.patterns import Pattern, Text
    from rolecall.iam.trust import Request
    from rolecall.model import Condition, PolicyDocument, Principal, Statement

    Test: TypeAlias = Callable[[str], Answer]
    """What a condition says of a claim's text."""

_MOST_ISSUERS = 1000


class Prepared:
    """A trust policy that answers as `rolecall.iam.trust.decide` does, and is quick about tokens that are known.

    What does not depend on the token's subject and audience is evaluated once an issuer, by the same engine.
    """

    def __init__(self, document: PolicyDocument) -> None:
        self.document = document
        self._small = not is_oversized(document)
        self._read: dict[tuple[str, str | None], _Read] = {}

    def decide(self, request: Request) -> Decision:
        """What the policy says of a request."""
        if self._small and isinstance(request, Token) and not request.willing and request.issuer is not None:
            issuer, subject, audience = request.issuer.known, _text(request.subject), _text(request.audience)
            if issuer is not None and subject is not None and audience is not None:
                return self._reading(issuer, request.account).decide(subject, audience)
        return decide(self.document, request)

    def _reading(self, issuer: str, account: str | None) -> _Read:
        found = self._read.get((issuer, account))
        if found is None:
            if len(self._read) >= _MOST_ISSUERS:
                self._read.clear()
            found = self._read[issuer, account] = _Read(self.document, Token(Issuer((issuer,)), account=account))
        return found


def _text(text: Text | None) -> str | None:
    return text[0] if text is not None and len(text) == 1 and isinstance(text[0], str) else None


@dataclass(frozen=True, slots=True)
class _Ground:
    """A principal that takes the issuer's tokens, with what its conditions say: already, or of a claim's text.

    `settled` is what does not depend on the token, together; `tests` what does: `sub` or else `aud`.
    """

    principal: Principal | None
    fits: Answer
    issuer: Issuer | None
    conditions: tuple[tuple[Condition, Answer | None], ...]
    tests: tuple[tuple[bool, Test], ...]
    settled: Answer


@dataclass(frozen=True, slots=True)
class _Statement:
    statement: Statement
    action: Answer
    grounds: tuple[_Ground, ...]


class _Read:
    """A policy as one issuer's tokens meet it."""

    def __init__(self, document: PolicyDocument, token: Token) -> None:
        self._document = document
        self._allows = [_read(one, token, deny=False) for one in document.statements if may_be(one, "Allow")]
        self._denies = [_read(one, token, deny=True) for one in document.statements if may_be(one, "Deny")]

    def decide(self, subject: str, audience: str) -> Decision:
        return decision(
            self._document,
            tuple([_applied(one, subject, audience) for one in self._allows]),
            tuple([_applied(one, subject, audience) for one in self._denies]),
        )


def _applied(read: _Statement, subject: str, audience: str) -> Applied:
    return applied(read.statement, read.action, tuple([_ground(one, subject, audience) for one in read.grounds]))


def _ground(read: _Ground, subject: str, audience: str) -> Ground:
    said = [test(subject if is_subject else audience) for is_subject, test in read.tests]
    rest = iter(said)
    conditions = tuple([(one, answer if answer is not None else next(rest)) for one, answer in read.conditions])
    return Ground(read.principal, read.fits, read.issuer, conditions, all_of((read.settled, *said)))


def _read(statement: Statement, token: Token, *, deny: bool) -> _Statement:
    grounds = [_prepared(statement, token, *found, deny=deny) for found in principals_of(statement, token)]
    return _Statement(statement, allows_action(statement, token.action), tuple(grounds))


def _prepared(  # noqa: PLR0913 - what `principals_of` finds, and of what
    statement: Statement,
    token: Token,
    principal: Principal | None,
    fits: Answer,
    issuer: Issuer | None,
    *,
    deny: bool,
) -> _Ground:
    conditions: list[tuple[Condition, Answer | None]] = []
    tests: list[tuple[bool, Test]] = []
    settled = [fits, Answer.UNKNOWN if statement.conditions_rest is not None else Answer.YES]
    for condition in statement.conditions:
        key = key_of(condition.key)
        value = token.value(key, issuer)
        if isinstance(value, Presence) or key.issuer is None or key.name not in ("sub", "aud"):
            answer = holds(condition, value, every=deny)
            settled.append(answer)
            conditions.append((condition, answer))
        else:
            tests.append((key.name == "sub", _test(condition, deny=deny)))
            conditions.append((condition, None))
    return _Ground(principal, fits, issuer, tuple(conditions), tuple(tests), all_of(settled))


def _test(condition: Condition, *, deny: bool) -> Test:
    operator, patterns = operator_of(condition.operator), patterns_of(condition)
    plain = not any(found.holes or ANY in found.tokens for found in patterns) and condition.rest is None
    if operator is None or operator.family is not Family.STRING or not plain:
        return lambda text: holds(condition, literal(text), every=deny)
    exact = frozenset(found.text for found in patterns if found.text is not None)
    globs = [_runs(found) for found in patterns if found.text is None]
    inside, outside = (Answer.NO, Answer.YES) if operator.negated else (Answer.YES, Answer.NO)
    ignore_case = operator.ignore_case

    def test(text: str) -> Answer:
        if ignore_case:
            text = literal(text, ignore_case=True).text or ""
        return inside if text in exact or any(_takes(runs, text) for runs in globs) else outside

    return test


def _runs(found: Pattern) -> list[str]:
    """The texts between a pattern's stars."""
    runs = [""]
    for token in found.tokens:
        if token is STAR:
            runs.append("")
        else:
            runs[-1] += str(token)
    return runs


def _takes(runs: list[str], text: str) -> bool:
    """Whether a text has these texts in it, in their order, the first at its start and the last at its end.

    For each the first place after the one before is as good as any, so nothing is ever tried twice.
    """
    at, end = len(runs[0]), len(text) - len(runs[-1])
    if at > end or not text.startswith(runs[0]) or not text.endswith(runs[-1]):
        return False
    for run in runs[1:-1]:
        at = text.find(run, at, end)
        if at < 0:
            return False
        at += len(run)
    return True
