from __future__ import annotations

import base64
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.adapt.literals import literals
from rolecall.model import MaterialKind
from rolecall.source import Source

KEY = "AKIAQ2W3E4R5T6Y7U2I3"
TEMPORARY = "ASIAQ2W3E4R5T6Y7U2I3"
SECRET = "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"  # noqa: S105 - invented
FILE = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"


def found(text: str) -> list[tuple[MaterialKind, str]]:
    """The kind of each literal, and the text at its place."""
    return [
        (literal.material.kind, text[literal.span.start : literal.span.end])
        for literal in literals(Source("file", text))
    ]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f"- name: AWS_SECRET_ACCESS_KEY\n  value: {SECRET}\n",
        f"- name: AWS_SECRET_ACCESS_KEY\n  value: '{SECRET}'\n",
        f'{{"name": "AWS_SECRET_ACCESS_KEY", "value": "{SECRET}"}}',
        f'{{\\"secretAccessKey\\": \\"{SECRET}\\"}}',
        f"aws_secret_access_key: |-\n  {SECRET}\n",
        f"ENV AWS_SECRET_ACCESS_KEY {SECRET}",
        f'set {{\n  name  = "aws.secretAccessKey"\n  value = "{SECRET}"\n}}',
        f"secret_access_key => '{SECRET}'",
    ],
)
def test_a_secret_counts_under_its_name(text: str) -> None:
    assert found(text) == [(MaterialKind.SECRET_KEY, SECRET)]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"digest: {SECRET}",
        f"secret_key: {SECRET}",
        f"AWS_SECRET_ACCESS_KEY: x\n\n\n\nother: {SECRET}",
        f"AWS_ENDPOINT_URL: http://minio:9000\nAWS_SECRET_ACCESS_KEY: {SECRET}",
        f"AWS_ACCESS_KEY_ID: GOOG1EQ2W3E4R5T6Y7U2I3\nAWS_SECRET_ACCESS_KEY: {SECRET}",
        "AWS_SECRET_ACCESS_KEY: 9fceb02d0ae598e95dc970b74767f19372d61af8",
    ],
)
def test_a_secret_alone_does_not(text: str) -> None:
    assert found(text) == []


def test_a_store_in_another_document_does_not_excuse_a_secret() -> None:
    text = f"AWS_ENDPOINT_URL: http://minio:9000\n---\nAWS_SECRET_ACCESS_KEY: {SECRET}\n"
    assert found(text) == [(MaterialKind.SECRET_KEY, SECRET)]


@pytest.mark.parametrize("text", [f"{KEY},{SECRET}", f"key {KEY} secret {SECRET}", f"secret_key={SECRET}\nid={KEY}"])
def test_a_secret_counts_beside_an_id(text: str) -> None:
    assert sorted(found(text), key=str) == sorted(
        [(MaterialKind.KEY_ID, KEY), (MaterialKind.SECRET_KEY, SECRET)], key=str
    )


def test_the_secret_of_a_temporary_key_is_part_of_it() -> None:
    text = f"AWS_ACCESS_KEY_ID={TEMPORARY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
    assert found(text) == [(MaterialKind.TEMPORARY_KEY_ID, TEMPORARY)]
    [literal] = literals(Source("file", text))
    assert literal.beside_secret


def test_a_word_is_a_temporary_key_only_beside_a_secret() -> None:
    word = "ASIAPACIFICSOUTHEAST"
    assert found(word) == []
    assert found(f"{word}\nAWS_SECRET_ACCESS_KEY={SECRET}\n") == [(MaterialKind.TEMPORARY_KEY_ID, word)]


@pytest.mark.parametrize(
    "text",
    [f"# {KEY}", f"\\n{KEY}\\n", f"id%3D{KEY}%26", f"X-Amz-Credential={KEY}/20260101/", f"--key={KEY}", f"//{KEY}//"],
)
def test_an_id_counts_anywhere(text: str) -> None:
    assert found(text) == [(MaterialKind.KEY_ID, KEY)]


@pytest.mark.parametrize("text", [f"x{KEY}", f"{KEY}2", f"_{KEY}", "AKIAIOSFODNN7EXAMPLE", "AIDAQ2W3E4R5T6Y7U2I3"])
def test_part_of_a_word_is_no_id(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("content", [KEY, f"{KEY}\n", FILE])
def test_base64_of_a_secret_object_is_decoded(content: str) -> None:
    text = f"kind: Secret\ndata:\n  x: {encoded(content)}\n"
    assert found(text) == [(MaterialKind.KEY_ID, encoded(content))]
    [literal] = literals(Source("file", text))
    assert literal.encoded
    assert literal.material.shown == "AKIA…U2I3"


def test_base64_of_a_secret_counts_under_its_name_only() -> None:
    value = encoded(SECRET)
    text = f'{{"kind": "Secret", "data": {{"AWS_SECRET_ACCESS_KEY": "{value}", "other": "{value}"}}}}'
    [literal] = literals(Source("file", text))
    assert literal.span.start == text.index(value)


def test_wrapped_base64_is_one_value() -> None:
    rows = textwrap.indent("\n".join(textwrap.wrap(encoded(FILE), 60)), "    ")
    text = f"kind: Secret\ndata:\n  cloud: |\n{rows}\n  other: x\n"
    [literal] = literals(Source("file", text))
    assert literal.span.line == 4
    assert literal.span.end_line == 3 + len(rows.splitlines())


@pytest.mark.parametrize("kind", ["SealedSecret", "ConfigMap", "ExternalSecret"])
def test_base64_of_other_objects_is_not(kind: str) -> None:
    assert found(f"kind: {kind}\ndata:\n  x: {encoded(KEY)}\n") == []


@given(st.text(alphabet="AKISQ234 \n:=_-'\"\\|>secrtkyaWSdinK/+", max_size=300))
def test_any_text_has_literals_inside_of_it(text: str) -> None:
    text = f"kind: Secret\n{text}"
    for literal in literals(Source("file", text)):
        assert 0 <= literal.span.start < literal.span.end <= len(text)


def test_many_keys_on_one_line_are_cheap() -> None:
    text = f"{KEY} {SECRET} secret_access_key=" * 5_000
    assert len(list(literals(Source("file", text)))) > 5_000


def test_long_words_are_cheap() -> None:
    for unit in ("secretaccesskey", "a", "A/", "secretkey: ", "\n  abcd"):
        list(literals(Source("file", "kind: Secret\n" + unit * (300_000 // len(unit)))))
