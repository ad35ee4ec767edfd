"""One directory of Terraform files as it is written: its blocks, found at once and parsed when asked for."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.blocks import RawBlock, index
from rolecall.terraform.parser_template import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.terraform.registry_modules import RegistryModule

_PREFIXES = {"resource": "", "variable": "var"}
_VALUES = (".tfvars", ".tfvars.json")
# Terraform's documentation, "Override Files".
_OVERRIDE = regex.compile(r"(?:.*_)?override\.(?:tf|tofu)(?:\.json)?")
_DEFINED = regex.compile(r"(?<![\w-])[^\W\d][\w-]*+(?=(?:[ \t]|/\*[^*]*\*/)*+=(?![=>]))")
_LITERAL = regex.compile(r'^[ \t]*(source|version)[ \t]*=[ \t]*"([^"\n$%\\]*)"', re.MULTILINE)
_CONFLICT = "\n<<<<<<< "
_ALIAS = regex.compile(r'^[ \t]*alias[ \t]*=[ \t]*"([^"\n]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Declared:
    """A block as it is written: before `count` and `for_each`. `index` is its number in the directory."""

    index: int
    kind: str
    labels: tuple[str, ...]
    places: RawBlock | tuple[Span, Span]
    """Where the header and all of the block stand, or what tells: most blocks are never asked."""

    @property
    def span(self) -> Span:
        """The header, from the type to the last label."""
        return self.places.header if isinstance(self.places, RawBlock) else self.places[0]

    @property
    def whole(self) -> Span:
        """All of the block."""
        return self.places.whole if isinstance(self.places, RawBlock) else self.places[1]

    @property
    def is_json(self) -> bool:
        """Whether it is written in JSON, where an object may be a block."""
        return not isinstance(self.places, RawBlock)

    @property
    def address(self) -> str:
        """Terraform's address in its module: `aws_iam_role.app`, `data.aws_iam_policy_document.app`, `var.name`."""
        prefix = _PREFIXES.get(self.kind, self.kind)
        return ".".join((prefix, *self.labels) if prefix else self.labels)


class Directory:
    """The blocks of one directory, the same for every call of it.

    `path` is the directory as shown. `foreign`: it is not the user's own code, so nobody is told of places in it.
    `model`: it stands for this module of the registry.
    """

    def __init__(
        self, path: str, sources: tuple[Source, ...], *, foreign: bool = False, model: RegistryModule | None = None
    ) -> None:
        self.path = path
        self.foreign = foreign
        self.model = model
        self.values = tuple(source for source in sources if source.path.endswith(_VALUES))
        self.sources = tuple(source for source in sources if not source.path.endswith(_VALUES))
        self._problems: dict[Problem, None] = {}
        self._declared: list[Declared] = []
        self._written: list[RawBlock | hcl.Body] = []
        self._overrides: dict[int, list[int]] = {}
        self._parsed: dict[int, hcl.Body | None] = {}
        self._by_name: dict[int, dict[str, hcl.Argument]] = {}
        self._locals: dict[str, list[Declared]] | None = None
        self._by_labels: dict[tuple[str, ...], list[Declared]] = {}
        for source in sorted(_preferred(self.sources), key=lambda one: _is_override(one.path)):
            self._add(source)

    def _add(self, source: Source) -> None:
        override = _is_override(source.path)
        if source.path.endswith(".json"):
            from rolecall.terraform.parser_json import json_blocks  # noqa: PLC0415 - heavy or rare: only when it is needed

            found = json_blocks(source, self.fault)
            if isinstance(found, Problem):
                self.report(found)
                return
            for kind, labels, span, body in found:
                self._declare(kind, labels, (span, body.span), body, override=override)
            return
        blocks, problems = index(source)
        for problem in problems:
            self.report(problem)
        torn = _CONFLICT in source.text
        for raw in blocks:
            self._declare(raw.kind, raw.labels, raw, raw, override=override)
            if torn and _CONFLICT in source.text[raw.inside : raw.inside_end]:
                # A merge that is not done, unless it is in a text: to be told though nobody asks for the block.
                self._body(len(self._written) - 1)

    def _declare(
        self,
        kind: str,
        labels: tuple[str, ...],
        places: RawBlock | tuple[Span, Span],
        written: RawBlock | hcl.Body,
        *,
        override: bool,
    ) -> None:
        declared = Declared(len(self._written), kind, labels, places)
        self._written.append(written)
        self._declared.append(declared)
        if override:
            # What an override file says of a block is merged into it; of locals, each replaces the one of its name.
            over = self._overridden(declared, written) if kind != "locals" else ()
            for one in over:
                self._overrides.setdefault(one.index, []).append(declared.index)
            if over:
                return
        for length in range(len(labels) + 1):
            self._by_labels.setdefault((kind, *labels[:length]), []).append(declared)

    def _overridden(self, declared: Declared, written: RawBlock | hcl.Body) -> tuple[Declared, ...]:
        """The blocks that one of an override file is merged into: of provider configurations, those of its alias."""
        same = self.declared(declared.kind, *declared.labels)
        if declared.kind != "provider" or not same:
            return same
        alias = _alias(written)
        return tuple(one for one in same if _alias(self._written[one.index]) == alias)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong in the blocks that were asked for so far, and between blocks."""
        return tuple(self._problems)

    def report(self, problem: Problem) -> None:
        """Keeps a problem, once."""
        self._problems[problem] = None

    def fault(self, fault: Fault) -> None:
        """Keeps a fault of the text as a problem."""
        self.report(Problem(ProblemKind.SYNTAX, fault.message, fault.span.path, fault.span))

    def declared(self, kind: str, *labels: str) -> tuple[Declared, ...]:
        """The blocks of a kind whose first labels are these."""
        return tuple(self._by_labels.get((kind, *labels), ()))

    def parsed(self, declared: Declared) -> hcl.Body | None:
        """The body of a block, or None (and a problem, once) where it is not valid HCL."""
        if declared.index not in self._parsed:
            body = self._body(declared.index)
            for index_of_override in self._overrides.get(declared.index, ()):
                over = self._body(index_of_override)
                if body is not None and over is not None:
                    body = _merged(body, over)
            self._parsed[declared.index] = body
        return self._parsed[declared.index]

    def _body(self, index_of_block: int) -> hcl.Body | None:
        written = self._written[index_of_block]
        if not isinstance(written, RawBlock):
            return written
        from rolecall.terraform.parser import parse_body  # noqa: PLC0415 - heavy or rare: only when it is needed

        try:
            return parse_body(written.source, written.inside, written.inside_end)
        except Fault as fault:
            self.fault(fault)
        except RecursionError:
            self.fault(Fault("this block is nested too deeply to be read", self._declared[index_of_block].span))
        return None

    def text(self, declared: Declared) -> str:
        """The text of a block, unparsed; empty where it is not written as HCL."""
        written = self._written[declared.index]
        return written.source.text[written.inside : written.inside_end] if isinstance(written, RawBlock) else ""

    def may_say(self, declared: Declared, words: re.Pattern[str]) -> bool:
        """Whether a block, or what override files say of it, may hold such words; it is not parsed."""
        for number in (declared.index, *self._overrides.get(declared.index, ())):
            written = self._written[number]
            if not isinstance(written, RawBlock):
                return True
            if words.search(written.source.text, written.inside, written.inside_end):
                return True
        return False

    def literal(self, declared: Declared, name: str) -> str | None:
        """The `source` or `version` of a module call where it is written as plain text; the call is not parsed."""
        written = self._written[declared.index]
        if isinstance(written, RawBlock) and not self._overrides.get(declared.index):
            found = [match[2] for match in _LITERAL.finditer(self.text(declared)) if match[1] == name]
            if len(found) == 1:
                return found[0]
        body = self.parsed(declared)
        argument = body.argument(name) if body else None
        value = argument.value if argument else None
        if isinstance(value, hcl.Template) and all(isinstance(piece, hcl.Text) for piece in value.pieces):
            return "".join(piece.text for piece in value.pieces if isinstance(piece, hcl.Text))
        return None

    def local(self, name: str) -> hcl.Argument | None:
        """The definition of a local; that of an override file counts."""
        if self._locals is None:
            self._locals = {}
            for declared in self.declared("locals"):
                for found in self._names(declared):
                    self._locals.setdefault(found, []).append(declared)
        for declared in reversed(self._locals.get(name, ())):
            argument = self._arguments(declared).get(name)
            if argument is not None:
                return argument
        return None

    def _arguments(self, declared: Declared) -> dict[str, hcl.Argument]:
        found = self._by_name.get(declared.index)
        if found is None:
            body = self.parsed(declared)
            found = {argument.name: argument for argument in body.arguments} if body else {}
            self._by_name[declared.index] = found
        return found

    def _names(self, declared: Declared) -> Iterable[str]:
        """The names that a block may define, and some words of its values; it is not parsed."""
        text = self.text(declared)
        return dict.fromkeys(_DEFINED.findall(text)) if text else self._arguments(declared)


def _preferred(sources: tuple[Source, ...]) -> list[Source]:
    """The files that count: OpenTofu reads `x.tofu` in place of an `x.tf` beside it."""
    names = {source.path for source in sources}
    return [source for source in sources if _tofu(source.path) not in names]


def _tofu(path: str) -> str:
    stem, dot, suffix = path.rpartition(".tf")
    return f"{stem}.tofu{suffix}" if dot and suffix in ("", ".json") else ""


def _alias(written: RawBlock | hcl.Body) -> str | None:
    """The alias of a provider configuration, which has to be plain text."""
    if isinstance(written, RawBlock):
        found = _ALIAS.search(written.source.text, written.inside, written.inside_end)
        return found[1] if found else None
    argument = written.argument("alias")
    pieces = argument.value.pieces if argument and isinstance(argument.value, hcl.Template) else ()
    return "".join(piece.text for piece in pieces if isinstance(piece, hcl.Text)) or None


def _is_override(path: str) -> bool:
    return _OVERRIDE.fullmatch(posixpath.basename(path)) is not None


def _merged(body: hcl.Body, over: hcl.Body) -> hcl.Body:
    """A block with what an override file says of it: arguments by name, nested blocks by type.

    In JSON the one may look like the other.
    """
    said = {argument.name for argument in over.arguments} | {block.type for block in over.blocks}
    arguments = (*(one for one in body.arguments if one.name not in said), *over.arguments)
    blocks = (*(one for one in body.blocks if one.type not in said), *over.blocks)
    return hcl.Body(arguments, blocks, body.span)
