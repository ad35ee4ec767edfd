"""The rule `certmanager-static-route53`."""

from collections.abc import Iterator

from rolecall.model import ControllerCredentials
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "certmanager-static-route53",
    summary="cert-manager changes Route 53 with static keys",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://cert-manager.io/docs/configuration/acme/dns01/route53/",),
    tags=("secret-delivery", "static-keys"),
)
def certmanager_static_route53(subject: ControllerCredentials) -> Iterator[Finding]:
    """Finds issuers whose `dns01.route53` solver has an access key, by its id or from Secrets.

    ## Why it matters
    Whoever gets hold of a key that can change a zone can have certificates issued for its names, and redirect them. The
    key never expires.

    ## How to fix it
    Name a service account with a role under `auth.kubernetes.serviceAccountRef`, or give cert-manager's own service
    account one by Pod Identity or IRSA. Where the zone is in another partition, which no role reaches, rotate the key.
    """
    if subject.controller != "cert-manager" or not subject.static:
        return
    *others, last = subject.static
    issuer = subject.display
    yield Finding(
        f"{issuer} changes Route 53 with a static key, which never expires: whoever has it can have certificates issued"
        " for the zone's names",
        at=Label(last.span, "a static key"),
        related=tuple(Label(other.span, "the other half") for other in others),
        help="Use auth.kubernetes.serviceAccountRef, or a role of cert-manager's service account, and delete the key.",
        subject=issuer,
    )
