"""From paths to units: files are found, told apart by name and content, and what is not ours is passed by."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from rolecall import charts, regex
from rolecall.discover.modules import called_from
from rolecall.discover.names import (
    ANY,
    image_name,
    names_in,
    names_in_skaffold,
    names_in_template,
    names_in_terraform,
    names_in_values,
)
from rolecall.discover.selection import Stretch, examine, mentions, select
from rolecall.discover.walk import walk
from rolecall.discover.words import concern_identity, concerns_aws
from rolecall.kinds import (
    Unit,
    UnitKind,
    concerns_identity,
    is_dockerfile,
    is_manifest,
    is_plan,
    is_plausible_json,
    is_policy,
    is_template,
    is_terragrunt,
    kind_of_name,
    kind_of_text,
    worth_sniffing,
)
from rolecall.model import Mentions
from rolecall.problem import Problem, Unevaluated
from rolecall.records import dataclass
from rolecall.source import Source
from rolecall.workspace import STDIN, decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rolecall.discover.walk import Found
    from rolecall.workspace import Workspace

__all__ = ["Discovery", "Unit", "UnitKind", "discover"]

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# An object of Flux that stands in a file of that name.
_FLUX = regex.compile(r"^apiVersion:\s*[\"']?kustomize\.toolkit\.fluxcd\.io", re.MULTILINE)
_TEST = regex.compile(r"^(?:suite|tests)[ \t]*:", re.MULTILINE)
_SKAFFOLD = regex.compile(r"^apiVersion:\s*[\"']?skaffold/", re.MULTILINE)
_COMPOSE = regex.compile(r"(?:docker-)?compose(?:[._-].*)?\.ya?ml")
_GIT_CRYPT = b"\0GITCRYPT"
_SNIFFED = 4096
_TEMPLATE = (b"AWSTemplateFormatVersion", b"Resources", b"Parameters")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is to be read, in order, and how many files were looked at and passed by.

    `workspace` is the one to read the units with: what the user named may be read in it. `looked_at` counts files of
    a kind that concerns us, those included whose documents turned out not to be about AWS. `unevaluated` are links
    that are not followed. `sources` are files that are certainly to be read, by path: their text is here already.
    `mentions` is what all documents refer to, those too that are not to be read.
    """

    units: tuple[Unit, ...]
    problems: tuple[Problem, ...]
    workspace: Workspace
    looked_at: int = 0
    passed_by: int = 0
    unevaluated: tuple[Unevaluated, ...] = ()
    sources: dict[str, Source] = field(default_factory=dict)
    mentions: Mentions = Mentions(frozenset(), frozenset(), anything=True)


def discover(
    paths: Sequence[str], workspace: Workspace, *, everything: bool = False, images: frozenset[str] = frozenset()
) -> Discovery:
    """The units below some paths; `-` is standard input.

    `everything`: every manifest is to be read, those too that have nothing to do with AWS. `images` are the names of
    images whose Dockerfiles the user names.
    """
    workspace = workspace.naming(paths)
    search = _Search(workspace, everything=everything, images=images)
    for path in paths:
        if path == STDIN:
            search.stream()
            continue
        shown = workspace.shown(path)
        for found in walk(path, workspace):
            if isinstance(found, Problem):
                search.problems.append(found)
            elif isinstance(found, Unevaluated):
                search.unevaluated.append(found)
            else:
                search.file(found, named=found.path == shown)
    return search.result()


class _Search:
    """What was found so far. Manifests are held back until it is known what they can be joined to."""

    def __init__(self, workspace: Workspace, *, everything: bool, images: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self.unevaluated: list[Unevaluated] = []
        self._workspace = workspace
        self._everything = everything
        self._seen: set[str] = set()
        self._units: list[Unit] = []
        self._modules: dict[str, list[str]] = {}
        self._calls: dict[str, set[str]] = {}
        self._sources: dict[str, Source] = {}
        self._manifests: list[tuple[Unit, tuple[Stretch, ...], bool]] = []
        self._kustomizations: dict[str, bool] = {}
        self._names: frozenset[str] = frozenset()
        self._images: set[str] = {ANY if "*" in name.rpartition("/")[2] else image_name(name) for name in images}
        self._used: set[str] = set()
        self._baking = self._unsearched = False
        self._looked = self._passed = 0

    def result(self) -> Discovery:
        if self._baking:
            self._names |= self._images
        chosen = select((stretches for _, stretches, _ in self._manifests), self._names)
        built = self._built({unit.name for (unit, _, _), needed in zip(self._manifests, chosen, strict=True) if needed})
        for (unit, _, keys), needed in zip(self._manifests, chosen, strict=True):
            if unit.name in built:
                continue
            if needed:
                documents = tuple((stretch.start, stretch.end) for stretch in needed)
                self._units.append(Unit(unit.kind, unit.name, unit.paths, documents))
            elif keys:
                self._units.append(Unit(UnitKind.TEXT, unit.name, unit.paths))
        for directory, files in self._modules.items():
            calls = tuple(sorted(self._calls.get(directory, ())))
            self._units.append(Unit(UnitKind.TERRAFORM, directory, tuple(sorted(files)), calls=calls))
        units = sorted(self._units, key=lambda unit: (unit.name, unit.kind.value))
        problems, unevaluated = tuple(self.problems), tuple(self.unevaluated)
        mentioned = mentions(
            (stretches for _, stretches, _ in self._manifests),
            frozenset(self._used),
            anything=self._unsearched or ANY in self._names,
        )
        return Discovery(
            tuple(units), problems, self._workspace, self._looked, self._passed, unevaluated, self._sources, mentioned
        )

    def _built(self, needed: set[str]) -> frozenset[str]:
        """The files that overlays take in, each overlay a unit: of those in which something is needed.

        A file that several take in is among the files of the first.
        """
        if not self._kustomizations:
            return frozenset()
        from rolecall.kustomize.files import Files  # noqa: PLC0415 - only where there are kustomizations
        from rolecall.kustomize.roots import reach  # noqa: PLC0415 - likewise

        files = Files(self._workspace)
        found: set[str] = set()
        for root in reach(sorted(self._kustomizations), files):
            concerned = (
                any(path in needed or self._kustomizations.get(path) for path in root.files)
                or (root.renames and bool(self._names))
                or any(concerns_aws(files.text_of(path) or "") for path in root.texts)
            )
            if concerned or self._everything:
                own = tuple(path for path in root.files if path not in found)
                self._units.append(Unit(UnitKind.KUSTOMIZE, root.path, own))
                found.update(own)
        return frozenset(found)

    def stream(self) -> None:
        """Standard input: YAML or JSON, or what its content says."""
        source = self._workspace.read(STDIN)
        if isinstance(source, Problem):
            self.problems.append(source)
            return
        self._looked += 1
        unit = Unit(UnitKind.STREAM, STDIN, (STDIN,))
        if is_dockerfile(source.text) or source.text.lstrip()[:1] in ("{", "[") or is_template(source.text):
            self._units.append(unit)
        else:
            self._manifest(unit, source.text)

    def file(self, found: Found, *, named: bool) -> None:
        """A file: one that the user named is always looked at."""
        name = found.path.rpartition("/")[2]
        kind = kind_of_name(name)
        if found.path in self._seen or (kind is None and not named and not worth_sniffing(name)):
            return
        self._seen.add(found.path)
        if kind is UnitKind.TERRAFORM and named:
            self._siblings(found)
        data = self._workspace.load(found.real, found.path)
        if isinstance(data, Problem):
            # Files that only their content could tell, and data too large to be a policy, are somebody else's.
            if named or kind not in (None, UnitKind.JSON) or not data.message.startswith("larger"):
                self.problems.append(data)
            else:
                self._passed += 1
            return
        if kind is None and not named and not _promising(data[:_SNIFFED]):
            self._passed += 1
            return
        text = decoded(data, found.path)
        if text is None:
            self._undecodable(found, data, kind, named=named)
        else:
            if name in KUSTOMIZATIONS and not _FLUX.search(text):
                self._kustomizations[found.path] = self._everything or concerns_aws(text)
            if kind is UnitKind.TERRAGRUNT:
                self._hcl(found, text)
            else:
                self._text(found, text, kind)

    def _siblings(self, found: Found) -> None:
        """A Terraform file means its directory."""
        directory = found.path.rpartition("/")[0] or "."
        for name in self._workspace.listing(directory):
            path = name if directory == "." else f"{directory}/{name}"
            if kind_of_name(name) is UnitKind.TERRAFORM and path not in self._seen and self._workspace.is_file(path):
                real = self._workspace.resolve(path)
                if not isinstance(real, Problem):
                    self.file(type(found)(path, real), named=False)

    def _undecodable(self, found: Found, data: bytes, kind: UnitKind | None, *, named: bool) -> None:
        """Text in another encoding, or no text: a problem unless it is encrypted, or data that is not ours."""
        problem = self._workspace.read(found.path)
        theirs = kind in (None, UnitKind.JSON) and not named
        if isinstance(problem, Problem) and not theirs and not data.startswith(_GIT_CRYPT):
            self.problems.append(problem)
        else:
            self._passed += 1

    def _text(self, found: Found, text: str, kind: UnitKind | None) -> None:
        keys = "AKIA" in text or "ASIA" in text
        kind = kind or kind_of_text(text)
        if kind is UnitKind.YAML and self._of_chart(found, text, keys=keys):
            return
        unit = Unit(kind, found.path, (found.path,)) if kind else None
        template = kind in (UnitKind.YAML, UnitKind.JSON) and is_template(text)
        self._unsearched = self._unsearched or (template and "ontainers" in text) or "helm_release" in text
        if kind is UnitKind.TERRAFORM:
            directory = found.path.rpartition("/")[0] or "."
            self._modules.setdefault(directory, []).append(found.path)
            self._sources[found.path] = Source(found.path, text)
            self._calls.setdefault(directory, set()).update(called_from(directory, text))
            self._names |= names_in_terraform(text)
        elif unit and kind is UnitKind.DOCKERFILE:
            self._units.append(unit)
            self._image(found, text)
        elif kind is UnitKind.JSON and is_plan(text):
            self._units.append(Unit(UnitKind.PLAN, found.path, (found.path,)))
            self._names |= names_in(text)
        elif template and unit and (concerns_identity(text) or is_policy(text)):
            self._units.append(unit)
            self._names |= names_in_template(text)
        elif unit and kind is UnitKind.JSON and is_policy(text):
            self._units.append(unit)
            self._names |= names_in(text)
        elif unit and (is_manifest(text) if template or kind is UnitKind.YAML else is_plausible_json(text)):
            self._manifest(unit, text)
        elif unit and kind is UnitKind.YAML and is_policy(text):
            self._units.append(unit)
        elif keys and kind in (UnitKind.YAML, UnitKind.JSON):
            self._units.append(Unit(UnitKind.TEXT, found.path, (found.path,)))
        else:
            self._passed += 1
            return
        self._looked += 1

    def _hcl(self, found: Found, text: str) -> None:
        """A file in HCL that is not Terraform's: Terragrunt's, or another tool's, in which only keys are looked for."""
        if is_terragrunt(text) or "AKIA" in text or "ASIA" in text:
            kind = UnitKind.TERRAGRUNT if is_terragrunt(text) else UnitKind.TEXT
            self._units.append(Unit(kind, found.path, (found.path,)))
            self._looked += 1
        else:
            self._passed += 1

    def _image(self, found: Found, text: str) -> None:
        """A Dockerfile that is about AWS concerns whoever runs its image."""
        directory = found.path.rpartition("/")[0].rpartition("/")[2]
        if concerns_aws(text):
            self._baking = True
            self._images.add(image_name(directory))

    def _of_chart(self, found: Found, text: str, *, keys: bool) -> bool:
        """Whether a file is a chart's values, tests of a chart, Skaffold's or Compose's, and is dealt with as such."""
        if _SKAFFOLD.search(text) or _is_compose(found.path, text):
            self._images |= names_in_skaffold(text)
            self._units.append(Unit(UnitKind.YAML, found.path, (found.path,)))
            self._looked += 1
            return True
        values = charts.is_values(found.path, text)
        if not values and not (_TEST.search(text) and charts.of_test(found.path, self._workspace) is not None):
            name = found.path.rpartition("/")[2]
            values = charts.may_be_values(text) and not is_template(text) and name not in KUSTOMIZATIONS
            if not values:
                return False
        # Tests, of helm-unittest, hold parts of manifests as they are expected.
        if values and concern_identity(text):
            self._units.append(Unit(UnitKind.VALUES, found.path, (found.path,)))
            self._names |= names_in_values(text)
            self._used |= names_in_values(text)
        elif keys:
            self._units.append(Unit(UnitKind.TEXT, found.path, (found.path,)))
        else:
            self._passed += 1
            return True
        self._looked += 1
        return True

    def _manifest(self, unit: Unit, text: str) -> None:
        keys = "AKIA" in text or "ASIA" in text
        stretches = examine(text, everything=self._everything)
        if stretches or keys:
            self._manifests.append((unit, stretches, keys))
            if any(stretch.wanted for stretch in stretches):
                self._names |= names_in(text)


def _is_compose(path: str, text: str) -> bool:
    """Whether a file is one of Docker Compose that may say something of AWS, itself or by another file."""
    named = _COMPOSE.fullmatch(path.rpartition("/")[2]) is not None
    return named and "services:" in text and (concerns_aws(text) or "env_file" in text or "build" in text)


def _promising(start: bytes) -> bool:
    """Whether a file without a telling name may be a Dockerfile or JSON, by its first bytes."""
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] in (b"{", b"["):
        return True
    return b"from" in start.lower() or any(mark in start for mark in _TEMPLATE)
