"""A kustomization built: what it takes in, generates and changes, in the order in which Kustomize does it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall.kustomize.files import NOT_READ, directory_of, is_remote, joined
from rolecall.kustomize.generate import GENERATORS, generated
from rolecall.kustomize.merge import PatchError, apply, merge
from rolecall.kustomize.objects import Built, built, with_value
from rolecall.kustomize.replacements import Unreplaced, replaced
from rolecall.kustomize.transform import annotate, join_subjects, rename, set_images, set_namespace
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.syntax import embedded
from rolecall.tree import Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.kustomize.files import Files
    from rolecall.span import Span
    from rolecall.tree import Node

_MOST_DEEP = 30
_MOST_OBJECTS = 20_000
_NOT_EVALUATED = ("vars", "transformers", "generators", "validators", "helmCharts", "openapi")


class Build:
    """One root kustomization while it is built; `said` is what could not be read, applied or evaluated."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._whole = True
        self.said: list[Problem | Unevaluated] = []

    def objects(self, path: str) -> list[Built]:
        """The objects that the kustomization of a path makes."""
        return self._kustomization(path, [], (), None)

    def _kustomization(self, path: str, given: list[Built], above: tuple[str, ...], at: Span | None) -> list[Built]:
        """`given` are the objects that a component gets to change."""
        if path in above or len(above) > _MOST_DEEP:
            message = "a kustomization that includes itself" if path in above else "kustomizations too deep"
            self.said.append(Problem(ProblemKind.SYNTAX, f"{message}; Kustomize refuses it", path, at))
            return given
        roots, said = self._files.documents(path)
        self.said += said
        if not roots:
            return given
        root = roots[0]
        objects = [*given, *self._resources(root, path, (*above, path))]
        self._generate(objects, root, path)
        for component in _listed(root, "components"):
            where = self._directory(component, path)
            if where is not None:
                objects = self._kustomization(where, objects, (*above, path), component.span)
        for field in _NOT_EVALUATED:
            found = root.entry(field)
            if found is not None and not (isinstance(found.value, Sequence) and not found.value.items):
                reason = "what it makes or changes is not evaluated"
                self.said.append(Unevaluated(f"{field} of a kustomization", reason, found.key.span, path))
        objects = self._changed(objects, root, path)
        for item in root.mappings("replacements"):
            self._replace(objects, item, path)
        return objects

    def _changed(self, objects: list[Built], root: Mapping, path: str) -> list[Built]:
        for reference in _listed(root, "patchesStrategicMerge"):
            objects = self._merge_all(objects, reference, path)
        for patch in root.mappings("patches"):
            objects = self._patch(objects, patch, path)
        namespace = root.scalar("namespace")
        if namespace is not None and not namespace.is_empty:
            set_namespace(objects, namespace)
        rename(objects, root.scalar("namePrefix"), root.scalar("nameSuffix"))
        join_subjects(objects, namespace)
        for key, field in (("commonLabels", "labels"), ("commonAnnotations", "annotations")):
            pairs = root.mapping(key)
            if pairs is not None:
                annotate(objects, pairs, field)
        for item in root.mappings("labels"):
            pairs = item.mapping("pairs")
            if pairs is not None:
                annotate(objects, pairs, "labels")
        for patch in root.mappings("patchesJson6902"):
            objects = self._patch(objects, patch, path)
        images = root.get("images")
        if isinstance(images, Sequence):
            set_images(objects, images)
        return objects

    def _replace(self, objects: list[Built], item: Mapping, path: str) -> None:
        """An item of `replacements`: one, or a file with one or a list of them."""
        file = item.scalar("path")
        found: tuple[Node, ...] = (item,)
        if file is not None and file.known:
            where = joined(directory_of(path), file.known)
            found = self._of_patch_file(where) if self._is_there(where, file, path) else ()
        for one in (each for node in found for each in (node.items if isinstance(node, Sequence) else (node,))):
            if isinstance(one, Mapping):
                try:
                    replaced(objects, one, _selector)
                except Unreplaced as reason:
                    self.said.append(Unevaluated("a replacement of a kustomization", str(reason), one.span, path))

    def _resources(self, root: Mapping, path: str, above: tuple[str, ...]) -> Iterator[Built]:
        for key in ("resources", "bases"):
            for reference in _listed(root, key):
                text = reference.known or ""
                if is_remote(text):
                    reason = "it is in another repository"
                    self.said.append(Unevaluated(f"base {text}", reason, reference.span, path))
                    self._whole = False
                    continue
                where = joined(directory_of(path), text)
                if self._files.is_file(where):
                    yield from self._of_file(where, reference)
                    continue
                directory = self._directory(reference, path)
                if directory is not None:
                    yield from self._kustomization(directory, [], above, reference.span)

    def _of_file(self, where: str, reference: Scalar) -> Iterator[Built]:
        roots, said = self._files.documents(where)
        self.said += said
        for count, root in enumerate(roots):
            one = built(root)
            if count >= _MOST_OBJECTS:
                self.said.append(Unevaluated(where, "too many objects in one file", reference.span, where))
                return
            if one is not None:
                yield one

    def _directory(self, reference: Scalar, path: str) -> str | None:
        """The kustomization of a directory that is referred to. Where there is none, a pipeline may put it there."""
        text = reference.known or ""
        if is_remote(text):
            self.said.append(Unevaluated(f"base {text}", "it is in another repository", reference.span, path))
            self._whole = False
            return None
        found = self._files.kustomization(joined(directory_of(path), text))
        if found is None:
            self._missing(reference, path)
        return found

    def _is_there(self, where: str, reference: Scalar, path: str) -> bool:
        """Whether the file of a patch is; a pipeline may put it there."""
        found = self._files.is_there(where)
        if not found:
            self._missing(reference, path)
        return found

    def _missing(self, reference: Scalar, path: str) -> None:
        what = f"{reference.display} of a kustomization"
        self.said.append(Unevaluated(what, "it is not among the files", reference.span, path))
        self._whole = False

    def _generate(self, objects: list[Built], root: Mapping, path: str) -> None:
        for key, kind, field in GENERATORS:
            for item in root.mappings(key):
                made = generated(item, kind, field, path, self._files)
                if made is None:
                    continue
                self.said += made[1]
                one = built(made[0])
                if one is not None:
                    _put(objects, one, item.text("behavior") or "create", field)

    def _merge_all(self, objects: list[Built], reference: Scalar, path: str) -> list[Built]:
        """The strategic merge patches of a file, or of a text in the kustomization itself."""
        text = reference.known or ""
        patches: tuple[Node, ...]
        if "\n" in text:
            parsed = embedded.parse(reference, self._files.text_of, yaml=True)
            patches = (parsed,) if parsed is not None else ()
        else:
            where = joined(directory_of(path), text)
            patches, said = self._files.documents(where) if self._is_there(where, reference, path) else ((), ())
            self.said += said
        for patch in patches:
            if isinstance(patch, Mapping):
                objects = self._merge(objects, patch, None, reference.span, path)
        return objects

    def _patch(self, objects: list[Built], item: Mapping, path: str) -> list[Built]:
        """An item of `patches` or `patchesJson6902`: a file or a text, of either kind."""
        target = item.mapping("target")
        inline, file = item.scalar("patch"), item.scalar("path")
        at = (inline or file or item).span
        if inline is not None:
            parsed = embedded.parse(inline, self._files.text_of, yaml=True)
            patches: tuple[Node, ...] = (parsed,) if parsed is not None else ()
        elif file is not None and file.known:
            where = joined(directory_of(path), file.known)
            patches = self._of_patch_file(where) if self._is_there(where, file, path) else ()
        else:
            patches = ()
        for patch in patches:
            if isinstance(patch, Sequence):
                objects = self._apply(objects, patch, target, at, path)
            elif isinstance(patch, Mapping):
                objects = self._merge(objects, patch, target, at, path)
        return objects

    def _of_patch_file(self, where: str) -> tuple[Node, ...]:
        roots, said = self._files.patches(where)
        self.said += said
        return roots

    def _merge(self, objects: list[Built], patch: Mapping, target: Mapping | None, at: Span, path: str) -> list[Built]:
        fits = _selector(target) if target is not None else _same_as(patch)
        found = False
        kept = []
        for one in objects:
            if not fits(one):
                kept.append(one)
                continue
            found = True
            made = merge(one.root, _nameless(patch) if target is not None else patch, typed=one.is_built_in)
            if isinstance(made, Mapping):
                one.root = made
                kept.append(one)
        if not found:
            self._unmatched(target or patch, at, path)
        return kept

    def _apply(self, objects: list[Built], patch: Sequence, target: Mapping | None, at: Span, path: str) -> list[Built]:
        fits = _selector(target) if target is not None else lambda _: False
        found = False
        for one in objects:
            if fits(one):
                found = True
                try:
                    one.root = apply(one.root, patch)
                except PatchError as error:
                    message = f"the patch does not apply to {one.kind} {one.name}: {error}; Kustomize refuses it"
                    self.said.append(Problem(ProblemKind.SYNTAX, message, path, at))
        if not found:
            self._unmatched(target, at, path)
        return objects

    def _unmatched(self, target: Mapping | None, at: Span, path: str) -> None:
        """Say that a patch changes nothing, unless its target may be among what is not read."""
        if not self._whole or (target is not None and (target.text("kind") or "") in NOT_READ):
            return
        reason = "its target is not among the objects of the kustomization"
        self.said.append(Unevaluated("patch", reason, at, path))


def _put(objects: list[Built], one: Built, behavior: str, field: str) -> None:
    """A generated object beside the others, over one of its name, or in its place."""
    for index, other in enumerate(objects):
        if behavior != "create" and other.kind == one.kind and one.names[0] in other.names:
            if behavior == "merge":
                other.root = _with_data(other.root, one.root, field)
                return
            objects[index] = Built(one.root, other.names)
            return
    objects.append(one)


def _with_data(root: Mapping, generated_root: Mapping, field: str) -> Mapping:
    """An object with the generated keys over its own."""
    data, before = generated_root.mapping(field), root.entry(field)
    if data is None:
        return root
    if before is None or not isinstance(before.value, Mapping):
        return with_value(root, (field,), data, Scalar((field,), Kind.STRING, data.span))
    new = {entry.key.known for entry in data.entries}
    kept = tuple(entry for entry in before.value.entries if entry.key.known not in new)
    whole = Mapping((*kept, *data.entries), before.value.span, before.value.rest or data.rest)
    return with_value(root, (field,), whole, before.key)


def _listed(root: Mapping, key: str) -> Iterator[Scalar]:
    return (item for item in root.items(key) if isinstance(item, Scalar) and item.known)


def _nameless(patch: Mapping) -> Mapping:
    """A patch with a target of its own does not name what it changes."""
    entries = tuple(entry for entry in patch.entries if entry.key.known not in ("apiVersion", "kind"))
    made = []
    for entry in entries:
        if entry.key.known == "metadata" and isinstance(entry.value, Mapping):
            inner = tuple(one for one in entry.value.entries if one.key.known not in ("name", "namespace"))
            made.append(type(entry)(entry.key, Mapping(inner, entry.value.span, entry.value.rest)))
        else:
            made.append(entry)
    return Mapping(tuple(made), patch.span, patch.rest)


def _same_as(patch: Mapping) -> Callable[[Built], bool]:
    """Whether an object is the one that a patch names, by any name that it has had."""
    kind, name = patch.text("kind"), patch.at("metadata", "name")
    group = (patch.text("apiVersion") or "").rpartition("/")[0]
    wanted = name.known if isinstance(name, Scalar) else None
    return lambda one: one.kind == kind and one.group == group and wanted in one.names


def _selector(target: Mapping) -> Callable[[Built], bool]:
    """Whether an object is selected: regular expressions from end to end, and labels (api/types/selector.go)."""
    kind, name, namespace, group, version = (
        _anchored(target.text(key)) for key in ("kind", "name", "namespace", "group", "version")
    )
    labels, annotations = target.text("labelSelector"), target.text("annotationSelector")

    def fits(one: Built) -> bool:
        return (
            kind(one.kind)
            and group(one.group)
            and version(one.version)
            and (namespace(one.namespace))
            and any(map(name, one.names))
            and _has(one, "labels", labels)
            and _has(one, "annotations", annotations)
        )

    return fits


def _anchored(pattern: str | None) -> Callable[[str], bool]:
    if not pattern:
        return lambda _: True
    try:
        found = re.compile(pattern)
    except re.error:
        return lambda text: text == pattern
    # Patterns of the scanned tree: a short text, and no more than a name's length.
    return lambda text: text == pattern or (len(pattern) < 200 and found.fullmatch(text[:253]) is not None)


def _has(one: Built, field: str, selector: str | None) -> bool:
    """A selector of equalities, `a=b,c!=d,e`; others are taken not to fit."""
    if not selector:
        return True
    found = one.root.at("metadata", field)
    values = {entry.key.known: entry.value for entry in found.entries} if isinstance(found, Mapping) else {}
    for part in selector.split(","):
        key, equals, value = part.partition("!=") if "!=" in part else part.replace("==", "=").partition("=")
        held = values.get(key.strip())
        same = isinstance(held, Scalar) and held.known == value.strip()
        if (equals == "!=" and same) or (equals == "=" and not same) or (not equals and held is None):
            return False
    return True
