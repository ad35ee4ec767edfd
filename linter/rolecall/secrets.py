"""Telling AWS key material from look-alikes, and masking it before anything else sees it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model.secrets import Material, MaterialKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.tree import Scalar

HIDDEN = "***"
"""What stands where a secret stood."""

# IAM user guide, "IAM identifiers": of all prefixes only these two are access keys. The sixteen characters that follow
# are base32 (https://awsteele.com/blog/2020/09/26/aws-access-key-format.html).
# Behind an escape such as \n or %3D there is no word boundary.
# `re` finds a first letter many times faster than a look-behind; hence these look back over four characters.
KEY_ID = regex.compile(r"A[KS]IA(?:(?<=\b.{4})|(?<=\\[nrt].{4})|(?<=%[0-9A-F]{2}.{4}))[A-Z2-7]{16}\b")
_KEY_ID_LIKE = regex.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))(?:AKIA|ASIA)[A-Z0-9]{12,28}(?![A-Za-z0-9])"
)
_SECRET = regex.compile(r"[A-Za-z0-9/+]{40}")
_TOKEN = regex.compile(r"[A-Za-z0-9/+]{32,}={0,2}")
# What the base64 of a session token's header begins with, in the formats that STS has used.
_TOKEN_STARTS = ("FwoG", "IQoJ", "FQoG")

_UNRESOLVED = regex.compile(r"\$\{|\{\{|\$\(|\$[A-Za-z_]\w*$|ENC\[|%\{|%%|#\{|\(\(|@[A-Z_]+@|\{\w+\}")
_PLACEHOLDER_WORDS = regex.compile(
    r"example|x{4}|fake|dummy|sample|placeholder|changeme|change[-_]me|foobar|redacted|notreal|not[-_]real"
    r"|replace|your[-_]|^your|insert|qwertyuiop|invalid|mock",
    re.IGNORECASE,
)
_PLACEHOLDER_VALUES = regex.compile(
    r"tests?|testing|minio|minioadmin|minio123|minio-?user|localstack|local|foo|ba[rz]|none|null|nil|undefined|todo|tbd"
    r"|fixme|secret|password|key|id|access|(?:my|access|secret|secret_?access)[-_]?key(?:[-_]?id)?|admin|root|user|string"
    r"|anything|whatever|unused|empty|na|n/a|true|false|aws",
    re.IGNORECASE,
)
_BRACKETED = regex.compile(r"<.*>|\[.*\]|\*\*.*|__.*__|%.*%|\.{3,}|[*x.\-_#?0]+", re.IGNORECASE | re.DOTALL)

_OTHER_STORES = regex.compile(
    r"minio|localstack|r2\.cloudflarestorage|digitaloceanspaces|backblazeb2|wasabisys|storage\.googleapis\.com"
    r"|seaweed|rook-ceph|ceph|scw\.cloud|linodeobjects|coreweave|object\.lga1|moto[-_:]|dynamodb-local|garage|oraclecloud",
    re.IGNORECASE,
)


class _Role(Enum):
    """What a name says that its value is."""

    KEY_ID = "key id"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    TOKEN = "token"  # noqa: S105 - the name of a kind


def is_credential_name(name: str) -> bool:
    """Whether a key or variable name means an access key id, its secret or a session token, in any spelling."""
    return _role(name) is not None


def is_aws_secret_name(name: str) -> bool:
    """Whether a name can only mean AWS's secret access key; `secret_key` alone is many a framework's own."""
    return _plain(name[-200:]).endswith(("secretaccesskey", "awssecretkey", "amazonsecretkey"))


def account_of(key_id: str) -> str:
    """The account that an access key id encodes, twelve digits; empty for ids of the older format.

    Source: https://awsteele.com/blog/2020/09/26/aws-access-key-format.html. Ids made before 2019 mostly begin with
    `AKIAI` or `AKIAJ` and encode nothing.
    """
    if not KEY_ID.fullmatch(key_id) or key_id[4] in "IJ":
        return ""
    number = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
    account = (number & 0x7FFFFFFFFF80) >> 7
    return f"{account:012d}" if account < 10**12 else ""


def classify(name: str, text: str) -> Material:  # noqa: PLR0911 - one return a kind
    """What a value is, judged by its shape and by the key or variable name it stands under (may be empty)."""
    value = text.strip()
    if not value:
        return Material(MaterialKind.EMPTY)
    role = _role(name)
    if _KEY_ID_LIKE.fullmatch(value):
        return _key_id(value, role)
    if "\n" in value or "=" in value:
        profiles = _profiles(value)
        if profiles is not None:
            return profiles
    if is_unresolved(value):
        return Material(MaterialKind.UNKNOWN, _shown(value))
    # Before placeholders: the header of a token holds a run of slashes.
    if _is_token(value, role):
        return Material(MaterialKind.SESSION_TOKEN, HIDDEN)
    if is_placeholder(value):
        return Material(MaterialKind.PLACEHOLDER)
    if is_aws_secret_name(name) and is_secret_shaped(value):
        return Material(MaterialKind.SECRET_KEY, HIDDEN)
    return Material(MaterialKind.OTHER, HIDDEN if role or _is_private(name) else _shown(value))


def redact(scalar: Scalar, material: Material) -> Scalar:
    """The same scalar with its text replaced by what may be shown of it."""
    if not material.shown and not material.is_key:
        return scalar
    if len(scalar.parts) == 1 and isinstance(scalar.parts[0], str):
        return replace(scalar, parts=(material.shown or HIDDEN,))
    parts = tuple(mask(part) if isinstance(part, str) else part for part in scalar.parts)
    return replace(scalar, parts=parts)


def is_unresolved(text: str) -> bool:
    """Whether a value holds an expression of a template or a shell, or is encrypted, so that it is not seen."""
    return _UNRESOLVED.search(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether a value stands for something to be filled in, or is a well-known dummy."""
    value = text.strip().strip("\"'")
    if _PLACEHOLDER_VALUES.fullmatch(value) or _BRACKETED.fullmatch(value) or _PLACEHOLDER_WORDS.search(value):
        return True
    return len(value) >= 16 and (len(set(value)) < 6 or _has_run(value))


def is_secret_shaped(text: str) -> bool:
    """Whether a text looks like a secret access key: forty base64 characters that look drawn at random."""
    if not _SECRET.fullmatch(text) or is_placeholder(text):
        return False
    classes = (any(map(str.islower, text)), any(map(str.isupper, text)), any(map(str.isdigit, text)))
    return all(classes) and len(set(text)) >= 16


def is_real_key_id(text: str) -> bool:
    """Whether a text is an access key id of AWS's shape and not a documentation example or a dummy."""
    return KEY_ID.fullmatch(text) is not None and not is_placeholder(text[4:])


def is_other_store(text: str) -> bool:
    """Whether a text names storage that speaks AWS's protocol but is not AWS, so that keys beside it are its own."""
    return _OTHER_STORES.search(text) is not None


def other_stores(text: str) -> list[tuple[int, int]]:
    """Where a text names such storage, in order."""
    return [match.span() for match in _OTHER_STORES.finditer(text)]


def mask_key_id(text: str) -> str:
    """The first and the last four characters of a key id."""
    return f"{text[:4]}…{text[-4:]}"


# Masking of lines -----------------------------------------------------------------------------------------------------

_NAMED = regex.compile(
    r"(?P<name>(?<![\w.-])[\w.-]*(?:access[-_]?key(?:[-_]?id)?|secret[-_]?key|session[-_]?token|security[-_]?token))"
    r"(?P<between>[\"'\])]*[ \t]*(?:=>|:=|[:=,]|[ \t])[ \t]*[\"']?)"
    r"(?P<value>[^\s\"',;&|<>}]+)",
    re.IGNORECASE,
)
_BASE64 = regex.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}={0,2}")
_SHORTEST = 20
# In a URL a slash is written %2F, and a colon before the secret %3A.
_ALONE = regex.compile(
    r"(?:(?<![A-Za-z0-9+/_.-])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))(?:[A-Za-z0-9/+]|%2[BbFf]){40}(?![A-Za-z0-9/+_-])"
)
_ESCAPED = regex.compile(r"%2[BbFf]")
# Where a blank stands between a name and its value, and not between two words of a sentence.
_SPACE_FORM = regex.compile(r"(?:^|\s)(?:ENV|configure set)[ \t]+(?:[\w-]+\.)*$", re.IGNORECASE)
_ARN = regex.compile(r"arn:[^\s\"'=,]*$")
_REFERENCE = regex.compile(r"(?:var|local|data|module|each|each\.value|aws_\w+|random_\w+|vault_\w+)\.[\w.\[\]*-]+")


def mask(text: str) -> str:
    """Any text with key material in it made unreadable: key ids shortened, secrets, tokens and their base64 hidden."""
    lowered = text.lower()
    if "key" in lowered or "token" in lowered:
        text = _NAMED.sub(_mask_named, text)
    if len(text) >= _SHORTEST:
        text = _BASE64.sub(_mask_base64, _ALONE.sub(_mask_alone, text))
    return _KEY_ID_LIKE.sub(_mask_id, text) if "AKIA" in text or "ASIA" in text else text


def _mask_named(match: re.Match[str]) -> str:
    value = match["value"]
    role = _role(match["name"])
    if role is None or is_unresolved(value) or is_placeholder(value) or _REFERENCE.fullmatch(value):
        return match[0]
    if role is _Role.KEY_ID:
        value = mask_key_id(value) if _KEY_ID_LIKE.fullmatch(value) else value
        return match["name"] + match["between"] + value
    spaced = not match["between"].strip() and not _SPACE_FORM.search(
        match.string[max(match.start() - 80, 0) : match.start()]
    )
    exact = _plain(match["name"]).startswith(("aws", "amazon", "secretaccess"))
    if (exact and not spaced) or _looks_random(value):
        return match["name"] + match["between"] + HIDDEN
    return match[0]


def _mask_alone(match: re.Match[str]) -> str:
    before = match.string[max(match.start() - 200, 0) : match.start()]
    # Which of the two characters an escape stands for does not change the shape.
    secret = is_secret_shaped(_ESCAPED.sub("/", match[0]))
    return HIDDEN if secret and not _ARN.search(before) else match[0]


def _mask_base64(match: re.Match[str]) -> str:
    token = match[0]
    if token.startswith(_TOKEN_STARTS) and len(token) >= 64:
        return HIDDEN
    decoded = decode(token)
    return HIDDEN if decoded is not None and _holds_secret(decoded) else token


def _mask_id(match: re.Match[str]) -> str:
    text = match[0]
    if is_placeholder(text[4:]) or (text.startswith("ASIA") and text.isalpha()):
        return text
    return mask_key_id(text)


def decode(token: str) -> str | None:
    """The text that a base64 token stands for, cut to whole groups; None where it is not text."""
    data = token.rstrip("=")
    data = data[: len(data) - 1] if len(data) % 4 == 1 else data
    try:
        raw = base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    # Cut base64 may end inside of a character.
    decoded = raw.decode("utf-8", "ignore")
    return (
        decoded if decoded and all(character.isprintable() or character in "\r\n\t" for character in decoded) else None
    )


def _holds_secret(text: str) -> bool:
    if any(is_real_key_id(match[0]) for match in KEY_ID.finditer(text)):
        return True
    if any(is_secret_shaped(match[0]) for match in re.finditer(r"[A-Za-z0-9/+]{40,}", text)):
        return True
    # Encoded twice, as by hand before a tool that does it again.
    if _BASE64.fullmatch(text.strip()) and (inner := decode(text.strip())) is not None:
        return _holds_secret(inner)
    # A part of a wrapped credentials file.
    return any(_role(match["name"]) and not is_placeholder(match["value"]) for match in _NAMED.finditer(text))


def _looks_random(text: str) -> bool:
    return len(text) >= 16 and any(map(str.isdigit, text)) and any(map(str.isalpha, text)) and len(set(text)) >= 10


def _shown(text: str) -> str:
    masked = mask(text)
    return "" if masked == text else masked


# Shapes and names -----------------------------------------------------------------------------------------------------


def _key_id(value: str, role: _Role | None) -> Material:
    if not is_real_key_id(value):
        return Material(MaterialKind.PLACEHOLDER)
    if value.startswith("AKIA"):
        return Material(MaterialKind.KEY_ID, mask_key_id(value), account_of(value))
    if value.isalpha() and role is not _Role.KEY_ID:
        # ASIAPACIFICSOUTHEAST is a word.
        return Material(MaterialKind.OTHER)
    return Material(MaterialKind.TEMPORARY_KEY_ID, mask_key_id(value), account_of(value))


def _is_token(value: str, role: _Role | None) -> bool:
    if not _TOKEN.fullmatch(value):
        return False
    if value.startswith(_TOKEN_STARTS) and len(value) >= 64:
        return True
    return role is _Role.TOKEN and _looks_random(value) and not is_placeholder(value)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _role(name: str) -> _Role | None:
    plain = _plain(name[-200:])
    if plain.endswith(("secretaccesskey", "secretkey")):
        return _Role.SECRET
    if plain.endswith(("accesskeyid", "accesskey")):
        return _Role.KEY_ID
    if plain.endswith(("sessiontoken", "securitytoken")):
        return _Role.TOKEN
    return None


def _is_private(name: str) -> bool:
    return _plain(name[-200:]).endswith(("password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey"))


def _has_run(text: str) -> bool:
    """Whether eight characters in a row are the same or count up, as nobody's random key does."""
    same = up = 1
    for before, after in pairwise(text):
        same = same + 1 if before == after else 1
        up = up + 1 if ord(after) - ord(before) == 1 else 1
        if same >= 5 or up >= 8:
            return True
    return False


# Credentials files ----------------------------------------------------------------------------------------------------

_SECTION = regex.compile(r"^[ \t]*\[[^\]\r\n]*\][ \t]*$")
_SETTING = regex.compile(r"^[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*[=:][ \t]*(?P<value>.*?)[ \t]*$")
_CONFIG_NAME = regex.compile(
    r"region|role_arn|source_profile|credential_source|credential_process|web_identity_token_file|output|sso_\w+"
    r"|role_session_name|external_id|mfa_serial|duration_seconds|sts_regional_endpoints|retry_mode|max_attempts"
    r"|endpoint_url|s3|ca_bundle"
)


def _profiles(text: str) -> Material | None:
    """What a text is as a file of profiles: with keys, without, with placeholders; None where it is no such file."""
    found: set[MaterialKind] = set()
    section = config = False
    for profile in _split(text):
        section = section or profile.section
        names = profile.settings
        key_id, secret = names.get("aws_access_key_id"), names.get("aws_secret_access_key")
        if key_id is not None and secret is not None:
            found.add(_pair(key_id, secret))
        elif key_id is not None or secret is not None:
            found.add(MaterialKind.OTHER)
        config = config or any(map(_CONFIG_NAME.fullmatch, names))
    for kind in (MaterialKind.CREDENTIALS_FILE, MaterialKind.UNKNOWN, MaterialKind.OTHER, MaterialKind.PLACEHOLDER):
        if kind in found:
            return Material(kind, "" if kind is MaterialKind.PLACEHOLDER else _hidden_settings(text))
    return Material(MaterialKind.CONFIG_FILE, _shown(text)) if section and config else None


class _Profile:
    """One section of a file of profiles, while it is read."""

    __slots__ = ("section", "settings")

    def __init__(self, *, section: bool) -> None:
        self.section = section
        self.settings: dict[str, str] = {}


def _split(text: str) -> Iterator[_Profile]:
    profile = _Profile(section=False)
    for line in text.splitlines():
        if _SECTION.match(line):
            yield profile
            profile = _Profile(section=True)
            continue
        setting = _SETTING.match(line)
        # configparser, which botocore uses, folds names; without a section only the lower-case form can be meant.
        if setting and (profile.section or setting["name"].islower()):
            profile.settings[setting["name"].lower()] = setting["value"]
    yield profile


def _pair(key_id: str, secret: str) -> MaterialKind:
    if is_unresolved(key_id) or is_unresolved(secret):
        return MaterialKind.UNKNOWN
    if not secret or not key_id or is_placeholder(secret) or is_placeholder(key_id):
        return MaterialKind.PLACEHOLDER
    if is_real_key_id(key_id):
        return MaterialKind.CREDENTIALS_FILE
    return MaterialKind.PLACEHOLDER if _KEY_ID_LIKE.fullmatch(key_id) else MaterialKind.OTHER


def _hidden_settings(text: str) -> str:
    """The file with the values under credential names hidden."""
    lines = []
    for line in text.splitlines():
        setting = _SETTING.match(line)
        role = _role(setting["name"]) if setting else None
        if setting and role:
            value = setting["value"]
            shown = mask_key_id(value) if role is _Role.KEY_ID and KEY_ID.fullmatch(value) else HIDDEN
            lines.append(line[: setting.start("value")] + (value if is_unresolved(value) else shown))
        else:
            lines.append(mask(line))
    return "\n".join(lines)
