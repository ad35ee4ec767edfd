"""AWS credentials in user data: shell scripts, cloud-init, MIME parts, PowerShell, whatever the text is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.adapt.literals import literals
from rolecall.model import CommandSetting, Material, MaterialKind
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.secrets import HIDDEN, classify, decode, is_other_store, is_unresolved
from rolecall.source import Source
from rolecall.syntax.places import mapper
from rolecall.tree import Hole, Kind, Scalar, known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rolecall.span import Span

# EC2 takes 16 kB. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
_LONGEST = 100_000
# An unknown part is one character of the text: one that nobody writes, its own for each.
_FIRST, _LAST = 0xE000, 0xF8FF
_PRIVATE = re.compile("[\ue000-\uf8ff]")

_NAMES = "|".join(sorted((*KEY_ID_NAMES, *SECRET_KEY_NAMES, *TOKEN_NAMES), key=len, reverse=True))
_VALUE = r"(?P<value>\$\([^)\n]*\)?|\$\{[^}\n]*\}?|[^\s\"'\\,;)\]}<>|&`]+)"
_QUOTE = r"(?:\\?[\"'])?"
# `NAME=value`, `NAME: value`, `"NAME" = "value"`, in shell, YAML, JSON, TOML, INI and PowerShell.
_SET = re.compile(
    rf"(?P<export>\bexport[ \t]{{1,9}}+)?(?<![\w-])(?P<name>{_NAMES}){_QUOTE}[ \t]{{0,40}}+[=:][ \t]{{0,40}}+{_QUOTE}{_VALUE}",
    re.IGNORECASE,
)
# Also as a list of words, as cloud-init's `runcmd` has it.
_GAP = r"(?:[ \t\"',\\]|\\\r?\n){1,40}+"
_CONFIGURE = re.compile(
    rf"\baws{_GAP}(?:--[\w-]+(?:=\S+|[ \t]+[\w./-]+)?{_GAP}){{0,5}}configure{_GAP}set{_GAP}"
    rf"(?:--[\w-]+(?:=\S+|[ \t]+[\w./-]+)?{_GAP}){{0,5}}(?:[\w-]+\.){{0,3}}(?P<name>{_NAMES}){_GAP}{_VALUE}",
    re.IGNORECASE,
)
_SHELL_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=])")


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


class _Reader:
    """One text, and the way from its characters back to the places where they are written."""

    def __init__(self, scalar: Scalar, text_of: Callable[[str], str | None], paths: Iterable[str]) -> None:
        self.text_of = text_of
        self.paths = tuple(paths)
        self.holes = {
            chr(_FIRST + number): part for number, part in enumerate(scalar.parts) if isinstance(part, Hole)
        }
        self.text = "".join(
            _PRIVATE.sub("?", part) if isinstance(part, str) else chr(_FIRST + number)
            for number, part in enumerate(scalar.parts)
        )
        self.span_of = mapper(scalar, text_of)

    def run(self) -> Iterator[CommandSetting]:
        found: dict[int, CommandSetting] = {}
        for start, setting in (*self.set(), *self.literal(), *self.encoded()):
            # What stands under a name says more than its shape alone.
            found.setdefault(start, setting)
        for _, setting in sorted(found.items()):
            yield setting

    def set(self) -> Iterator[tuple[int, CommandSetting]]:
        """What a command or an assignment sets."""
        for pattern in (_CONFIGURE, _SET):
            for match in pattern.finditer(self.text):
                start, end = self.assigned(*match.span("value"))
                name = known(match["name"], self.span(*match.span("name")))
                manner = "aws configure set" if pattern is _CONFIGURE else "export" if match["export"] else "text"
                setting = self.made(name, start, end, manner)
                if setting is not None:
                    yield start, setting

    def literal(self) -> Iterator[tuple[int, CommandSetting]]:
        """Keys, by their shape."""
        for literal in literals(Source("", self.text)):
            start, end = literal.span.start, literal.span.end
            names = SECRET_KEY_NAMES if literal.material.kind is MaterialKind.SECRET_KEY else KEY_ID_NAMES
            yield start, self.masked(known(names[0], self.span(start, end)), literal.material, start, end, "text")

    def encoded(self) -> Iterator[tuple[int, CommandSetting]]:
        """Keys in base64, as cloud-init writes files."""
        for match in _BASE64.finditer(self.text):
            decoded = decode(match[0])
            inner = next(iter(literals(Source("", decoded))), None) if decoded else None
            if inner is not None:
                name = known(KEY_ID_NAMES[0], self.span(*match.span()))
                yield match.start(), self.masked(name, inner.material, *match.span(), "text")

    def assigned(self, start: int, end: int) -> tuple[int, int]:
        """Where the value of a shell variable is written, if that is what stands at a place and the text sets it."""
        variable = _SHELL_VARIABLE.fullmatch(self.text, start, end)
        if variable is None:
            return start, end
        name = variable[1] or variable[2]
        given = re.search(rf"(?<![\w$]){re.escape(name)}=[\"']?{_VALUE}", self.text[:start])
        return given.span("value") if given else (start, end)

    def made(self, name: Scalar, start: int, end: int, manner: str) -> CommandSetting | None:
        """The setting of a value that is a key, or that Terraform puts in; None for everything else."""
        value = self.text[start:end]
        holes = tuple(self.holes[character] for character in value if character in self.holes)
        if holes:
            if is_unresolved(_PRIVATE.sub("", value)):
                return None
            scalar = Scalar(holes, Kind.UNKNOWN, self.span(start, end))
            return CommandSetting(name, scalar, Material(MaterialKind.UNKNOWN), manner)
        material = classify(name.known or "", value)
        return self.masked(name, material, start, end, manner) if material.is_key else None

    def masked(self, name: Scalar, material: Material, start: int, end: int, manner: str) -> CommandSetting:
        here = self.span(start, end)
        written = self.written(self.text[start:end], here)
        via = () if here.covers(written) else (here,)
        return CommandSetting(name, Scalar((material.shown or HIDDEN,), Kind.STRING, written, via), material, manner)

    def written(self, value: str, here: Span) -> Span:
        """Where a key is written that may have come from elsewhere to this place."""
        for path, start, end in ((here.path, here.start, here.end), *((path, 0, None) for path in self.paths)):
            text = self.text_of(path) or ""
            at = text.find(value, start, end)
            if at >= 0:
                return Source(path, text).span(at, at + len(value))
        return here

    def span(self, start: int, end: int) -> Span:
        return self.span_of(start, end)
