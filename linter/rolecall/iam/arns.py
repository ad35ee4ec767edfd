"""What the ARN of a role says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    from rolecall.tree import Scalar

_ROLE = regex.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/")


def role_account(arn: Scalar | None) -> str | None:
    """The account in a role's ARN, the rest of which need not be known."""
    first = arn.parts[0] if arn is not None and arn.parts else None
    return account_in(first) if isinstance(first, str) else None


def account_in(arn: str) -> str | None:
    """The account in the text of a role's ARN."""
    found = _ROLE.match(arn)
    return found[1] if found is not None else None
