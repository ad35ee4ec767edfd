"""What the trust rules have in common: one finding a text, the provider behind an issuer, and what is not evaluated."""

from collections.abc import Iterable
from dataclasses import replace

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import key_of
from rolecall.iam.issuers import GITHUB, Issuer, SharedIssuer, same, shared_issuer, without_scheme
from rolecall.iam.trust import WebIdentityGrant, is_oversized, web_identity_grants
from rolecall.model import OidcProvider, PolicyDocument, Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Label
from rolecall.span import Span
from rolecall.tree import Hole


def speaks_for_text(policy: TrustPolicy, graph: Graph) -> bool:
    """Whether this is the policy for which a finding on its text stands, when several roles use one text.

    Of a policy that IAM would refuse for its length nothing is said.
    """
    if is_oversized(policy.document):
        return False
    first: dict[PolicyDocument, TrustPolicy] = graph.keep(_first_of_each_text)
    return first[policy.document] is policy


def _first_of_each_text(graph: Graph) -> dict[PolicyDocument, TrustPolicy]:
    first: dict[PolicyDocument, TrustPolicy] = {}
    for policy in graph.all(TrustPolicy):
        first.setdefault(policy.document, policy)
    return first


def grants(policy: TrustPolicy, graph: Graph) -> Iterable[WebIdentityGrant]:
    """The issuers a policy trusts with web identity, each read from its provider where the world declares it."""
    for grant in web_identity_grants(policy.document):
        provider = provider_of(graph, grant.issuer)
        if grant.issuer.known is None and provider is not None and provider.url is not None and provider.url.known:
            yield replace(grant, issuer=Issuer(without_scheme(provider.url.parts)))
        else:
            yield grant


def provider_of(graph: Graph, issuer: Issuer) -> OidcProvider | None:
    """The OIDC provider of this world that an issuer certainly is; None for none or several."""
    found = [
        provider
        for provider in graph.all(OidcProvider)
        if (provider.origin.unit, provider.origin.address) in issuer.addresses
    ]
    if not found:
        found = [
            provider
            for provider in graph.all(OidcProvider)
            if provider.url is not None and same(Issuer(without_scheme(provider.url.parts)), issuer) is Answer.YES
        ]
    return found[0] if len(found) == 1 else None


def tenant_issuer(grant: WebIdentityGrant) -> SharedIssuer | None:
    """The shared issuer other than GitHub that this grant trusts; rules of their own speak about those."""
    shared = shared_issuer(grant.issuer)
    return shared if shared is not GITHUB else None


def unevaluated(policy: TrustPolicy, statement: Statement | None, holes: Iterable[Hole]) -> Unevaluated:
    """A trust policy of which a hole hides what a rule asks for: the same words from every rule."""
    hole = next(iter(holes), Hole("a condition that is not understood"))
    references = ", ".join(str(reference) for reference in hole.references)
    return Unevaluated(
        f"trust policy of {policy.display}",
        f"{hole.reason}: {references}" if references else hole.reason,
        (statement.head if statement is not None else policy.document.span),
    )


def how_to_bind(grant: WebIdentityGrant, claim: str, value: str) -> str:
    """What to add so that a claim is bound; the key in full only where the issuer is known."""
    condition = "the statement's condition"
    if grant.issuer.known is not None:
        return f'Add "StringEquals": {{"{grant.issuer.known}:{claim}": "{value}"}} to {condition}.'
    keys = (key_of(one.key) for one in grant.statement.conditions)
    other = next((key.name for key in keys if key.issuer is not None and key.name), None)
    begins = f"begins as the one that ends in :{other}" if other else "begins with the issuer, without https://,"
    return f'Add "StringEquals" with "{value}" to {condition}, on a key that {begins} and ends in :{claim}.'


def principal_label(grant: WebIdentityGrant, text: str) -> Label:
    """The issuer that the statement trusts, as written."""
    return Label(grant.principal.value.span, text)


def labels(*found: tuple[Span, str], beside: Span) -> tuple[Label, ...]:
    """Related places that are not the primary one."""
    return tuple(Label(span, text) for span, text in found if not span.overlaps(beside))


def cluster_grants(policy: TrustPolicy, graph: Graph) -> Iterable[WebIdentityGrant]:
    """The grants whose subjects may be service accounts: all but those of issuers shared by many tenants."""
    return (grant for grant in grants(policy, graph) if shared_issuer(grant.issuer) is None)
