"""Values of manifests as the model may hold them: judged, and without anything that could be a secret."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model import Material, MaterialKind
from rolecall.secrets import classify, is_credential_name, mask, redact
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from rolecall.tree import Node

WITHHELD = Hole("text that may be a secret and is not kept")
"""Stands for text that was read and left out of the model."""

_DEEP = Hole("a value nested too deep")
_SECRET_WORDS = regex.compile(
    r"pass(word|wd|phrase)?|secret|token|credential|private.?key|api.?key|auth", re.IGNORECASE
)
_PUBLIC_ENDS = regex.compile(r"(file|path|dir|uri|url|endpoint|name|arn|region|audience|mode|type)$", re.IGNORECASE)
_USER_INFO = regex.compile(r"://[^/\s@:]*:[^/\s@]*@")
_ENCRYPTED = regex.compile(r"\s*ENC\[AES")
_LONGEST = 2_000
_SHORTEST_KEY = 16  # of a key id, by the model of the IAM API (accessKeyIdType)
_DEEPEST = 4
_MOST = 100
# An address in Terraform, within a module or not, and the attributes that are halves of the key.
_ACCESS_KEY = regex.compile(r"(?:^|\.)aws_iam_access_key\.[\w-]+(?:\[[^\[\]]*\])?\Z")
_ISSUED = {"id": MaterialKind.KEY_ID, "secret": MaterialKind.SECRET_KEY}
_HANDED_ON = frozenset({"base64encode", "nonsensitive", "one", "sensitive", "tostring", "trimspace", "try"})
_SECRET_SETTING = regex.compile(r"^[ \t]*aws_secret_access_key[ \t]*[=:][ \t]*\Z", re.IGNORECASE | re.MULTILINE)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def judged(name: str, scalar: Scalar) -> tuple[Material, Scalar]:
    """What a value under a name is, and the value as it may be kept."""
    if scalar.is_null:
        return Material(MaterialKind.EMPTY), scalar
    text = scalar.known
    if text is None:
        return _judged_in_part(name, scalar)
    if _ENCRYPTED.match(text):
        return Material(MaterialKind.UNKNOWN), withheld(scalar)
    material = classify(name, text)
    if material.kind in (MaterialKind.OTHER, MaterialKind.UNKNOWN) and not may_show(name, text):
        return material, withheld(scalar)
    return material, kept(redact(scalar, material))


def _judged_in_part(name: str, scalar: Scalar) -> tuple[Material, Scalar]:
    """The same for a value that is not all known."""
    made = issued(scalar)
    if made is not None:
        return made, scalar
    # A file of profiles may hold keys beside what is not known.
    whole = classify(name, scalar.display) if "\n" in scalar.display else Material(MaterialKind.UNKNOWN)
    if whole.kind is MaterialKind.CREDENTIALS_FILE or _holds_issued(scalar):
        return Material(MaterialKind.CREDENTIALS_FILE, whole.shown), withheld(scalar)
    return Material(MaterialKind.UNKNOWN), _without_secrets(name, scalar)


def issued(scalar: Scalar, *, encoded: bool = False) -> Material | None:
    """What a value is that Terraform takes from an `aws_iam_access_key`: not known, but a key for certain.

    `encoded`: it is expected in base64.
    """
    if len(scalar.parts) != 1 or not scalar.holes:
        return None
    through = scalar.holes[0].through
    if encoded != ("base64encode" in through) or not _HANDED_ON.issuperset(through):
        return None
    kind = _issued(scalar.holes[0])
    return Material(kind) if kind is not None else None


def _issued(hole: Hole) -> MaterialKind | None:
    if len(hole.references) != 1 or not _ACCESS_KEY.search(hole.references[0].address):
        return None
    return _ISSUED.get(hole.references[0].attribute)


def _holds_issued(scalar: Scalar) -> bool:
    """Whether a text is a file of profiles with such a key's secret in it."""
    return any(
        isinstance(hole, Hole)
        and _issued(hole) is MaterialKind.SECRET_KEY
        and isinstance(before, str)
        and _SECRET_SETTING.search(before) is not None
        for before, hole in pairwise(scalar.parts)
    )


def may_show(name: str, text: str) -> bool:
    """Whether text that is no AWS key may still be kept: nothing named like a secret, no URL with a password."""
    if len(text) > _LONGEST or "PRIVATE KEY" in text or _USER_INFO.search(text):
        return False
    return not _SECRET_WORDS.search(name) or bool(_PUBLIC_ENDS.search(name))


def withheld(scalar: Scalar) -> Scalar:
    """The scalar with its text replaced by a hole."""
    return replace(scalar, parts=(WITHHELD,), places=())


def kept(scalar: Scalar) -> Scalar:
    """A value that has no name of its own (an argument, an image) with key material in it masked."""
    parts = tuple(mask(part) if isinstance(part, str) and len(part) >= _SHORTEST_KEY else part for part in scalar.parts)
    return scalar if parts == scalar.parts else replace(scalar, parts=parts)


def _without_secrets(name: str, scalar: Scalar) -> Scalar:
    texts = [part for part in scalar.parts if isinstance(part, str)]
    if is_credential_name(name) or any(classify(name, text).is_key or not may_show(name, text) for text in texts):
        return replace(scalar, parts=scalar.holes, places=())
    return kept(scalar)


def name_of(node: Node | None) -> Scalar | None:
    """A name, if the value is a scalar that is not empty."""
    return kept(node) if isinstance(node, Scalar) and not node.is_empty else None


def flag(node: Node | None) -> bool | None:
    """A boolean; False where it is not written, None where it cannot be known."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return False
    return node.boolean if isinstance(node, Scalar) else None


def pairs(mapping: Mapping | None, key: str) -> tuple[Entry, ...]:
    """Annotations or labels: the entries of a key's mapping, their values judged.

    One whose key is not known stands for those that are not seen.
    """
    node = mapping.get(key) if mapping else None
    found = tuple(_pair(entry) for entry in node.entries) if isinstance(node, Mapping) else ()
    hole, span = None, None
    if isinstance(node, Mapping):
        hole, span = node.rest, node.span
    elif isinstance(node, Scalar) and node.kind is Kind.UNKNOWN:
        hole, span = node.hole, node.span
    elif mapping is not None and node is None:
        hole, span = mapping.rest, mapping.span
    return (*found, Entry(unknown(hole, span), unknown(hole, span))) if hole is not None and span is not None else found


def _pair(entry: Entry) -> Entry:
    if entry.key.known == _LAST_APPLIED:
        # kubectl keeps the whole object in it, a Secret's data included.
        return Entry(entry.key, unknown(WITHHELD, entry.value.span))
    return Entry(entry.key, _shallow(entry.key.known or "", entry.value, _DEEPEST))


def _shallow(name: str, node: Node, depth: int) -> Node:
    """A value that should be a string as it may be kept. A mistaken mapping in its place is kept, within bounds."""
    if isinstance(node, Scalar):
        text = node.known
        if "amazonaws.com/" in name:
            # `token-expiration` and its like are settings, whatever the word.
            return kept(node)
        harmless = text is not None and len(text) < _SHORTEST_KEY and not _SECRET_WORDS.search(name)
        return node if harmless else judged(name, node)[1]
    if depth == 0:
        return unknown(_DEEP, node.span)
    if isinstance(node, Sequence):
        return Sequence(tuple(_shallow(name, item, depth - 1) for item in node.items[:_MOST]), node.span, node.rest)
    entries = (
        Entry(entry.key, _shallow(entry.key.known or "", entry.value, depth - 1)) for entry in node.entries[:_MOST]
    )
    return Mapping(tuple(entries), node.span, node.rest)
