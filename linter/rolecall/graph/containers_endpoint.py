"""Whether a container talks to something that speaks AWS's protocols but is not AWS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.secrets import is_other_store

if TYPE_CHECKING:
    from rolecall.graph.views import Environment
    from rolecall.model import ConfigObject, Container
    from rolecall.span import Span
    from rolecall.tree import Scalar

# AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>: SDK reference guide, "Service-specific endpoints".
_ENDPOINT_NAME = regex.compile(r"AWS_ENDPOINT_URL(_\w+)?|(\w+_)?S3_?(\w+_)?(ENDPOINT|URL|HOST)(_\w+)?", re.IGNORECASE)
_ADDRESS_NAME = regex.compile(r"endpoint|ur[il]|host|server|address|s3|aws|minio|bucket|storage", re.IGNORECASE)
_AWS = regex.compile(
    r"(?:^|[/.@])(?:amazonaws\.com(?:\.cn)?|api\.aws|amazonwebservices\.com\.cn)(?:[:/]|$)", re.IGNORECASE
)
_NOT_AN_ADDRESS = regex.compile(r"(s3)?(true|false|yes|no|on|off|0|1)?", re.IGNORECASE)
_EMULATOR = regex.compile(
    r"(^|/)(minio/(minio|mc)|localstack/|localstack(-pro)?([:@]|$)|motoserver/|amazon/dynamodb-local|dynamodb-local"
    r"|adobe/s3mock|s3mock|chrislusf/seaweedfs|softwaremill/elasticmq|zenko/cloudserver|lphoward/fake-s3)",
    re.IGNORECASE,
)
_LONGEST_NAME = 200
_ENDPOINT_WORD = regex.compile(r"endpoint", re.IGNORECASE)


def endpoint(container: Container, environment: Environment, consumed: tuple[Span, ...]) -> Span | None:
    """The text that points AWS calls of a container elsewhere; None where nothing does.

    Looked at are its image, its environment, the Secrets and ConfigMaps that it takes variables from (`consumed`: what
    `held_endpoint` found in them), and its arguments.
    """
    if container.image is not None and _EMULATOR.search(container.image.display):
        return container.image.span
    for variable in environment.variables:
        if elsewhere(variable.name, variable.value, by_reference=variable.by_reference):
            return variable.trail[0][0] if variable.trail else variable.at
    return consumed[0] if consumed else _in_words(container.command)


def held_endpoint(thing: ConfigObject) -> Span | None:
    """The entry of a Secret or ConfigMap that points AWS calls elsewhere."""
    for datum in thing.data:
        if elsewhere(datum.key.known or "", datum.value, by_reference=False):
            return datum.span
    return None


def elsewhere(name: str, value: Scalar | None, *, by_reference: bool) -> bool:
    """Whether a variable says where AWS calls go, and it is not AWS. An endpoint that is not seen counts."""
    spelt = re.sub(r"[^A-Za-z0-9]", "_", name[: _LONGEST_NAME + 1])
    named = len(spelt) <= _LONGEST_NAME and _ENDPOINT_NAME.fullmatch(spelt) is not None
    text = value.known if value is not None else None
    if text is None:
        return named and (by_reference or value is not None)
    if _NOT_AN_ADDRESS.fullmatch(text.strip()) or _AWS.search(text):
        return False
    return named or (is_other_store(text) and _ADDRESS_NAME.search(name) is not None)


def _in_words(words: tuple[Scalar, ...]) -> Span | None:
    """An endpoint among the arguments: `--endpoint-url http://…`, `--s3.endpoint=…`."""
    expected = False
    for word in words:
        text = word.display
        here = expected or _ENDPOINT_WORD.search(text) is not None
        if here and is_other_store(text) and not _AWS.search(text):
            return word.span
        if here and "://" in text and not _AWS.search(text):
            return word.span
        expected = _ENDPOINT_WORD.search(text) is not None and "=" not in text
    return None
