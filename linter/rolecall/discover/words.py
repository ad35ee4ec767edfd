"""Whether a text says anything of AWS, told by the words in it: most files of a real tree do not."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from rolecall import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = (
    "aws", "amazon", "akia", "accesskey", "access_key", "access-key", "secretkey", "secret_key", "secret-key",
    "sessiontoken", "session_token", "session-token", "security_token", "assumerole", "role-arn", "role_arn", "rolearn",
    "kube2iam", "kiam", "irsa", "pod-identity", "eksctl.io", "networkpolicy", "hostnetwork",
    "secrets-store.csi", "external-secrets/external-secrets", "serviceaccounts/token",
    "fs.s3a.", "generators.external-secrets.io",
)  # fmt: skip
"""In lower case. `aws` alone covers `eks.amazonaws.com`, `AWS_…`, `.aws`, `arn:aws`. Two are about who reaches the
metadata service, two about who mounts and who fetches secrets, one about who may be any service account.
"""

# An image in ECR says nothing about the pod's identity, and is in half of all manifests of those who use EKS.
_REGISTRY = regex.compile(r"\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com|public\.ecr\.aws")
_REGISTRIES = (".dkr.ecr", "public.ecr.aws")
_VALUE_WORDS = (
    "amazonaws",
    "aws_",
    "access",
    "secretkey",
    "secret_key",
    "secretcontents",
    "akia",
    "eks.amazon",
    "eks:",
)
_VALUE_WORD = regex.compile(
    r"^[^#\n]*(?:amazonaws|eks\.a|\beks:|aws_(?:access|secret)|access[-_]?key|secret[-_]?key|secretcontents|akia)",
    re.MULTILINE,
)


def _encoded(word: str) -> Iterator[str]:
    """What a word looks like within base64, at the three ways in which it can lie across groups of three bytes."""
    for before in range(3):
        data = b"\0" * before + word.encode()
        text = base64.b64encode(data).decode()
        yield text[(0, 2, 3)[before] : len(data) * 8 // 6]


# Whole words of a key's text: in base64 case counts, so each spelling is its own word.
_ENCODED = tuple(
    text
    for word in ("AKIA", "ASIA", "aws_", "AWS_", "access_key", "ACCESS_KEY", "accessKey", "secretKey", "role_arn")
    for text in _encoded(word)
)


def concerns_aws(text: str) -> bool:
    """Whether a text holds a word of the domain."""
    lowered = text.lower()
    if holds(lowered, WORDS) and (not holds(lowered, _REGISTRIES) or holds(_REGISTRY.sub("", lowered), WORDS)):
        return True
    if "ASIA" in text:
        return True
    return ("Secret" in text or "binaryData" in text) and holds(text, _ENCODED)


def holds(text: str, words: tuple[str, ...]) -> bool:
    """Whether any of some words is in a text."""
    for word in words:  # noqa: SIM110 - a generator would take longer than the search
        if word in text:
            return True
    return False


def concern_identity(text: str) -> bool:
    """Whether a chart's values say anything of identity, but for what is commented out."""
    lowered = text.lower()
    return holds(lowered, _VALUE_WORDS) and _VALUE_WORD.search(lowered) is not None
