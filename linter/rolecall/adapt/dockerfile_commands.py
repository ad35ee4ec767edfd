"""Credentials that the shell commands of a Dockerfile's RUN set: exported, configured, written to a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.syntax.dockerfile_shell import ShellWord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rolecall.model import CommandSetting
    from rolecall.span import Span
    from rolecall.syntax.dockerfile_shell import Command, Variable

NAMES = frozenset({*KEY_ID_NAMES, *SECRET_KEY_NAMES, *TOKEN_NAMES})

Make: TypeAlias = "Callable[[str, Span, tuple[str | Variable, ...], Span, str], CommandSetting]"
"""Makes a setting of a name, where it stands, a value, where that stands, and the manner."""

_ASSIGNMENT = regex.compile(r"([A-Za-z_]\w*)=")
_BEFORE = frozenset({"sudo", "env", "exec", "command", "nohup"})
_EXPORTS = frozenset({"export", "declare", "typeset", "readonly", "local", "setenv", "setx"})
_WITHOUT_VALUE = regex.compile(r"--(?:no-.*|debug|.*=.*)")
_NAMES = "|".join(sorted(NAMES, key=len, reverse=True))
# Behind the \n of an echo or printf there is no word boundary.
_WRITTEN = regex.compile(rf"(?:\b|(?<=\\[nrt]))({_NAMES})[\"']?\s*[=:]\s*[\"']?", re.IGNORECASE)
_VALUE = regex.compile(r"(?:\$\([^)]*\)|[^\s\"'\\,;}])*")
_FORMAT = regex.compile(r"%[sbdq]")


def settings(script: Sequence[Command], make: Make) -> Iterator[tuple[Command, tuple[CommandSetting, ...]]]:
    """Each command of a script with the credentials that it sets."""
    for index, command in enumerate(script):
        following = script[index + 1] if index + 1 < len(script) else None
        yield command, tuple(_settings(command, following, make))


def is_credential(name: str) -> bool:
    """Whether SDKs read key material under this name, in whatever case it is written."""
    return name.upper() in NAMES


def _settings(command: Command, following: Command | None, make: Make) -> Iterator[CommandSetting]:
    words = command.words
    at = 0
    while at < len(words) and (words[at].text in _BEFORE or _ASSIGNMENT.match(words[at].text)):
        yield from _assigned(words[at], make)
        at += 1
    if at == len(words):
        return
    name = words[at].text.rsplit("/", 1)[-1]
    if name in _EXPORTS:
        for word in words[at + 1 :]:
            yield from _assigned(word, make)
    elif name == "aws":
        yield from _configured(words[at + 1 :], make)
    elif _writes(words) or _is_tee(following):
        for index, word in enumerate(words[at + 1 :], at + 1):
            yield from _written(word, words[index + 1 :], make)
        for start, end, expands in command.given:
            text = command.line.text[start:end]
            live = frozenset(place for place, character in enumerate(text) if expands and character == "$")
            yield from _written(ShellWord(text, command.line, tuple(range(start, end)), live), (), make)


def _assigned(word: ShellWord, make: Make) -> Iterator[CommandSetting]:
    match = _ASSIGNMENT.match(word.text)
    if match and is_credential(match[1]):
        yield _made(word, match.span(1), (match.end(), len(word.text)), "export", make)


def _configured(words: tuple[ShellWord, ...], make: Make) -> Iterator[CommandSetting]:
    """What `aws configure set [profile.NAME.]SETTING VALUE` sets."""
    positional: list[ShellWord] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.text.startswith("--"):
            skip = _WITHOUT_VALUE.fullmatch(word.text) is None
        else:
            positional.append(word)
    if [word.text for word in positional[:2]] != ["configure", "set"] or len(positional) < 4:
        return
    name, value = positional[2], positional[3]
    setting = name.text.rsplit(".", 1)[-1]
    if is_credential(setting):
        parts = value.value(0, len(value.text))
        yield make(setting, name.span, parts, value.span, "aws configure set")


def _written(word: ShellWord, arguments: Sequence[ShellWord], make: Make) -> Iterator[CommandSetting]:
    """What text that goes into a file sets."""
    for match in _WRITTEN.finditer(word.text):
        value = _VALUE.match(word.text, match.end())
        if value is None:
            continue
        if _FORMAT.fullmatch(value[0]):
            count = len(_FORMAT.findall(word.text, 0, value.start()))
            if count < len(arguments):
                argument = arguments[count]
                parts = argument.value(0, len(argument.text))
                yield make(match[1], word.part(*match.span(1)), parts, argument.span, "file")
        else:
            yield _made(word, match.span(1), value.span(), "file", make)


def _made(word: ShellWord, name: tuple[int, int], value: tuple[int, int], manner: str, make: Make) -> CommandSetting:
    return make(word.text[slice(*name)], word.part(*name), word.value(*value), word.part(*value), manner)


def _writes(words: tuple[ShellWord, ...]) -> bool:
    return any(re.match(r"\d*&?>(?!&)", word.text) for word in words)


def _is_tee(command: Command | None) -> bool:
    return command is not None and any(word.text.rsplit("/", 1)[-1] == "tee" for word in command.words[:2])
