"""The rule `eso-clusterstore-unrestricted`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.secret_delivery._shared import is_emulated


@rule(
    "eso-clusterstore-unrestricted",
    summary="every namespace may fetch secrets through a cluster-wide store of External Secrets",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://external-secrets.io/latest/api/clustersecretstore/",
        "https://external-secrets.io/latest/guides/multi-tenancy/",
    ),
    tags=("secret-delivery",),
)
def eso_clusterstore_unrestricted(subject: ControllerCredentials, graph: Graph) -> Iterator[Finding]:
    """Finds `ClusterSecretStore`s for AWS without `conditions` that use one identity for all.

    That is the controller's own, a service account of a fixed namespace, or static keys. A store whose
    `serviceAccountRef` has no namespace uses an account of the namespace that asks, and is passed over.

    ## Why it matters
    Whoever may create an `ExternalSecret` in any namespace reads whatever the store's identity may read, the secrets of
    all other teams included, by naming them.

    ## How to fix it
    List the namespaces under `spec.conditions`, or give each namespace a `SecretStore` with a service account of its
    own.
    """
    if subject.controller != "External Secrets" or not subject.everywhere or is_emulated(graph):
        return
    if subject.account is not None and subject.namespace is None:
        return
    one = subject.account or (subject.static[0] if subject.static else None)
    yield Finding(
        f"{subject.display} has no conditions: whoever may create an ExternalSecret in any namespace reads every secret"
        " that the store's identity may read",
        at=Label(subject.origin.span, "open to every namespace"),
        related=(Label(one.span, "the identity that all of them share"),) if one is not None else (),
        help="List the namespaces under spec.conditions.",
        subject=subject.display,
    )
