"""Which kustomizations are roots, those that no other one takes in, and which files each of them reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.kustomize.files import directory_of, is_remote, joined
from rolecall.kustomize.generate import GENERATORS
from rolecall.records import dataclass
from rolecall.tree import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.kustomize.files import Files

_REFERENCES = ("resources", "bases", "components", "patchesStrategicMerge", "crds", "configurations")
_PATCHES = ("patches", "patchesJson6902")
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Reached:
    """A root kustomization and the files that it reaches, itself first.

    `renames`: one of them puts a prefix or suffix to names. `texts` are files of generators, of whatever format.
    """

    path: str
    files: tuple[str, ...]
    renames: bool = False
    texts: tuple[str, ...] = ()


def reach(paths: Iterable[str], files: Files) -> tuple[Reached, ...]:
    """The roots among some kustomizations; of a ring, the first is one."""
    own = {path: _Own(path, files) for path in paths}
    taken = {other for one in own.values() for other in one.kustomizations if other != one.path}
    roots = [path for path in own if path not in taken]
    found = [_from(path, own, files) for path in roots]
    seen = {path for one in found for path in one.files}
    for path in own:
        if path not in seen:
            one = _from(path, own, files)
            found.append(one)
            seen.update(one.files)
    return tuple(found)


def _from(path: str, own: dict[str, _Own], files: Files) -> Reached:
    reached: dict[str, None] = {}
    texts: dict[str, None] = {}
    renames = False
    pending = [path]
    while pending and len(reached) < _MOST:
        at = pending.pop()
        if at in reached:
            continue
        reached[at] = None
        one = own.setdefault(at, _Own(at, files))
        renames = renames or one.renames
        reached.update(dict.fromkeys(one.manifests))
        texts.update(dict.fromkeys(one.texts))
        pending += reversed(one.kustomizations)
    return Reached(path, tuple(reached), renames, tuple(texts))


class _Own:
    """What one kustomization refers to."""

    def __init__(self, path: str, files: Files) -> None:
        self.path = path
        self.kustomizations: list[str] = []
        self.manifests: list[str] = []
        self.texts: list[str] = []
        roots, _ = files.documents(path)
        self.renames = bool(roots) and any(roots[0].get(key) is not None for key in ("namePrefix", "nameSuffix"))
        for reference in _references(roots[0]) if roots else ():
            if is_remote(reference) or "\n" in reference:
                continue
            where = joined(directory_of(path), reference)
            if files.is_file(where):
                self.manifests.append(where)
            elif (found := files.kustomization(where)) is not None:
                self.kustomizations.append(found)
        for name in _texts(roots[0]) if roots else ():
            self.texts.append(joined(directory_of(path), name))


def _references(root: Mapping) -> Iterator[str]:
    for key in _REFERENCES:
        yield from (item.known for item in root.items(key) if isinstance(item, Scalar) and item.known)
    for key in _PATCHES:
        for item in root.mappings(key):
            path = item.text("path")
            if path:
                yield path


def _texts(root: Mapping) -> Iterator[str]:
    for generator, _, _ in GENERATORS:
        for item in root.mappings(generator):
            single = item.text("env")
            if single:
                yield single
            for key in ("envs", "files"):
                for named in item.items(key):
                    if isinstance(named, Scalar) and named.known:
                        yield named.known.rpartition("=")[2]
