"""Skaffold's configuration: which images are built from which Dockerfiles. https://skaffold.dev/docs/references/yaml/."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from rolecall.model import ImageSource, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.tree import Mapping


def adapt(root: Mapping, path: str) -> Iterator[Said]:
    """The images of the artifacts that are built by Docker or Kaniko."""
    build = root.mapping("build")
    for artifact in build.mappings("artifacts") if build is not None else ():
        image, context = artifact.text("image"), artifact.text("context") or "."
        if not image:
            continue
        builder = artifact.mapping("docker") or artifact.mapping("kaniko")
        dockerfile = (builder.text("dockerfile") if builder is not None else None) or "Dockerfile"
        directory = posixpath.join(posixpath.dirname(path), context)
        origin = Origin(path, f"artifact {image}", artifact.span, artifact.span)
        yield ImageSource(origin, image, posixpath.normpath(posixpath.join(directory, dockerfile)))
