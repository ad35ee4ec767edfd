"""Key material written anywhere in a file's text, comments included, whatever the format."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model.secrets import KeyLiteral, Material, MaterialKind
from rolecall.records import dataclass
from rolecall.secrets import (
    KEY_ID,
    classify,
    decode,
    is_aws_secret_name,
    is_placeholder,
    is_real_key_id,
    is_secret_shaped,
    is_unresolved,
    other_stores,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.span import Span

# What may stand between a name and its value: `=`, `: |-`, `", "value": "`, `\n  value: `, a blank after ENV.
# Blanks are taken once and for all (`+`), so that no text makes `re` try their combinations.
_BETWEEN = (
    r"(?:\\?[\"'\])])*+[ \t]{0,40}+(?:=>|:=|[:=,])?[ \t]{0,40}+(?:[|>][-+]?)?\s{0,80}+"
    r"(?:-?[ \t]{0,8}+[\"']?value[\"']?[ \t]{0,40}+[:=][ \t]{0,40}+)?(?:\\?[\"'])?"
)
# Sought in the text in lower case: without `re.IGNORECASE` a literal beginning is found many times faster.
_SECRET_NAME = regex.compile(r"secret[-_]?(?:access[-_]?)?key")
_TOKEN_NAME = regex.compile(r"se(?:ssion|curity)[-_]?token")
_SECRET_VALUE = regex.compile(_BETWEEN + r"(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", re.IGNORECASE)
_TOKEN_VALUE = regex.compile(_BETWEEN + r"[A-Za-z0-9/+]{32}", re.IGNORECASE)
_NAME_START = regex.compile(r"(?<![\w.-])[\w.-]*\Z")
_ID_VALUE = regex.compile(
    r"access[-_]?key(?:[-_]?id)?" + _BETWEEN + r"(?P<value>[^\s\"',\\]{1,200})",
    re.IGNORECASE,
)
_ALONE = regex.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_SECRET_OBJECT = regex.compile(r"kind[\"']?[ \t]*:[ \t]*[\"']?Secret\b")
_DOCUMENT = regex.compile(r"\n---")
# Also wrapped over the lines of a block scalar.
_BASE64 = regex.compile(
    r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{16,}"
    r"(?:\r?\n[ \t]+[A-Za-z0-9+/]{4,}(?=={0,2}[ \t]*\r?(?:\n|\Z)))*={0,2}"
    r"(?![A-Za-z0-9+/=:_-])"
)

_SECRET_LENGTH = 40
_NAME_CHARACTERS = 200
_NEAR_LINES = 5
_NEAR_CHARACTERS = 600
_STORE_CHARACTERS = 1500
_ID_CHARACTERS = 300


def adapt(source: Source) -> Iterator[Said]:
    """Every access key id, and every secret under a key name or beside an id, that stands in a file."""
    yield from literals(source)


def literals(source: Source) -> Iterator[KeyLiteral]:
    """The same, as what they are."""
    text = source.text
    lowered = _lowered(text)
    keys = "AKIA" in text or "ASIA" in text
    if not keys and "secret" not in lowered:
        return
    ids = [match for match in KEY_ID.finditer(text) if is_real_key_id(match[0])] if keys else []
    named = [secret for secret in _named(text, lowered) if is_secret_shaped(secret.value)]
    beside = _starts(text, lowered, named) if ids else []
    found = [*_ids(source, ids, beside), *_secrets(source, ids, named), *_encoded(source)]
    yield from _paired(source, sorted(found, key=lambda literal: literal.span))


@dataclass(frozen=True, slots=True)
class _Named:
    """A value of a secret's length under a secret's name: where the name and the value begin, and where it ends."""

    name: str
    value: str
    start: int
    at: int
    end: int


def _lowered(text: str) -> str:
    """The text in lower case, of the same length."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(map(_lower, text))


def _lower(character: str) -> str:
    return character.lower() if character.isascii() else character


def _named(text: str, lowered: str) -> Iterator[_Named]:
    end = 0
    for name in _SECRET_NAME.finditer(lowered):
        match = _SECRET_VALUE.match(text, name.end()) if name.start() >= end else None
        if match:
            before = text[max(name.start() - _NAME_CHARACTERS, end) : name.start()]
            first = _NAME_START.search(before)
            start = name.start() - len(before) + (first.start() if first else 0)
            end = match.end()
            yield _Named(text[start : name.end()], match["value"], start, *match.span("value"))


def _starts(text: str, lowered: str, named: list[_Named]) -> list[int]:
    """Where the names of secrets and session tokens begin, in order."""
    starts = [name.start() for name in _TOKEN_NAME.finditer(lowered) if _TOKEN_VALUE.match(text, name.end())]
    return sorted((*starts, *(secret.start for secret in named)))


def _paired(source: Source, found: list[KeyLiteral]) -> Iterator[KeyLiteral]:
    """The same, each secret of a long-term key joined to the id that it stands beside."""
    ids = [at for at, literal in enumerate(found) if literal.material.kind is MaterialKind.KEY_ID]
    starts = [found[at].span.start for at in ids]
    owned: dict[int, list[Span]] = {}
    belonging = set[int]()
    for at, literal in enumerate(found):
        if literal.material.kind is not MaterialKind.SECRET_KEY:
            continue
        after = bisect_left(starts, literal.span.start)
        near = [
            one
            for one in range(max(after - 1, 0), min(after + 1, len(ids)))
            if _beside(source, literal, found[ids[one]])
        ]
        if near:
            # The id before it, unless that one has its secret.
            owner = ids[next((one for one in near if ids[one] not in owned), near[0])]
            owned.setdefault(owner, []).append(literal.span)
            belonging.add(at)
    for at, literal in enumerate(found):
        yield replace(literal, secrets=tuple(owned.get(at, ())), with_id=at in belonging)


def _beside(source: Source, one: KeyLiteral, other: KeyLiteral) -> bool:
    return one.encoded is other.encoded and _near(source, one.span.start, [other.span.start])


def _ids(source: Source, ids: list[re.Match[str]], starts: list[int]) -> Iterator[KeyLiteral]:
    for match in ids:
        beside = _near(source, match.start(), starts)
        # Names such as ASIAPACIFICSOUTHEAST are words.
        if match[0].startswith("ASIA") and match[0].isalpha() and not beside:
            continue
        material = classify("AWS_ACCESS_KEY_ID", match[0])
        yield KeyLiteral(material, source.span(*match.span()), source.path, beside_secret=beside)


def _secrets(source: Source, ids: list[re.Match[str]], named: list[_Named]) -> list[KeyLiteral]:
    """Secrets of long-term keys; that of a temporary key is part of what its id says."""
    text = source.text
    long_term = [match.start() for match in ids if match[0].startswith("AKIA")]
    temporary = [match.start() for match in ids if match[0].startswith("ASIA")]
    found: dict[int, KeyLiteral] = {}
    others = _Others(text) if named else None

    def add(start: int, end: int) -> None:
        material = Material(MaterialKind.SECRET_KEY)
        found[start] = KeyLiteral(material, source.span(start, end), source.path, beside_secret=True)

    for secret in named:
        alone = not _near(source, secret.at, temporary) and is_aws_secret_name(secret.name)
        if _near(source, secret.at, long_term) or (alone and others and not others.own(secret)):
            add(secret.at, secret.end)
    last = 0
    for identifier in ids:
        if identifier[0].startswith("AKIA"):
            # Its line, as far as it is near; from where the id before it has looked already.
            nearest = max(identifier.start() - _NEAR_CHARACTERS, last - _SECRET_LENGTH, 0)
            first = max(text.rfind("\n", nearest, identifier.start()) + 1, nearest)
            furthest = min(identifier.end() + _NEAR_CHARACTERS, len(text))
            newline = text.find("\n", identifier.end(), furthest)
            last = newline if newline >= 0 else furthest
            for match in _ALONE.finditer(text, first, last):
                if match.start() not in found and is_secret_shaped(match[0]):
                    add(*match.span())
    return list(found.values())


class _Others:
    """Where a text names a store other than AWS, or an access key id that is not of AWS's shape."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stores = other_stores(text)
        self._ids = [match.span() for match in _ID_VALUE.finditer(text) if _is_foreign(match["value"])]

    def own(self, secret: _Named) -> bool:
        """Whether a secret belongs to one of them, being near it in the same document."""
        start, end = max(secret.start - _STORE_CHARACTERS, 0), secret.end + _STORE_CHARACTERS
        begin = self._text.rfind("\n---", start, secret.start)
        stop = self._text.find("\n---", secret.end, end)
        start, end = begin if begin >= 0 else start, stop if stop >= 0 else end
        near = max(secret.start - _ID_CHARACTERS, start), min(secret.end + _ID_CHARACTERS, end)
        return _holds(self._stores, start, end) or _holds(self._ids, *near)


def _holds(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether the first of some places, in order, that does not begin before a stretch lies in it."""
    at = bisect_left(places, (start,))
    return at < len(places) and places[at][1] <= end


def _is_foreign(identifier: str) -> bool:
    if is_secret_shaped(identifier) or identifier.startswith(("AKIA", "ASIA")):
        return False
    shaped = re.fullmatch(r"[A-Za-z0-9]{16,64}", identifier) is not None
    return shaped and not is_unresolved(identifier) and not is_placeholder(identifier)


def _near(source: Source, start: int, places: list[int]) -> bool:
    """Whether one of some places, in order, is within a few lines of an offset."""
    at = bisect_left(places, start)
    for place in places[max(at - 1, 0) : at + 1]:
        if abs(place - start) <= _NEAR_CHARACTERS:
            lines = abs(source.position(place)[0] - source.position(start)[0])
            if lines <= _NEAR_LINES:
                return True
    return False


def _encoded(source: Source) -> Iterator[KeyLiteral]:
    """Key material in the base64 of Kubernetes Secrets."""
    text = source.text
    if not _SECRET_OBJECT.search(text):
        return
    marks = [0, *(match.start() + 1 for match in _DOCUMENT.finditer(text)), len(text)]
    for start, end in pairwise(marks):
        if not _SECRET_OBJECT.search(text, start, end):
            continue
        for match in _BASE64.finditer(text, start, end):
            decoded = decode(re.sub(r"\s", "", match[0]))
            material = _inside(_name_before(text, match.start()), decoded) if decoded else None
            if material is not None:
                yield KeyLiteral(material, source.span(*match.span()), source.path, encoded=True)


def _name_before(text: str, start: int) -> str:
    """The key that a value stands under, in YAML and JSON."""
    name, colon, between = text[max(start - 200, 0) : start].rpartition(":")
    return name.splitlines()[-1].strip(" \t\"'{,-") if colon and name and not between.strip(" \t\r\n\"'|>-+") else ""


def _inside(name: str, decoded: str) -> Material | None:
    """What key material a decoded text holds."""
    for match in KEY_ID.finditer(decoded):
        if is_real_key_id(match[0]) and (match[0].startswith("AKIA") or not match[0].isalpha()):
            return classify("AWS_ACCESS_KEY_ID", match[0])
    if is_aws_secret_name(name) and is_secret_shaped(decoded.strip()):
        return Material(MaterialKind.SECRET_KEY)
    for secret in _named(decoded, _lowered(decoded)):
        if is_secret_shaped(secret.value) and is_aws_secret_name(secret.name) and not _Others(decoded).own(secret):
            return Material(MaterialKind.SECRET_KEY)
    return None
