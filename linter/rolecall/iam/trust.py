"""Who a trust policy admits: every statement, Allow and Deny, evaluated for a token or a caller, in three values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, Verdict, all_of, any_of
from rolecall.iam.conditions import ANYTHING, Key, Presence, holds, is_positive, key_of
from rolecall.iam.issuers import Issuer, issuer_of, same, shared_issuer
from rolecall.iam.patterns import FRESH, Pattern, glob, literal, pattern
from rolecall.iam.principals import is_nobody
from rolecall.iam.trust_decision import Applied, Decision, Ground, applied, decision, may_be
from rolecall.iam.trust_decision import effect_of as effect_of  # noqa: PLC0414 - exported
from rolecall.records import dataclass
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    from rolecall.iam.conditions import Value
    from rolecall.iam.patterns import Text
    from rolecall.model import Condition, PolicyDocument, Principal, Statement
    from rolecall.tree import Scalar

    class Request(Protocol):
        """A request to assume a role: what is asked, who asks, and what its context holds."""

        @property
        def action(self) -> str:
            """The STS action."""

        def fits(self, principal: Principal) -> tuple[Answer, Issuer | None]:
            """Whether the principal is who asks, and through which issuer."""

        def value(self, key: Key, issuer: Issuer | None) -> Value:
            """What the request's context holds for a condition key."""


ASSUME_ROLE = "sts:AssumeRole"
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
SAML = "sts:AssumeRoleWithSAML"
TAG_SESSION = "sts:TagSession"
ASSUME_ACTIONS = (ASSUME_ROLE, WEB_IDENTITY, SAML)


@dataclass(frozen=True, slots=True)
class Token:
    """A web-identity token. What is None is whatever suits whoever holds it.

    `issuer` is written without a scheme; None means any that a statement trusts. `willing`: conditions on other
    claims and on global keys are taken as met by an Allow and as avoided in a Deny, except claims that tell an
    issuer's tenants apart, which hold a name that nobody wrote. Otherwise those conditions are unknown.
    `account` is the role's, where it is known: IAM looks for the provider there. `voucher` is the principal that is
    known to be the token's issuer, however differently the two are written.
    """

    issuer: Issuer | None = None
    subject: Text | None = None
    audience: Text | None = None
    willing: bool = False
    account: str | None = None
    voucher: Principal | None = None

    @property
    def action(self) -> str:
        """The STS action."""
        return WEB_IDENTITY

    def fits(self, principal: Principal) -> tuple[Answer, Issuer | None]:
        """Whether the principal is this token's issuer."""
        own = self.issuer
        kind, value = principal.type.known, principal.value.known
        if value == "*" and kind in ("*", "AWS", "Federated"):
            return Answer.YES, own
        if kind is None:
            return Answer.UNKNOWN, own
        written = issuer_of(principal.value) if kind == "Federated" else None
        if written is None or written.scheme or self._is_elsewhere(value):
            # No provider's ARN has a scheme in it.
            return Answer.NO, own
        if own is None or principal is self.voucher:
            found = Answer.YES
        elif written.known is not None and own.known is not None:
            # Unlike a condition's key, the issuer itself is compared with regard to case.
            found = Answer.of(written.known == own.known)
        else:
            found = same(written, own)
        return (Answer.NO if found is not Answer.NO and is_nobody(principal) else found), written

    def _is_elsewhere(self, principal: str | None) -> bool:
        """Whether a provider is known not to be in the role's account."""
        if self.account is None or principal is None:
            return False
        return provider_account(principal) not in (None, self.account)

    def value(self, key: Key, issuer: Issuer | None) -> Value:
        """The claim, or what a token's holder can make of a global key."""
        if key.name is None or (key.issuer is None and not self.willing):
            return Presence.UNKNOWN
        if key.issuer is None:
            return ANYTHING
        if key.scheme or (issuer is not None and same(key.issuer, issuer) is Answer.NO):
            return Presence.ABSENT
        if key.name in ("sub", "aud"):
            text = self.subject if key.name == "sub" else self.audience
            return literal(text) if text is not None else ANYTHING
        return self._other_claim(key.name, issuer or key.issuer, key.issuer)

    def _other_claim(self, name: str, *issuers: Issuer) -> Value:
        if not self.willing:
            return Presence.UNKNOWN
        shared = next(filter(None, map(shared_issuer, issuers)), None)
        return literal(FRESH) if shared and name in (*shared.tenancy, *shared.other_tenancy) else ANYTHING


# What another account cannot choose. aws:PrincipalTag, aws:username and the like it can.
_IDENTITY_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourcevpcarn",
    }
)
_WEAK_KEYS = frozenset({"sts:externalid", "aws:sourceip", "aws:vpcsourceip"})
_ARN_ACCOUNT = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """An AWS principal of an account: a name that nobody wrote, in the given account or in one that nobody wrote.

    `weak`: it also knows the external id and sits behind the right address. `tags`: it can choose its own tags,
    as whoever owns the account can. `arn` fixes the principal.
    """

    account: str = FRESH
    weak: bool = True
    tags: bool = True
    arn: str | None = None

    @property
    def action(self) -> str:
        """The STS action."""
        return ASSUME_ROLE

    def fits(self, principal: Principal) -> tuple[Answer, Issuer | None]:
        """Whether the principal is this caller or its account."""
        kind, value = principal.type.known, principal.value.known
        if value == "*" and kind in ("*", "AWS"):
            return Answer.YES, None
        if kind is None:
            return Answer.UNKNOWN, None
        if kind != "AWS":
            return Answer.NO, None
        if value is not None:
            return Answer.of(account_of(value) == self.account or (self.arn is not None and value == self.arn)), None
        written = pattern(principal.value, like=True)
        return written.matches(self.arn or f"arn:aws:iam::{self.account}:root"), None

    def value(self, key: Key, issuer: Issuer | None) -> Value:
        """The identity's own keys; what anybody can choose is anything."""
        del issuer
        if key.name is None:
            return Presence.UNKNOWN
        if key.issuer is not None or key.name.startswith("saml:"):
            return Presence.ABSENT
        if key.name == "aws:principalarn":
            return self._arn()
        if key.name == "aws:principalaccount":
            return literal(self.account)
        tag = key.name.startswith(("aws:principaltag/", "aws:requesttag/"))
        chosen = self.weak if key.name in _WEAK_KEYS else self.tags if tag else key.name not in _IDENTITY_KEYS
        return ANYTHING if chosen else literal(FRESH)

    def _arn(self) -> Pattern:
        if self.arn is not None:
            return literal(self.arn)
        # In an account of one's own every name can be had; in somebody else's the caller is one whom nobody named.
        return glob(f"arn:aws:iam::{FRESH}:*") if self.account == FRESH else literal(_unnamed(self.account))


def _unnamed(account: str) -> str:
    return f"arn:aws:iam::{account}:role/{FRESH}"


def account_of(principal: str) -> str | None:
    """The account to which an AWS principal delegates: an account id, or the ARN of its `root`."""
    if len(principal) == 12 and principal.isdigit():
        return principal
    parts = principal.split(":")
    if len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam" and parts[5] == "root":
        return parts[_ARN_ACCOUNT]
    return None


def provider_account(principal: str) -> str | None:
    """The account of an OIDC provider's ARN.

    It has to be the role's own: repost.aws/knowledge-center/iam-oidc-idp-federation.
    """
    parts = principal.split(":", 5)
    return parts[_ARN_ACCOUNT] if len(parts) == 6 and parts[5].startswith("oidc-provider/") else None


# The quota of a trust policy's length: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
OVERSIZED = Hole("longer than the 8,192 characters that IAM takes for a trust policy")
_MOST_PARTS = 2000


def is_oversized(document: PolicyDocument) -> bool:
    """Whether a policy has more parts than any that IAM takes; such a one is not evaluated."""
    parts = 0
    for statement in document.statements:
        parts += 1 + len(statement.principals) + len(statement.not_principals) + len(statement.actions)
        parts += len(statement.not_actions) + sum(1 + len(condition.values) for condition in statement.conditions)
        if parts > _MOST_PARTS:
            return True
    return False


def admits(document: PolicyDocument, request: Request, *, only: Statement | None = None) -> Verdict:
    """Whether a policy admits a request: some Allow applies (with `only`, that one), and no Deny certainly does."""
    return decide(document, request, only=only).verdict


def decide(document: PolicyDocument, request: Request, *, only: Statement | None = None) -> Decision:
    """The same, with what each statement says."""
    if is_oversized(document):
        return Decision(document, Answer.UNKNOWN, unseen=OVERSIZED)
    allowing = [only] if only is not None else [one for one in document.statements if may_be(one, "Allow")]
    return decision(
        document,
        tuple([_applied(statement, request, deny=False) for statement in allowing]),
        tuple([_applied(one, request, deny=True) for one in document.statements if may_be(one, "Deny")]),
        whole=only is None,
    )


def admits_token(
    document: PolicyDocument, issuer: str | None, subject: str | Text | None, audience: str | Text | None
) -> Verdict:
    """Whether a policy admits a web-identity token; what is None is whatever the policy asks for.

    Conditions on claims other than `sub` and `aud` are unknown.
    """
    text = (subject,) if isinstance(subject, str) else subject
    wanted = (audience,) if isinstance(audience, str) else audience
    own = Issuer((issuer.removeprefix("https://"),)) if issuer is not None else None
    return admits(document, Token(own, text, wanted))


def _applied(statement: Statement, request: Request, *, deny: bool) -> Applied:
    """Whether a statement applies: to some form of the request for an Allow, to every form of it for a Deny."""
    return applied(
        statement,
        allows_action(statement, request.action),
        tuple([_ground(statement, request, found, deny=deny) for found in principals_of(statement, request)]),
    )


def _ground(
    statement: Statement, request: Request, found: tuple[Principal | None, Answer, Issuer | None], *, deny: bool
) -> Ground:
    principal, fits, issuer = found
    met = tuple(
        [
            (condition, holds(condition, request.value(key_of(condition.key), issuer), every=deny))
            for condition in statement.conditions
        ]
    )
    seen = Answer.UNKNOWN if statement.conditions_rest is not None else Answer.YES
    return Ground(principal, fits, issuer, met, all_of((fits, *(answer for _, answer in met), seen)))


def principals_of(statement: Statement, request: Request) -> Iterator[tuple[Principal | None, Answer, Issuer | None]]:
    """The principals that are, or may be, who asks; with the issuer that vouches for them."""
    if statement.not_principals:
        others = any_of(request.fits(principal)[0] for principal in statement.not_principals)
        yield None, others.negated(), request.issuer if isinstance(request, Token) else None
        return
    for principal in statement.principals:
        fits, issuer = request.fits(principal)
        if fits is not Answer.NO:
            yield principal, fits, issuer
    if statement.principals_rest is not None:
        yield None, Answer.UNKNOWN, None


def allows_action(statement: Statement, action: str) -> Answer:
    """Whether a statement's `Action` or `NotAction` takes an action. Actions are globs, without regard to case."""
    if statement.not_actions:
        return _among(statement.not_actions, action, statement.actions_rest).negated()
    return _among(statement.actions, action, statement.actions_rest)


def _among(written: Iterable[Scalar], action: str, rest: Hole | None) -> Answer:
    found = any_of(pattern(scalar, like=True, ignore_case=True).matches(action) for scalar in written)
    return any_of((found, Answer.UNKNOWN)) if rest is not None else found


def assume_actions(statement: Statement) -> tuple[str, ...]:
    """The actions for assuming a role that a statement certainly takes."""
    return tuple(action for action in ASSUME_ACTIONS if allows_action(statement, action) is Answer.YES)


@dataclass(frozen=True, slots=True)
class Constraint:
    """The conditions on one claim. `rest`: there may be more that are not seen."""

    claim: str
    conditions: tuple[Condition, ...]
    rest: Hole | None = None

    @property
    def positive(self) -> tuple[Condition, ...]:
        """The conditions that name what they admit."""
        return tuple(condition for condition in self.conditions if is_positive(condition))


@dataclass(frozen=True, slots=True)
class WebIdentityGrant:
    """One issuer that one Allow statement trusts to assume the role, with the conditions on its tokens.

    `mismatched` are conditions on claims that are certainly absent from its tokens: of issuers that this is not, and
    of issuers written with a scheme.
    """

    statement: Statement
    principal: Principal
    issuer: Issuer
    subject: Constraint
    audience: Constraint
    mismatched: tuple[Condition, ...] = ()


def web_identity_grants(document: PolicyDocument) -> Iterator[WebIdentityGrant]:
    """Every issuer that a statement certainly allows to assume the role with its tokens."""
    if is_oversized(document):
        return
    for statement in document.statements:
        if effect_of(statement) != "Allow" or allows_action(statement, WEB_IDENTITY) is not Answer.YES:
            continue
        for principal in statement.principals:
            issuer = issuer_of(principal.value) if principal.type.known == "Federated" else None
            if issuer is not None:
                yield _grant(statement, principal, issuer)


def _grant(statement: Statement, principal: Principal, issuer: Issuer) -> WebIdentityGrant:
    claims: dict[str, list[Condition]] = {"sub": [], "aud": []}
    mismatched: list[Condition] = []
    for condition in statement.conditions:
        key = key_of(condition.key)
        if key.issuer is None:
            continue
        if key.scheme or same(key.issuer, issuer) is Answer.NO:
            mismatched.append(condition)
        elif key.name in claims:
            claims[key.name].append(condition)
    rest = statement.conditions_rest
    return WebIdentityGrant(
        statement,
        principal,
        issuer,
        Constraint("sub", tuple(claims["sub"]), rest),
        Constraint("aud", tuple(claims["aud"]), rest),
        tuple(mismatched),
    )
