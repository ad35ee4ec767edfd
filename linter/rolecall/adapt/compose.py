"""Docker Compose files. https://docs.docker.com/reference/compose-file/services/."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_pods import value_span
from rolecall.adapt.kubernetes_values import judged
from rolecall.model import ComposeService, ComposeVariable, ImageSource, Origin
from rolecall.problem import Problem, Unevaluated
from rolecall.syntax.dotenv import pairs
from rolecall.tree import Mapping, Scalar, Sequence, one_or_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.workspace import Workspace


def adapt(root: Mapping, source: Source, workspace: Workspace) -> Iterator[Said]:
    """The services of a file, and the images that they are built as."""
    services = root.mapping("services")
    for entry in services.entries if services is not None else ():
        body = entry.value
        if not isinstance(body, Mapping):
            continue
        origin = Origin(source.path, f"service {entry.key.display}", entry.key.span, body.span, group=source.path)
        variables = {}
        for name, value in (*_of_files(body, source, workspace), *_environment(body)):
            if isinstance(value, Unevaluated):
                yield value
            elif isinstance(name, Scalar):
                material, _ = judged(name.known or "", value)
                variables[name.known] = ComposeVariable(name, material, value_span(name, value))
        yield ComposeService(
            origin,
            entry.key,
            body.scalar("image"),
            tuple(variables.values()),
            tuple(_mounts(body)),
            one_or_many(body.get("profiles"))[0],
        )
        yield from _built(body, origin, source.path)


def _environment(body: Mapping) -> Iterator[tuple[Scalar, Scalar]]:
    """A mapping, or a list of `NAME=value`; a name alone is passed through from the shell."""
    written = body.get("environment")
    if isinstance(written, Mapping):
        for entry in written.entries:
            if isinstance(entry.value, Scalar) and not entry.value.is_null:
                yield entry.key, entry.value
    for item in written.items if isinstance(written, Sequence) else ():
        first = item.parts[0] if isinstance(item, Scalar) and item.parts else ""
        name, equals, rest = first.partition("=") if isinstance(first, str) else ("", "", "")
        if isinstance(item, Scalar) and equals:
            yield replace(item, parts=(name,)), replace(item, parts=(rest, *item.parts[1:]))


def _of_files(
    body: Mapping, source: Source, workspace: Workspace
) -> Iterator[tuple[Scalar, Scalar] | tuple[None, Unevaluated]]:
    """The pairs of the environment files; one that is not there is kept out of the repository."""
    written = body.get("env_file")
    for item in written.items if isinstance(written, Sequence) else (written,):
        named = item.scalar("path") if isinstance(item, Mapping) else item
        if not isinstance(named, Scalar) or not named.known:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), named.known))
        read = workspace.read(path) if workspace.exists(path) else None
        if read is None or isinstance(read, Problem):
            yield None, Unevaluated(f"env_file {named.display}", "it is not among the files", named.span, source.path)
        else:
            yield from pairs(read)


def _mounts(body: Mapping) -> Iterator[Scalar]:
    for item in body.items("volumes"):
        if isinstance(item, Mapping) and item.text("type") == "bind":
            found = item.scalar("source")
            yield from (found,) if found is not None else ()
        elif isinstance(item, Scalar):
            first = item.parts[0] if item.parts else ""
            path, colon, _ = first.partition(":") if isinstance(first, str) else ("", "", "")
            # What is left of the colon may begin with a variable of the shell.
            text = path if colon else item.display.partition(":")[0]
            yield replace(item, parts=(text or item.display.rpartition(":")[0],))


def _built(body: Mapping, origin: Origin, path: str) -> Iterator[ImageSource]:
    image, build = body.text("image"), body.get("build")
    if not image or build is None:
        return
    context = (
        build.known if isinstance(build, Scalar) else build.text("context") if isinstance(build, Mapping) else None
    )
    dockerfile = (build.text("dockerfile") if isinstance(build, Mapping) else None) or "Dockerfile"
    if context:
        where = posixpath.normpath(posixpath.join(posixpath.dirname(path), context, dockerfile or "Dockerfile"))
        name = image.partition("@")[0]
        last = name.rpartition("/")[2]
        yield ImageSource(origin, name[: len(name) - len(last)] + last.partition(":")[0], where)
