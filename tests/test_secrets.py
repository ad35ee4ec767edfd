from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.model import MaterialKind
from rolecall.secrets import (
    HIDDEN,
    account_of,
    classify,
    is_credential_name,
    is_other_store,
    is_secret_shaped,
    mask,
    redact,
)
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Scalar, known

KEY = "AKIAQ2W3E4R5T6Y7U2I3"
TEMPORARY = "ASIAQ2W3E4R5T6Y7U2I3"
SECRET = "k9Xb2/QmT7vLr4NpW+zE8sYcJ1dHfUa6GoRi3BtK"  # noqa: S105 - invented
TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQDq7Z2mK4vX9pL1nR8sT3"  # noqa: S105 - invented
FILE = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
SPAN = Span("f", 0, 1, 1, 1, 1, 2)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_published_key_id_names_its_account() -> None:
    assert account_of("ASIAY34FZKBOKMUTVV7A") == "609629065308"


@pytest.mark.parametrize("key_id", ["AKIAIQWERT2345ZXCVBN", "AKIAJQWERT2345ZXCVBN", "AKIA", "AKIA0000000000000000"])
def test_an_id_of_the_older_format_names_none(key_id: str) -> None:
    assert account_of(key_id) == ""


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("", KEY, MaterialKind.KEY_ID),
        ("ANY", f"{KEY}\n", MaterialKind.KEY_ID),
        ("", TEMPORARY, MaterialKind.TEMPORARY_KEY_ID),
        ("", "ASIAPACIFICSOUTHEAST", MaterialKind.OTHER),
        ("AWS_ACCESS_KEY_ID", "ASIAQZWXECRVTBYNUMIK", MaterialKind.TEMPORARY_KEY_ID),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", MaterialKind.PLACEHOLDER),
        ("AWS_ACCESS_KEY_ID", "AKIAI44QH8DHBEXAMPLE", MaterialKind.PLACEHOLDER),
        ("AWS_ACCESS_KEY_ID", "AKIA0Q1W8E9R5T6Y7U2I", MaterialKind.PLACEHOLDER),
        ("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX", MaterialKind.PLACEHOLDER),
        ("AWS_ACCESS_KEY_ID", "AKIAABCDEFGHIJKLMNOP", MaterialKind.PLACEHOLDER),
        ("", "AROAQ2W3E4R5T6Y7U2I3", MaterialKind.OTHER),
        ("AWS_SECRET_ACCESS_KEY", SECRET, MaterialKind.SECRET_KEY),
        ("awsSecretAccessKey", f"  {SECRET}\n", MaterialKind.SECRET_KEY),
        ("aws-secret-key", SECRET, MaterialKind.SECRET_KEY),
        ("", SECRET, MaterialKind.OTHER),
        ("SECRET_KEY", SECRET, MaterialKind.OTHER),
        ("AWS_SECRET_ACCESS_KEY", "9fceb02d0ae598e95dc970b74767f19372d61af8", MaterialKind.OTHER),
        ("AWS_SECRET_ACCESS_KEY", "hunter2", MaterialKind.OTHER),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", MaterialKind.PLACEHOLDER),
        ("AWS_SESSION_TOKEN", TOKEN, MaterialKind.SESSION_TOKEN),
        ("ANY", TOKEN, MaterialKind.SESSION_TOKEN),
        ("AWS_SESSION_TOKEN", "", MaterialKind.EMPTY),
        ("AWS_ACCESS_KEY_ID", " \n", MaterialKind.EMPTY),
        ("cloud", FILE, MaterialKind.CREDENTIALS_FILE),
        ("cloud", FILE.replace("[default]\n", ""), MaterialKind.CREDENTIALS_FILE),
        ("cloud", FILE.upper().replace(SECRET.upper(), SECRET), MaterialKind.CREDENTIALS_FILE),
        ("cloud", "[a]\nregion=x\n[b]\n" + FILE, MaterialKind.CREDENTIALS_FILE),
        ("cloud", "[default]\naws_access_key_id = minio\naws_secret_access_key = minio123\n", MaterialKind.PLACEHOLDER),
        ("cloud", "[default]\naws_access_key_id=\naws_secret_access_key=\n", MaterialKind.PLACEHOLDER),
        ("cloud", FILE.replace(SECRET, "${SECRET}"), MaterialKind.UNKNOWN),
        ("cloud", "[default]\naws_access_key_id={{ .id }}\naws_secret_access_key={{ .s }}", MaterialKind.UNKNOWN),
        ("cloud", "[default]\naws_access_key_id=velero\naws_secret_access_key=velero-secret-7", MaterialKind.OTHER),
        ("config", "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/a\n", MaterialKind.CONFIG_FILE),
        ("config", "[section]\nname = value\n", MaterialKind.OTHER),
    ],
)
def test_a_value_is_what_its_shape_and_name_say(name: str, text: str, kind: MaterialKind) -> None:
    assert classify(name, text).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "YOUR_ACCESS_KEY",
        "<access-key>",
        "[access key]",
        "**None**",
        "xxxx",
        "changeme",
        "change-me",
        "test",
        "minioadmin",
        "minio123",
        "dummy",
        "foobar",
        "example",
        "REPLACE_ME",
        "__KEY__",
        "...",
        "****",
        "a" * 40,
    ],
)
def test_placeholders_are_no_secrets(text: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert classify(name, text).kind is MaterialKind.PLACEHOLDER


@pytest.mark.parametrize("text", ["${KEY}", "{{ .Values.key }}", "$(KEY)", "$KEY", "ENC[AES256_GCM,data:x]", "%%KEY%%"])
def test_what_is_filled_in_later_is_unknown(text: str) -> None:
    assert classify("AWS_SECRET_ACCESS_KEY", text).kind is MaterialKind.UNKNOWN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AWS_ACCESS_KEY_ID", True),
        ("accessKeyID", True),
        ("s3.secretAccessKey", True),
        ("secret-key", True),
        ("AWS_SESSION_TOKEN", True),
        ("AWS_REGION", False),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", False),
        ("AWS_SHARED_CREDENTIALS_FILE", False),
        ("accessKeyIDName", False),
        ("", False),
    ],
)
def test_credential_names_in_any_spelling(name: str, expected: bool) -> None:
    assert is_credential_name(name) is expected


@pytest.mark.parametrize(
    "text",
    [
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "9FCEB02D0AE598E95DC970B74767F19372D61AF8",
        "a-sentence-of-forty-characters-with-dash",
        "somewordssomewordssomewordssomewordssome",
        SECRET[:39],
        SECRET + "a",
    ],
)
def test_hashes_and_words_are_not_shaped_as_secrets(text: str) -> None:
    assert not is_secret_shaped(text)


def test_nothing_of_a_secret_can_be_shown() -> None:
    assert classify("AWS_SECRET_ACCESS_KEY", SECRET).shown == HIDDEN
    assert classify("", KEY).shown == "AKIA…U2I3"
    shown = classify("cloud", FILE).shown
    assert "AKIA…U2I3" in shown
    assert SECRET not in shown


def test_redact_keeps_place_and_kind() -> None:
    scalar = known(SECRET, SPAN)
    redacted = redact(scalar, classify("AWS_SECRET_ACCESS_KEY", SECRET))
    assert (redacted.known, redacted.span, redacted.kind) == (HIDDEN, SPAN, Kind.STRING)


def test_redact_leaves_what_is_no_secret() -> None:
    scalar = known("eu-west-1", SPAN)
    assert redact(scalar, classify("AWS_REGION", "eu-west-1")) is scalar


def test_redact_keeps_holes() -> None:
    hole = Hole("a variable")
    scalar = Scalar((f"{KEY} ", hole), Kind.STRING, SPAN)
    assert redact(scalar, classify("", KEY)).parts == ("AKIA…U2I3 ", hole)


@pytest.mark.parametrize(
    "line",
    [
        "AWS_SECRET_ACCESS_KEY={secret}",
        "  aws_secret_access_key: '{secret}'",
        '{{"secretAccessKey": "{secret}"}}',
        "ENV AWS_SECRET_ACCESS_KEY {secret}",
        "aws configure set aws_secret_access_key {secret}",
        "- value: {secret}",
        "curl -u user:{secret} here",
        "x={secret}",
        "export AWS_SESSION_TOKEN={token}",
        "token: {token}",
        "  cloud: {file}",
        "  secret: {encoded}",
    ],
)
def test_no_secret_survives_in_a_line(line: str) -> None:
    file, secret = encoded(FILE), encoded(SECRET)
    masked = mask(line.format(secret=SECRET, token=TOKEN, file=file, encoded=secret))
    for text in (SECRET, TOKEN, file, secret):
        assert text not in masked
        assert text[5:25] not in masked


def test_a_secret_in_a_url_is_masked_with_its_escapes() -> None:
    slashed = "kQ9xV2mN7pL4/wR8tY1uZ3aB6cD5eF0gH+jKsXvQ"
    escaped = slashed.replace("/", "%2F").replace("+", "%2b")
    assert mask(f"https://{KEY}:{escaped}@s3.amazonaws.com/") == f"https://{mask(KEY)}:{HIDDEN}@s3.amazonaws.com/"
    assert mask(f"u%3A{escaped}%40h") == f"u%3A{HIDDEN}%40h"


def test_what_is_encoded_twice_is_masked() -> None:
    assert mask(f"  key: {encoded(encoded(SECRET))}") == f"  key: {HIDDEN}"
    assert mask(f"  key: {encoded(encoded(FILE))}") == f"  key: {HIDDEN}"


def test_a_wrapped_credentials_file_is_masked_line_by_line() -> None:
    whole = encoded(FILE)
    for start in range(0, len(whole) - 60, 60):
        assert mask("    " + whole[start : start + 60]) == f"    {HIDDEN}"


@pytest.mark.parametrize("text", [KEY, f"x={KEY};", f"https://h/?id={KEY}&a=b", f"\\n{KEY}\\n", f"'{TEMPORARY}'"])
def test_key_ids_keep_their_ends(text: str) -> None:
    masked = mask(text)
    assert "…U2I3" in masked
    assert "Q2W3E4R5T6Y7" not in masked


@pytest.mark.parametrize(
    "line",
    [
        "role: arn:aws:iam::111122223333:role/Team1/Application-Production_Uploader9",
        "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub",
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9",
        f"image: app@sha256:{'0a1b2c3d' * 8}",
        "revision: 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "secretKey: password",
        "  - secretKey: database-password",
        "name: AWS_SECRET_ACCESS_KEY",
        "aws_secret_access_key = var.secret",
        "AWS_SECRET_ACCESS_KEY: ${SECRET}",
        "the aws_secret_access_key must be rotated",
        "RUN aws configure set region eu-west-1",
        "ASIAPACIFICSOUTHEAST",
        "system:serviceaccount:default:uploader",
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_what_is_no_secret_stays_readable(line: str) -> None:
    assert mask(line) == line


@pytest.mark.parametrize("text", ["http://minio:9000", "https://a.r2.cloudflarestorage.com", "http://localstack:4566"])
def test_other_stores_are_known(text: str) -> None:
    assert is_other_store(text)
    assert not is_other_store("https://s3.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    "line", ["ENV AWS_SECRET_ACCESS_KEY hunter2", "aws configure set aws_secret_access_key hunter2"]
)
def test_a_blank_may_stand_before_a_value(line: str) -> None:
    assert "hunter2" not in mask(line)


@given(st.text(), st.text())
def test_any_text_is_something(name: str, text: str) -> None:
    classify(name, text)
    mask(text)


@given(st.text(alphabet="aAwsS_= \n\"':{}${[", max_size=80), st.text(alphabet=" \n\"'=:;,)]", max_size=5))
def test_a_secret_never_survives_masking(before: str, after: str) -> None:
    assert SECRET not in mask(f"{before} {SECRET}{after}")


def test_masking_long_lines_is_cheap() -> None:
    for unit in ("a", "aws_secret_access_key", "AKIA", "secretkey='", "[\n", "/"):
        mask(unit * (200_000 // len(unit)))
        classify("x", unit * (200_000 // len(unit)))
