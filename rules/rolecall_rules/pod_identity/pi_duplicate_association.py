"""The rule `pi-duplicate-association`."""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from rolecall.graph import Graph
from rolecall.graph.namespaces import text_key
from rolecall.model import PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "pi-duplicate-association",
    summary="a service account has two Pod Identity associations",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html",),
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    tags=("pod-identity",),
)
def pi_duplicate_association(association: PodIdentityAssociation, graph: Graph) -> Iterator[Finding]:
    """Finds a second association of one configuration for the same cluster, namespace and service account.

    Those of different root modules, files or provider configurations may be for different accounts or regions, and
    those of a block whose number of instances is not known may exclude each other: both are passed over.

    ## Why it matters
    EKS allows one association for each service account of a cluster. Creating the second fails with
    `ResourceInUseException`, so the apply stops half-way, and which of the two roles the pods get depends on which
    was created first.

    ## How to fix it
    Keep the association with the right role. Where pods need two roles, give them two service accounts, or let the
    role assume the other.
    """
    twins: dict[Hashable, list[PodIdentityAssociation]] = graph.keep(_by_place)
    same = twins.get(_place(association), [])
    if not same or same[0] is association:
        return
    first = same[0]
    account = association.service_account
    if account is None or association.namespace is None:
        return
    name = f"{association.namespace.display}/{account.display}"
    yield Finding(
        f"service account {name} has a Pod Identity association already: EKS refuses a second one for the same cluster,"
        " and its pods keep the role of whichever was created first",
        at=Label(account.used, "associated a second time"),
        related=(Label((first.service_account or account).used, "associated here"),),
        help="Remove one of the two.",
        subject=f"{association.origin.address} {name}",
    )


def _by_place(graph: Graph) -> dict[Hashable, list[PodIdentityAssociation]]:
    found: dict[Hashable, list[PodIdentityAssociation]] = defaultdict(list)
    for association in graph.all(PodIdentityAssociation):
        place = _place(association)
        if place is not None:
            found[place].append(association)
    return {place: same for place, same in found.items() if len({one.origin.span for one in same}) > 1}


def _place(association: PodIdentityAssociation) -> Hashable | None:
    """What only one association can be for; None where that is not known."""
    names = (association.cluster, association.namespace, association.service_account)
    keys = tuple(text_key(name) if name is not None else None for name in names)
    known = association.certain and all(key is not None for key in keys)
    return (association.origin.unit, association.configuration, *keys) if known else None
