"""Spark, Flink and GitHub's runners: resources whose operator writes the main container, image and all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_pods import account, container, pod
from rolecall.adapt.kubernetes_values import name_of
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import Container, Pod
    from rolecall.span import Span
    from rolecall.tree import Node

_SPARK = "sparkoperator.k8s.io"
_FLINK = "flink.apache.org"
_RUNNERS = "actions.summerwind.dev"
GROUPS = frozenset({_SPARK, _FLINK, _RUNNERS})
"""The groups of what is read here."""

CHOOSING = frozenset({_FLINK, _RUNNERS})
"""Groups whose operators choose an image where none is written."""

_CONTROLLER = Hole("the custom resource's controller decides")
_MAIN = "flink-main-container"


def pods(root: Mapping, kind: str, group: str) -> Iterator[Pod]:
    """The pods that an operator makes for a resource."""
    spec = root.mapping("spec")
    if spec is None:
        return
    if group == _SPARK:
        # That of a ScheduledSparkApplication is a template.
        yield from _spark(spec.mapping("template") or spec)
    elif group == _FLINK and kind == "FlinkDeployment":
        yield from _flink(spec, _span(root, "kind"))
    elif group == _RUNNERS:
        yield from _runner(root, spec, kind)


def _spark(spec: Mapping) -> Iterator[Pod]:
    """Spark: driver and executor are written like containers, with pod fields beside.

    https://www.kubeflow.org/docs/components/spark-operator/reference/api-docs/ and
    https://spark.apache.org/docs/latest/running-on-kubernetes.html#spark-properties.
    """
    image = spec.entry("image")
    conf = spec.mapping("sparkConf")
    settings = {entry.key.known: entry for entry in conf.entries} if conf is not None else {}
    drivers: Scalar | None = None
    for key, variables in (("driver", "spark.kubernetes.driverEnv."), ("executor", "spark.executorEnv.")):
        entry = spec.entry(key)
        if entry is None or not isinstance(entry.value, Mapping):
            continue
        body, at = entry.value, entry.key
        own = tuple(each for each in body.entries if each.key.known != "env")
        env = Entry(known("env", at.span), _environment(body, conf, variables, at.span))
        item = Mapping((*((image,) if image else ()), *own, Entry(known("name", at.span), at), env), body.span)
        containers = (container(item, "container", partial=True),)
        named = settings.get(f"spark.kubernetes.authenticate.{key}.serviceAccountName")
        given = account(body) or (name_of(named.value) if named is not None else None)
        if key == "driver":
            drivers = given
        elif not (spec.text("sparkVersion") or "").startswith("2."):
            # "If this parameter is not setup, the fallback logic will use the driver's service account", since 3.
            given = given or drivers
        yield pod(body, body, at.span, given or unknown(_CONTROLLER, at.span), containers)


def _environment(body: Mapping, conf: Mapping | None, prefix: str, span: Span) -> Node:
    """The variables of a driver or an executor, in all the ways to write them, as a container has them."""
    written = body.get("env")
    items: list[Node] = []
    for entry in conf.entries if conf is not None else ():
        if (entry.key.known or "").startswith(prefix):
            name = known((entry.key.known or "").removeprefix(prefix), entry.key.span)
            items.append(_named(name, "value", entry.value))
    items.extend(_named(entry.key, "value", entry.value) for entry in _entries(body, "envVars"))
    for entry in _entries(body, "envSecretKeyRefs"):
        reference = Mapping((Entry(known("secretKeyRef", entry.key.span), entry.value),), entry.value.span)
        items.append(_named(entry.key, "valueFrom", reference))
    if not items and written is not None:
        return written
    own = written if isinstance(written, Sequence) else Sequence((), span)
    return Sequence((*items, *own.items), own.span, own.rest)


def _named(name: Scalar, key: str, value: Node) -> Mapping:
    return Mapping((Entry(known("name", name.span), name), Entry(known(key, name.span), value)), name.span)


def _entries(mapping: Mapping, key: str) -> tuple[Entry, ...]:
    inner = mapping.mapping(key)
    return inner.entries if inner is not None else ()


def _flink(spec: Mapping, span: Span) -> Iterator[Pod]:
    """Flink: job and task managers have templates, one above the other, in which the main container has a fixed name.

    https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-stable/docs/custom-resource/pod-template/. The
    account of the deployment comes before a template's.
    """
    layers = [spec]
    layers += [inner for key in ("jobManager", "taskManager") if (inner := spec.mapping(key)) is not None]
    templates = [template for layer in layers if (template := layer.mapping("podTemplate")) is not None]
    for template in templates or [Mapping((), span)]:
        inner = template.mapping("spec") or Mapping((), span)
        given = account(spec) or account(inner) or unknown(_CONTROLLER, span)
        rest = replace(
            inner, entries=tuple(each for each in inner.entries if "serviceAccount" not in str(each.key.known))
        )
        containers = tuple(_of_flink(inner, spec, span, partial=len(templates) > 1))
        yield pod(rest, template.mapping("metadata"), span, given, containers)


def _of_flink(inner: Mapping, spec: Mapping, span: Span, *, partial: bool) -> Iterator[Container]:
    image = spec.entry("image")
    images = (image,) if image is not None else ()
    main = False
    for item in inner.mappings("containers"):
        is_main = item.text("name") == _MAIN
        main = main or is_main
        whole = replace(item, entries=(*item.entries, *images)) if is_main and item.get("image") is None else item
        yield container(whole, "container", partial=partial)
    if not main:
        yield container(Mapping((Entry(known("name", span), known(_MAIN, span)), *images), span), "container")
    for item in inner.mappings("initContainers"):
        yield container(item, "initContainer")


def _runner(root: Mapping, spec: Mapping, kind: str) -> Iterator[Pod]:
    """A runner's own fields are beside those of its pod, and go to the container `runner`.

    A setting of the controller, or of the runner, gives it a service account of its own where it names none. See
    apis/actions.summerwind.net/v1alpha1/runner_types.go of https://github.com/actions/actions-runner-controller, and
    controllers/actions.summerwind.net there.
    """
    template = root if kind == "Runner" else spec.mapping("template")
    inner = template.mapping("spec") if template is not None else None
    if kind not in ("Runner", "RunnerDeployment", "RunnerReplicaSet", "RunnerSet") or template is None or inner is None:
        return
    span = _span(root, "kind")
    decided = unknown(_CONTROLLER, span)
    if kind == "RunnerSet":
        # The template of a StatefulSet.
        mounted = spec.get("containerMode") is not None or spec.get("workVolumeClaimTemplate") is not None
        yield pod(inner, template.mapping("metadata"), span, (account(spec) if mounted else None) or decided)
        return
    own = tuple(entry for entry in inner.entries if entry.key.known in ("image", "env", "envFrom", "volumeMounts"))
    several = tuple(inner.mappings("containers"))
    main = next((each for each in several if each.text("name") == "runner"), None)
    name = (Entry(known("name", span), known("runner", span)),)
    item = Mapping((*(name if main is None else main.entries), *own), span)
    containers = (
        container(item, "container", partial=main is not None and bool(own)),
        *(container(each, "container") for each in several if each is not main),
        *(container(each, "container") for each in inner.mappings("sidecarContainers")),
        *(container(each, "initContainer") for each in inner.mappings("initContainers")),
    )
    yield pod(inner, template.mapping("metadata"), span, decided, containers)


def _span(root: Mapping, key: str) -> Span:
    at = root.entry(key)
    return at.value.span if at is not None else root.span
