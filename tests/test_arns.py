"""The account in a role's ARN, as far as the ARN is known."""

from __future__ import annotations

import pytest

from rolecall.iam.arns import role_account
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Scalar

HOLE = Hole("not known here")
AT = Span("a", 0, 1, 1, 1, 1, 2)


@pytest.mark.parametrize(
    ("parts", "account"),
    [
        (("arn:aws:iam::111122223333:role/app",), "111122223333"),
        (("arn:aws-us-gov:iam::111122223333:role/path/", HOLE), "111122223333"),
        (("arn:aws:iam::", HOLE, ":role/app"), None),
        (("arn:aws:iam::ACCOUNT:role/app",), None),
        (("arn:aws:sts::111122223333:assumed-role/app/s",), None),
        (("app",), None),
        ((), None),
    ],
)
def test_the_account_of_a_role(parts: tuple[str | Hole, ...], account: str | None) -> None:
    assert role_account(Scalar(parts, Kind.STRING, AT)) == account


def test_no_arn_has_no_account() -> None:
    assert role_account(None) is None
