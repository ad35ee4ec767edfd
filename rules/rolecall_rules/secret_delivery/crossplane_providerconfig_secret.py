"""The rule `crossplane-providerconfig-secret`."""

from collections.abc import Iterator

from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "crossplane-providerconfig-secret",
    summary="a provider of Crossplane manages AWS with static keys",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.upbound.io/providers/provider-aws/authentication/",
        "https://docs.crossplane.io/latest/concepts/providers/",
    ),
    tags=("secret-delivery", "static-keys"),
)
def crossplane_providerconfig_secret(subject: ControllerCredentials) -> Iterator[Finding]:
    """Finds provider configurations for AWS with `credentials.source: Secret`.

    One with an endpoint of its own, for an emulator, is passed over.

    ## Why it matters
    The provider creates and deletes infrastructure, so its key opens most of the account, and never expires. It lies in
    a Secret of the cluster.

    ## How to fix it
    Use `source: PodIdentity` or `source: IRSA` and give the provider's service account the role.
    """
    if subject.controller != "Crossplane" or not subject.static or subject.endpoint is not None:
        return
    name = subject.display
    yield Finding(
        f"{name} gives Crossplane's provider static keys from a Secret: they never expire, and open whatever the"
        " provider may manage",
        at=Label(subject.static[0].span, "static keys"),
        help="Use source: PodIdentity or source: IRSA with a role for the provider's service account.",
        subject=name,
    )
