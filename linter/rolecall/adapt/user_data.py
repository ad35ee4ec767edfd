"""AWS credentials in user data: shell scripts, cloud-init, MIME parts, PowerShell, whatever the text is."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.literals import literals
from rolecall.model import CommandSetting, Material, MaterialKind, UserData
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.secrets import HIDDEN, classify, decode, is_other_store, is_unresolved
from rolecall.source import Source
from rolecall.syntax.places import mapper
from rolecall.tree import Hole, Kind, Scalar, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.facts import Said
    from rolecall.model import Origin
    from rolecall.span import Span

# EC2 takes 16 kB. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
_LONGEST = 100_000
# An unknown part is one character of the text: one that nobody writes, its own for each.
_FIRST, _LAST = 0xE000, 0xF8FF
# Each may be sought in all files of the module.
_MOST = 100
_PRIVATE = regex.compile("[\ue000-\uf8ff]")

_NAMES = "|".join(sorted((*KEY_ID_NAMES, *SECRET_KEY_NAMES, *TOKEN_NAMES), key=len, reverse=True))
_VALUE = r"(?P<value>\$\([^)\n]*\)?|\$\{[^}\n]*\}?|[^\s\"'\\,;)\]}<>|&`]+)"
_QUOTE = r"(?:\\?[\"'])?"
# Blanks and words are taken once and for all (`+`), and are bounded, so that no text takes long.
_IS = r"[ \t]{0,40}+[=:][ \t]{0,40}+"
# `NAME=value`, `NAME: value`, `"NAME" = "value"`, in shell, YAML, JSON, TOML, INI and PowerShell.
_SET = regex.compile(
    rf"(?P<export>\bexport[ \t]{{1,9}}+)?(?<![\w-])(?P<name>{_NAMES}){_QUOTE}{_IS}{_QUOTE}{_VALUE}", re.IGNORECASE
)
# Also as a list of words, as cloud-init's `runcmd` has it.
_GAP = r"(?:[ \t\"',\\]|\\\r?\n){1,40}+"
_OPTIONS = rf"(?:--[\w-]{{1,40}}+(?:=\S{{0,100}}+|[ \t]{{1,9}}+(?!configure\b|set\b)[\w./-]{{1,100}}+)?{_GAP}){{0,5}}"
_CONFIGURE = regex.compile(
    rf"\baws{_GAP}{_OPTIONS}configure{_GAP}set{_GAP}{_OPTIONS}(?:[\w-]{{1,100}}\.){{0,3}}(?P<name>{_NAMES}){_GAP}{_VALUE}",
    re.IGNORECASE,
)
_SHELL_VARIABLE = regex.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ASSIGNED = regex.compile(rf"(?<![\w$])(?P<name>[A-Za-z_]\w*)=[\"']?{_VALUE}")
_ENCODED = regex.compile(r"[A-Za-z0-9+/\r\n]++={0,2}")
_BASE64 = regex.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])")


@dataclass(frozen=True, slots=True)
class _Found:
    """A value by offsets into the text; `holes` if Terraform puts it in."""

    start: int
    end: int
    name: str
    manner: str
    material: Material
    holes: tuple[Hole, ...] = ()


def settings(text: Scalar, text_of: Callable[[str], str | None], paths: Iterable[str]) -> tuple[CommandSetting, ...]:
    """The AWS credentials that a text sets, configures or holds, in order; what is no credential is left out.

    `paths` are the files from which values may have come into the text: a key that is written in one of them has its
    place there, and is in the text by way of the place where it was put in.
    """
    if len(text.parts) > _LAST - _FIRST or sum(len(part) for part in text.parts if isinstance(part, str)) > _LONGEST:
        return ()
    return tuple(_Reader(text, text_of, paths).run())


def names_other_store(text: Scalar) -> bool:
    """Whether a text names storage that speaks AWS's protocol but is not AWS."""
    return any(isinstance(part, str) and is_other_store(part) for part in text.parts)


def user_data(
    origin: Origin, found: tuple[Scalar, ...], text_of: Callable[[str], str | None], paths: Iterable[str]
) -> Iterator[Said]:
    """The credentials in the texts that an instance starts with, and what of them is not known."""
    credentials = tuple(one for text in found for one in settings(text, text_of, paths))
    if credentials:
        yield UserData(origin, credentials, any(map(names_other_store, found)))
    for text in found:
        if text.kind is Kind.UNKNOWN or (len(text.parts) == 1 and text.holes):
            yield Unevaluated(f"user data of {origin.address}", text.hole.why, text.span)


def decoded(value: Scalar) -> Scalar:
    """A text that is written in base64, as the text that it stands for."""
    text = value.known
    if text is None or not 16 <= len(text) <= _LONGEST or not _ENCODED.fullmatch(text.strip()):
        return value
    try:
        plain = base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value
    return Scalar((plain,), Kind.STRING, value.span, value.via)


class _Reader:
    """One text, and the way from its characters back to the places where they are written."""

    def __init__(self, scalar: Scalar, text_of: Callable[[str], str | None], paths: Iterable[str]) -> None:
        self.text_of = text_of
        self.paths = tuple(paths)
        self.holes = {chr(_FIRST + number): part for number, part in enumerate(scalar.parts) if isinstance(part, Hole)}
        self.text = "".join(
            _PRIVATE.sub("?", part) if isinstance(part, str) else chr(_FIRST + number)
            for number, part in enumerate(scalar.parts)
        )
        self.span_of = mapper(scalar, text_of)

    def run(self) -> Iterator[CommandSetting]:
        found: dict[int, _Found] = {}
        for one in (*self.set(), *self.literal(), *self.encoded()):
            # What stands under a name says more than its shape alone.
            found.setdefault(one.start, one)
        for _, one in sorted(found.items())[:_MOST]:
            here = self.span_of(one.start, one.end)
            written = here if one.holes else self.written(self.text[one.start : one.end], here)
            via = () if here.covers(written) else (here,)
            parts = one.holes or (one.material.shown or HIDDEN,)
            kind = Kind.UNKNOWN if one.holes else Kind.STRING
            yield CommandSetting(known(one.name, here), Scalar(parts, kind, written, via), one.material, one.manner)

    def set(self) -> Iterator[_Found]:
        """What a command or an assignment sets, where it is a key or Terraform puts it in."""
        assigned: dict[str, tuple[int, int]] = {}
        for match in _ASSIGNED.finditer(self.text):
            assigned.setdefault(match["name"], match.span("value"))
        for pattern in (_CONFIGURE, _SET):
            for match in pattern.finditer(self.text):
                manner = "aws configure set" if pattern is _CONFIGURE else "export" if match["export"] else "text"
                variable = _SHELL_VARIABLE.fullmatch(match["value"])
                name = variable[1] or variable[2] if variable else ""
                start, end = assigned.get(name, match.span("value"))
                value = self.text[start:end]
                holes = tuple(self.holes[character] for character in value if character in self.holes)
                if not holes:
                    material = classify(match["name"], value)
                    if material.is_key:
                        yield _Found(start, end, match["name"], manner, material)
                elif not is_unresolved(_PRIVATE.sub("", value)):
                    yield _Found(start, end, match["name"], manner, Material(MaterialKind.UNKNOWN), holes)

    def literal(self) -> Iterator[_Found]:
        """Keys, by their shape."""
        for literal in literals(Source("", self.text)):
            names = SECRET_KEY_NAMES if literal.material.kind is MaterialKind.SECRET_KEY else KEY_ID_NAMES
            yield _Found(literal.span.start, literal.span.end, names[0], "text", literal.material)

    def encoded(self) -> Iterator[_Found]:
        """Keys in base64, as cloud-init writes files."""
        for match in _BASE64.finditer(self.text):
            decoded = decode(match[0])
            inner = next(iter(literals(Source("", decoded))), None) if decoded else None
            if inner is not None:
                yield _Found(*match.span(), KEY_ID_NAMES[0], "text", inner.material)

    def written(self, value: str, here: Span) -> Span:
        """Where a key is written that may have come from elsewhere to this place."""
        for path, start, end in ((here.path, here.start, here.end), *((path, 0, None) for path in self.paths)):
            text = self.text_of(path) or ""
            at = text.find(value, start, end)
            if at >= 0:
                return Source(path, text).span(at, at + len(value))
        return here
