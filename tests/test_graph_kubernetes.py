"""Containers joined to what they run as and to the Secrets and ConfigMaps that they read."""

from __future__ import annotations

import pytest

from rolecall.answer import Answer
from rolecall.facts import Facts
from rolecall.graph import Graph
from rolecall.graph.containers import rewritten_by
from rolecall.graph.views import IrsaBinding, PodContainer, Variable
from rolecall.model import ConfigObject, KubernetesObject, MaterialKind, Origin, PodIdentityAssociation, Workload
from rolecall.span import Span
from rolecall.tree import Hole, Scalar, known, unknown
from tests.kubernetes_worlds import facts, only, world

KEY_ID = "AKIAQ2W3E4R5T6Y7U2I3"
OTHER_ID = "AKIAZ7Y6X5W4V3U2T2S3"
SECRET = "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"  # noqa: S105 - invented
SPAN = Span("roles.tf", 0, 1, 1, 1, 1, 2)


def pod(container: str, *, namespace: str = "", spec: str = "", name: str = "p") -> str:
    within = f", namespace: {namespace}" if namespace else ""
    return f"""---
apiVersion: v1
kind: Pod
metadata: {{name: {name}{within}}}
spec:
  {spec}
  containers: [{{name: app, image: app:1, {container}}}]
"""


def secret(name: str, *, namespace: str = "", kind: str = "Secret", **data: str) -> str:
    within = f", namespace: {namespace}" if namespace else ""
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    key = "stringData" if kind == "Secret" else "data"
    return f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{within}}}\n{key}:\n{lines}"


def account(name: str, *, namespace: str = "", role: str = "") -> str:
    within = f", namespace: {namespace}" if namespace else ""
    return (
        f"---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}{within}, "
        f"annotations: {{eks.amazonaws.com/role-arn: '{role}'}}}}\n"
    )


def variable(graph: Graph, name: str) -> Variable:
    found = only(graph).environment.get(name)
    assert found is not None, only(graph).environment
    return found


# The environment -----------------------------------------------------------------------------------------------------


def test_a_later_env_from_overrides_an_earlier_one_and_env_overrides_both() -> None:
    graph = world(
        pod("envFrom: [{secretRef: {name: one}}, {secretRef: {name: two}}], env: [{name: B, value: literal}]")
        + secret("one", AWS_ACCESS_KEY_ID=KEY_ID, A="first", B="first")
        + secret("two", AWS_ACCESS_KEY_ID=OTHER_ID, B="second")
    )
    found = variable(graph, "AWS_ACCESS_KEY_ID")
    assert found.material.shown == f"{OTHER_ID[:4]}…{OTHER_ID[-4:]}"
    assert (found.explicit, found.by_reference, found.certain) == (False, True, Answer.YES)
    literal = variable(graph, "B")
    assert literal.explicit
    assert literal.value is not None
    assert literal.value.known == "literal"
    assert [item.name for item in only(graph).environment.variables].count("B") == 1
    assert not only(graph).environment.open


def test_an_empty_env_entry_takes_away_the_key_of_an_env_from() -> None:
    graph = world(
        pod("envFrom: [{secretRef: {name: one}}], env: [{name: AWS_ACCESS_KEY_ID, value: ''}, {name: NOTHING}]")
        + secret("one", AWS_ACCESS_KEY_ID=KEY_ID)
    )
    assert variable(graph, "AWS_ACCESS_KEY_ID").material.kind is MaterialKind.EMPTY
    assert variable(graph, "NOTHING").material.kind is MaterialKind.EMPTY


def test_a_prefix_changes_the_names_and_invalid_names_are_left_out() -> None:
    graph = world(
        pod("envFrom: [{prefix: AWS_, configMapRef: {name: one}}]")
        + secret("one", kind="ConfigMap", ACCESS_KEY_ID=KEY_ID, **{"with space": "x"})
    )
    assert [item.name for item in only(graph).environment.variables] == ["AWS_ACCESS_KEY_ID"]


def test_binary_data_is_no_environment() -> None:
    graph = world(
        pod("envFrom: [{configMapRef: {name: one}}]")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\nbinaryData: {AWS_ACCESS_KEY_ID: QUJD}\n"
    )
    assert only(graph).environment.variables == ()


def test_the_trail_goes_from_the_object_to_the_container() -> None:
    graph = world(
        pod("env: [{name: AWS_ACCESS_KEY_ID, valueFrom: {secretKeyRef: {name: one, key: id}}}]")
        + secret("one", id=KEY_ID)
    )
    found = variable(graph, "AWS_ACCESS_KEY_ID")
    assert [span.line for span, _ in found.trail] == [13, 7]
    assert found.at == found.trail[-1][0]
    assert "Secret one" in found.trail[0][1]


def test_a_reference_to_an_object_that_is_not_seen_is_set_but_unknown() -> None:
    reference = "env: [{name: X, valueFrom: {secretKeyRef: {name: one, key: id%s}}}]"
    found = variable(world(pod(reference % "")), "X")
    assert (found.certain, found.material.kind) == (Answer.YES, MaterialKind.UNKNOWN)
    assert variable(world(pod(reference % ", optional: true")), "X").certain is Answer.UNKNOWN


def test_an_optional_reference_to_a_missing_key_sets_nothing() -> None:
    graph = world(
        pod("env: [{name: X, valueFrom: {secretKeyRef: {name: one, key: id, optional: true}}}]") + secret("one", A="b")
    )
    assert only(graph).environment.get("X") is None


def test_a_missing_key_of_a_seen_object_is_not_certain() -> None:
    graph = world(pod("env: [{name: X, valueFrom: {secretKeyRef: {name: one, key: id}}}]") + secret("one", A="b"))
    assert variable(graph, "X").certain is Answer.UNKNOWN


def test_an_unseen_env_from_leaves_the_environment_open_and_earlier_values_in_doubt() -> None:
    graph = world(
        pod("envFrom: [{secretRef: {name: one}}, {secretRef: {name: gone}}, {configMapRef: {name: last}}]")
        + secret("one", A=KEY_ID)
        + secret("last", kind="ConfigMap", B="c")
    )
    environment = only(graph).environment
    assert environment.open
    assert [name.known for name in environment.unseen] == ["gone"]
    assert (variable(graph, "A").certain, variable(graph, "A").material.kind) == (Answer.YES, MaterialKind.UNKNOWN)
    assert variable(graph, "B").value is not None


def test_references_inside_values_are_replaced_in_order() -> None:
    graph = world(
        pod(
            "envFrom: [{secretRef: {name: one}}], env: ["
            "{name: EARLY, value: $(LATE)}, {name: LATE, value: x}, "
            "{name: AWS_ACCESS_KEY_ID, value: $(STORED)}, {name: MIXED, value: a-$(LATE)}]"
        )
        + secret("one", STORED=KEY_ID)
    )
    found = variable(graph, "AWS_ACCESS_KEY_ID")
    assert found.material.kind is MaterialKind.KEY_ID
    assert len(found.trail) == 3
    assert variable(graph, "EARLY").material.kind is MaterialKind.UNKNOWN
    assert variable(graph, "MIXED").material.kind is MaterialKind.UNKNOWN


def test_fields_of_the_pod_are_set_but_unknown() -> None:
    graph = world(pod("env: [{name: X, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"))
    found = variable(graph, "X")
    assert (found.certain, found.material.kind, found.by_reference) == (Answer.YES, MaterialKind.UNKNOWN, False)


# Which object is meant -----------------------------------------------------------------------------------------------

ENV_FROM = "envFrom: [{secretRef: {name: one}}]"


@pytest.mark.parametrize(
    ("pods_namespace", "pods_path", "its_namespace", "its_path", "seen"),
    [
        ("pay", "a/x.yaml", "pay", "b/y.yaml", True),
        ("pay", "a/x.yaml", "web", "a/x.yaml", False),
        ("", "a/x.yaml", "", "a/y.yaml", True),
        ("", "a/x.yaml", "", "b/y.yaml", False),
        ("pay", "a/x.yaml", "", "a/y.yaml", True),
        ("pay", "a/x.yaml", "", "b/y.yaml", False),
        ("", "a/x.yaml", "pay", "a/y.yaml", True),
        ("", "a/x.yaml", "pay", "b/y.yaml", False),
    ],
)
def test_namespaces_decide(
    pods_namespace: str, pods_path: str, its_namespace: str, its_path: str, *, seen: bool
) -> None:
    graph = world(
        (pods_path, pod(ENV_FROM, namespace=pods_namespace)),
        (its_path, secret("one", namespace=its_namespace, A=KEY_ID)),
    )
    environment = only(graph).environment
    assert (environment.get("A") is not None) is seen
    assert environment.open is not seen


def test_a_known_namespace_beside_an_open_one_is_only_possible_where_the_name_is_taken_twice() -> None:
    graph = world(
        ("a/x.yaml", pod(ENV_FROM, namespace="pay")),
        ("a/y.yaml", secret("one", A=KEY_ID)),
        ("b/y.yaml", secret("one", A=KEY_ID)),
    )
    assert only(graph).environment.open


def test_copies_for_several_environments_are_told_apart_by_file_then_by_directory() -> None:
    graph = world(
        ("dev/all.yaml", pod(ENV_FROM, namespace="pay") + secret("one", namespace="pay", IN="dev-region-x")),
        ("prod/pod.yaml", pod(ENV_FROM, namespace="pay")),
        ("prod/secret.yaml", secret("one", namespace="pay", OTHER="x")),
        ("test/pod.yaml", pod(ENV_FROM, namespace="pay")),
    )
    dev, prod, test = graph.all(PodContainer)
    assert dev.environment.get("IN") is not None
    assert prod.environment.get("OTHER") is not None
    assert test.environment.variables == ()
    assert test.environment.open


@pytest.mark.parametrize("behavior", ["replace", "merge", "create"])
def test_what_a_kustomization_also_makes_is_unknown(behavior: str) -> None:
    graph = world(
        ("base/all.yaml", pod("envFrom: [{configMapRef: {name: one}}]") + secret("one", kind="ConfigMap", A=KEY_ID)),
        (
            "overlay/kustomization.yaml",
            (
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n"
                f"configMapGenerator: [{{name: one, behavior: {behavior}, literals: [A=b]}}]\n"
            ),
        ),
    )
    assert only(graph).environment.variables == ()
    assert only(graph).environment.open
    base, generated = graph.all(ConfigObject)
    assert rewritten_by(graph, base) == (generated,)
    assert rewritten_by(graph, generated) == ()


def test_what_only_a_kustomization_makes_is_seen() -> None:
    graph = world(
        ("app/all.yaml", pod("envFrom: [{secretRef: {name: one}}]")),
        (
            "app/kustomization.yaml",
            (
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
                f"secretGenerator: [{{name: one, literals: [AWS_ACCESS_KEY_ID={KEY_ID}]}}]\n"
            ),
        ),
    )
    assert variable(graph, "AWS_ACCESS_KEY_ID").material.kind is MaterialKind.KEY_ID


def test_a_secret_is_no_config_map() -> None:
    graph = world(pod("envFrom: [{configMapRef: {name: one}}]") + secret("one", A=KEY_ID))
    assert only(graph).environment.open


def test_a_rendered_default_namespace_is_the_releases() -> None:
    def rendered(text: str) -> str:
        return text.replace("apiVersion", "# Source: chart/templates/x.yaml\napiVersion", 1)

    together = world(
        ("a/x.yaml", rendered(pod(ENV_FROM, namespace="default"))),
        ("a/y.yaml", rendered(secret("one", A=KEY_ID))),
    )
    assert not only(together).environment.open
    apart = world(
        ("a/x.yaml", rendered(pod(ENV_FROM, namespace="default"))),
        ("b/y.yaml", secret("one", namespace="default", A=KEY_ID)),
    )
    assert only(apart).environment.open


# Endpoints -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "container",
    [
        "env: [{name: AWS_ENDPOINT_URL, value: 'http://store:9000'}]",
        "env: [{name: AWS_ENDPOINT_URL_S3, value: 'http://store:9000'}]",
        "env: [{name: S3_ENDPOINT, value: 'store:9000'}]",
        "env: [{name: BUCKET_URL, value: 'https://x.r2.cloudflarestorage.com'}]",
        "env: [{name: S3_ENDPOINT, valueFrom: {configMapKeyRef: {name: unseen, key: x}}}]",
        "args: [--endpoint-url, 'http://store:9000']",
        "args: ['--s3.endpoint=minio:9000']",
        "image: 'minio/minio:latest'",
        "image: 'docker.io/localstack/localstack'",
        "envFrom: [{configMapRef: {name: one}}]",
    ],
)
def test_a_container_that_talks_to_something_else_is_known(container: str) -> None:
    graph = world(pod(container) + secret("one", kind="ConfigMap", S3_ENDPOINT="http://store:9000"))
    assert only(graph).endpoint is not None


@pytest.mark.parametrize(
    "container",
    [
        "env: [{name: AWS_ENDPOINT_URL, value: ''}]",
        "env: [{name: AWS_ENDPOINT_URL, value: 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com'}]",
        "env: [{name: S3_ENDPOINT, value: 's3.amazonaws.com'}]",
        "env: [{name: NOTE, value: 'we do not use minio'}]",
        "args: ['https://storage.googleapis.com/release/tool']",
        "args: [--endpoint-url, 'https://s3.eu-west-1.amazonaws.com']",
        "image: 'acme/minio-client-docs:1'",
    ],
)
def test_a_container_that_talks_to_aws_has_no_other_endpoint(container: str) -> None:
    assert only(world(pod(container))).endpoint is None


# Service accounts ----------------------------------------------------------------------------------------------------

ARN = "arn:aws:iam::111122223333:role/app"


def test_a_pod_runs_as_the_account_of_its_namespace() -> None:
    graph = world(
        pod("", namespace="pay", spec="serviceAccountName: app")
        + account("app", namespace="pay", role=ARN)
        + account("app", namespace="web", role=ARN + "-other")
    )
    runs_as = only(graph).runs_as
    assert runs_as.service_account is not None
    assert runs_as.service_account.display == "ServiceAccount pay/app"
    assert runs_as.role_annotation is not None
    assert isinstance(runs_as.role_annotation.value, Scalar)
    assert runs_as.role_annotation.value.known == ARN


def test_a_pod_that_names_no_account_runs_as_default() -> None:
    runs_as = only(world(pod("", namespace="pay") + account("default", namespace="pay", role=ARN))).runs_as
    assert runs_as.name is None
    assert runs_as.service_account is not None


def test_an_empty_annotation_names_no_role() -> None:
    graph = world(pod("", spec="serviceAccountName: app") + account("app"))
    assert only(graph).runs_as.service_account is not None
    assert only(graph).runs_as.role_annotation is None
    assert graph.all(IrsaBinding) == ()


def test_overlays_with_one_account_each_leave_the_base_unknown() -> None:
    graph = world(
        ("base/pod.yaml", pod("", spec="serviceAccountName: app")),
        ("dev/sa.yaml", account("app", role=ARN + "-dev")),
        ("prod/sa.yaml", account("app", role=ARN + "-prod")),
    )
    assert only(graph).runs_as.service_account is None
    assert only(graph).runs_as.role_annotation is None
    assert [binding.arn.known for binding in graph.all(IrsaBinding)] == [ARN + "-dev", ARN + "-prod"]


def association(namespace: Scalar | None, name: Scalar) -> PodIdentityAssociation:
    return PodIdentityAssociation(Origin("infra", "a", SPAN, SPAN, "infra"), None, namespace, name, None)


def test_associations_bind_by_namespace_and_name() -> None:
    manifests = facts(pod("", namespace="pay", spec="serviceAccountName: app"))
    hole = unknown(Hole("a variable without a default"), SPAN)
    pay, app = known("pay", SPAN), known("app", SPAN)
    entities = (
        association(pay, app),
        association(known("web", SPAN), app),
        association(pay, known("other", SPAN)),
        association(hole, app),
        association(pay, hole),
        association(None, app),
        association(known("web", SPAN), hole),
    )
    runs_as = only(Graph([manifests, Facts("infra", entities)])).runs_as
    assert runs_as.associations == (entities[0],)
    assert set(runs_as.possible_associations) == {entities[3], entities[4], entities[5]}


def test_the_account_says_the_namespace_that_its_pod_leaves_open() -> None:
    manifests = facts(pod("", spec="serviceAccountName: app") + account("app", namespace="pay"))
    bound = association(known("pay", SPAN), known("app", SPAN))
    assert only(Graph([manifests, Facts("infra", (bound,))])).runs_as.associations == (bound,)


def test_an_association_is_only_possible_where_the_namespace_is_not_known() -> None:
    manifests = facts(pod("", spec="serviceAccountName: app"))
    bound = association(known("pay", SPAN), known("app", SPAN))
    runs_as = only(Graph([manifests, Facts("infra", (bound,))])).runs_as
    assert runs_as.associations == ()
    assert runs_as.possible_associations == (bound,)


def test_a_pod_whose_account_is_not_known_may_have_any_association() -> None:
    manifests = facts(pod("", namespace="pay", spec="serviceAccountName: ${ACCOUNT}"))
    bound = association(known("pay", SPAN), known("app", SPAN))
    runs_as = only(Graph([manifests, Facts("infra", (bound,))])).runs_as
    assert (runs_as.service_account, runs_as.associations) == (None, ())
    assert runs_as.possible_associations == (bound,)


def test_what_is_too_much_to_take_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rolecall.graph.containers._MOST_TAKEN", 3)
    text = pod("envFrom: [{secretRef: {name: one}}, {secretRef: {name: one}}]") + secret("one", A="b", B="c")
    environment = only(world(text)).environment
    assert environment.open
    assert [name.known for name in environment.unseen] == ["one"]


# Pods that other objects describe -------------------------------------------------------------------------------------

LIBRARY = """---
apiVersion: argoproj.io/v1alpha1
kind: {kind}
metadata: {{name: {name}}}
spec:
  serviceAccountName: library
  templates:
    - {{name: one, container: {{image: "one:1"}}}}
    - {{name: two, serviceAccountName: own, container: {{image: "two:1"}}}}
"""


def workflow(spec: str) -> str:
    return f"---\napiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: w}}\nspec: {spec}\n"


def run_as(*texts: str) -> list[tuple[str, str | None]]:
    """The containers' images of the workloads called `w`, each with the service account of its pod."""
    graph = world("".join(texts))
    return [
        (one.container.image.display, one.pod.service_account.known if one.pod.service_account is not None else "-")
        for one in graph.all(PodContainer)
        if one.workload.name.known == "w" and one.container.image is not None
    ]


LIB = LIBRARY.format(kind="WorkflowTemplate", name="lib")
CLUSTER_LIB = LIBRARY.format(kind="ClusterWorkflowTemplate", name="lib")


def test_a_whole_template_lends_its_account_to_a_workflow_that_has_none() -> None:
    assert run_as(LIB, workflow("{workflowTemplateRef: {name: lib}}")) == [("one:1", "library"), ("two:1", "own")]


def test_a_workflow_gives_its_account_to_a_template_that_has_none_of_its_own() -> None:
    found = run_as(LIB, workflow("{serviceAccountName: mine, workflowTemplateRef: {name: lib}}"))
    assert found == [("one:1", "mine"), ("two:1", "own")]


def test_a_single_template_does_not_bring_the_account_of_the_object_around_it() -> None:
    steps = "{templates: [{name: x, steps: [[{name: a, templateRef: {name: lib, template: one}}]]}]}"
    assert run_as(LIB, workflow(steps)) == [("one:1", "-")]


def test_templates_of_the_cluster_are_not_those_of_a_namespace() -> None:
    assert run_as(CLUSTER_LIB, workflow("{workflowTemplateRef: {name: lib, clusterScope: true}}"))
    assert not run_as(CLUSTER_LIB, workflow("{workflowTemplateRef: {name: lib}}"))
    assert not run_as(LIB, workflow("{workflowTemplateRef: {name: lib, clusterScope: true}}"))


def test_a_template_that_is_not_seen_leaves_the_account() -> None:
    graph = world(workflow("{serviceAccountName: mine, workflowTemplateRef: {name: lib}}"))
    (load,) = graph.all(Workload)
    assert [pod.service_account.known for pod in load.pods if pod.service_account is not None] == ["mine"]
    graph = world(workflow("{workflowTemplateRef: {name: lib}}"))
    assert not graph.all(Workload)
    assert [type(one) for one in graph.all(KubernetesObject)] == [KubernetesObject]


def test_templates_that_refer_to_each_other_come_to_an_end() -> None:
    steps = "[[{name: a, templateRef: {name: %s, template: x}}, {name: b, templateRef: {name: %s, template: x}}]]"
    loop = "".join(
        "---\napiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\n"
        f"metadata: {{name: {name}}}\nspec: {{templates: [{{name: x, steps: {steps % (other, other)}}}]}}\n"
        for name, other in (("a", "b"), ("b", "a"))
    )
    assert run_as(loop, workflow("{serviceAccountName: mine, workflowTemplateRef: {name: a}}")) == []


def test_a_pipeline_is_followed_through_its_tasks() -> None:
    text = """---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec: {stepTemplate: {env: [{name: A, value: a}]}, steps: [{image: "t:1", env: [{name: B, value: b}]}]}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec: {tasks: [{name: first, taskRef: {name: t}}, {name: second, taskRef: {name: t}}]}
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: w}
spec:
  pipelineRef: {name: p}
  taskRunTemplate: {serviceAccountName: mine}
  taskRunSpecs: [{pipelineTaskName: second, serviceAccountName: other}]
"""
    assert run_as(text) == [("t:1", "mine"), ("t:1", "other")]
    names = [[one.name.known for one in each.container.env] for each in world(text).all(PodContainer)]
    assert all(each == ["A", "B"] for each in names)


def test_a_rollout_has_the_pods_of_its_deployment() -> None:
    text = """---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: w}
spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec: {selector: {}, template: {spec: {serviceAccountName: mine, containers: [{name: c, image: "d:1"}]}}}
"""
    assert run_as(text) == [("d:1", "mine")]
