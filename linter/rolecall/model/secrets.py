"""What kind of text a credential-like value is. The material itself is never part of the model."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Scalar


# The variables that SDKs read (aws-sdk-go-v2 config/env_config.go, aws-sdk-ruby credential_provider_chain.rb, botocore
# credentials.py). The first of each is the one that all of them know.
KEY_ID_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AMAZON_ACCESS_KEY_ID")
SECRET_KEY_NAMES = ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AMAZON_SECRET_ACCESS_KEY")
TOKEN_NAMES = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AMAZON_SESSION_TOKEN")


class MaterialKind(Enum):
    """What a value is, judged by its shape and by the name it stands under."""

    EMPTY = "empty"
    KEY_ID = "long-term access key id"
    TEMPORARY_KEY_ID = "temporary access key id"
    SECRET_KEY = "secret access key"  # noqa: S105 - the name of a kind
    SESSION_TOKEN = "session token"  # noqa: S105 - the name of a kind
    CREDENTIALS_FILE = "AWS credentials file with keys"
    CONFIG_FILE = "AWS config file without keys"
    PLACEHOLDER = "placeholder"
    UNKNOWN = "unknown"
    OTHER = "other text"


@dataclass(frozen=True, slots=True)
class Material:
    """A value's kind with what may be shown of it: a key id's first and last four characters, of a secret nothing."""

    kind: MaterialKind
    shown: str = ""
    account: str = ""

    @property
    def is_key(self) -> bool:
        """Whether this is real key material or a file of it."""
        return self.kind in _KEYS


_KEYS = frozenset(
    {
        MaterialKind.KEY_ID,
        MaterialKind.TEMPORARY_KEY_ID,
        MaterialKind.SECRET_KEY,
        MaterialKind.SESSION_TOKEN,
        MaterialKind.CREDENTIALS_FILE,
    }
)


@dataclass(frozen=True, slots=True)
class KeyLiteral:
    """Key material written in a file, comments included; `encoded` where it stands in base64.

    `secrets` are the places of the secrets that belong to a key id; `with_id`: this is such a secret.
    """

    material: Material
    span: Span
    path: str
    encoded: bool = False
    beside_secret: bool = False
    secrets: tuple[Span, ...] = ()
    with_id: bool = False


@dataclass(frozen=True, slots=True)
class ProviderCredentials:
    """Static credentials given to a Terraform `provider "aws"` or `backend "s3"`; `values` are (argument, kind)."""

    origin: Origin
    arguments: tuple[tuple[Scalar, Material], ...]
    emulator: bool = False
