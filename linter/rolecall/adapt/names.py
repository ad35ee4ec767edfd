"""Names and ARNs that are made of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.tree import Kind, Scalar, merged

if TYPE_CHECKING:
    from rolecall.tree import Hole


def iam_arn(account: Hole, name: Scalar, kind: str, path: Scalar | None) -> Scalar:
    """The ARN of an IAM object of this kind (`role`, `policy`), in an account that is not known."""
    folder = path.parts if path is not None else ("/",)
    return Scalar(merged(("arn:aws:iam::", account, f":{kind}", *folder, *name.parts)), Kind.STRING, name.span)
