"""The first stage: what the EKS pod identity webhook puts into a container.

Source: amazon-eks-pod-identity-webhook, pkg/handler/handler.go (buildPodPatchConfig, webIdentityKeysDefined,
containerCredentialsKeysDefined) and deploy/mutatingwebhook.yaml.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.variables import entry_of, is_offered
from rolecall.graph.roles import role_of
from rolecall.records import dataclass
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer, PodServiceAccount
    from rolecall.model import PodIdentityAssociation, Role
    from rolecall.span import Span
    from rolecall.tree import Entry

SKIP_LABEL = "eks.amazonaws.com/skip-pod-identity-webhook"
SKIP_CONTAINERS = "eks.amazonaws.com/skip-containers"
IRSA_PAIR = ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
POD_IDENTITY_PAIR = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")


class Mechanism(Enum):
    """How EKS gives a pod a role."""

    NONE = "none"
    IRSA = "IRSA"
    POD_IDENTITY = "Pod Identity"


@dataclass(frozen=True, slots=True)
class Injection:
    """What the webhook injects into a container: the variables of one mechanism, or none.

    `certain` is UNKNOWN where something that is not seen decides. `role` is what the association or annotation names,
    where this world declares it. `why`, at `at`, says what keeps the webhook from injecting, or what is not seen.
    """

    mechanism: Mechanism
    certain: Answer = Answer.YES
    association: PodIdentityAssociation | None = None
    annotation: Entry | None = None
    role: Role | None = None
    why: str = ""
    at: Span | None = None

    @property
    def arn(self) -> Scalar | None:
        """The role as the association or annotation names it."""
        if self.association is not None:
            return self.association.role
        value = self.annotation.value if self.annotation is not None else None
        return value if isinstance(value, Scalar) else None

    @property
    def place(self) -> Span | None:
        """The narrowest text of the association or annotation."""
        if self.association is not None:
            named = self.association.service_account or self.association.role
            return named.span if named is not None else self.association.origin.span
        return self.annotation.value.span if self.annotation is not None else None


def injection(subject: PodContainer, graph: Graph) -> Injection:
    """What the webhook injects into a container.

    An association, where there is one, keeps it from looking at the annotation. Of a pair, both variables are injected,
    or neither where the container's `env` has one of them already.
    """
    offered = offer(subject, graph)
    pair = {Mechanism.IRSA: IRSA_PAIR, Mechanism.POD_IDENTITY: POD_IDENTITY_PAIR}.get(offered.mechanism, ())
    defined = next((entry for name in pair if (entry := entry_of(subject, name)) is not None), None)
    if defined is None:
        return offered
    return Injection(
        Mechanism.NONE,
        Answer.UNKNOWN if is_offered(subject, defined) else Answer.YES,
        why=f"the container sets {defined.name.display} itself, so the webhook injects neither variable of the pair",
        at=defined.name.span,
    )


def _spared(subject: PodContainer) -> Injection | None:
    """What keeps the webhook from the container altogether."""
    if subject.container.role == "ephemeral":
        return Injection(Mechanism.NONE, why="the webhook does not change ephemeral containers")
    label = subject.pod.label(SKIP_LABEL)
    if label is not None:
        return Injection(Mechanism.NONE, why="the pod's label keeps the webhook away", at=label.key.span)
    if is_skipped_by_name(subject):
        skipped = subject.pod.annotation(SKIP_CONTAINERS)
        at = skipped.value.span if skipped is not None else None
        return Injection(Mechanism.NONE, why=f"{SKIP_CONTAINERS} names the container", at=at)
    return None


def offer(subject: PodContainer, graph: Graph) -> Injection:
    """What the webhook would inject if the container's `env` had none of the variables."""
    spared = _spared(subject)
    if spared is not None:
        return spared
    runs_as = subject.runs_as
    for association in runs_as.associations[:1]:
        certain = Answer.of(True if association.certain else None)
        role = role_of(graph, association.role, association.origin)
        return Injection(Mechanism.POD_IDENTITY, certain, association, runs_as.role_annotation, role)
    possible = next(iter(runs_as.possible_associations), None)
    if runs_as.role_annotation is not None:
        return _annotated(runs_as, runs_as.role_annotation, possible, graph)
    return _without_role(runs_as, possible, graph)


def _without_role(runs_as: PodServiceAccount, possible: PodIdentityAssociation | None, graph: Graph) -> Injection:
    """What a service account without an annotation that is seen may have."""
    if runs_as.name is not None and runs_as.name.known is None:
        why = f"its service account is not known: {runs_as.name.hole.why}"
        return Injection(Mechanism.NONE, Answer.UNKNOWN, why=why, at=runs_as.name.span)
    name = runs_as.name.display if runs_as.name is not None else "default"
    if possible is not None:
        why = f"an association may be for service account {name}"
        role = role_of(graph, possible.role, possible.origin)
        return Injection(Mechanism.POD_IDENTITY, Answer.UNKNOWN, possible, None, role, why, possible.origin.span)
    if runs_as.service_account is None:
        at = runs_as.name.span if runs_as.name is not None else None
        return Injection(Mechanism.NONE, Answer.UNKNOWN, why=f"service account {name} is not among the files", at=at)
    if runs_as.service_account.may_be_annotated:
        why = f"service account {name} may have annotations that are not seen"
        return Injection(Mechanism.NONE, Answer.UNKNOWN, why=why, at=runs_as.service_account.name.span)
    return Injection(Mechanism.NONE, why=f"service account {name} has neither an association nor a role annotation")


def _annotated(
    runs_as: PodServiceAccount, annotation: Entry, possible: PodIdentityAssociation | None, graph: Graph
) -> Injection:
    role = role_of(graph, annotation.value if isinstance(annotation.value, Scalar) else None)
    account = runs_as.service_account
    if account is not None and account.origin.is_possible(annotation.key.span):
        why = "a template decides whether the service account has the annotation"
        return Injection(Mechanism.IRSA, Answer.UNKNOWN, None, annotation, role, why, annotation.key.span)
    if possible is None:
        return Injection(Mechanism.IRSA, Answer.YES, None, annotation, role)
    why = "an association may be for this service account, too"
    return Injection(Mechanism.IRSA, Answer.UNKNOWN, None, annotation, role, why, possible.origin.span)


def is_skipped(subject: PodContainer) -> bool:
    """Whether the webhook leaves the container alone, whatever its service account has."""
    return _spared(subject) is not None


def is_skipped_by_name(subject: PodContainer) -> bool:
    """Whether the pod's annotation names the container: exactly, blanks included (encoding/csv does not trim)."""
    skipped = subject.pod.annotation(SKIP_CONTAINERS)
    names = skipped.value.known if skipped and isinstance(skipped.value, Scalar) else None
    return names is not None and subject.container.name.known in names.split(",")
