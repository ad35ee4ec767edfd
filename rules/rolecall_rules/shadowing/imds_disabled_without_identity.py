"""The rule `imds-disabled-without-identity`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain import Source, chain_of
from rolecall.chain.metadata import METADATA_DISABLED, metadata_is_off
from rolecall.chain.uses import evidence_of_aws
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "imds-disabled-without-identity",
    summary="a container that calls AWS turns the metadata service off and has no other credentials",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    tags=("metadata", "precedence"),
)
def imds_disabled_without_identity(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds containers with `AWS_EC2_METADATA_DISABLED: "true"` that evidently call AWS without any credentials.

    Evident are calls of the AWS CLI, a controller's arguments for AWS, and a region with a variable that names a
    service. Speaks only where all sources are seen: the service account is among the files, and so is everything that
    the environment takes; and it talks to AWS itself, not to a store of its own.

    ## Why it matters
    With the metadata service off nothing is left in the chain. The first call fails with `Unable to locate credentials`
    or its like.

    ## How to fix it
    Give the service account a role, by an annotation or a Pod Identity association.
    """
    variable = subject.environment.get(METADATA_DISABLED)
    if variable is None or metadata_is_off(subject) is not Answer.YES or subject.endpoint is not None:
        return
    found = chain_of(subject, graph)
    used = evidence_of_aws(subject)
    if used is None or any(step.present is not Answer.NO for step in found.steps if step.source is not Source.METADATA):
        return
    yield Finding(
        f"{subject.display} turns the metadata service off and has no other credentials: its calls to AWS fail",
        at=Label(variable.at, "leaves no source of credentials"),
        related=(Label(used[0], used[1]),),
        help="Give its service account a role.",
        subject=subject.display,
    )
