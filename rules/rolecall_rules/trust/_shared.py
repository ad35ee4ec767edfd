"""What the trust rules have in common: one finding a text, the provider behind an issuer, and what is not evaluated."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.iam.conditions import Presence, Quantifier, holds, key_of, operator_of
from rolecall.iam.issuers import (
    GITHUB,
    Issuer,
    SharedIssuer,
    is_placeholder,
    is_private,
    same,
    shared_issuer,
    without_scheme,
)
from rolecall.iam.patterns import FRESH, Text
from rolecall.iam.trust import (
    ASSUME_ROLE,
    Caller,
    Token,
    WebIdentityGrant,
    account_of,
    admits,
    allows_action,
    effect_of,
    is_oversized,
    web_identity_grants,
)
from rolecall.iam.trust_subjects import PREFIX, UNNAMED
from rolecall.iam.trust_vacuous import Vacuous, vacuous
from rolecall.model import Condition, OidcProvider, PolicyDocument, Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Label
from rolecall.span import Span
from rolecall.tree import Hole, Scalar


def speaks_for_text(policy: TrustPolicy, graph: Graph) -> bool:
    """Whether this is the policy for which a finding on its text stands, when several roles use one text.

    Of a policy that IAM would refuse for its length nothing is said.
    """
    return id(policy) in graph.keep(_evaluated)


def stands_for_text(policy: TrustPolicy, graph: Graph) -> bool:
    """Whether this is the first of the policies that are one text, however long."""
    return id(policy) in graph.keep(_first_of_each_text)


def _evaluated(graph: Graph) -> frozenset[int]:
    policies = graph.all(TrustPolicy)
    return frozenset(id(one) for one in policies if stands_for_text(one, graph) and not is_oversized(one.document))


def _first_of_each_text(graph: Graph) -> frozenset[int]:
    first: dict[PolicyDocument, TrustPolicy] = {}
    for policy in graph.all(TrustPolicy):
        first.setdefault(policy.document, policy)
    return frozenset(map(id, first.values()))


def grants(policy: TrustPolicy, graph: Graph) -> Iterable[WebIdentityGrant]:
    """The issuers a policy trusts with web identity, each read from its provider where the world declares it.

    An issuer of which only a condition's key tells is that of the key: no token of another one meets the condition.
    """
    # Some twenty rules ask for them.
    found = graph.keep(_all_grants).get(id(policy))
    return found if found is not None else tuple(_grants(policy, graph))


def _all_grants(graph: Graph) -> dict[int, tuple[WebIdentityGrant, ...]]:
    policies = (policy for policy in graph.all(TrustPolicy) if not is_oversized(policy.document))
    return {id(policy): tuple(_grants(policy, graph)) for policy in policies}


def _grants(policy: TrustPolicy, graph: Graph) -> Iterator[WebIdentityGrant]:
    for grant in web_identity_grants(policy.document):
        if grant.issuer.known is not None:
            yield grant
            continue
        provider = provider_of(graph, grant.issuer, policy)
        if provider is not None and provider.url is not None and provider.url.known:
            yield replace(grant, issuer=Issuer(without_scheme(provider.url.parts)))
        else:
            yield replace(grant, issuer=_issuer_of_keys(grant) or grant.issuer)


def _issuer_of_keys(grant: WebIdentityGrant) -> Issuer | None:
    """The issuer whose claim a condition asks for, in words, so that it has to be there."""
    for condition in (*grant.subject.positive, *grant.audience.positive):
        operator, issuer = operator_of(condition.operator), key_of(condition.key).issuer
        if operator is None or operator.if_exists or operator.quantifier is Quantifier.ALL:
            continue
        if issuer is not None and issuer.known is not None and not is_placeholder(issuer.known):
            return issuer
    return None


def provider_of(graph: Graph, issuer: Issuer, policy: TrustPolicy) -> OidcProvider | None:
    """The OIDC provider of this world that an issuer of a trust policy certainly is; None for none or several.

    IAM looks for it in the role's own account, so one of another provider configuration is not meant by its URL alone.
    """
    by_address = graph.keep(_providers_by_address)
    found = [provider for address in issuer.addresses for provider in by_address.get(address, ())]
    if not found:
        # Texts that are both known are the same issuer, or surely not; of the others each is asked.
        by_url = graph.keep(_providers_by_url)
        known = issuer.known
        unsure = by_url.get(None, []) if known is not None else [one for some in by_url.values() for one in some]
        found = [provider for issued, provider in unsure if same(issued, issuer) is Answer.YES]
        found += [provider for _, provider in by_url.get(known.lower(), ())] if known is not None else []
        found = [provider for provider in found if not _is_apart(provider, policy)]
    return found[0] if len(found) == 1 else None


def _is_apart(provider: OidcProvider, policy: TrustPolicy) -> bool:
    """Whether two resources of one Terraform configuration are made by different configurations of the provider."""
    names = (provider.configuration, policy.configuration)
    return provider.origin.unit == policy.origin.unit and None not in names and names[0] != names[1]


def _providers_by_address(graph: Graph) -> dict[tuple[str, str], list[OidcProvider]]:
    found: dict[tuple[str, str], list[OidcProvider]] = defaultdict(list)
    for provider in graph.all(OidcProvider):
        found[provider.origin.unit, provider.origin.address].append(provider)
    return found


def _providers_by_url(graph: Graph) -> dict[str | None, list[tuple[Issuer, OidcProvider]]]:
    """The providers by their URL as it compares; under None those whose URL is known in part."""
    found: dict[str | None, list[tuple[Issuer, OidcProvider]]] = defaultdict(list)
    for provider in graph.all(OidcProvider):
        if provider.url is not None:
            issued = Issuer(without_scheme(provider.url.parts))
            found[issued.known.lower() if issued.known is not None else None].append((issued, provider))
    return found


_GITHUB_SUBJECT: Text = (f"repo:{FRESH}/{FRESH}:ref:refs/heads/{FRESH}",)


def stranger_of(grant: WebIdentityGrant) -> Token:
    """A token of a grant's issuer whose holder nobody has named."""
    subject = _GITHUB_SUBJECT if shared_issuer(grant.issuer) is GITHUB else UNNAMED
    return Token(None, subject, None, willing=True)


def cause_of_openness(grant: WebIdentityGrant) -> Vacuous | None:
    """The condition that was meant to bind the subject and restricts nothing, where no other is on the subject."""
    shared = shared_issuer(grant.issuer)
    by_subject = shared is None or "sub" in shared.tenancy
    return next(vacuous(grant), None) if by_subject and not grant.subject.positive else None


def vain(grant: WebIdentityGrant) -> Label | None:
    """Where the condition stands that was meant to bind the subject and restricts nothing."""
    cause = cause_of_openness(grant)
    return Label(cause.at, "does not bind the subject") if cause is not None else None


def tenant_issuer(grant: WebIdentityGrant) -> SharedIssuer | None:
    """The shared issuer other than GitHub that this grant trusts; rules of their own speak about those."""
    shared = shared_issuer(grant.issuer)
    return shared if shared is not GITHUB else None


def unevaluated(policy: TrustPolicy, statement: Statement | None, holes: Iterable[Hole]) -> Unevaluated:
    """A trust policy of which a hole hides what a rule asks for: the same words from every rule."""
    hole = next(iter(holes), Hole("a condition that is not understood"))
    return Unevaluated(
        f"trust policy of {policy.display}",
        hole.why,
        statement.head if statement is not None else policy.document.span,
    )


def how_to_bind(policy: TrustPolicy, grant: WebIdentityGrant, claim: str, value: str) -> str:
    """What to add so that a claim is bound; the key in full only where the issuer is known."""
    for bound, name in policy.inputs:
        if bound == claim:
            return f'Give {policy.origin.within} {name} = ["{value}"].'
    condition = "the statement's condition"
    if grant.issuer.known is not None:
        return f'Add "StringEquals": {{"{grant.issuer.known}:{claim}": "{value}"}} to {condition}.'
    keys = (key_of(one.key) for one in grant.statement.conditions)
    other = next((key.name for key in keys if key.issuer is not None and key.name), None)
    begins = f"begins as the one that ends in :{other}" if other else "begins with the issuer, without https://,"
    return f'Add "StringEquals" with "{value}" to {condition}, on a key that {begins} and ends in :{claim}.'


def right_subject(grant: WebIdentityGrant) -> str:
    """What the subject of an issuer's tokens looks like, for help."""
    shared = shared_issuer(grant.issuer)
    if shared is GITHUB:
        return "repo:<owner>/<repository>:ref:refs/heads/main"
    if shared is not None or is_private(grant.issuer):
        return "<subject>"
    return f"{PREFIX}<namespace>:<service account>"


def principal_label(grant: WebIdentityGrant, text: str) -> Label:
    """The issuer that the statement trusts, where the statement names it."""
    return Label(grant.principal.value.used, text)


def dropped(statement: Statement, is_wrong: Callable[[Statement], bool]) -> Label | None:
    """The key whose dropping makes a statement wrong: written twice, what stands under the first would mend it.

    That key is then the text that is wrong, and the rule about duplicates speaks of it.
    """
    for duplicate in statement.duplicates:
        actions = duplicate.lost if duplicate.dropped.known == "Action" else ()
        meant = replace(
            statement,
            conditions=(*statement.conditions, *duplicate.conditions),
            actions=(*statement.actions, *actions),
        )
        if not is_wrong(meant):
            return Label(duplicate.dropped.span, "does not count: the same key is written again")
    return None


def admitting(document: PolicyDocument, request: Token | Caller) -> Callable[[Statement], bool]:
    """Whether a statement of a policy, or another in its place, certainly admits a request."""
    return lambda statement: admits(document, request, only=statement).answer is Answer.YES


def labels(*found: tuple[Span, str], beside: Span) -> tuple[Label, ...]:
    """Related places that are not the primary one."""
    return tuple(Label(span, text) for span, text in found if not span.overlaps(beside))


def whole_accounts(document: PolicyDocument, own: str | None) -> Iterator[tuple[Statement, Scalar, str]]:
    """The accounts but the role's `own` that a policy lets assume the role as a whole, each where it is named.

    A condition or a Deny may still keep all, or all but some, of an account's principals out: ask for `anybody_in` it.
    """
    for statement in document.statements:
        if effect_of(statement) != "Allow" or allows_action(statement, ASSUME_ROLE) is not Answer.YES:
            continue
        for principal in statement.principals:
            text = principal.value.known if principal.type.known == "AWS" else None
            account = account_of(text) if text is not None else None
            if account is not None and account != own:
                yield statement, principal.value, account


def anybody_in(account: str) -> Caller:
    """A principal of an account of which nothing else is known: it has no tags, and gives no external id."""
    return Caller(account, weak=False, tags=False)


def cluster_grants(policy: TrustPolicy, graph: Graph) -> Iterable[WebIdentityGrant]:
    """The grants whose subjects may be service accounts: all but those of issuers shared by many tenants."""
    return (grant for grant in grants(policy, graph) if shared_issuer(grant.issuer) is None)


def outcome_without_key(statement: Statement, condition: Condition) -> str:
    """What a statement does whose condition asks for a key that no token has, in words."""
    met = holds(condition, Presence.ABSENT)
    if met is Answer.UNKNOWN:
        return "so the condition does not do what it says"
    if effect_of(statement) == "Deny":
        return "so it keeps every token out" if met is Answer.YES else "so the Deny keeps nobody out"
    if met is Answer.YES:
        return "so the condition is met by every token and restricts nothing"
    return "so the condition is never met and nobody can assume the role with a token"
