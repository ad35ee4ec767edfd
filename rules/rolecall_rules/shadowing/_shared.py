"""What the rules about shadowed identities have in common: which identity the webhook gives a container."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import role_of
from rolecall.graph.views import PodContainer
from rolecall.model import PodIdentityAssociation, Role
from rolecall.records import dataclass
from rolecall.rule import Label
from rolecall.tree import Entry, Scalar

SKIP_LABEL = "eks.amazonaws.com/skip-pod-identity-webhook"
SKIP_CONTAINERS = "eks.amazonaws.com/skip-containers"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the webhook gives a container: an association's role, else the role of the account's annotation."""

    association: PodIdentityAssociation | None
    annotation: Entry | None
    role: Role | None

    @property
    def who(self) -> str:
        """The role as a message names it: where it is not declared here, by what the binding says."""
        if self.role is not None:
            return self.role.display
        named = self.association.role if self.association else self.annotation.value if self.annotation else None
        text = named.display if isinstance(named, Scalar) and not named.holes else ""
        return f"role {text.rpartition(':role/')[2]}" if text else "the role"

    @property
    def by(self) -> str:
        """The mechanism, in words."""
        return "Pod Identity" if self.association else "IRSA"

    def labels(self) -> Iterator[Label]:
        """The places that give the identity, in the order in which the webhook and STS meet them."""
        if self.annotation is not None:
            dead = "not looked at beside an association" if self.association else "the role it is given (IRSA)"
            yield Label(self.annotation.value.span, dead)
        if self.association is not None:
            at = self.association.service_account or self.association.role
            yield Label(at.span if at else self.association.origin.span, "the role it is given (Pod Identity)")
        if self.role is not None:
            yield Label(self.role.origin.span, "the role that is not used")


def identity_of(subject: PodContainer, graph: Graph) -> Identity | None:
    """The identity that the webhook injects into a container, None for none that is certain.

    An association, where there is one, keeps the webhook from looking at the annotation (buildPodPatchConfig in
    amazon-eks-pod-identity-webhook, pkg/handler/handler.go).
    """
    if is_skipped(subject):
        return None
    runs_as = subject.runs_as
    for association in runs_as.associations[:1]:
        return Identity(association, runs_as.role_annotation, role_of(graph, association.role))
    annotation = runs_as.role_annotation
    if annotation is None:
        return None
    arn = annotation.value if isinstance(annotation.value, Scalar) else None
    return Identity(None, annotation, role_of(graph, arn))


def is_skipped(subject: PodContainer) -> bool:
    """Whether the webhook leaves the container alone.

    Ephemeral containers are never mutated, and pods with the label never reach it (deploy/mutatingwebhook.yaml).
    """
    unreached = subject.container.role == "ephemeral" or subject.pod.label(SKIP_LABEL) is not None
    return unreached or is_skipped_by_name(subject)


def is_skipped_by_name(subject: PodContainer) -> bool:
    """Whether the pod's annotation names the container: exactly, blanks included (encoding/csv does not trim)."""
    skipped = subject.pod.annotation(SKIP_CONTAINERS)
    names = skipped.value.known if skipped and isinstance(skipped.value, Scalar) else None
    return names is not None and subject.container.name.known in names.split(",")
