"""Manifests become entities: which kinds, with what in them, and nothing secret."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from rolecall.facts import Suppression
from rolecall.model import ConfigObject, KubernetesObject, MaterialKind, ServiceAccount, Workload
from rolecall.tree import Scalar
from tests.kubernetes_worlds import facts, said, written
from tests.worlds import read

if TYPE_CHECKING:
    from pathlib import Path

KEY_ID = "AKIAQ2W3E4R5T6Y7U2I3"
SECRET = "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"  # noqa: S105 - invented

CONTAINER = "{name: app, image: app:1}"


def one(text: str) -> KubernetesObject:
    (entity,) = facts(text).entities
    assert isinstance(entity, KubernetesObject)
    return entity


def workload(text: str) -> Workload:
    entity = one(text)
    assert isinstance(entity, Workload), entity
    return entity


def config(text: str) -> ConfigObject:
    entity = one(text)
    assert isinstance(entity, ConfigObject), entity
    return entity


TEMPLATES = {
    "v1 Pod": "spec: POD",
    "apps/v1 Deployment": "spec: {selector: {}, template: {metadata: META, spec: POD}}",
    "apps/v1 ReplicaSet": "spec: {selector: {}, template: {metadata: META, spec: POD}}",
    "apps/v1 StatefulSet": "spec: {selector: {}, template: {metadata: META, spec: POD}}",
    "apps/v1 DaemonSet": "spec: {selector: {}, template: {metadata: META, spec: POD}}",
    "batch/v1 Job": "spec: {template: {metadata: META, spec: POD}}",
    "batch/v1 CronJob": "spec: {schedule: x, jobTemplate: {spec: {template: {metadata: META, spec: POD}}}}",
    "v1 ReplicationController": "spec: {template: {metadata: META, spec: POD}}",
    "v1 PodTemplate": "template: {metadata: META, spec: POD}",
    "argoproj.io/v1alpha1 Rollout": "spec: {template: {metadata: META, spec: POD}}",
    "serving.knative.dev/v1 Service": "spec: {template: {metadata: META, spec: POD}}",
    "serving.knative.dev/v1 Configuration": "spec: {template: {metadata: META, spec: POD}}",
    "serving.knative.dev/v1 Revision": "spec: POD",
    "keda.sh/v1alpha1 ScaledJob": "spec: {jobTargetRef: {template: {metadata: META, spec: POD}}}",
    "apps.openshift.io/v1 DeploymentConfig": "spec: {template: {metadata: META, spec: POD}}",
    "actions.github.com/v1alpha1 AutoscalingRunnerSet": "spec: {template: {metadata: META, spec: POD}}",
    "acme.example.com/v1 Anything": "spec: {deep: [{er: {metadata: META, spec: POD}}]}",
}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_pod_template_of_each_kind_is_found(kind: str) -> None:
    api_version, name = kind.split()
    pod = f"{{serviceAccountName: runner, containers: [{CONTAINER}]}}"
    body = TEMPLATES[kind].replace("POD", pod).replace("META", "{annotations: {here: yes-here}}")
    entity = workload(
        f"apiVersion: {api_version}\nkind: {name}\nmetadata: {{name: x, annotations: {{here: yes-here}}}}\n{body}\n"
    )
    (made,) = entity.pods
    assert made.service_account is not None
    assert made.service_account.known == "runner"
    assert [container.name.known for container in made.containers] == ["app"]
    assert made.annotation("here") is not None


def test_an_argo_workflow_has_a_pod_for_each_template_that_runs_something() -> None:
    entity = workload("""
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        metadata: {name: nightly}
        spec:
          workflowSpec:
            serviceAccountName: shared
            volumes: [{name: keys, secret: {secretName: aws}}]
            templates:
              - name: steps-only
                steps: [[{name: a, template: b}]]
              - name: b
                serviceAccountName: own
                container: {image: a:1, env: [{name: A, value: b}]}
              - name: c
                script: {image: a:2}
                sidecars: [{name: side, image: a:3}]
              - name: d
                containerSet: {containers: [{name: one, image: a:4}]}
        """)
    accounts = [pod.service_account.known if pod.service_account else None for pod in entity.pods]
    assert accounts == ["own", "shared", "shared"]
    assert [len(pod.containers) for pod in entity.pods] == [1, 2, 1]
    assert entity.pods[0].volumes[0].sources[0][1].known == "aws"


def test_a_workflow_template_without_an_account_leaves_it_to_whoever_runs_it() -> None:
    entity = workload("""
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: t}
        spec: {templates: [{name: a, container: {image: a:1}}]}
        """)
    account = entity.pods[0].service_account
    assert account is not None
    assert account.known is None


def test_tekton_steps_are_containers_of_one_pod() -> None:
    entity = workload("""
        apiVersion: tekton.dev/v1
        kind: PipelineRun
        metadata: {name: t}
        spec:
          taskRunTemplate: {serviceAccountName: builder}
          pipelineSpec:
            tasks:
              - name: a
                taskSpec: {steps: [{name: one, image: a:1}, {name: two, image: a:2}]}
        """)
    (pod,) = entity.pods
    assert pod.service_account is not None
    assert pod.service_account.known == "builder"
    assert [container.name.known for container in pod.containers] == ["one", "two"]


def test_a_spark_application_has_driver_and_executor() -> None:
    entity = workload("""
        apiVersion: sparkoperator.k8s.io/v1beta2
        kind: SparkApplication
        metadata: {name: t}
        spec:
          image: spark:3
          driver: {serviceAccount: spark, annotations: {iam.amazonaws.com/role: r}, env: [{name: A, value: b}]}
          executor: {cores: 1}
        """)
    driver, executor = entity.pods
    assert driver.service_account is not None
    assert driver.service_account.known == "spark"
    assert driver.annotation("iam.amazonaws.com/role") is not None
    assert executor.service_account is not None
    assert executor.service_account.known == "spark"


def test_a_custom_resource_may_name_the_account_beside_the_template() -> None:
    entity = workload("""
        apiVersion: flink.apache.org/v1beta1
        kind: FlinkDeployment
        metadata: {name: t}
        spec:
          serviceAccount: flink
          podTemplate: {metadata: {}, spec: {containers: [{name: main, image: f:1}]}}
        """)
    account = entity.pods[0].service_account
    assert account is not None
    assert account.known == "flink"


def test_a_custom_resource_without_an_account_leaves_it_to_its_controller() -> None:
    account = (
        workload(f"""
        apiVersion: acme.example.com/v1
        kind: Thing
        metadata: {{name: t}}
        spec: {{containers: [{CONTAINER}]}}
        """)
        .pods[0]
        .service_account
    )
    assert account is not None
    assert account.known is None


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kyverno.io/v1\nkind: Policy\nmetadata: {name: p}\nspec: {pattern: {containers: [{image: '*'}]}}",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\nspec: {replicas: 2}",
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\n"
            "spec: {template: {spec: {containers: [{name: a, env: [{name: X, value: y}]}]}}}"
        ),
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: p}\nspec: {workloadRef: {name: d}}",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: p}",
        "apiVersion: acme.example.com/v1\nkind: X\nmetadata: {name: p}\nstatus: {containers: [{image: a}]}",
        "apiVersion: acme.example.com/v1\nkind: X\nmetadata: {name: p}\nspec: {containers: [{size: 3}]}",
    ],
)
def test_what_makes_no_pod_is_only_an_object(text: str) -> None:
    assert type(one(text)) is KubernetesObject


def test_a_patch_with_an_image_leaves_account_and_environment_to_its_base() -> None:
    entity = workload("""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: p}
        spec: {template: {spec: {containers: [{name: a, image: a:2}]}}}
        """)
    (pod,) = entity.pods
    assert pod.service_account is not None
    assert pod.service_account.known is None
    assert pod.containers[0].env_rest


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]",
        "kind: Deployment\nmetadata: {name: x}",
        "apiVersion: v1\nkind: [Pod]\nmetadata: {name: x}",
        "apiVersion: v1\nkind: Config\nclusters: []",
    ],
)
def test_what_is_no_object_says_nothing(text: str) -> None:
    assert said(text) == ()


def test_roles_of_containers() -> None:
    entity = workload("""
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          initContainers: [{name: i, image: a}, {name: side, image: a, restartPolicy: Always}]
          containers: [{name: c, image: a}]
          ephemeralContainers: [{name: e, image: a}]
        """)
    roles = {container.name.known: container.role for container in entity.pods[0].containers}
    assert roles == {"i": "initContainer", "side": "initContainer", "c": "container", "e": "ephemeral"}


def test_the_old_alias_of_the_account_counts_where_the_name_is_empty() -> None:
    def account(fields: str) -> str | None:
        found = workload(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{fields}, containers: [{CONTAINER}]}}"
        ).pods[0]
        return found.service_account.known if found.service_account else None

    assert account("serviceAccount: old") == "old"
    assert account("serviceAccountName: '', serviceAccount: old") == "old"
    assert account("serviceAccountName: new, serviceAccount: old") == "new"
    assert account("serviceAccountName: ~") is None


def test_volumes() -> None:
    (pod,) = workload("""
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          hostNetwork: true
          containers:
            - name: c
              image: a
              volumeMounts: [{name: s, mountPath: /root/.aws, subPath: credentials}]
          volumes:
            - {name: s, secret: {secretName: aws, items: [{key: file, path: credentials}]}}
            - {name: m, configMap: {name: conf}}
            - {name: h, hostPath: {path: /root/.aws}}
            - {name: e, emptyDir: {}}
            - name: p
              projected:
                sources:
                  - secret: {name: one, items: [{key: a, path: b}]}
                  - configMap: {name: two}
                  - serviceAccountToken: {path: token}
        """).pods
    found = {volume.name.known: volume for volume in pod.volumes}
    assert {name: volume.type for name, volume in found.items()} == {
        "s": "secret", "m": "configMap", "h": "hostPath", "e": "emptyDir", "p": "projected"
    }  # fmt: skip
    assert [name.known for _, name in found["s"].sources] == ["aws"]
    assert [(key.known, path.known) for key, path in found["s"].items] == [("file", "credentials")]
    assert [name.known for _, name in found["p"].sources] == ["one", "two"]
    assert found["p"].items == ()
    assert found["h"].host_path is not None
    assert found["h"].host_path.known == "/root/.aws"
    assert pod.host_network is True
    (mount,) = pod.containers[0].mounts
    assert mount.sub_path is not None
    assert mount.sub_path.known == "credentials"


def test_a_secret_is_decoded_and_string_data_wins() -> None:
    encoded = base64.b64encode(f"{SECRET}\n".encode()).decode()
    thing = config(f"""
        apiVersion: v1
        kind: Secret
        metadata: {{name: s}}
        data:
          AWS_SECRET_ACCESS_KEY: {encoded}
          AWS_ACCESS_KEY_ID: {base64.b64encode(b"changeme").decode()}
          broken: "%%%"
          empty: ""
        stringData:
          AWS_ACCESS_KEY_ID: {KEY_ID}
          AWS_REGION: eu-west-1
          password: hunter2hunter2
        """)
    kinds = {datum.key.known: datum.material.kind for datum in thing.data}
    assert kinds["AWS_SECRET_ACCESS_KEY"] is MaterialKind.SECRET_KEY
    assert kinds["AWS_ACCESS_KEY_ID"] is MaterialKind.KEY_ID
    assert kinds["broken"] is MaterialKind.UNKNOWN
    assert kinds["empty"] is MaterialKind.EMPTY
    region = thing.datum("AWS_REGION")
    assert region is not None
    assert region.value is not None
    assert region.value.known == "eu-west-1"
    assert len(thing.data) == 6
    assert thing.complete
    for hidden in (SECRET, KEY_ID, encoded, "hunter2"):
        assert hidden not in repr(thing)


def test_a_datum_is_placed_at_its_value_or_for_a_block_at_its_key() -> None:
    text = f"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {{name: s}}
        data:
          AWS_ACCESS_KEY_ID: {KEY_ID}
          credentials: |
            [default]
            aws_access_key_id = {KEY_ID}
            aws_secret_access_key = {SECRET}
        """
    one_line, block = config(text).data
    assert written(text, one_line.span.start, one_line.span.end) == KEY_ID
    assert block.material.kind is MaterialKind.CREDENTIALS_FILE
    keys = f"aws_access_key_id = {KEY_ID}\n    aws_secret_access_key = {SECRET}"
    assert written(text, block.span.start, block.span.end) == keys
    assert (block.span.line, block.span.column, block.span.end_line) == (8, 5, 9)
    assert SECRET not in repr(block)


def test_a_credentials_file_with_something_unknown_in_it_still_holds_keys() -> None:
    thing = config(f"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {{name: s}}
        data:
          credentials: |
            [default]
            region = ${{REGION}}
            aws_access_key_id = {KEY_ID}
            aws_secret_access_key = {SECRET}
          plain: |
            some
            text
        """)
    assert thing.data[0].material.kind is MaterialKind.CREDENTIALS_FILE
    assert (thing.data[1].span.line, thing.data[1].value) == (10, None)
    assert SECRET not in repr(thing)


def test_no_key_is_seen_in_what_is_encrypted() -> None:
    thing = config(f"""
        apiVersion: v1
        kind: Secret
        metadata: {{name: s}}
        stringData:
          AWS_SECRET_ACCESS_KEY: ENC[AES256_GCM,data:{SECRET},iv:x,tag:y,type:str]
        """)
    assert thing.data[0].material.kind is MaterialKind.UNKNOWN
    assert SECRET not in repr(thing)


def test_a_sealed_secret_shows_the_keys_of_the_secret_that_it_becomes() -> None:
    thing = config("""
        apiVersion: bitnami.com/v1alpha1
        kind: SealedSecret
        metadata: {name: aws}
        spec: {encryptedData: {AWS_ACCESS_KEY_ID: AgBy3i4OJSWK}}
        """)
    assert (thing.kind, thing.made_by, thing.name.known) == ("Secret", "SealedSecret", "aws")
    assert [(datum.key.known, datum.material.kind) for datum in thing.data] == [
        ("AWS_ACCESS_KEY_ID", MaterialKind.UNKNOWN)
    ]


def test_an_external_secret_shows_the_keys_that_it_lists() -> None:
    text = """
        apiVersion: external-secrets.io/v1beta1
        kind: ExternalSecret
        metadata: {name: fetch}
        spec:
          target: {name: aws}
          data: [{secretKey: AWS_ACCESS_KEY_ID, remoteRef: {key: x}}]
          MORE
        """
    thing = config(text.replace("MORE", ""))
    assert thing.name.known == "aws"
    assert thing.complete
    assert [datum.key.known for datum in thing.data] == ["AWS_ACCESS_KEY_ID"]
    assert not config(text.replace("MORE", "dataFrom: [{extract: {key: y}}]")).complete


def test_a_kustomization_says_what_it_generates() -> None:
    (thing, merged) = facts(f"""
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        secretGenerator:
          - name: aws
            literals: [AWS_ACCESS_KEY_ID={KEY_ID}, 'AWS_SECRET_ACCESS_KEY="{SECRET}"']
        configMapGenerator:
          - {{name: conf, behavior: merge, literals: [A=b], files: [aws/credentials, b=c]}}
        """).entities
    found = {entity.kind: entity for entity in (thing, merged) if isinstance(entity, ConfigObject)}
    assert {datum.material.kind for datum in found["Secret"].data} == {MaterialKind.KEY_ID, MaterialKind.SECRET_KEY}
    assert found["Secret"].complete
    assert not found["ConfigMap"].complete
    assert [datum.key.known for datum in found["ConfigMap"].data] == ["A", "credentials", "b"]
    assert SECRET not in repr(found)


def test_a_kustomization_need_not_say_that_it_is_one() -> None:
    text = "configMapGenerator: [{name: conf, literals: [A=b]}]\n"
    (thing,) = facts(text, "app/kustomization.yaml").entities
    assert isinstance(thing, ConfigObject)
    assert facts(text, "app/other.yaml").entities == ()


def test_settings_of_the_webhook_are_kept_whatever_their_words() -> None:
    entity = one("""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: x, annotations: {eks.amazonaws.com/token-expiration: '86400', acme/auth-password: hunter2}}
        """)
    kept, hidden = (entry.value for entry in entity.annotations)
    assert isinstance(kept, Scalar)
    assert kept.known == "86400"
    assert isinstance(hidden, Scalar)
    assert hidden.known is None


def test_names_that_are_generated_or_missing_are_unknown() -> None:
    generated = one("apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}")
    assert (generated.name.known, generated.name.display.startswith("job-")) == (None, True)
    assert one("apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}").name.known is None


def test_the_object_knows_its_place_template_and_group() -> None:
    text = """
        # Source: chart/templates/sa.yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: runner
          namespace: pay
        """
    (entity,) = facts(text, "out/rendered.yaml", "release").entities
    assert isinstance(entity, ServiceAccount)
    assert entity.display == "ServiceAccount pay/runner"
    assert entity.origin.address == "ServiceAccount pay/runner"
    assert (entity.origin.unit, entity.origin.group) == ("out/rendered.yaml", "release")
    assert entity.origin.template == "chart/templates/sa.yaml"
    assert (entity.origin.span.line, entity.origin.span.column) == (5, 9)


def test_a_secret_in_the_annotation_of_kubectl_is_not_kept() -> None:
    entity = one(f"""
        apiVersion: v1
        kind: Service
        metadata:
          name: x
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: '{{"stringData": {{"p": "{SECRET}"}}}}'
            note: aws_secret_access_key={SECRET}
        """)
    assert SECRET not in repr(entity)


@pytest.mark.parametrize(
    ("value", "rules", "reason"),
    [
        ("irsa-sub-mismatch", ("irsa-sub-mismatch",), ""),
        ("rule-a,rule-b reason words", ("rule-a", "rule-b"), "reason words"),
        ("rule-a, acme/rule-b because", ("rule-a", "acme/rule-b"), "because"),
        ("'*'", (), ""),
        ("'* it is a test'", (), "it is a test"),
    ],
)
def test_the_ignore_annotation_covers_its_object(value: str, rules: tuple[str, ...], reason: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  annotations:\n    rolecall.dev/ignore: {value}\n"
    (suppression,) = facts(text).suppressions
    assert isinstance(suppression, Suppression)
    assert (suppression.rules, suppression.reason) == (rules, reason)
    assert suppression.span.start == 0
    assert suppression.at.line == 6


@pytest.mark.parametrize("value", ["''", "'!'", "[a]", ""])
def test_an_ignore_annotation_that_names_nothing_ignores_nothing(value: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: x, annotations: {{rolecall.dev/ignore: {value}}}}}\n"
    assert facts(text).suppressions == ()


def test_arguments_are_kept_without_keys() -> None:
    entity = workload(f"""
        apiVersion: v1
        kind: Pod
        metadata: {{name: p}}
        spec:
          containers:
            - {{name: c, image: a, command: [sh, -c], args: ["export AWS_SECRET_ACCESS_KEY={SECRET} X={KEY_ID}"]}}
        """)
    (container,) = entity.pods[0].containers
    assert [word.known for word in container.command[:2]] == ["sh", "-c"]
    assert SECRET not in repr(entity)
    assert KEY_ID not in repr(entity)


def test_the_items_of_a_list_are_objects_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("""
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ServiceAccount
    metadata: {name: one, annotations: {eks.amazonaws.com/role-arn: x, rolecall.dev/ignore: '*'}}
  - apiVersion: v1
    kind: Pod
    metadata: {name: two}
    spec: {containers: [{name: a, image: a, env: [{name: AWS_PROFILE, value: x}]}]}
""")
    found = read(tmp_path)
    assert [thing.display for thing in found.graph.all(KubernetesObject)] == ["ServiceAccount one", "Pod two"]
    (suppression,) = found.suppressions
    assert (suppression.span.line, suppression.span.end_line) == (5, 7)


def test_anchors_and_merge_keys_are_read() -> None:
    entity = workload("""
        apiVersion: v1
        kind: Pod
        metadata: {name: two}
        spec:
          initContainers:
            - &base
              name: a
              image: a
              env: &env [{name: AWS_PROFILE, value: x}]
          containers:
            - <<: *base
              name: b
            - {name: c, image: a, env: *env}
        """)
    assert [[variable.name.known for variable in container.env] for container in entity.pods[0].containers] == [
        ["AWS_PROFILE"],
        ["AWS_PROFILE"],
        ["AWS_PROFILE"],
    ]


def test_a_run_of_what_a_resolver_fetches_has_its_account() -> None:
    (pod,) = workload("""
        apiVersion: tekton.dev/v1
        kind: TaskRun
        metadata: {name: t}
        spec: {serviceAccountName: builder, taskRef: {resolver: git}}
        """).pods
    assert pod.service_account is not None
    assert pod.service_account.known == "builder"
    assert pod.reference is not None
    assert pod.reference.name.known is None


def test_the_environment_of_spark_is_written_in_four_ways() -> None:
    driver, executor = workload("""
        apiVersion: sparkoperator.k8s.io/v1beta2
        kind: SparkApplication
        metadata: {name: t}
        spec:
          image: spark:3
          sparkConf:
            spark.kubernetes.driverEnv.A: a
            spark.executorEnv.X: x
            spark.kubernetes.authenticate.executor.serviceAccountName: e
          driver: {envVars: {B: b}, envSecretKeyRefs: {C: {name: s, key: k}}, env: [{name: D, value: d}]}
          executor: {cores: 1}
        """).pods
    assert [one.name.known for one in driver.containers[0].env] == ["A", "B", "C", "D"]
    assert driver.containers[0].env[2].object_name is not None
    assert [one.name.known for one in executor.containers[0].env] == ["X"]
    assert executor.service_account is not None
    assert executor.service_account.known == "e"


def test_flink_has_its_account_and_its_main_container_whatever_the_template_says() -> None:
    (pod,) = workload("""
        apiVersion: flink.apache.org/v1beta1
        kind: FlinkDeployment
        metadata: {name: t}
        spec:
          image: flink:1
          serviceAccount: flink
          podTemplate: {spec: {serviceAccountName: other, containers: [{name: sidecar, image: s:1}]}}
        """).pods
    assert pod.service_account is not None
    assert pod.service_account.known == "flink"
    assert [one.name.known for one in pod.containers] == ["sidecar", "flink-main-container"]


def test_a_runner_takes_its_own_fields_and_those_of_its_container() -> None:
    (pod,) = workload("""
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: RunnerDeployment
        metadata: {name: t}
        spec: {template: {spec: {serviceAccountName: ci, env: [{name: A, value: a}], containers: [{name: docker}]}}}
        """).pods
    assert pod.service_account is not None
    assert pod.service_account.known == "ci"
    assert [one.name.known for one in pod.containers] == ["runner", "docker"]
    assert [one.name.known for one in pod.containers[0].env] == ["A"]


def test_a_trigger_that_creates_a_workflow_has_its_pods() -> None:
    (pod,) = workload("""
        apiVersion: argoproj.io/v1alpha1
        kind: Sensor
        metadata: {name: t}
        spec:
          triggers:
            - template:
                argoWorkflow:
                  source:
                    resource:
                      apiVersion: argoproj.io/v1alpha1
                      kind: Workflow
                      spec: {serviceAccountName: job, templates: [{name: a, container: {image: j:1}}]}
        """).pods
    assert pod.service_account is not None
    assert pod.service_account.known == "job"
