"""What answers about permissions consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.narrowing import Narrowing
from rolecall.iam.resources import Scope
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.answer import Answer
    from rolecall.model import Statement
    from rolecall.span import Span
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class Holding:
    """An Allow that gives an action, less what Deny statements and the boundary take away.

    `action` is the pattern as written that takes the action in (of `NotAction`: the first that is left out), `at` its
    place, `granted` what gives the policy to the role. `resources` are those of the action's service, as written (of
    `NotResource`: those left out; under a Deny with `NotResource`: those that it leaves). `narrowing` is what
    conditions, of this statement and of a Deny, may take away. `cut`: the permissions boundary is not seen, or leaves
    only a part.
    """

    action: Scalar
    at: Span
    granted: Span
    statement: Statement
    scope: Scope
    resources: tuple[Scalar, ...] = ()
    narrowing: Narrowing = Narrowing.NONE
    cut: bool = False
    managed: str | None = None
    certain: bool = True

    @property
    def unbounded(self) -> bool:
        """Whether it holds on everything, whatever the request."""
        return self.certain and self.scope is Scope.EVERYTHING and self.narrowing is Narrowing.NONE and not self.cut


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with the holdings that decided it, the strongest first, and the Deny that did."""

    answer: Answer
    holdings: tuple[Holding, ...] = ()
    denied: Span | None = None
