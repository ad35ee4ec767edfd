"""The rule `oidc-provider-duplicate`."""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from rolecall.graph import Graph
from rolecall.iam.issuers import without_scheme
from rolecall.model import OidcProvider
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "oidc-provider-duplicate",
    summary="one configuration declares two OIDC providers for the same issuer",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=("https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html",),
    formats=(Platform.TERRAFORM, Platform.CLOUDFORMATION),
    tags=("oidc",),
)
def oidc_provider_duplicate(provider: OidcProvider, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds configurations that make an OIDC provider for one issuer twice in one account.

    Often one of them comes with a module: `terraform-aws-modules/eks` makes the cluster's provider itself. Resources
    of provider configurations that authenticate differently may be in different accounts, and of those with a `count`
    or `for_each` that is not known one may not be made: both are left alone.

    ## Why it matters
    An account has one provider for an issuer. Terraform stops at the second with `EntityAlreadyExists`, with half of
    the changes made, and CloudFormation rolls the stack back.

    ## How to fix it
    Keep one, and use its ARN for both. Where another configuration owns it, read it with the data source
    `aws_iam_openid_connect_provider`.
    """
    key = _key(provider)
    if key is None and _is_unsure(provider) and _first_unsure(provider, graph) is not provider:
        reason = "by which provider configuration it is made: there is another for this issuer"
        yield Unevaluated(f"OIDC provider {provider.origin.address}", reason, provider.origin.span)
    same = graph.keep(_by_key).get(key, ()) if key is not None else ()
    first = next((one for one in same if one is provider or _is_apart(one, provider)), provider)
    if provider is first or provider.url is None or first.url is None:
        return
    beside = f"that of {first.origin.within}" if first.origin.within else first.origin.address
    yield Finding(
        f"{provider.origin.address} is a second OIDC provider for `{provider.url.display}`, beside"
        f" {beside}: the account takes one for an issuer, so the second cannot be made",
        at=Label(provider.url.span, "is declared already"),
        related=(Label(first.url.span, "the first provider for this issuer"),)
        if first.url.span != provider.url.span
        else (),
        help="Remove one of them, and refer to the other.",
        subject=f"{provider.origin.address} {provider.url.display}",
    )


def _by_key(graph: Graph) -> dict[Hashable, list[OidcProvider]]:
    found: dict[Hashable, list[OidcProvider]] = defaultdict(list)
    # The one that a module makes comes first: the other is for the user to take away.
    for provider in sorted(graph.all(OidcProvider), key=lambda provider: not provider.origin.within):
        key = _key(provider)
        if key is not None:
            found[key].append(provider)
    return found


def _key(provider: OidcProvider) -> Hashable:
    """What two providers share that are certainly for one issuer in one account; None where that is not known."""
    url = provider.url
    if url is None or not provider.certain or provider.registered:
        return None
    parts = tuple(part if isinstance(part, str) else part.unchanged or part for part in without_scheme(url.parts))
    if url.known is None and not all(hole.references for hole in url.holes):
        return None
    return provider.origin.unit, provider.configuration, parts


def _is_unsure(provider: OidcProvider) -> bool:
    """Whether the account of a provider is what is not known."""
    known = provider.url is not None and provider.url.known is not None
    return known and not provider.certain and provider.configuration is None and not provider.registered


def _first_unsure(provider: OidcProvider, graph: Graph) -> OidcProvider | None:
    return graph.keep(_unsure_by_url).get((provider.origin.unit, provider.url.known if provider.url else None))


def _unsure_by_url(graph: Graph) -> dict[Hashable, OidcProvider]:
    found: dict[Hashable, OidcProvider] = {}
    for provider in graph.all(OidcProvider):
        if provider.url is not None and _is_unsure(provider):
            found.setdefault((provider.origin.unit, provider.url.known), provider)
    return found


def _is_apart(first: OidcProvider, second: OidcProvider) -> bool:
    """Whether two providers for one text are for one issuer: of instances of one block each may have its own."""
    known = first.url is not None and first.url.known is not None
    return known or first.origin.span != second.origin.span
