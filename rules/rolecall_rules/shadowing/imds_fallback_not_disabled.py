"""The rule `imds-fallback-not-disabled`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain import Source, chain_of
from rolecall.chain.metadata import METADATA_DISABLED
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall_rules.shadowing._shared import identity_of, labels, who


@rule(
    "imds-fallback-not-disabled",
    summary="a container with a role of its own may still fall back to its node's",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    tags=("metadata", "strict"),
)
def imds_fallback_not_disabled(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds containers with a role whose nodes let them reach the metadata service, and that do not turn it off.

    For auditors only. Silent on Fargate, on the host's network, and where the nodes' options are not all known or keep
    pods out.

    ## Why it matters
    The metadata service is the last source of every SDK. In those that go past a source that fails (Java v2, Kotlin) a
    broken role silently becomes the node's, with other permissions and another name in the audit trail.

    ## How to fix it
    Set `AWS_EC2_METADATA_DISABLED` to `"true"` in containers with a role of their own, or keep pods from the metadata
    service with a hop limit of 1.
    """
    identity = identity_of(subject, graph)
    if identity is None or subject.pod.host_network is not False:
        return
    step = chain_of(subject, graph).step(Source.METADATA)
    if step.present is not Answer.YES or step.identity is None:
        return
    yield Finding(
        f"{subject.display} has {who(identity)} by {identity.mechanism.value} and can still reach the metadata service:"
        f" where its role fails, SDKs that go on become {step.identity.words}",
        at=Label(subject.container.name.span, f"does not set {METADATA_DISABLED}"),
        related=(
            *labels(identity, reached=True),
            *(Label(span, words, later=True) for span, words in step.evidence),
        ),
        help=f'Set {METADATA_DISABLED} to "true", or set the hop limit of the nodes to 1.',
        subject=subject.display,
        persona=Persona.AUDITOR,
    )
