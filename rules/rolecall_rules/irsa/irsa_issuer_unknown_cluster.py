"""The rule `irsa-issuer-unknown-cluster`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.iam.trust import web_identity_grants
from rolecall.model import OidcProvider, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_EKS = regex.compile(r"(?:https://)?(oidc[.-]eks\.[a-z0-9-]+\.[a-z.]+/id/[0-9A-F]{32})")


@rule(
    "irsa-issuer-unknown-cluster",
    summary="a role trusts the issuer of another cluster than the one whose provider is declared",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    formats=(Platform.TERRAFORM, Platform.IAM_JSON),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html",),
    tags=("irsa", "trust"),
)
def irsa_issuer_unknown_cluster(policy: TrustPolicy, graph: Graph) -> Iterator[Finding]:
    """Finds roles that trust a cluster's issuer while these files register exactly one, which is another.

    For the pedantic. Silent where several are registered: then there are several clusters.

    ## Why it matters
    A cluster that is made anew has a new issuer. Roles that still trust the old one refuse every pod of the new one,
    and whoever gets the old cluster's keys keeps the role.

    ## How to fix it
    Trust the issuer of the cluster that is there.
    """
    known = graph.keep(_registered)
    if len(known) != 1:
        return
    (issuer, provider), *_ = known.items()
    for grant in web_identity_grants(policy.document):
        found = _EKS.fullmatch(grant.issuer.known or "")
        if found is not None and found[1] != issuer:
            yield Finding(
                f"{policy.display} trusts the issuer {found[1]}, and the one cluster that these files register has"
                f" {issuer}",
                at=Label(grant.principal.value.span, "the issuer of another cluster"),
                related=(Label(provider.origin.span, "the provider that is registered"),),
                help="Trust the issuer of the cluster that is there.",
                subject=f"{policy.origin.address} {found[1]}",
            )
            return


def _registered(graph: Graph) -> dict[str, OidcProvider]:
    found = {}
    for provider in graph.all(OidcProvider):
        match = _EKS.fullmatch(provider.url.known or "") if provider.url is not None else None
        if match is not None:
            found[match[1]] = provider
    return found
