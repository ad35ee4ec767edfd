"""The rule `irsa-audience-mismatch`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph.views import IrsaBinding
from rolecall.iam.trust import Token, admits, web_identity_grants
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar

_KEY = "eks.amazonaws.com/audience"
_DEFAULT = "sts.amazonaws.com"


@rule(
    "irsa-audience-mismatch",
    summary="the role's trust policy does not admit the audience of the service account's tokens",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.IAM_JSON, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook#usage",
    ),
    yields_to=("irsa-role-arn-malformed", "trust-wildcard-in-stringequals", "trust-duplicate-key"),
    tags=("irsa", "trust"),
)
def irsa_audience_mismatch(binding: IrsaBinding) -> Iterator[Finding | Unevaluated]:
    """Finds service accounts whose tokens are for another audience than their role's trust policy admits.

    The audience is `sts.amazonaws.com`, unless the service account has `eks.amazonaws.com/audience`. In China the trust
    policy may name `sts.amazonaws.com.cn`, and the rule is silent.

    An audience that is not known, at either place, is counted as not evaluated.

    ## Why it matters
    The webhook projects a token for that audience only. STS compares it with the `aud` condition and refuses the pod's
    first request with `AccessDenied`.

    ## How to fix it
    Let the condition on `aud` be `sts.amazonaws.com`, and remove the annotation; or write the same audience at both
    places and in the provider's client ids.
    """
    role, account = binding.role, binding.service_account
    if role is None or role.trust is None:
        return
    document = role.trust.document
    values = [
        value
        for grant in web_identity_grants(document)
        for condition in grant.audience.positive
        for value in condition.values
    ]
    if not values or any((value.known or "").endswith(".amazonaws.com.cn") for value in values):
        return
    if any(character in (value.known or "") for value in values for character in "*?"):
        return
    entry = account.annotation(_KEY)
    if entry is not None and isinstance(entry.value, Scalar) and entry.value.holes:
        why = entry.value.hole.why
        yield Unevaluated(f"the audience of the tokens of {account.display}", why, entry.value.span)
        return
    # An empty annotation is none.
    audience = (entry.value.known if entry is not None and isinstance(entry.value, Scalar) else None) or _DEFAULT
    whatever = Token(None, None, None, willing=True)
    verdict = admits(document, Token(None, None, (audience,), willing=True))
    hole = next((hole for value in values for hole in value.holes), None)
    if verdict.answer is Answer.UNKNOWN and hole is not None:
        what = f"whether {role.display} admits the audience `{audience}`"
        yield Unevaluated(what, hole.why, binding.annotation.value.span)
    if verdict.answer is not Answer.NO or admits(document, whatever).answer is not Answer.YES:
        return
    admitted = ", ".join(f"`{value.display}`" for value in values[:2])
    written = entry is not None and entry.value.span
    yield Finding(
        f"tokens of {account.display} are for the audience `{audience}`, and {role.display} admits {admitted} only, so"
        " its pods' AWS calls fail with AccessDenied",
        at=Label(written or binding.annotation.value.span, f"tokens are for `{audience}`"),
        related=tuple(Label(value.span, "is another audience") for value in values[:3]),
        help=f"Make the trust policy's aud `{audience}`"
        + (f", or remove {_KEY}." if written and audience != _DEFAULT else "."),
        subject=f"{account.display} {role.display}",
    )
