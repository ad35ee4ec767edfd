"""The statements of a role's permission policies as the engine reads them: once, texts in lower case, indexed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from rolecall.answer import Answer, any_of
from rolecall.iam.globs import is_wild, matcher, takes_in
from rolecall.iam.patterns import glob, intersects, literal
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.model import PolicyDocument, Statement
    from rolecall.span import Span
    from rolecall.tree import Scalar

# A role's policies cannot hold more: IAM's limits are some ten thousand characters inline and twenty managed policies
# of six thousand. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_DENIES = 200
_MOST_ACTIONS = 5_000


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy of a role. `at` is what gives it to the role; `managed` its name where AWS manages it."""

    document: PolicyDocument
    at: Span
    managed: str | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement of a role's policies with where it is from, and its actions with their texts where those are known.

    The texts are in lower case. Of actions beyond what IAM lets a role have none is read.
    """

    statement: Statement
    source: HeldPolicy
    actions: tuple[tuple[Scalar, str | None], ...] = ()

    def place(self, scalar: Scalar) -> Span:
        """Where text of the statement stands for the user: a managed policy's own text is nowhere in the input."""
        return self.source.at if self.source.managed else scalar.span

    def takes_in(self, wanted: str) -> bool:
        """Whether it plainly takes in an action, or all of an action pattern, in lower case."""
        if self.excludes:
            whole = self.statement.actions_rest is None
            return whole and all(_is_apart(left, wanted) for left in self.statement.not_actions)
        return any(takes_in(text or "", wanted) for _, text in self.actions)

    @property
    def excludes(self) -> bool:
        """Whether it is written with `NotAction`."""
        return bool(self.statement.not_actions) and not self.statement.actions


@dataclass(frozen=True, slots=True)
class Entry:
    """An action pattern of an Allow; `text` None: it is partly unknown, or what `NotAction` leaves is meant."""

    clause: Clause
    action: Scalar
    text: str | None


@dataclass(frozen=True, slots=True)
class Deny:
    """A Deny with its actions in lower case: those that are exact, and those that are patterns or partly unknown."""

    clause: Clause
    exact: frozenset[str]
    wild: tuple[tuple[str, bool], ...]

    def may_name(self, wanted: str) -> bool:
        """Whether it has, or may have, anything in common with an action pattern."""
        statement = self.clause.statement
        if not statement.actions or statement.actions_rest is not None:
            return True
        return not all(_is_apart(action, wanted) for action in statement.actions)

    def names(self, wanted: str) -> bool:
        """Whether it plainly takes in an action, or all of an action pattern, in lower case."""
        if wanted in self.exact:
            return True
        one = not is_wild(wanted)
        if any(takes_in(text, wanted) or (known and one and matcher(text)(wanted)) for text, known in self.wild):
            return True
        statement = self.clause.statement
        if not statement.not_actions or statement.actions or statement.actions_rest is not None:
            return False
        return all(_is_apart(left, wanted) for left in statement.not_actions)


def clause_of(statement: Statement, policy: HeldPolicy) -> Clause:
    """An Allow as a clause."""
    texts = ((action, action.known) for action in statement.actions[:_MOST_ACTIONS])
    return Clause(statement, policy, tuple((action, text if text is None else text.lower()) for action, text in texts))


def deny_of(clause: Clause) -> Deny:
    """A Deny with the texts of its actions."""
    texts = [(action.display.lower(), action.known is not None) for action in clause.statement.actions]
    return Deny(
        clause,
        frozenset(text for text, known in texts if known and not is_wild(text)),
        tuple((text, known) for text, known in texts if not known or is_wild(text)),
    )


Index: TypeAlias = "dict[str, list[Entry]]"


def indexed(allows: Iterable[Clause]) -> Index:
    """The action patterns of Allow statements by the service that they name, `*` for those that may be of any."""
    found: Index = defaultdict(list)
    for clause in allows:
        statement = clause.statement
        if clause.excludes:
            found["*"].append(Entry(clause, statement.not_actions[0], None))
            continue
        for action, text in clause.actions:
            if text is None:
                found["*"].append(Entry(clause, action, None))
                continue
            service, colon, _ = text.partition(":")
            found["*" if is_wild(service) or not colon else service].append(Entry(clause, action, text))
    return dict(found)


def takes(entry: Entry, name: str) -> bool | None:
    """Whether an entry takes an action in: certainly, perhaps (False), or not (None)."""
    if entry.text is not None:
        return True if not entry.text.strip("*") or matcher(entry.text)(name) else None
    statement = entry.clause.statement
    wanted = literal(name)
    if entry.clause.excludes:
        left = any_of(intersects(glob(each.parts, ignore_case=True), wanted) for each in statement.not_actions)
        certain = left is Answer.NO and statement.actions_rest is None
        return None if left is Answer.YES else certain
    answer = intersects(glob(entry.action.parts, ignore_case=True), wanted)
    return None if answer is Answer.NO else answer is Answer.YES


def _is_apart(left: Scalar, wanted: str) -> bool:
    """Whether a pattern has plainly nothing in common with another."""
    text = (left.known or "*").lower()
    if not is_wild(wanted) and "$" not in wanted:
        return not (matcher(text)(wanted) or not text.strip("*"))
    first, colon, _ = wanted.partition(":")
    second, other_colon, _ = text.partition(":")
    return bool(colon and other_colon) and first != second and not set("*?") & set(first + second)
