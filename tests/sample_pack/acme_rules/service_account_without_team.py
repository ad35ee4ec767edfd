"""One rule, in a file of its own, as in the built-in pack."""

from collections.abc import Iterator

from rolecall.model import ServiceAccount
from rolecall.rule import Confidence, Finding, Label, Severity, rule


@rule(
    "service-account-without-team",
    summary="a service account with an AWS role does not say which team owns it",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
)
def service_account_without_team(account: ServiceAccount) -> Iterator[Finding]:
    """Find annotated service accounts without the label `acme.example/team`.

    ## Why it matters
    When a role is misused, somebody has to be called.

    ## How to fix it
    Add the label.
    """
    role = account.annotation("eks.amazonaws.com/role-arn")
    if role is not None and account.label("acme.example/team") is None:
        yield Finding(
            f"{account.display} has an AWS role and no team",
            at=Label(account.name.span, "add the label acme.example/team"),
            related=(Label(role.key.span, "the role"),),
            subject=account.display,
        )
