"""Where each kind of object keeps its pod templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.adapt import kubernetes_operators as operators
from rolecall.adapt import kubernetes_workflows as workflows
from rolecall.adapt.kubernetes_pods import account, container, pod
from rolecall.adapt.kubernetes_values import name_of
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import Pod
    from rolecall.span import Span

_BUILT_IN = ("", "apps", "batch", "extensions")
_TEMPLATE = ("spec", "template")

# API group and kind: the path to the pod template, an object with metadata and spec.
_PATHS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    **{
        ("", kind): _TEMPLATE
        for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController")
    },
    ("", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("serving.knative.dev", "Revision"): (),
    ("keda.sh", "ScaledJob"): ("spec", "jobTargetRef", "template"),
}

# Kinds whose complete objects must have a key beside the template (apps/v1, batch/v1): without it, it is a patch.
_REQUIRED = {
    ("apps", "Deployment"): "selector",
    ("apps", "ReplicaSet"): "selector",
    ("apps", "StatefulSet"): "selector",
    ("apps", "DaemonSet"): "selector",
    ("batch", "CronJob"): "schedule",
}

_PATCHED = Hole("a patch that leaves it to its base")
_CONTROLLER = Hole("the custom resource's controller decides")

# Policies and schemas hold patterns of pods, not pods.
_NO_PODS = ("kyverno.io", "gatekeeper.sh", "apiextensions.k8s.io", "kustomize.config.k8s.io", "config.k8s.io")
_NOT_SPECIFIED = ("metadata", "status")
_MOST_NODES = 20_000


def pods(root: Mapping, kind: str, api_version: str) -> tuple[Pod, ...]:
    """The pods that an object makes, as far as it says; none where no container has an image (a patch, say)."""
    group = api_version.rpartition("/")[0]
    if operators.is_operated(kind, group):
        return tuple(operators.pods(root, kind, group))
    made = tuple(_pods(root, kind, group))
    said = any(one.reference or any(container.image for container in one.containers) for one in made)
    return made if said else ()


def _pods(root: Mapping, kind: str, group: str) -> Iterator[Pod]:
    path = _PATHS.get(("" if group in _BUILT_IN else group, kind))
    if path is not None:
        template = root.at(*path)
        if kind == "Rollout" and template is None:
            yield from workflows.rollout(root)
        elif isinstance(template, Mapping):
            yield from _template(template, partial=_partial(root, kind, group))
    elif (group, kind) in workflows.KINDS:
        yield from workflows.pods(root, kind, group)
    elif group == "sparkoperator.k8s.io":
        yield from _spark(root)
    elif "." in group and not group.endswith(_NO_PODS):
        yield from _found(root)


def _partial(root: Mapping, kind: str, group: str) -> bool:
    key = _REQUIRED.get((group, kind))
    spec = root.mapping("spec")
    return key is not None and spec is not None and spec.get(key) is None


def _template(template: Mapping, *, partial: bool) -> Iterator[Pod]:
    entry = template.entry("spec")
    if entry is None or not isinstance(entry.value, Mapping):
        return
    fallback = unknown(_PATCHED, entry.key.span) if partial else None
    yield pod(entry.value, template.mapping("metadata"), entry.key.span, fallback, partial=partial)


def _spark(root: Mapping) -> Iterator[Pod]:
    """Spark: driver and executor are written like containers, with pod fields beside."""
    spec = root.at("spec", "template") or root.mapping("spec")
    if not isinstance(spec, Mapping):
        return
    image = spec.entry("image")
    for key in ("driver", "executor"):
        entry = spec.entry(key)
        if entry is None or not isinstance(entry.value, Mapping):
            continue
        body = entry.value
        item = Mapping((*((image,) if image else ()), *body.entries, Entry(_name(entry.key), entry.key)), body.span)
        containers = (container(item, "container", partial=True),)
        fallback = unknown(_CONTROLLER, entry.key.span)
        yield pod(body, body, entry.key.span, fallback, containers)


def _name(at: Scalar) -> Scalar:
    return Scalar(("name",), at.kind, at.span)


def _found(root: Mapping) -> Iterator[Pod]:
    """Any custom resource: a mapping whose `containers` have images is a pod spec, wherever it stands.

    The account may stand in the spec itself, or beside the template that holds the spec.
    """
    stack: list[tuple[Mapping, Span, tuple[Mapping, ...]]] = [(root, root.span, ())]
    for _ in range(_MOST_NODES):
        if not stack:
            return
        node, span, above = stack.pop()
        if any(isinstance(name_of(item.get("image")), Scalar) for item in node.mappings("containers")):
            around = above[-1] if above else None
            metadata = around.mapping("metadata") if around else None
            named = next((found for outer in reversed(above) if (found := account(outer))), None)
            yield pod(node, metadata, span, named or unknown(_CONTROLLER, span))
            continue
        inner = (*above[-2:], node)
        for entry in reversed(node.entries):
            if node is root and entry.key.known in _NOT_SPECIFIED:
                continue
            below = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
            stack.extend((item, entry.key.span, inner) for item in reversed(below) if isinstance(item, Mapping))
