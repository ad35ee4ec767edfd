"""Where each kind of object keeps its pod templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt import kubernetes_operators as operators
from rolecall.adapt import kubernetes_runtimes as runtimes
from rolecall.adapt import kubernetes_workflows as workflows
from rolecall.adapt.kubernetes_pods import NAMELESS, account, pod
from rolecall.adapt.kubernetes_values import name_of
from rolecall.tree import Hole, Mapping, Scalar, Sequence, known, unknown

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
    # https://github.com/actions/actions-runner-controller, apis/actions.github.com/v1alpha1
    ("actions.github.com", "AutoscalingRunnerSet"): _TEMPLATE,
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
    if group in runtimes.CHOOSING or any(one.reference for one in made):
        return made
    return made if any(container.image for one in made for container in one.containers) else ()


def _pods(root: Mapping, kind: str, group: str) -> Iterator[Pod]:
    path = _PATHS.get(("" if group in _BUILT_IN else group, kind))
    if path is not None:
        template = root.at(*path)
        if kind == "Rollout" and template is None:
            yield from workflows.rollout(root)
        elif isinstance(template, Mapping):
            made = _template(template, partial=_partial(root, kind, group))
            yield from map(_served, made) if group == "serving.knative.dev" else made
    elif (group, kind) in workflows.KINDS:
        yield from workflows.pods(root, kind, group)
    elif group in runtimes.GROUPS:
        yield from runtimes.pods(root, kind, group)
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


def _served(made: Pod) -> Pod:
    """A pod of Knative, which names the only container where nobody else does (pkg/apis/serving/v1/defaults.go)."""
    if len(made.containers) != 1 or made.containers[0].name.parts != (NAMELESS,):
        return made
    only = made.containers[0]
    return replace(made, containers=(replace(only, name=known("user-container", only.name.span)),))


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
        embedded = _embedded(node) if node is not root else None
        if embedded is not None:
            yield from workflows.pods(node, *embedded)
            continue
        inner = (*above[-2:], node)
        for entry in reversed(node.entries):
            if node is root and entry.key.known in _NOT_SPECIFIED:
                continue
            below = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
            stack.extend((item, entry.key.span, inner) for item in reversed(below) if isinstance(item, Mapping))


def _embedded(node: Mapping) -> tuple[str, str] | None:
    """The kind and group of a workflow that something else creates: a trigger's, a sensor's."""
    kind, group = node.text("kind"), (node.text("apiVersion") or "").rpartition("/")[0]
    return (kind, group) if kind is not None and (group, kind) in workflows.KINDS else None
