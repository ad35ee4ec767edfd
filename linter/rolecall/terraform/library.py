"""The directories that module calls lead to: the user's own, installed ones, and modelled ones of the registry."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from rolecall.kinds import UnitKind, kind_of_name
from rolecall.problem import Problem
from rolecall.records import dataclass
from rolecall.source import Source
from rolecall.terraform.directory import Directory
from rolecall.tree import Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rolecall.workspace import Workspace

_INSTALLED = ".terraform/modules/modules.json"
# Terraform's documentation, "Module Sources": a local path begins so.
_LOCAL = ("./", "../")


@dataclass(frozen=True, slots=True)
class Call:
    """What decides where a module call leads.

    `root` is the directory of the root module, `key` the names of the calls on the way (`eks.karpenter`), `caller` the
    directory that holds the call. `source` None: it is not known.
    """

    root: str
    key: str
    caller: Directory
    source: str | None
    version: str | None


class Library:
    """Directories by path, each read once, however often it is called. It remembers; what it says is in the files.

    `values` are further files of variables' values (`--var-file`), for root modules. `excluded` says which files the
    user does not want to hear of: a module of such files is evaluated, and what is wrong is the call. `sources` are
    files that have been read, by path.
    """

    def __init__(
        self,
        workspace: Workspace,
        values: Iterable[Source] = (),
        excluded: Callable[[str], bool] = lambda _: False,
        sources: dict[str, Source] | None = None,
    ) -> None:
        self.workspace = workspace
        self.values = tuple(values)
        self._excluded = excluded
        self._directories: dict[tuple[str, bool], Directory | None] = {}
        self._modelled: dict[str, Directory] = {}
        self._installed: dict[str, dict[str, str]] = {}
        self._read: dict[str, Source | Problem] = dict(sources or {})

    def read(self, path: str) -> Source | Problem:
        """The text of a file, read once whether it is asked for as a unit's, a called module's, or both."""
        found = self._read.get(path)
        if found is None:
            found = self._read[path] = self.workspace.read(path)
        return found

    def add(self, path: str, sources: tuple[Source, ...]) -> Directory:
        """The directory of a unit, whose files have been read."""
        found = Directory(path, sources)
        self._directories[path, False] = found
        return found

    def find(self, call: Call) -> Directory | Hole:
        """The directory that a call leads to, or why it cannot be evaluated."""
        source = call.source
        if source is None:
            return Hole("a module whose source is not known")
        if source.startswith(_LOCAL) or source in (".", ".."):
            return self._local(call, source)
        installed = self._installed_in(call.root).get(call.key)
        if installed is not None:
            found = self._directory(posixpath.normpath(posixpath.join(call.root, installed)), foreign=True)
            if found is not None:
                return found
        return self._of_the_registry(source, call.version) or Hole("a module that is not evaluated")

    def _local(self, call: Call, source: str) -> Directory | Hole:
        path = posixpath.normpath(posixpath.join(call.caller.path, source))
        return self._directory(path, foreign=call.caller.foreign) or Hole(f"a module that is not in the tree: {path}")

    def _directory(self, path: str, *, foreign: bool) -> Directory | None:
        key = (path, foreign)
        if key not in self._directories:
            sources: list[Source] = []
            for name in self.workspace.listing(path):
                shown = name if path == "." else f"{path}/{name}"
                if kind_of_name(name) is UnitKind.TERRAFORM:
                    # A directory of such a name is no source.
                    source = self.read(shown)
                    if isinstance(source, Source):
                        sources.append(source)
            foreign = foreign or any(self._excluded(source.path) for source in sources)
            self._directories[key] = Directory(path, tuple(sources), foreign=foreign) if sources else None
        return self._directories[key]

    def _installed_in(self, root: str) -> dict[str, str]:
        """What `terraform init` has installed for a root module: directories by the names of the calls."""
        found = self._installed.get(root)
        if found is None:
            found = self._installed[root] = _manifest(self.workspace, posixpath.normpath(f"{root}/{_INSTALLED}"))
        return found

    def _of_the_registry(self, source: str, version: str | None) -> Directory | None:
        from rolecall.terraform import registry_modules  # noqa: PLC0415 - only where a module is called

        module = registry_modules.find(source, version)
        if module is None:
            return Directory("", (), foreign=True) if registry_modules.is_without_identity(source) else None
        found = self._modelled.get(module.path)
        if found is None:
            sources = (Source(module.path, module.text()),)
            found = self._modelled[module.path] = Directory(module.path, sources, foreign=True, model=module)
        return found


def _manifest(workspace: Workspace, path: str) -> dict[str, str]:
    if not workspace.is_file(path):
        return {}
    source = workspace.read(path)
    if isinstance(source, Problem):
        return {}
    try:
        modules = json.loads(source.text)["Modules"]
        return {str(module["Key"]): str(module["Dir"]) for module in modules}
    except (KeyError, RecursionError, TypeError, ValueError):
        return {}
