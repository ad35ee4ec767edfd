"""Images: which Dockerfile of this world a container's image is built from, where the tree says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.globs import matcher
from rolecall.model import ImageBuild, ImageSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.model import BuildVariable, Container
    from rolecall.tree import Scalar

# Registries of everybody: an image of theirs is seldom built from a directory that happens to have its name.
_PUBLIC = ("docker.io", "quay.io", "ghcr.io", "gcr.io", "k8s.gcr.io", "registry.k8s.io", "public.ecr.aws")
_PUBLIC_SUFFIX = (".mcr.microsoft.com", ".pkg.dev")


def build_of(graph: Graph, container: Container) -> ImageBuild | None:
    """The Dockerfile of a container's image; None where nothing says which it is.

    A declaration (rolecall's configuration, Skaffold, Compose) is believed first. Else an image of a registry of one's
    own is built from the only Dockerfile whose directory has the image's name.
    """
    name = _name(container.image)
    if name is None:
        return None
    found: dict[str, ImageBuild | None] = graph.keep(_found)
    if name not in found:
        found[name] = _declared(graph, name) or _of_that_name(graph, name)
    return found[name]


def baked(build: ImageBuild) -> Iterator[BuildVariable]:
    """The variables that a final image sets, in order."""
    for stage in build.stages:
        if stage.reaches_final:
            yield from (one for one in stage.variables if one.instruction == "ENV")


def _found(_: Graph) -> dict[str, ImageBuild | None]:
    return {}


def _name(image: Scalar | None) -> str | None:
    """An image's name without its tag and digest; its registry may be unknown."""
    text = image.display if image is not None else ""
    name = text.partition("@")[0]
    last = name.rpartition("/")[2]
    name = name[: len(name) - len(last)] + last.partition(":")[0]
    return name if last and "$" not in last.partition(":")[0] else None


def _declared(graph: Graph, name: str) -> ImageBuild | None:
    for source in graph.all(ImageSource):
        if matcher(source.image)(name):
            return graph.keep(_by_path).get(source.dockerfile)
    return None


def _by_path(graph: Graph) -> dict[str, ImageBuild]:
    return {build.origin.unit: build for build in graph.all(ImageBuild)}


def _of_that_name(graph: Graph, name: str) -> ImageBuild | None:
    registry, slash, _ = name.partition("/")
    own = slash and ("." in registry or "$" in registry) and registry not in _PUBLIC
    if not own or registry.endswith(_PUBLIC_SUFFIX):
        return None
    builds: dict[str, list[ImageBuild]] = graph.keep(_by_directory)
    found = builds.get(name.rpartition("/")[2], [])
    return found[0] if len(found) == 1 else None


def _by_directory(graph: Graph) -> dict[str, list[ImageBuild]]:
    found: dict[str, list[ImageBuild]] = {}
    for build in graph.all(ImageBuild):
        directory = build.origin.unit.rpartition("/")[0].rpartition("/")[2]
        if directory:
            found.setdefault(directory, []).append(build)
    return found
