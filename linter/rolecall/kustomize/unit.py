"""From a root kustomization to the entities of its objects, all of one world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import kubernetes
from rolecall.kustomize.build import Build
from rolecall.model import Origin
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.kustomize.files import Files


def adapt(path: str, files: Files) -> Iterator[Said]:
    """What a root kustomization declares once it is built."""
    build = Build(files)
    objects = build.objects(path)
    yield from dict.fromkeys(build.said)
    for one in objects:
        name, namespace = one.root.at("metadata", "name"), one.namespace
        if not isinstance(name, Scalar) or one.kind == "CustomResourceDefinition":
            continue
        where = f"{namespace}/{one.name}" if namespace else one.name
        origin = Origin(
            unit=path,
            address=f"{one.kind} {where}",
            span=name.span,
            whole=one.root.span,
            group=path,
            world=path,
        )
        yield from kubernetes.declared(one.root, origin, files.text_of)
