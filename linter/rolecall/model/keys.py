"""Static keys on their way: where access keys go that Terraform or CloudFormation makes, and what user data holds."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.images import CommandSetting
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Scalar


class KeyUse(Enum):
    """Where a key ends up: in a cluster, in what an instance starts with, in the clear, in a store of secrets."""

    CLUSTER = "cluster"
    USER_DATA = "user data"
    FILE = "file"
    PARAMETER = "plain parameter"
    OUTPUT = "output"
    STORE = "store of secrets"


@dataclass(frozen=True, slots=True)
class KeyFlow:
    """A place that is given a part of an access key.

    `attribute`: `id`, `secret`, `ses_smtp_password_v4`, or empty for the key as a whole. `target` is the place as a
    message names it (`Secret pay/app`), `address` the block that fills it, `span` the value there.
    """

    use: KeyUse
    attribute: str
    target: str
    address: str
    span: Span

    @property
    def carries_secret(self) -> bool:
        """Whether the secret access key is in it."""
        return self.attribute in ("", "secret")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key that Terraform or CloudFormation makes for an IAM user, with all places seen to get a part of it.

    `pgp_key`: the secret is encrypted for the owner of this PGP key, and no other attribute holds it. `status`:
    `Active` if it is not written. `sends_mail`: the password for SES' SMTP that is made of the
    key is used, and its secret is not.
    """

    origin: Origin
    user: Scalar | None
    pgp_key: Scalar | None = None
    status: Scalar | None = None
    flows: tuple[KeyFlow, ...] = ()
    sends_mail: bool = False
    made_by: str = "Terraform"

    @property
    def is_unexplained(self) -> bool:
        """Whether it works, its secret can be had, and nothing that is seen shows what it is for."""
        inactive = self.status is not None and self.status.known == "Inactive"
        encrypted = self.pgp_key is not None and not self.pgp_key.is_null and not self.pgp_key.is_empty
        return not (inactive or encrypted or self.sends_mail or self.flows)


@dataclass(frozen=True, slots=True)
class UserData:
    """What an EC2 instance runs when it starts: the AWS credentials that it holds or sets, masked.

    `settings` are in the order of the text; the `manner` of one that no command sets is `text`. `other_store` is
    whether the text names storage that speaks AWS's protocol but is not AWS.
    """

    origin: Origin
    settings: tuple[CommandSetting, ...]
    other_store: bool = False
