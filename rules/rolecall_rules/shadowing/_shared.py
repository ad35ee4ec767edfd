"""What the rules about shadowed identities have in common: which identity the webhook gives a container."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.webhook import Injection, Mechanism, offer
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.rule import Label
from rolecall.tree import Scalar


def identity_of(subject: PodContainer, graph: Graph) -> Injection | None:
    """What the webhook is sure to offer a container, None for nothing."""
    found = offer(subject, graph)
    return found if found.mechanism is not Mechanism.NONE and found.certain is Answer.YES else None


def who(identity: Injection) -> str:
    """The role as a message names it: where it is not declared here, by what the binding says."""
    if identity.role is not None:
        return identity.role.display
    text = identity.arn.display if isinstance(identity.arn, Scalar) and not identity.arn.holes else ""
    return f"role {text.rpartition(':role/')[2]}" if text else "the role"


def labels(identity: Injection, *, reached: bool = False) -> Iterator[Label]:
    """The places that give the identity, in the order in which the webhook and STS meet them.

    `reached`: the container becomes it; else they are what it never comes to.
    """
    if identity.annotation is not None:
        dead = "not looked at beside an association" if identity.association else "the role it is given (IRSA)"
        yield Label(identity.annotation.value.span, dead, later=not reached)
    if identity.association is not None and identity.place is not None:
        yield Label(identity.place, "the role it is given (Pod Identity)", later=not reached)
    if identity.role is not None:
        words = "its role" if reached else "the role that is not used"
        yield Label(identity.role.origin.span, words, later=not reached)
