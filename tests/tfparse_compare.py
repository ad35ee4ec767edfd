"""Compares our evaluation of Terraform with tfparse's: `python -m tests.tfparse_compare [--at-least 0.99] PATH…`."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from rolecall.discover import UnitKind, discover
from rolecall.problem import Problem
from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform import unit
from rolecall.terraform.library import Library
from rolecall.terraform.module import Block, Module, root_module
from rolecall.tree import Hole, Mapping, Node, Reference, Scalar, Sequence, parted
from rolecall.workspace import Workspace
from tests.tfparse_oracle import OracleError, Theirs, ask, is_nested, nested
from tests.tfparse_values import Judged, Verdict, compared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.span import Span

# What Terraform itself reads of a block, and what tfparse adds.
_META = frozenset({"connection", "count", "depends_on", "for_each", "id", "lifecycle", "provider", "provisioner"})
_OTHERS = ("locals", "module", "output", "aws_iam_policy_document", "helm_release", "kubectl_manifest", "kubernetes_")
_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
# Nobody who reads files can know these: what tfparse has instead is a guess (see `Difference.guessed`).
_OUTSIDE = frozenset(
    {"a data source", "a module that is not evaluated", "a variable without a default", "chosen at run time"}
)
_PROVIDERS = "known only after apply"
# The models that stand for registry modules, which tfparse has not: for their outputs it takes the call's arguments.
_MODELS = "registry.terraform.io/"
_OUTPUT = re.compile(r"\bmodule\.([\w-]+)")
_INPUT = re.compile(r"\bvar\.([\w-]+)")
_ONE_OF_MANY = "one of several instances"


@dataclass(frozen=True, slots=True)
class Difference:
    """An argument on which tfparse and we do not agree.

    `directory` is the root module's. `guessed`: tfparse has a value for what nobody can know who reads files.
    """

    verdict: Verdict
    directory: str
    place: str
    argument: str
    why: str
    guessed: bool = False

    def __str__(self) -> str:
        words = "tfparse guesses" if self.guessed else self.verdict.value
        return f"{self.place}: {self.argument}: {words}: {self.why}"


@dataclass(slots=True)
class Report:
    """What a comparison gave."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        """The arguments that at least one side knows and that tfparse does not guess."""
        return sum(number for verdict, number in self.counts.items() if verdict is not Verdict.NEITHER)

    @property
    def resolved(self) -> int:
        """The arguments that tfparse resolves."""
        return self.compared - self.counts[Verdict.MORE]

    @property
    def agreement(self) -> float:
        """The share of what tfparse resolves that we resolve to the same."""
        return self.counts[Verdict.AGREED] / self.resolved if self.resolved else 1.0

    def add(self, found: Difference) -> None:
        """Counts a verdict, and keeps what is not agreed."""
        if not found.guessed:
            self.counts[found.verdict] += 1
        if found.verdict in (Verdict.LESS, Verdict.DIFFERENT):
            self.differences.append(found)

    def summary(self) -> str:
        """One line of figures."""
        guesses = sum(difference.guessed for difference in self.differences)
        counts = (f"{verdict.value}: {self.counts[verdict]}" for verdict in list(Verdict)[1:])
        share = f"{self.agreement:.2%} of the {self.resolved} that tfparse resolves"
        return f"arguments: {self.compared}, {', '.join(counts)}, tfparse guesses: {guesses}; {share}"


def roots(path: Path) -> Iterator[tuple[Path, Module]]:
    """The root modules below a path, with their directories."""
    workspace = Workspace(path)
    discovery = discover([str(path)], workspace)
    library = Library(discovery.workspace)
    for found in discovery.units:
        if found.kind is UnitKind.TERRAFORM and not found.called:
            read = [discovery.workspace.read(name) for name in found.paths]
            sources = tuple(source for source in read if not isinstance(source, Problem))
            if any(".tf" in source.path and "tfvars" not in source.path for source in sources):
                yield path / found.name, root_module(found.name, sources, library)


def compare(path: Path) -> Report:
    """Every argument that concerns us of the configurations below a path, as tfparse and as we see it."""
    report = Report()
    found = list(roots(path))
    for (_, root), answer in zip(found, ask([directory for directory, _ in found]), strict=True):
        if isinstance(answer, OracleError):
            report.failures.append(str(answer))
        else:
            _Comparison(root, report).all(answer)
    return report


class _Comparison:
    def __init__(self, root: Module, report: Report) -> None:
        self.root = root
        self.report = report
        self.modules: dict[str, Module] = {}
        self.blocks: dict[str, Block] = {}
        self._collect(root)

    def _collect(self, module: Module) -> None:
        self.modules[module.prefix] = module
        for kind in ("resource", "data", "output"):
            self.blocks.update((block.address, block) for block in module.blocks(kind))
        for block in module.blocks("module"):
            self.blocks[block.address] = block
            called = module.called(block)
            if isinstance(called, Module):
                self._collect(called)

    def all(self, theirs: tuple[Theirs, ...]) -> None:
        keys: dict[str, set[str]] = {}
        for block in theirs:
            if not _concerns(block.address):
                continue
            if block.address.endswith("locals"):
                self._locals(block)
                continue
            if block.repeats and not block.address.endswith("]") and self._is_counted(block):
                continue  # tfparse has one block for an unknown number of instances
            keys.setdefault(_KEY.sub("", block.address), set()).add(block.address)
            ours = self._counterpart(block)
            if ours is not None:
                self._body(block, block.arguments, ours.body(), ours.address, ours.span)
        for address, mine in self.blocks.items():
            if '["${' in address:
                continue  # an instance whose key is not known has its position in our addresses, and none in tfparse's
            others = keys.get(_KEY.sub("", address))
            if others and address not in others and _concerns(address) and mine.instance and _KEY.search(address):
                self._add(Judged(Verdict.DIFFERENT, f"only ours; tfparse has {sorted(others)}"), address, mine.span)

    def _counterpart(self, block: Theirs) -> Block | None:
        """Our block for one of theirs; one whose number is not known to us stands for all of its instances."""
        ours = self.blocks.get(block.address)
        if ours is not None:
            return ours
        parts, found = _KEY.split(block.address), _KEY.findall(block.address)
        for chosen in product((True, False), repeat=len(found)):
            kept = [key if keep else "" for key, keep in zip(found, chosen, strict=True)]
            ours = self.blocks.get("".join(part for pair in zip(parts, [*kept, ""], strict=True) for part in pair))
            if ours is not None:
                hole = ours.module.instances(ours.declared).hole
                if block.counted and chosen and not chosen[-1]:
                    judged = Judged(Verdict.LESS, "the number of instances", (hole,) if hole else ())
                    self._add(judged, block.address, ours.span)
                return ours
        self._add(Judged(Verdict.DIFFERENT, f"only tfparse's ({block.place})"), block.address, None)
        return None

    def _is_counted(self, block: Theirs) -> bool:
        return block.address not in self.blocks and any(
            address.startswith(f"{block.address}[") for address in self.blocks
        )

    def _locals(self, block: Theirs) -> None:
        module = self.modules.get(block.address.removesuffix("locals"))
        if module is None:
            return  # of a module that is one of several: compared where it is called
        for name, value in block.arguments.items():
            argument = module.local(name)
            guessed = argument is not None and self._is_of_model(module, argument)
            if argument is None:
                if name != "id":
                    self._add(Judged(Verdict.DIFFERENT, "only tfparse's"), f"{module.prefix}local.{name}", None)
                continue
            step = (hcl.Attribute(name),)
            ours, _ = module.names.look_up("local", step, {}, argument.name_span)
            self._add(compared(value, ours), f"{module.prefix}local.{name}", argument.name_span, guessed=guessed)

    def _body(self, block: Theirs, arguments: dict[str, object], ours: Mapping, address: str, span: Span) -> None:
        for name, value in arguments.items():
            if name in _META:
                continue
            entry = ours.entry(name)
            place, path = entry.key.span if entry else span, f"{address}.{name}"
            guessed = self._takes_from_model(address, name)
            if not is_nested(value):
                found = None if entry is None else entry.value
                judged = compared(value, found)
                if entry is None and ours.rest is not None and judged.verdict is Verdict.DIFFERENT:
                    judged = replace(judged, verdict=Verdict.LESS, holes=(ours.rest,))
                self._add(judged, path, place, guessed=guessed)
                continue
            self._nested(block, nested(value), entry.value if entry else None, path, place)
        for entry in ours.entries:
            name = entry.key.known or ""
            if name not in _META and name not in arguments and not _is_nothing(entry.value):
                self._add(Judged(Verdict.MORE), f"{address}.{name}", entry.key.span)

    def _nested(
        self, block: Theirs, theirs: list[tuple[int, dict[str, object]]], ours: Node | None, path: str, place: Span
    ) -> None:
        items = ours.items if isinstance(ours, Sequence) else (ours,) if isinstance(ours, Mapping) else ()
        rest = ours.rest if isinstance(ours, Sequence) else None
        if isinstance(ours, Scalar) and ours.holes:
            rest = ours.holes[0]
        left = list(enumerate(items))
        for line, arguments in theirs:
            # A block that only one side has does not shift those after it.
            same = [pair for pair in left if pair[1].span.line == line] if len(items) != len(theirs) else left[:1]
            if same and isinstance(same[0][1], Mapping):
                left.remove(same[0])
                self._body(block, arguments, same[0][1], f"{path}[{same[0][0]}]", same[0][1].span)
            elif rest is not None:
                self._add(Judged(Verdict.LESS, "a block", (rest,)), f"{path} ({line})", place)
            else:
                self._add(Judged(Verdict.DIFFERENT, "only tfparse's"), f"{path} ({line})", place)
        for index, item in left:
            self._add(Judged(Verdict.DIFFERENT, f"tfparse has {len(theirs)}"), f"{path}[{index}]", item.span)

    def _takes_from_model(self, address: str, name: str) -> bool:
        """Whether an argument of a block, not of one inside it, takes an output of a registry module."""
        block = self.blocks.get(address)
        body = block.module.parsed(block.declared) if block is not None else None
        argument = body.argument(name) if body is not None else None
        return block is not None and argument is not None and self._is_of_model(block.module, argument)

    def _is_of_model(self, module: Module, argument: hcl.Argument) -> bool:
        """Whether a value takes an output of a registry module, itself or by what the module is called with."""
        at = argument.value.span
        text = module.configuration.texts.get(at.path, "")[at.start : at.end]
        calls = (call for name in _OUTPUT.findall(text) for call in module.blocks("module", name))
        called = [module.called(call) for call in calls]
        if any(isinstance(one, Module) and one.directory.path.startswith(_MODELS) for one in called):
            return True
        given = [module.given(name) for name in _INPUT.findall(text)]
        return module.caller is not None and any(one and self._is_of_model(module.caller, one) for one in given)

    def _add(self, judged: Judged, argument: str, place: Span | None, *, guessed: bool = False) -> None:
        shown = f"{place.path}:{place.line}" if place else self.root.directory.path
        holes = dict.fromkeys(hole.why for hole in judged.holes)
        why = "; ".join(filter(None, (judged.why, *holes)))
        differs = judged.verdict in (Verdict.LESS, Verdict.DIFFERENT)
        guessed = differs and (guessed or (bool(judged.holes) and all(map(self._unknowable, judged.holes))))
        self.report.add(Difference(judged.verdict, self.root.unit, shown, argument, why, guessed))

    def _unknowable(self, hole: Hole) -> bool:
        """Whether a hole is there because of what no file says."""
        if hole.reason in _OUTSIDE:
            return True
        if hole.reason == _ONE_OF_MANY:
            blocks = [self.root.resolve(reference) for reference in hole.references]
            reasons = [block.module.instances(block.declared).hole for block in blocks if block is not None]
            return bool(reasons) and all(reason is not None and self._unknowable(reason) for reason in reasons)
        return hole.reason == _PROVIDERS and bool(hole.references) and all(map(self._computed, hole.references))

    def _computed(self, reference: Reference) -> bool:
        """Whether an attribute is not among those that its block sets."""
        block = self.root.resolve(reference)
        if block is None or not reference.attribute:
            return block is None
        node: Node | None = block.body()
        for name, index in re.findall(r"([\w-]+)|\[(\d+)\]", reference.attribute):
            if isinstance(node, Mapping):
                node = node.get(name)
            elif isinstance(node, Sequence) and index:
                node = node.items[int(index)] if int(index) < len(node.items) else None
        return _is_nothing(node)


def _is_nothing(node: Node | None) -> bool:
    if isinstance(node, Sequence):
        return not node.items
    return node is None or (isinstance(node, Mapping) and not node.entries) or getattr(node, "is_null", False)


def _concerns(address: str) -> bool:
    """Whether a block is of a kind whose arguments we read, or may hand on what we read."""
    _, inner = parted(f"{address}.")
    words = (inner or "module.").split(".")
    kind = words[1] if words[0] == "data" else words[0]
    # This table is what concerns us.
    return kind in unit._RESOURCES or kind.startswith(_OTHERS)  # noqa: SLF001


def main(arguments: list[str] | None = None) -> int:
    """Prints what the comparison gave for each path; 1 where there is less agreement than asked for, 2 on failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--at-least", type=float, default=0.99)
    options = parser.parse_args(arguments)
    code = 0
    for path in options.paths:
        total = compare(path.resolve())
        for line in (*total.differences, *total.failures):
            sys.stdout.write(f"{line}\n")
        sys.stdout.write(f"{path}: {total.summary()}\n")
        if total.failures:
            code = 2
        elif total.agreement < options.at_least:
            code = max(code, 1)
    return code


if __name__ == "__main__":
    sys.exit(main())
