"""Kubernetes in Terraform: resources, manifests and Helm releases become the entities that YAML becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall import engine
from rolecall.discover.names import ANY, names_in_terraform
from rolecall.facts import collect
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding, PodContainer
from rolecall.model import (
    AccessBinding,
    AccessRole,
    ConfigObject,
    KubernetesObject,
    MaterialKind,
    ServiceAccount,
    Workload,
)
from rolecall.model.kubernetes import SourceKind
from rolecall.source import Source
from rolecall.terraform import unit
from rolecall.terraform.library import Library
from rolecall.tree import Scalar
from rolecall.workspace import Workspace
from tests.terraform_worlds import every, only, read
from tests.worlds import inside

if TYPE_CHECKING:
    from rolecall.facts import Facts
    from rolecall.model import Pod

ARN = "arn:aws:iam::111122223333:role/app"
ROLE_ARN = "eks.amazonaws.com/role-arn"
SPEC = """
      service_account_name = "app"
      host_network         = true
      init_container {
        name  = "first"
        image = "first:1"
      }
      container {
        name    = "app"
        image   = "app:1"
        command = ["run"]
        args    = ["--fast"]
        env {
          name  = "REGION"
          value = "eu-west-1"
        }
        env {
          name = "KEY"
          value_from {
            config_map_key_ref {
              name     = "app"
              key      = "key"
              optional = true
            }
          }
        }
        env_from {
          prefix = "P_"
          secret_ref {
            name = "keys"
          }
        }
        volume_mount {
          name       = "aws"
          mount_path = "/root/.aws"
          sub_path   = "credentials"
        }
      }
      volume {
        name = "aws"
        projected {
          sources {
            secret {
              name = "keys"
              items {
                key  = "k"
                path = "credentials"
              }
            }
          }
        }
      }
"""
YAML = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: pay}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata:
      labels: {app: app}
      annotations: {iam.amazonaws.com/role: app}
    spec:
      serviceAccountName: app
      hostNetwork: true
      initContainers: [{name: first, image: first:1}]
      containers:
        - name: app
          image: app:1
          command: [run]
          args: [--fast]
          env:
            - {name: REGION, value: eu-west-1}
            - {name: KEY, valueFrom: {configMapKeyRef: {name: app, key: key, optional: true}}}
          envFrom: [{prefix: P_, secretRef: {name: keys}}]
          volumeMounts: [{name: aws, mountPath: /root/.aws, subPath: credentials}]
      volumes:
        - name: aws
          projected: {sources: [{secret: {name: keys, items: [{key: k, path: credentials}]}}]}
"""


def read_everything(directory: Path) -> engine.World:
    with inside(directory):
        return engine.read(["."], Workspace(directory), everything=True)


def read_named(name: str, text: str) -> Facts:
    source = Source(name, text)
    return collect(".", unit.adapt(".", (source,), Library(Workspace(Path("/nonexistent")))), (name,))


def metadata(more: str = "") -> str:
    return f'metadata {{\n  name = "app"\n  namespace = "pay"\n  {more}\n}}\n'


def workload(kind: str, spec: str = SPEC) -> str:
    template = f"""
  template {{
    metadata {{
      labels      = {{ app = "app" }}
      annotations = {{ "iam.amazonaws.com/role" = "app" }}
    }}
    spec {{
      {spec}
    }}
  }}
"""
    if "cron_job" in kind:
        body = f'schedule = "* * * * *"\njob_template {{\n metadata {{}}\n spec {{\n{template}\n}}\n}}'
    elif "pod" in kind:
        body = spec
    else:
        body = f'selector {{\n match_labels = {{ app = "app" }}\n}}\n{template}'
    return f'resource "{kind}" "app" {{\n{metadata()}\nspec {{\n{body}\n}}\n}}\n'


def shape(pod: Pod) -> object:
    """What a pod says, without its places."""

    def text(scalar: Scalar | None) -> str | None:
        return scalar.display if scalar else None

    return (
        text(pod.service_account),
        pod.host_network,
        [
            (
                text(one.name),
                one.role,
                text(one.image),
                [text(word) for word in one.command],
                [
                    (text(v.name), v.kind, text(v.value), text(v.object_name), text(v.object_key), v.optional)
                    for v in one.env
                ],
                [(f.kind, text(f.object_name), text(f.prefix)) for f in one.env_from],
                [(text(m.volume), text(m.path), text(m.sub_path)) for m in one.mounts],
                one.env_rest,
            )
            for one in pod.containers
        ],
        [
            (
                text(v.name),
                v.type,
                [(kind, text(name)) for kind, name in v.sources],
                [(text(key), text(path)) for key, path in v.items],
            )
            for v in pod.volumes
        ],
    )


@pytest.mark.parametrize(
    "kind",
    [
        "kubernetes_deployment",
        "kubernetes_deployment_v1",
        "kubernetes_daemonset",
        "kubernetes_daemon_set_v1",
        "kubernetes_stateful_set",
        "kubernetes_stateful_set_v1",
        "kubernetes_job",
        "kubernetes_job_v1",
        "kubernetes_cron_job",
        "kubernetes_cron_job_v1",
        "kubernetes_replication_controller",
        "kubernetes_replication_controller_v1",
        "kubernetes_pod",
        "kubernetes_pod_v1",
    ],
)
def test_a_resource_is_the_workload_that_its_manifest_is(kind: str, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(YAML)
    (expected,) = read_everything(tmp_path).graph.all(Workload)
    found = only(read(workload(kind)), Workload)
    assert shape(found.pods[0]) == shape(expected.pods[0])
    assert (found.name.known, found.namespace.known if found.namespace else None) == ("app", "pay")
    if "pod" not in kind:
        assert [entry.key.known for entry in found.pods[0].annotations] == ["iam.amazonaws.com/role"]


def test_terraforms_json_is_read_the_same() -> None:
    container = {"name": "app", "image": "app:1", "env": [{"name": "A", "value": "1"}]}
    body = {
        "metadata": {"name": "app"},
        "spec": [{"container": container, "volume": {"name": "v", "secret": {"secret_name": "s"}}}],
    }
    text = json.dumps({"resource": {"kubernetes_pod": {"app": body}}})
    found = only(read_named("main.tf.json", text), Workload)
    (pod,) = found.pods
    assert [variable.name.known for variable in pod.containers[0].env] == ["A"]
    assert [source[1].known for source in pod.volumes[0].sources] == ["s"]


def test_values_are_where_they_are_written() -> None:
    text = 'resource "kubernetes_service_account" "app" {\n  metadata {\n    name = "app"\n  }\n}\n'
    account = only(read(text), ServiceAccount)
    assert (account.name.span.line, account.name.span.column) == (3, 12)
    assert account.origin.address == "kubernetes_service_account.app"
    assert account.origin.span == account.name.span


@pytest.mark.parametrize(
    ("written", "expected"),
    [("", "default"), ('namespace = "pay"', "pay"), ("namespace = null", "default"), ("namespace = var.x", "${var.x}")],
)
def test_the_provider_fills_in_the_namespace(written: str, expected: str) -> None:
    text = f'resource "kubernetes_service_account" "app" {{\n metadata {{\n name = "app"\n {written}\n }}\n}}\n'
    account = only(read(text), ServiceAccount)
    assert account.namespace is not None
    assert account.namespace.display == expected


def test_a_namespace_has_none_and_a_manifest_keeps_its_own() -> None:
    facts = read("""
        resource "kubernetes_namespace" "pay" {
          metadata {
            name = "pay"
          }
        }
        resource "kubectl_manifest" "app" {
          yaml_body = "apiVersion: v1\\nkind: ServiceAccount\\nmetadata: {name: app}"
        }
        resource "kubectl_manifest" "other" {
          yaml_body          = "apiVersion: v1\\nkind: ServiceAccount\\nmetadata: {name: other, namespace: pay}"
          override_namespace = "ship"
        }
    """)
    assert [one.namespace for one in every(facts, KubernetesObject)][:2] == [None, None]
    overridden = every(facts, ServiceAccount)[1].namespace
    assert overridden is not None
    assert overridden.known == "ship"


@pytest.mark.parametrize(
    "reference",
    [
        "kubernetes_namespace.pay.metadata[0].name",
        "kubernetes_namespace.pay.metadata.0.name",
        "one(kubernetes_namespace.pay.metadata).name",
        "local.namespace",
    ],
)
def test_names_of_other_resources_are_known(reference: str) -> None:
    facts = read(f"""
        locals {{
          namespace = kubernetes_namespace.pay.metadata[0].name
        }}
        resource "kubernetes_namespace" "pay" {{
          metadata {{
            name = "pay"
          }}
        }}
        resource "kubernetes_service_account" "app" {{
          metadata {{
            name      = "app"
            namespace = {reference}
          }}
        }}
    """)
    namespace = only(facts, ServiceAccount).namespace
    assert namespace is not None
    assert namespace.known == "pay"


def test_a_name_that_the_cluster_makes_up_joins_what_refers_to_it() -> None:
    facts = read("""
        resource "kubernetes_secret" "aws" {
          metadata {
            generate_name = "aws-"
          }
          data = {
            AWS_ACCESS_KEY_ID = aws_iam_access_key.app.id
          }
        }
        resource "kubernetes_secret" "other" {
          metadata {
            generate_name = "aws-"
          }
          data = {
            OTHER = "1"
          }
        }
        resource "kubernetes_pod" "app" {
          metadata {
            name = "app"
          }
          spec {
            container {
              name  = "app"
              image = "app:1"
              env_from {
                secret_ref {
                  name = kubernetes_secret.aws.metadata[0].name
                }
              }
            }
          }
        }
    """)
    (container,) = Graph([facts]).all(PodContainer)
    assert [variable.name for variable in container.environment.variables] == ["AWS_ACCESS_KEY_ID"]
    assert not container.environment.open


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("data = { AWS_SECRET_ACCESS_KEY = aws_iam_access_key.app.secret }", MaterialKind.SECRET_KEY),
        ("data = { AWS_SECRET_ACCESS_KEY = sensitive(aws_iam_access_key.app.secret) }", MaterialKind.SECRET_KEY),
        ("data_wo = { AWS_SECRET_ACCESS_KEY = aws_iam_access_key.app.secret }", MaterialKind.SECRET_KEY),
        (
            "binary_data = { AWS_SECRET_ACCESS_KEY = base64encode(aws_iam_access_key.app.secret) }",
            MaterialKind.SECRET_KEY,
        ),
        ("binary_data = { AWS_SECRET_ACCESS_KEY = aws_iam_access_key.app.secret }", MaterialKind.UNKNOWN),
        ("data = { AWS_SECRET_ACCESS_KEY = aws_iam_access_key.app.ses_smtp_password_v4 }", MaterialKind.UNKNOWN),
        ('data = { AWS_SECRET_ACCESS_KEY = "a-${aws_iam_access_key.app.secret}" }', MaterialKind.UNKNOWN),
        ("data = { AWS_SECRET_ACCESS_KEY = var.secret }", MaterialKind.UNKNOWN),
        ('data = { AWS_SECRET_ACCESS_KEY = "" }', MaterialKind.EMPTY),
        ('data = { AWS_SECRET_ACCESS_KEY = "h7Kd0pQz/3VnXw9LrT2bYc5MfGj8sAeU+4iNoRtP" }', MaterialKind.SECRET_KEY),
        (
            'binary_data = { AWS_SECRET_ACCESS_KEY = base64encode("h7Kd0pQz/3VnXw9LrT2bYc5MfGj8sAeU+4iNoRtP") }',
            MaterialKind.SECRET_KEY,
        ),
    ],
)
def test_what_a_secret_holds(argument: str, kind: MaterialKind) -> None:
    secret = only(read(f'resource "kubernetes_secret_v1" "aws" {{\n{metadata()}{argument}\n}}\n'), ConfigObject)
    (datum,) = secret.data
    assert (datum.key.known, datum.material.kind) == ("AWS_SECRET_ACCESS_KEY", kind)
    assert datum.value is None or datum.value.known == ""
    assert "h7Kd" not in repr(secret)


def test_data_that_is_not_known_leaves_the_object_open() -> None:
    facts = read(f'resource "kubernetes_config_map" "app" {{\n{metadata()}data = merge({{ A = "1" }}, var.more)\n}}\n')
    assert not only(facts, ConfigObject).complete


def test_a_part_of_an_object_is_not_the_whole() -> None:
    facts = read(f'resource "kubernetes_config_map_v1_data" "app" {{\n{metadata()}data = {{ A = "1" }}\n}}\n')
    found = only(facts, ConfigObject)
    assert (found.complete, found.made_by) == (False, "kubernetes_config_map_v1_data")


def test_what_a_dynamic_block_may_make_is_said() -> None:
    containers = 'dynamic "container" {\n for_each = var.x\n content {\n name = container.key\n image = "i"\n }\n}\n'
    facts = read(workload("kubernetes_deployment", containers))
    assert every(facts, Workload) == []
    assert [one.what for one in facts.unevaluated] == ["containers of kubernetes_deployment.app"]


def test_variables_that_a_dynamic_block_may_make_leave_the_environment_open() -> None:
    env = 'dynamic "env" {\n for_each = var.x\n content {\n name = "A"\n }\n}'
    spec = f'container {{\n name = "app"\n image = "i"\n {env}\n}}'
    (container,) = only(read(workload("kubernetes_deployment", spec)), Workload).pods[0].containers
    assert container.env_rest


def test_every_instance_is_an_object() -> None:
    facts = read(f"""
        resource "kubernetes_service_account" "app" {{
          for_each = {{ a = "{ARN}-a", b = "{ARN}-b" }}
          metadata {{
            name        = "app-${{each.key}}"
            annotations = {{ "{ROLE_ARN}" = each.value }}
          }}
        }}
    """)
    assert [account.name.known for account in every(facts, ServiceAccount)] == ["app-a", "app-b"]
    assert [binding.arn.known for binding in Graph([facts]).all(IrsaBinding)] == [f"{ARN}-a", f"{ARN}-b"]


def test_an_annotation_put_on_an_account_gives_it_a_role() -> None:
    facts = read(
        f'resource "kubernetes_service_account" "app" {{\n{metadata()}}}\n'
        f'resource "kubernetes_annotations" "app" {{\napi_version = "v1"\nkind = "ServiceAccount"\n{metadata()}'
        f'annotations = {{ "{ROLE_ARN}" = "{ARN}" }}\n}}\n' + workload("kubernetes_deployment")
    )
    runs_as = Graph([facts]).all(PodContainer)[0].runs_as
    assert runs_as.service_account is not None
    assert not runs_as.service_account.patch
    assert runs_as.role_annotation is not None
    assert isinstance(runs_as.role_annotation.value, Scalar)
    assert runs_as.role_annotation.value.known == ARN


def test_variables_put_on_a_container() -> None:
    facts = read(
        f'resource "kubernetes_env" "app" {{\napi_version = "apps/v1"\nkind = "Deployment"\ninit_container = "app"\n'
        f'{metadata()}env {{\n name = "A"\n value = "1"\n}}\n}}\n'
    )
    (container,) = only(facts, Workload).pods[0].containers
    assert (container.name.known, container.role, container.env_rest) == ("app", "initContainer", True)
    assert [(one.name.known, one.kind) for one in container.env] == [("A", SourceKind.LITERAL)]


def test_a_manifest_from_a_template_has_its_places_there(tmp_path: Path) -> None:
    (tmp_path / "app.yaml.tftpl").write_text(
        f"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${{name}}\n  annotations:\n    {ROLE_ARN}: x\n"
    )
    facts = read(
        'resource "kubectl_manifest" "app" {\n  yaml_body = templatefile("app.yaml.tftpl", { name = "app" })\n}\n',
        ".",
        tmp_path,
    )
    account = only(facts, ServiceAccount)
    assert account.name.known == "app"
    (annotation,) = account.annotations
    assert (annotation.key.span.path, annotation.key.span.line) == ("app.yaml.tftpl", 6)


def test_a_manifest_file_that_terraform_applies_is_one_thing_with_itself(tmp_path: Path) -> None:
    """Both readings are there, and a workload of a third directory finds the account."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "account.yaml").write_text(
        "apiVersion: v1\nkind: ServiceAccount\n"
        f"metadata: {{name: app, namespace: pay, annotations: {{{ROLE_ARN}: {ARN}}}}}\n"
    )
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(
        'resource "kubernetes_manifest" "app" {\n  manifest = yamldecode(file("../base/account.yaml"))\n}\n'
    )
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "app.yaml").write_text(YAML)
    graph = read_everything(tmp_path).graph
    accounts = graph.all(ServiceAccount)
    assert [account.origin.unit for account in accounts] == ["base/account.yaml", "infra"]
    assert len({account.origin.span for account in accounts}) == 1
    assert graph.all(PodContainer)[0].runs_as.role_annotation is not None


def test_a_decoded_heredoc_has_its_places(tmp_path: Path) -> None:
    text = (
        'resource "kubernetes_manifest" "app" {\n  manifest = yamldecode(<<-E\n    apiVersion: v1\n'
        "    kind: Namespace\n    metadata:\n      name: pay\n  E\n  )\n}\n"
    )
    found = only(read(text, ".", tmp_path), KubernetesObject)
    assert (found.name.known, found.name.span.line, found.name.span.column) == ("pay", 6, 13)


@pytest.mark.parametrize(
    ("text", "unevaluated"),
    [
        ('resource "kubernetes_manifest" "x" {\n  manifest = var.manifest\n}\n', ["kubernetes_manifest.x"]),
        ('resource "kubectl_manifest" "x" {\n  yaml_body = data.http.x.body\n}\n', ["kubectl_manifest.x"]),
        (
            'resource "kubectl_manifest" "x" {\n  yaml_body = data.kubectl_path_documents.x.documents[0]\n}\n',
            [],
        ),
        (
            'resource "kubernetes_pod" "x" {\n  dynamic "metadata" {\n    for_each = var.x\n    content {}\n  }\n}\n',
            ["kubernetes_pod.x"],
        ),
        ('resource "kubernetes_pod" "x" {\n  metadata = 1\n  spec = "a"\n}\n', ["kubernetes_pod.x"]),
        ('resource "kubectl_manifest" "x" {\n  yaml_body = "no manifest"\n}\n', []),
        ('resource "kubectl_manifest" "x" {\n  yaml_body = 1\n}\n', []),
    ],
)
def test_what_is_not_known_is_said_and_nothing_breaks(text: str, unevaluated: list[str]) -> None:
    facts = read(text)
    assert every(facts, KubernetesObject) == []
    assert [one.what for one in facts.unevaluated] == unevaluated
    assert facts.problems == ()


@pytest.mark.parametrize(
    ("text", "open_"),
    [
        ('resource "kubernetes_secret" "aws" {}', True),
        ('resource "kubernetes_service_account_v1" "app" {}', True),
        ('resource "kubernetes_storage_class" "fast" {}', False),
        ('resource "kubectl_manifest" "pool" {\n yaml_body = "kind: NodePool"\n}', False),
        ('resource "kubectl_manifest" "app" {\n yaml_body = "kind: ServiceAccount"\n}', True),
        ('resource "aws_iam_role" "app" {}', False),
    ],
)
def test_terraform_that_declares_objects_may_mean_any_manifest(text: str, open_: bool) -> None:
    assert (ANY in names_in_terraform(text)) is open_


def test_names_in_the_values_of_a_release_are_found() -> None:
    text = 'resource "helm_release" "a" {\n set = [{ name = "serviceAccount.name", value = "app" }]\n}'
    assert "app" in names_in_terraform(text)


ROLE = """
resource "kubernetes_cluster_role_v1" "all" {
  metadata {
    name   = "all"
    labels = { "example.com/part" = "true" }
  }
  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["aws"]
    verbs          = ["get", "list"]
  }
}
resource "kubernetes_role_binding" "all" {
  metadata {
    name      = "all"
    namespace = "pay"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role_v1.all.metadata[0].name
  }
  subject {
    kind = "ServiceAccount"
    name = "app"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "other"
    namespace = "ship"
  }
}
"""


def test_roles_and_bindings_of_kubernetes_are_those_of_manifests() -> None:
    role, binding = only(read(ROLE), AccessRole), only(read(ROLE), AccessBinding)
    (rule,) = role.rules
    assert (role.kind, role.name.known, role.namespace) == ("ClusterRole", "all", None)
    assert [[one.known for one in part] for part in (rule.groups, rule.resources, rule.verbs, rule.names)] == [
        [""],
        ["secrets"],
        ["get", "list"],
        ["aws"],
    ]
    assert (binding.role_kind, binding.role and binding.role.known) == ("ClusterRole", "all")
    # The provider puts a subject that says no namespace into `default`, not into the binding's.
    assert [one.display for one in binding.subjects] == ["ServiceAccount default/app", "ServiceAccount ship/other"]


def test_rules_of_a_role_that_are_not_known_are_not_none() -> None:
    facts = read("""
        variable "verbs" {}
        resource "kubernetes_role" "some" {
          metadata {
            name = "some"
          }
          rule {
            api_groups = [""]
            resources  = ["secrets"]
            verbs      = var.verbs
          }
        }
    """)
    (rule,) = only(facts, AccessRole).rules
    assert rule.rest is not None


@pytest.mark.parametrize("kind", ["role", "cluster_role", "role_binding_v1", "cluster_role_binding"])
def test_terraform_that_declares_access_may_name_any_object(kind: str) -> None:
    assert ANY in names_in_terraform(f'resource "kubernetes_{kind}" "a" {{}}\n')
