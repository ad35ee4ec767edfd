"""The stages of a Dockerfile, read instruction by instruction."""

from __future__ import annotations

import posixpath
import re
from collections import ChainMap
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from rolecall.adapt.dockerfile_commands import is_credential, settings
from rolecall.adapt.dockerfile_values import ARGUMENT, Parts, Scope, argument_hole, evaluate, joined, known, scalar
from rolecall.model import BuildStage, BuildVariable, CommandSetting, CopiedPath, Material, MaterialKind, RunCommand
from rolecall.secrets import classify, mask, redact
from rolecall.syntax.dockerfile_shell import Command, ShellWord, Variable, commands
from rolecall.syntax.dockerfile_words import Pair, json_strings, pairs, split_pair
from rolecall.tree import Hole, Reference, Scalar
from rolecall.tree import known as known_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.syntax.dockerfile import Dockerfile, Instruction
    from rolecall.syntax.dockerfile_text import Text

    Copies = Callable[[Instruction, Scope, Callable[[str], bool]], Iterator[CopiedPath]]

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
# Nobody has as many stages; beyond, what a stage inherits is unknown.
_MOST_INHERITING = 200
_SHELL_VARIABLE = "a shell variable"
_OUTPUT = "the output of a command"


@dataclass(slots=True)
class _Stage:
    """A stage while it is read. `environment` is what later stages inherit, `arguments` what they do not."""

    name: str
    base: Scalar
    span: Span
    parent: int | None
    environment: dict[str, Parts]
    arguments: dict[str, Parts] = field(default_factory=dict)
    variables: list[BuildVariable] = field(default_factory=list)
    commands: list[RunCommand] = field(default_factory=list)
    copies: list[CopiedPath] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)

    @property
    def scope(self) -> Scope:
        """What a variable means here: `ENV` always overrides `ARG`. It changes as the stage is read."""
        return ChainMap(self.environment, self.arguments)


class StageReader:
    """Reads the stages of one Dockerfile in order."""

    def __init__(self, source: Source, parsed: Dockerfile, copies: Copies) -> None:
        self._source = source
        self._path = source.path
        self._parsed = parsed
        self._copies = copies
        self._globals: dict[str, Parts] = {}
        self._defaults: dict[str, Scalar] = {}
        self._global_variables: list[BuildVariable] = []
        self._open: dict[str, Scalar] = {}
        self._stages: list[_Stage] = []
        self._names: dict[str, int] = {}

    def read(self) -> tuple[BuildStage, ...]:
        """The stages, the final one last."""
        for instruction in self._parsed.instructions:
            self._instruction(instruction)
        reached = set()
        at: int | None = len(self._stages) - 1 if self._stages else None
        while at is not None:
            reached.add(at)
            at = self._stages[at].parent
        used = {index for stage in self._stages for name in stage.uses if (index := self._index(name)) is not None}
        return tuple(
            BuildStage(
                stage.name,
                stage.base,
                stage.span,
                tuple(stage.variables),
                tuple(stage.commands),
                tuple(stage.copies),
                index in reached,
                index in used,
            )
            for index, stage in enumerate(self._stages)
        )

    def global_arguments(self) -> tuple[BuildVariable, ...]:
        """The ARGs before the first FROM."""
        return tuple(self._global_variables)

    def _index(self, name: str) -> int | None:
        if name.isdecimal() and len(name) < 6 and int(name) < len(self._stages):
            return int(name)
        return self._names.get(name.lower())

    def _instruction(self, instruction: Instruction) -> None:
        keyword = instruction.keyword
        if keyword == "FROM":
            self._from(instruction)
            return
        if not self._stages and keyword != "ARG":
            # A part of a Dockerfile that another file puts behind its FROM.
            nothing = known_scalar("", instruction.line.span(0, 0))
            self._stages.append(_Stage("", nothing, instruction.span, None, {}))
        stage = self._stages[-1] if self._stages else None
        if keyword == "ARG":
            for word in instruction.words():
                self._argument(split_pair(word), stage, instruction)
        elif stage is None:
            return
        elif keyword == "ENV":
            self._environment(instruction, stage)
        elif keyword == "RUN":
            self._run(instruction, stage)
        elif keyword in ("COPY", "ADD"):
            flag = instruction.flag("from")
            stage.uses |= {flag.value} if flag else set()
            stage.copies += self._copies(instruction, stage.scope, lambda name: self._index(name) is not None)

    def _from(self, instruction: Instruction) -> None:
        words = list(instruction.words())
        if not words:
            return
        base = scalar(evaluate(words[0].value, self._globals, self._path), words[0].span)
        named = len(words) >= 3 and words[1].raw.lower() == "as"
        name = words[2].raw.lower() if named else ""
        parent = self._names.get((base.known or "").lower())
        inherits = parent is not None and len(self._stages) < _MOST_INHERITING
        environment = dict(self._stages[parent].environment) if inherits and parent is not None else {}
        self._stages.append(_Stage(name, base, instruction.span, parent, environment))
        if name:
            self._names[name] = len(self._stages) - 1

    def _argument(self, pair: Pair, stage: _Stage | None, instruction: Instruction) -> None:
        name = pair.name.raw
        scope = stage.scope if stage else self._globals
        inherited = self._defaults.get(name) if stage and pair.value is None else None
        if pair.value is not None:
            parts = evaluate(pair.value.value, scope, self._path)
        elif stage and name in self._globals:
            parts = self._globals[name]
        else:
            parts = (argument_hole(self._path, name),)
        variable = self._variable(instruction, "ARG", pair, parts)
        if inherited is not None:
            material = self._material(name, parts)
            value = inherited.passed(pair.span)
            variable = BuildVariable(
                variable.instruction, variable.name, value, material, pair.span, credential=variable.credential
            )
        if stage is None:
            self._globals[name] = parts
            self._global_variables.append(variable)
            if variable.value is not None:
                self._defaults[name] = variable.value
        else:
            stage.arguments[name] = parts
            stage.variables.append(variable)
        if known(parts) is None and pair.value is None and name not in self._open:
            self._open[name] = variable.name

    def _environment(self, instruction: Instruction, stage: _Stage) -> None:
        found = pairs(instruction.line, instruction.start, instruction.end, instruction.escape) or []
        # All values of one instruction see the variables from before it.
        values = [evaluate(pair.value.value if pair.value else ("",), stage.scope, self._path) for pair in found]
        for pair, parts in zip(found, values, strict=True):
            stage.environment[pair.name.raw] = parts
            stage.variables.append(self._variable(instruction, "ENV", pair, parts))

    def _variable(self, instruction: Instruction, keyword: str, pair: Pair, parts: Parts) -> BuildVariable:
        name = known_scalar(pair.name.raw, pair.name.span)
        material = self._material(name.parts[0], parts) if pair.value else Material(MaterialKind.UNKNOWN)
        value = redact(scalar(parts, pair.value.inner), material) if pair.value else None
        return BuildVariable(
            f"ONBUILD {keyword}" if instruction.on_build else keyword,
            name,
            value,
            material,
            pair.span,
            self._argument_in(parts) if pair.value else None,
            is_credential(pair.name.raw),
        )

    def _material(self, name: str | Hole, parts: Parts) -> Material:
        text = known(parts)
        return classify(str(name), text) if text is not None else Material(MaterialKind.UNKNOWN)

    def _argument_in(self, parts: Parts) -> Scalar | None:
        """The ARG without a default that a value is made of."""
        for part in parts:
            if isinstance(part, Hole) and part.reason == ARGUMENT:
                for reference in part.references:
                    if reference.address in self._open:
                        return self._open[reference.address]
        return None

    def _run(self, instruction: Instruction, stage: _Stage) -> None:
        mounts = [dict(_options(flag.value)) for flag in instruction.flags if flag.name == "mount"]
        stage.uses |= {mount["from"] for mount in mounts if "from" in mount}
        secrets = [mount for mount in mounts if mount.get("type") == "secret"]
        names = tuple(mount["env"] for mount in secrets if mount.get("env"))
        scope = stage.scope

        def make(
            name: str, name_span: Span, parts: tuple[str | Variable, ...], span: Span, manner: str
        ) -> CommandSetting:
            pieces: list[str | Hole] = []
            for part in parts:
                pieces += (part,) if isinstance(part, str) else self._shell_value(part, scope)
            value = joined(pieces)
            used = [part for part in parts if isinstance(part, Variable)]
            mounted = bool(used) and all(_is_mounted(part, secrets) for part in used)
            material = self._material(name, value)
            return CommandSetting(
                known_scalar(name, name_span),
                redact(scalar(value, span), material),
                material,
                manner,
                None if mounted else self._argument_in(value),
                mounted,
            )

        for command, found in settings(_script(self._source, instruction), make):
            text = mask(" ".join(word.text for word in command.words))
            stage.commands.append(RunCommand(text, command.span, names, found))

    def _shell_value(self, variable: Variable, scope: Scope) -> Parts:
        if variable.name in scope:
            return scope[variable.name]
        if not variable.name:
            return (Hole(_OUTPUT),)
        return (Hole(_SHELL_VARIABLE, (Reference(self._path, variable.name),)),)


def _options(value: str) -> Iterator[tuple[str, str]]:
    """The `name=value` pairs of a mount."""
    for option in value.strip("\"'").split(","):
        name, _, text = option.partition("=")
        yield name.strip().lower(), text.strip().strip("\"'")


def _is_mounted(variable: Variable, secrets: list[dict[str, str]]) -> bool:
    """Whether a variable, or a command's output, is what a build secret holds."""
    if variable.name:
        return any(mount.get("env") == variable.name for mount in secrets)
    places = [mount.get("target") or mount.get("dst") or mount.get("destination") or "" for mount in secrets]
    return bool(secrets) and any(place in variable.text for place in ("/run/secrets/", *filter(None, places)))


def _script(source: Source, instruction: Instruction) -> list[Command]:
    """The shell commands of a RUN in any of its forms."""
    line, start, end = instruction.line, instruction.start, instruction.end
    strings = json_strings(line, start, end)
    if strings is not None:
        return _executed(strings)
    if not instruction.heredocs:
        return commands(line, start, end)
    first = instruction.heredocs[0]
    if re.fullmatch(r"\d*<<-?[\"']?[^\s\"']+[\"']?", instruction.arguments):
        body = line.cut(0, 0)
        body.add(source.text[first.start : first.end], first.start)
        shebang = re.match(r"#!\s*(\S+)(?:\s+(\S+))?", body.text)
        if shebang and not _SHELLS & {posixpath.basename(word) for word in shebang.groups() if word}:
            return []
        return commands(body, 0, len(body.text))
    whole = line.cut(start, end)
    after = first.start - 1
    whole.add(source.text[after : instruction.span.end], after)
    return commands(whole, 0, len(whole.text))


def _executed(strings: list[Text]) -> list[Command]:
    """The commands of the JSON form: what a shell is given, else the words themselves."""
    if not strings:
        return []
    if posixpath.basename(strings[0].text) in _SHELLS:
        for option, script in pairwise(strings[1:]):
            if re.fullmatch(r"-\w*c\w*", option.text):
                return commands(script, 0, len(script.text))
    words = tuple(
        ShellWord(text.text, text, tuple(range(len(text.text))), frozenset()) for text in strings if text.text
    )
    if not words:
        return []
    return [Command(words, 0, len(words[0].text), words[0].line)]
