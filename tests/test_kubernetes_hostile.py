"""Manifests of the wrong shape say less, but never crash, and never give a secret away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall.adapt.kubernetes import adapt
from rolecall.facts import Facts, Suppression
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding, PodContainer
from rolecall.model import ConfigObject, Entity, KubernetesObject, MaterialKind, Workload
from rolecall.source import Source
from rolecall.span import Span
from rolecall.syntax.document import Document
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, known, unknown
from tests.kubernetes_worlds import facts, only, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.tree import Node

SPAN = Span("a.yaml", 0, 1, 1, 1, 1, 2)
SECRET = "hB8sT2kQ9vLx4Zr7Np1Wc6Yd3Mf5Gj0Ae+Ui/OqP"  # noqa: S105 - invented
CONTAINER = {
    "name": "app",
    "image": "app:1",
    "command": ["sh", "-c"],
    "args": [f"AWS_SECRET_ACCESS_KEY={SECRET} run"],
    "envFrom": [{"prefix": "A_", "secretRef": {"name": "one", "optional": True}}, {"configMapRef": {"name": "two"}}],
    "env": [
        {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "one", "key": "AWS_SECRET_ACCESS_KEY"}}},
        {"name": "C", "value": "$(B)"},
    ],
    "volumeMounts": [{"name": "v", "mountPath": "/root/.aws", "subPath": "x"}],
}
POD = {
    "serviceAccountName": "app",
    "hostNetwork": True,
    "nodeSelector": {"a": "b"},
    "initContainers": [CONTAINER],
    "containers": [CONTAINER],
    "volumes": [
        {"name": "v", "secret": {"secretName": "one", "items": [{"key": "a", "path": "b"}]}},
        {"name": "w", "projected": {"sources": [{"configMap": {"name": "two"}}]}},
    ],
}
META = {"name": "x", "namespace": "pay", "annotations": {"rolecall.dev/ignore": "* all"}, "labels": {"a": "b"}}
TEMPLATE = {"metadata": META, "spec": POD}
DATA = {"AWS_SECRET_ACCESS_KEY": SECRET, "file": f"[default]\naws_secret_access_key = {SECRET}\n"}


def manifest(api_version: str, kind: str, **rest: object) -> dict[str, object]:
    return {"apiVersion": api_version, "kind": kind, "metadata": META, **rest}


MANIFESTS = [
    manifest("v1", "Pod", spec=POD),
    manifest("apps/v1", "Deployment", spec={"selector": {}, "template": TEMPLATE}),
    manifest("batch/v1", "CronJob", spec={"schedule": "x", "jobTemplate": {"spec": {"template": TEMPLATE}}}),
    manifest(
        "argoproj.io/v1alpha1", "Workflow", spec={"volumes": [], "templates": [{"name": "a", "container": CONTAINER}]}
    ),
    manifest("tekton.dev/v1", "TaskRun", spec={"taskSpec": {"steps": [CONTAINER]}}),
    manifest(
        "argoproj.io/v1alpha1",
        "CronWorkflow",
        spec={
            "workflowSpec": {
                "workflowTemplateRef": {"name": "a", "clusterScope": True},
                "templateDefaults": {"serviceAccountName": "a"},
                "templates": [
                    {"name": "a", "dag": {"tasks": [{"templateRef": {"name": "a", "template": "b"}}]}},
                    {"name": "b", "steps": [[{"inline": {"script": {"image": "s"}}}]]},
                ],
            }
        },
    ),
    manifest("argoproj.io/v1alpha1", "Rollout", spec={"workloadRef": {"kind": "Deployment", "name": "x"}}),
    manifest(
        "tekton.dev/v1",
        "PipelineRun",
        spec={
            "pipelineRef": {"name": "a"},
            "taskRunSpecs": [{"pipelineTaskName": "a", "serviceAccountName": "b"}],
            "pipelineSpec": {
                "tasks": [
                    {"name": "a", "taskRef": {"name": "a", "kind": "ClusterTask"}},
                    {"taskSpec": {"stepTemplate": {"env": [{"name": "A"}]}, "steps": [{"image": "s", "env": []}]}},
                ]
            },
        },
    ),
    manifest(
        "sparkoperator.k8s.io/v1beta2",
        "SparkApplication",
        spec={
            "image": "s",
            "sparkConf": {"spark.kubernetes.driverEnv.AWS_SECRET_ACCESS_KEY": SECRET},
            "driver": {**CONTAINER, "envVars": {"AWS_SECRET_ACCESS_KEY": SECRET}},
            "executor": {"envSecretKeyRefs": {"A": {"name": "a", "key": "b"}}},
        },
    ),
    manifest(
        "flink.apache.org/v1beta1",
        "FlinkDeployment",
        spec={"image": "s", "podTemplate": {"spec": {"containers": [{"name": "flink-main-container"}]}}},
    ),
    manifest(
        "actions.summerwind.dev/v1alpha1",
        "RunnerDeployment",
        spec={"template": {"spec": {"env": [{"name": "A"}], "containers": [{"name": "runner"}]}}},
    ),
    manifest("acme.example.com/v1", "Thing", spec={"deep": [TEMPLATE]}),
    manifest("v1", "Secret", stringData=DATA, data={"AWS_ACCESS_KEY_ID": "QUtJQVEyVzNFNFI1VDZZN1UySTM="}),
    manifest("v1", "ConfigMap", data=DATA, binaryData={"a": "QQ=="}),
    manifest("v1", "ServiceAccount"),
    manifest("bitnami.com/v1alpha1", "SealedSecret", spec={"encryptedData": {"a": "b"}}),
    manifest(
        "external-secrets.io/v1", "ExternalSecret", spec={"target": {"name": "one"}, "data": [{"secretKey": "a"}]}
    ),
    manifest(
        "kustomize.config.k8s.io/v1beta1",
        "Kustomization",
        secretGenerator=[{"name": "one", "literals": [f"AWS_SECRET_ACCESS_KEY={SECRET}"]}],
    ),
]


def tree(value: object) -> Node:
    if isinstance(value, dict):
        return Mapping(tuple(Entry(known(key, SPAN), tree(below)) for key, below in value.items()), SPAN)
    if isinstance(value, list):
        return Sequence(tuple(tree(item) for item in value), SPAN)
    return known(str(value), SPAN, Kind.BOOLEAN if isinstance(value, bool) else Kind.STRING)


ODD: list[Node] = [
    Scalar(("",), Kind.NULL, SPAN),
    Scalar((), Kind.STRING, SPAN),
    known("", SPAN),
    known("7", SPAN, Kind.NUMBER),
    known("x", SPAN),
    known("*" * 3000, SPAN),
    known("\0\ud800", SPAN),
    unknown(Hole("a template expression"), SPAN),
    Scalar((SECRET, Hole("a template expression")), Kind.STRING, SPAN),
    Sequence((), SPAN),
    Sequence((known("x", SPAN), Scalar(("",), Kind.NULL, SPAN)), SPAN, Hole("more")),
    Mapping((), SPAN),
    Mapping((Entry(known("name", SPAN), Sequence((), SPAN)),), SPAN, Hole("more")),
    Mapping((Entry(unknown(Hole("x"), SPAN), known("y", SPAN)),), SPAN),
]


def size(node: Node) -> int:
    return 1 + sum(size(below) for below in children(node))


def children(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence):
        yield from node.items
    elif isinstance(node, Mapping):
        yield from (entry.value for entry in node.entries)


def replaced(node: Node, index: int, odd: Node) -> Node:
    """The tree with the node of that number, in document order, replaced."""
    if index == 0:
        return odd
    at = 1
    below = []
    for child in children(node):
        length = size(child)
        below.append(replaced(child, index - at, odd) if at <= index < at + length else child)
        at += length
    if isinstance(node, Mapping):
        entries = zip(node.entries, below, strict=True)
        return Mapping(tuple(Entry(entry.key, value) for entry, value in entries), node.span, node.rest)
    return Sequence(tuple(below), node.span)


def read(roots: list[Node]) -> Graph:
    source = Source("a.yaml", "x")
    things = [thing for root in roots for thing in adapt(Document(root, SPAN, "t.yaml"), source, "g")]
    assert all(isinstance(thing, Entity | Suppression) for thing in things)
    assert SECRET not in repr(things)
    return Graph([Facts("a.yaml", tuple(thing for thing in things if isinstance(thing, Entity)))])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_manifest_with_anything_in_place_of_anything_is_read_without_a_crash(data: st.DataObject) -> None:
    roots = [tree(manifest) for manifest in MANIFESTS]
    for _ in range(data.draw(st.integers(1, 6))):
        which = data.draw(st.integers(0, len(roots) - 1))
        roots[which] = replaced(
            roots[which], data.draw(st.integers(0, size(roots[which]) - 1)), data.draw(st.sampled_from(ODD))
        )
    graph = read(roots)
    assert SECRET not in repr(graph.all(PodContainer))
    assert SECRET not in repr(graph.all(IrsaBinding))


def test_the_manifests_are_whole_before_they_are_damaged() -> None:
    graph = read([tree(manifest) for manifest in MANIFESTS])
    assert len(graph.all(Workload)) == 12
    assert len(graph.all(ConfigObject)) == 5
    (literal, *_) = [container for container in graph.all(PodContainer) if container.environment.get("B")]
    found = literal.environment.get("AWS_SECRET_ACCESS_KEY")
    assert found is not None
    assert found.material.kind is MaterialKind.SECRET_KEY


def test_names_that_are_numbers_are_names() -> None:
    graph = world("""
        apiVersion: v1
        kind: Pod
        metadata: {name: 1, namespace: 2}
        spec: {containers: [{name: 3, image: a, env: , envFrom: [{secretRef: {name: 4}}]}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: 4, namespace: 2}
        stringData: {A: 5}
        """)
    assert only(graph).environment.get("A") is not None


def test_a_custom_resource_ten_thousand_deep_is_read() -> None:
    node: Node = tree({"containers": [{"name": "a", "image": "b"}]})
    for _ in range(10_000):
        node = Mapping((Entry(known("deeper", SPAN), node),), SPAN)
    entries = [Entry(known(key, SPAN), known(value, SPAN)) for key, value in (("apiVersion", "a.b/v1"), ("kind", "X"))]
    entries += [Entry(known("metadata", SPAN), tree({"name": "x"})), Entry(known("spec", SPAN), node)]
    (workload,) = read([Mapping(tuple(entries), SPAN)]).all(Workload)
    assert len(workload.pods) == 1


def test_a_nested_annotation_is_kept_for_the_rule_about_it_and_cut_where_it_is_too_deep() -> None:
    deep: Node = known(SECRET, SPAN)
    for _ in range(5_000):
        deep = Mapping((Entry(known("eks", SPAN), deep),), SPAN)
    metadata = Mapping((Entry(known("name", SPAN), known("x", SPAN)), Entry(known("annotations", SPAN), deep)), SPAN)
    root = Mapping(
        (
            Entry(known("apiVersion", SPAN), known("v1", SPAN)),
            Entry(known("kind", SPAN), known("ServiceAccount", SPAN)),
            Entry(known("metadata", SPAN), metadata),
        ),
        SPAN,
    )
    (thing,) = read([root]).all(KubernetesObject)
    entry = thing.annotation("eks")
    assert entry is not None
    assert isinstance(entry.value, Mapping)
    assert isinstance(entry.value.get("eks"), Mapping)
    assert hash(thing) == hash(thing)


@pytest.mark.parametrize("text", ["[]", "'x'", "~", "{}", "apiVersion: v1", "kind: Pod", "{apiVersion: , kind: }"])
def test_what_is_no_manifest_says_nothing(text: str) -> None:
    assert facts(text).entities == ()
