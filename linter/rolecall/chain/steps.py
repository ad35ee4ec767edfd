"""What a chain is made of: sources with their evidence, and who wins in which SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.chain.sdks import Flaw, Sdk, Source
    from rolecall.chain.webhook import Injection
    from rolecall.graph.views import PodContainer
    from rolecall.model import PodIdentityAssociation, Role
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a container is with some credentials. `words` names it in a message; `role` where this world declares it.

    `account` is the AWS account of a static key, decoded from its id, where that is possible. `written` is a role as an
    annotation, an association or a variable names it. `association` is the one of EKS Pod Identity that gives it.
    """

    words: str
    role: Role | None = None
    account: str = ""
    written: str = ""
    association: PodIdentityAssociation | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One source of credentials of one container.

    `present`: YES, NO, or UNKNOWN where something that is not seen decides. `why` says in a few words what makes it so;
    `evidence` are the places, in the order in which Kubernetes, the webhook and the SDK meet them. `flaw` is what is
    wrong with a source that is present, and `trouble` says it.
    """

    source: Source
    present: Answer
    why: str = ""
    identity: Identity | None = None
    evidence: tuple[tuple[Span, str], ...] = ()
    flaw: Flaw | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one SDK ends up with. `winner` None: no credentials.

    `fails`: the SDK stops at the winner with an error. `maybe` are sources that may come before the winner, and are not
    known to be there; `passed` those that it tried before and went past.
    """

    sdk: Sdk
    winner: Step | None
    fails: bool = False
    maybe: tuple[Step, ...] = ()
    passed: tuple[Step, ...] = ()
    after: Step | None = None

    @property
    def certain(self) -> bool:
        """Whether nothing that is not seen may change it."""
        return not self.maybe


@dataclass(frozen=True, slots=True)
class Chain:
    """The credential chain of one container: `steps` in the order that most SDKs keep, `outcomes` one an SDK."""

    container: PodContainer
    webhook: Injection
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]

    def step(self, source: Source) -> Step:
        """The step of a source."""
        return next(step for step in self.steps if step.source is source)

    @property
    def winners(self) -> tuple[Step, ...]:
        """The sources that win in some SDK, in the order of the steps."""
        won = {id(outcome.winner) for outcome in self.outcomes if outcome.winner is not None}
        return tuple(step for step in self.steps if id(step) in won)

    @property
    def shadowed(self) -> tuple[Step, ...]:
        """The sources that are there and win in no SDK."""
        won = {id(step) for step in self.winners}
        return tuple(step for step in self.steps if step.present is Answer.YES and id(step) not in won)
