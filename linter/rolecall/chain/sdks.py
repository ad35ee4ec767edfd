"""The AWS SDKs: in which order each looks for credentials, and what stops it. One row an SDK, with its source.

Each looks at its sources in its order, and takes the first that it finds. What is not finished (half of a key, a token
file without a role) stops some of them and is passed over by others.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from typing import Final


class Source(Enum):
    """Where an SDK looks for credentials."""

    KEYS = "keys in the environment"
    WEB_IDENTITY = "web identity"
    PROFILE_ROLE = "role of a profile"
    PROFILE = "shared files"
    RELATIVE_URI = "container credentials of ECS"
    FULL_URI = "container credentials"
    METADATA = "instance metadata"


class Flaw(Enum):
    """What is wrong with a source that is there."""

    HALF_KEY = "half of a key"
    TOKEN_ALONE = "a token file without a role"  # noqa: S105 - words
    NO_PROFILE = "a profile that is not there"
    REFUSED = "credentials that are refused"


@dataclass(frozen=True, slots=True)
class Sdk:
    """How one SDK finds credentials.

    `order`: where it looks, first to last. `stops_at` are the flaws at which it gives up with an error; past the others
    it goes on. `profile_hides_keys`: with `AWS_PROFILE` set it does not look at the keys of the environment. `key_ids`
    and `secrets` are the names of variables that it reads beside the usual ones. `loads_profile`: it reads the shared
    files before anything else, so that a profile that is not there stops it whatever else there is. `one_remote`: it
    asks the metadata service only where no URI of container credentials is set. `any_word_disables`: it takes any value
    of `AWS_EC2_METADATA_DISABLED` but `false` for true. `source`: where all of that is to be read.
    """

    name: str
    order: tuple[Source, ...]
    stops_at: frozenset[Flaw]
    source: str
    profile_hides_keys: bool = False
    loads_profile: bool = False
    one_remote: bool = False
    any_word_disables: bool = False
    key_ids: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


_KEYS, _WEB, _ROLE, _PROFILE = Source.KEYS, Source.WEB_IDENTITY, Source.PROFILE_ROLE, Source.PROFILE
_REMOTE = (Source.RELATIVE_URI, Source.FULL_URI, Source.METADATA)
_WEB_FIRST = (_KEYS, _WEB, _ROLE, _PROFILE, *_REMOTE)
_FILES_FIRST = (_KEYS, _ROLE, _PROFILE, _WEB, *_REMOTE)

SDKS: Final = (
    Sdk(
        "Python and the AWS CLI",
        # A profile's role comes before web identity, a profile's keys after it.
        (_KEYS, _ROLE, _WEB, _PROFILE, *_REMOTE),
        frozenset(Flaw),
        "https://github.com/boto/botocore/blob/develop/botocore/credentials.py",
        loads_profile=True,
    ),
    Sdk(
        "Go v2",
        (_KEYS, _WEB, _ROLE, _PROFILE, Source.FULL_URI, Source.RELATIVE_URI, Source.METADATA),
        frozenset({Flaw.TOKEN_ALONE, Flaw.NO_PROFILE, Flaw.REFUSED}),
        "https://github.com/aws/aws-sdk-go-v2/blob/main/config/resolve_credentials.go",
        loads_profile=True,
        key_ids=("AWS_ACCESS_KEY",),
        secrets=("AWS_SECRET_KEY",),
    ),
    Sdk(
        "Java v2",
        _WEB_FIRST,
        frozenset(),
        "https://github.com/aws/aws-sdk-java-v2/blob/master/core/auth/src/main/java/software/amazon/awssdk/auth/credentials/DefaultCredentialsProvider.java",
    ),
    Sdk(
        "JavaScript v3",
        _FILES_FIRST,
        frozenset({Flaw.REFUSED}),
        "https://github.com/aws/aws-sdk-js-v3/blob/main/packages/credential-provider-node/src/defaultProvider.ts",
        profile_hides_keys=True,
        one_remote=True,
        any_word_disables=True,
    ),
    Sdk(
        "Rust",
        _FILES_FIRST,
        frozenset({Flaw.REFUSED}),
        "https://github.com/awslabs/aws-sdk-rust/blob/main/sdk/aws-config/src/default_provider/credentials.rs",
    ),
    Sdk(
        "Kotlin",
        _FILES_FIRST,
        frozenset(),
        "https://github.com/awslabs/aws-sdk-kotlin/blob/main/aws-runtime/aws-config/common/src/aws/sdk/kotlin/runtime/auth/credentials/DefaultChainCredentialsProvider.kt",
    ),
    Sdk(
        "C++",
        _FILES_FIRST,
        frozenset(),
        "https://github.com/aws/aws-sdk-cpp/blob/main/src/aws-cpp-sdk-core/source/auth/AWSCredentialsProviderChain.cpp",
        one_remote=True,
    ),
    Sdk(
        "PHP",
        _WEB_FIRST,
        frozenset(),
        "https://github.com/aws/aws-sdk-php/blob/master/src/Credentials/CredentialProvider.php",
        one_remote=True,
    ),
    Sdk(
        "Ruby",
        _WEB_FIRST,
        frozenset({Flaw.REFUSED}),
        "https://github.com/aws/aws-sdk-ruby/blob/version-3/gems/aws-sdk-core/lib/aws-sdk-core/credential_provider_chain.rb",
        one_remote=True,
        key_ids=("AMAZON_ACCESS_KEY_ID",),
        secrets=("AMAZON_SECRET_ACCESS_KEY",),
    ),
    Sdk(
        ".NET v4",
        _WEB_FIRST,
        frozenset({Flaw.NO_PROFILE, Flaw.REFUSED}),
        "https://docs.aws.amazon.com/sdk-for-net/v4/developer-guide/creds-assign.html",
        secrets=("AWS_SECRET_KEY",),
    ),
    Sdk(
        ".NET v3",
        (_WEB, _ROLE, _PROFILE, _KEYS, *_REMOTE),
        frozenset({Flaw.REFUSED}),
        "https://docs.aws.amazon.com/sdk-for-net/v3/developer-guide/creds-assign.html",
        secrets=("AWS_SECRET_KEY",),
    ),
)
"""Every SDK whose order is known. AWS says that they differ:
https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html"""
