"""`rolecall chain`, `who`, `can` and `graph`, as a user runs them in a small repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rolecall.cli.app import app
from tests.worlds import inside

REPOSITORIES = Path(__file__).parent / "repositories"


def ran(repository: str, *arguments: str) -> Any:  # noqa: ANN401 - click's result, which typer may have within itself
    with inside(REPOSITORIES / repository / "repo"):
        return CliRunner().invoke(app, arguments)


def told(repository: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    found = ran(repository, *arguments, "--format", "json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_chain_of_all_workloads_as_text() -> None:
    found = ran("keys_beside_a_role", "chain")
    assert found.exit_code == 0
    text = " ".join(found.stdout.split())
    assert "uses the static key AKIA…VV7A" in text
    assert "wins in some keys in the environment" in text
    assert "k8s/secret.yaml:7:" in text
    assert "k8s/account.yaml:7:" in text
    assert "AKIAY34FZKBOKMUTVV7A" not in found.stdout


@pytest.mark.parametrize("name", ["orders", "shop/orders", "deployment/orders", "Deployment shop/orders"])
def test_a_workload_may_be_named_in_several_ways(name: str) -> None:
    (found,) = told("keys_beside_a_role", "chain", name)["containers"]
    assert found["workload"] == {
        "kind": "Deployment",
        "name": "orders",
        "namespace": "shop",
        "service_account": "orders",
    }
    states = {step["source"]: step["state"] for step in found["steps"]}
    assert states == {
        "keys": "wins in some",
        "web_identity": "wins in some",
        "profile_role": "absent",
        "profile": "absent",
        "relative_uri": "absent",
        "full_uri": "absent",
        "metadata": "behind",
    }
    assert {one["sdk"]: one["winner"] for one in found["sdks"]}[".NET v3"] == "web_identity"


def test_a_path_that_is_there_is_no_workload() -> None:
    assert len(told("irsa_clean", "chain", "k8s")["containers"]) == 2


def test_what_is_not_there_is_told_with_the_nearest() -> None:
    for arguments, near in (
        (("chain", "order"), "did you mean shop/orders?"),
        (("can", "shop/order"), "did you mean shop/orders?"),
        (("who", "oders"), "did you mean orders?"),
        (("graph", "--namespace", "shopp"), "did you mean shop?"),
        (("graph", "--workload", "zzz"), "there are shop/orders"),
    ):
        found = ran("keys_beside_a_role", *arguments)
        assert found.exit_code == 2
        assert near in found.output


def test_markdown_has_a_row_a_source() -> None:
    found = ran("keys_beside_a_role", "chain", "--format", "markdown")
    rows = [line for line in found.stdout.splitlines() if line.startswith("|")]
    assert all(row.count("|") == 5 for row in rows)
    assert any(row.startswith("| **keys in the environment** | wins in some |") for row in rows)


def test_who_can_become_a_role() -> None:
    found = told("keys_beside_a_role", "who", "orders")
    assert {(one["way"], one["who"], one["certain"]) for one in found["who"]} == {
        ("workload", "container orders of Deployment shop/orders", "yes"),
        ("binding", "service account shop/orders", "yes"),
        ("token", "system:serviceaccount:shop:orders", "yes"),
    }
    text = ran("becomes_its_node", "who", "nodes").stdout
    assert "container sync of Deployment data/sync: becomes it" in text
    assert "ec2.amazonaws.com" in text


def test_a_wildcard_subject_has_a_witness(tmp_path: Path) -> None:
    text = (REPOSITORIES / "irsa_clean" / "repo" / "infra" / "roles.tf").read_text(encoding="utf-8")
    wide = text.replace("StringEquals", "StringLike", 1).replace("serviceaccount:bi:reports", "serviceaccount:bi:*")
    (tmp_path / "main.tf").write_text(wide, encoding="utf-8")
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["who", "reports", "--format", "json"]).stdout)
    (token,) = [one for one in found["who"] if one["way"] == "token"]
    assert token["witness"] == "system:serviceaccount:bi:attacker"


def test_a_role_that_is_named_and_not_declared(tmp_path: Path) -> None:
    text = (REPOSITORIES / "keys_beside_a_role" / "repo" / "k8s" / "account.yaml").read_text(encoding="utf-8")
    (tmp_path / "account.yaml").write_text(text, encoding="utf-8")
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["who", "orders", "--format", "json"]).stdout)
    assert found["at"] is None
    assert [one["who"] for one in found["who"]] == ["service account shop/orders"]


def test_what_a_workload_can_do() -> None:
    (found,) = told("irsa_clean", "can", "reports")["containers"][1:]
    (first,) = [one for one in found["identities"] if one["source"] == "web_identity"]
    assert [(one["actions"], one["resources"]) for one in first["allowed"]] == [
        ("s3:GetObject", "arn:aws:s3:::reports-data/*")
    ]
    text = ran("becomes_its_node", "can", "sync").stdout
    assert "managed policy AdministratorAccess" in text
    assert "broad: AdministratorAccess (admin)" in text


def test_a_session_policy_is_told_beside_what_the_role_allows(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_iam_role" "app" {
          name = "app"
          assume_role_policy = jsonencode({ Statement = [{
            Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"]
            Principal = { Service = "pods.eks.amazonaws.com" }
          }] })
          inline_policy {
            policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
          }
        }
        resource "aws_eks_pod_identity_association" "app" {
          cluster_name         = "live"
          namespace            = "pay"
          service_account      = "app"
          role_arn             = aws_iam_role.app.arn
          disable_session_tags = true
          policy = jsonencode({
            Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" }]
          })
        }
        """,
        encoding="utf-8",
    )
    pod = "{serviceAccountName: app, containers: [{name: app, image: a}]}"
    (tmp_path / "pod.yaml").write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: app, namespace: pay}}\nspec: {pod}\n", encoding="utf-8"
    )
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["can", "app", "--format", "json"]).stdout)
        text = CliRunner().invoke(app, ["can", "app"]).stdout
    (first,) = [way for way in found["containers"][0]["identities"] if way["allowed"]]
    assert [one["actions"] for one in first["allowed"]] == ["s3:*"]
    assert [(one["actions"], one["resources"]) for one in first["session"]] == [("s3:GetObject", "arn:aws:s3:::a/*")]
    assert "of this only what the session policy of its association allows as well" in text


def test_what_is_denied_or_out_of_bounds_is_not_said_to_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_iam_policy" "boundary" {
          name   = "boundary"
          policy = jsonencode({ Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })
        }
        resource "aws_iam_role" "app" {
          name                 = "app"
          permissions_boundary = aws_iam_policy.boundary.arn
          assume_role_policy = jsonencode({ Statement = [{
            Effect    = "Allow"
            Action    = ["sts:AssumeRole", "sts:TagSession"]
            Principal = { Service = "pods.eks.amazonaws.com" }
          }] })
          inline_policy {
            name = "app"
            policy = jsonencode({ Statement = [
              { Effect = "Allow", Action = ["s3:*", "iam:PassRole", "sqs:SendMessage"], Resource = "*" },
              { Effect = "Allow", Action = ["sqs:*"], Resource = "*" },
              { Effect = "Deny", Action = ["sqs:*"], Resource = "*" },
              { Effect = "Deny", Action = ["s3:DeleteBucket"], Resource = "*" },
            ] })
          }
        }
        resource "aws_eks_pod_identity_association" "app" {
          cluster_name    = "live"
          namespace       = "pay"
          service_account = "app"
          role_arn        = aws_iam_role.app.arn
        }
        """,
        encoding="utf-8",
    )
    pod = "{serviceAccountName: app, containers: [{name: app, image: a}]}"
    (tmp_path / "pod.yaml").write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: app, namespace: pay}}\nspec: {pod}\n", encoding="utf-8"
    )
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["can", "app", "--format", "json"]).stdout)
        text = CliRunner().invoke(app, ["can", "app"]).stdout
    (first,) = [way for way in found["containers"][0]["identities"] if way["allowed"]]
    assert [one["actions"] for one in first["allowed"]] == ["s3:*"]
    assert [one["actions"] for one in first["denied"]] == ["sqs:*", "s3:DeleteBucket"]
    assert "but not s3:DeleteBucket on *" in text


def test_roles_that_can_be_assumed_from_there(tmp_path: Path) -> None:
    text = (REPOSITORIES / "irsa_clean" / "repo" / "infra" / "roles.tf").read_text(encoding="utf-8")
    (tmp_path / "main.tf").write_text(
        text.replace('"s3:GetObject"', '"sts:AssumeRole"').replace(
            "arn:aws:s3:::reports-data/*", "arn:aws:iam::444455556666:role/other"
        ),
        encoding="utf-8",
    )
    manifests = (REPOSITORIES / "irsa_clean" / "repo" / "k8s" / "all.yaml").read_text(encoding="utf-8")
    (tmp_path / "all.yaml").write_text(manifests, encoding="utf-8")
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["can", "reports", "--format", "json"]).stdout)
    roles = {one["role"] for way in found["containers"][0]["identities"] for one in way["assumes"]}
    assert roles == {"arn:aws:iam::444455556666:role/other"}


def test_the_graph_as_data() -> None:
    found = told("keys_beside_a_role", "graph")
    labels = {node["id"]: node["label"] for node in found["nodes"]}
    edges = {(labels[edge["from"]], edge["how"], labels[edge["to"]], edge["wins"]) for edge in found["edges"]}
    assert edges == {
        ("Deployment orders", "environment", "the static key AKIA…VV7A of account 609629065308", "yes"),
        ("Deployment orders", "runs as", "service account orders", "unknown"),
        ("service account orders", "IRSA", "role orders", "yes"),
    }


def test_the_graph_is_narrowed_and_folds_what_is_unremarkable(tmp_path: Path) -> None:
    plain = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: web}\nspec: {containers: [{name: a, image: b}]}\n"
    )
    (tmp_path / "plain.yaml").write_text("---\n".join(plain % number for number in range(100)), encoding="utf-8")
    for path in (REPOSITORIES / "keys_beside_a_role" / "repo").rglob("*.*"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with inside(tmp_path):
        whole = CliRunner().invoke(app, ["graph"]).stdout
        shop = CliRunner().invoke(app, ["graph", "--namespace", "shop"]).stdout
        role = CliRunner().invoke(app, ["graph", "--role", "orders"]).stdout
    assert len(whole.splitlines()) < 20
    assert "100 workloads without an AWS identity: Pod p0," in whole
    assert "Pod p0" not in shop
    assert "Deployment orders" in shop
    assert "static key" not in role
    assert "role orders" in role


@pytest.mark.parametrize("repository", sorted(path.name for path in REPOSITORIES.iterdir()))
def test_diagrams_name_every_node_that_they_join(repository: str) -> None:
    dot = ran(repository, "graph", "--format", "dot").stdout
    declared = {line.split()[0] for line in dot.splitlines() if "[shape=" in line}
    joined = {word for line in dot.splitlines() if " -> " in line for word in line.split()[:3:2]}
    assert joined <= declared
    assert dot.count("{") == dot.count("}")
    mermaid = ran(repository, "graph", "--format", "mermaid").stdout
    assert mermaid.startswith("flowchart LR\n")
    assert mermaid.count("  subgraph ") == sum(line == "  end" for line in mermaid.splitlines())


def test_names_cannot_break_out_of_a_diagram(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: 'a\"]; x[\"<b>'\n  namespace: p\n"
        "  annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/r'}\n",
        encoding="utf-8",
    )
    with inside(tmp_path):
        mermaid = CliRunner().invoke(app, ["graph", "--format", "mermaid"]).stdout
        dot = CliRunner().invoke(app, ["graph", "--format", "dot"]).stdout
    assert '"service account a#quot;]; x[#quot;#lt;b#gt;"' in mermaid
    assert 'label="service account a\\"]; x[\\"<b>"' in dot


def test_files_that_cannot_be_read_are_told_and_the_rest_is_shown(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("apiVersion: v1\nkind: Pod\nspec: {containers: [\n", encoding="utf-8")
    text = (REPOSITORIES / "irsa_clean" / "repo" / "k8s" / "all.yaml").read_text(encoding="utf-8")
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    with inside(tmp_path):
        found = CliRunner().invoke(app, ["chain"])
    assert found.exit_code == 2
    assert "bad.yaml" in found.output
    assert "becomes role reports (IRSA)" in found.output


def test_service_accounts_that_a_trust_policy_names_are_in_the_graph(tmp_path: Path) -> None:
    text = (REPOSITORIES / "irsa_clean" / "repo" / "infra" / "roles.tf").read_text(encoding="utf-8")
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    with inside(tmp_path):
        found = CliRunner().invoke(app, ["graph"]).stdout
    assert "namespace bi\n  service account reports\n     ┄▶ role reports, trusted (perhaps)\n" in found
    assert "trusted" not in ran("irsa_clean", "graph").stdout
    (tmp_path / "addon.tf").write_text(
        'resource "aws_eks_addon" "reports" {\n  cluster_name = "live"\n  addon_name   = "reports"\n'
        "  service_account_role_arn = aws_iam_role.reports.arn\n}\n",
        encoding="utf-8",
    )
    with inside(tmp_path):
        found = CliRunner().invoke(app, ["graph"]).stdout
    assert "  service account reports\n     ─▶ role reports, IRSA of an add-on\n" in found


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("", {"everybody"}),
        ('Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ci"}}', set()),
        (
            'Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/deploy-*"}}',
            {"arn:aws:iam::111122223333:role/deploy-*"},
        ),
        ('Condition: {StringEquals: {"aws:PrincipalOrgID": o-abcde12345}}', {"those whom its conditions let in"}),
    ],
)
def test_whom_a_star_admits_is_what_its_conditions_leave(tmp_path: Path, condition: str, who: set[str]) -> None:
    (tmp_path / "stack.yaml").write_text(
        "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: ci\n"
        "      AssumeRolePolicyDocument:\n        Statement:\n          - Effect: Allow\n"
        f'            Principal: {{AWS: "*"}}\n            Action: sts:AssumeRole\n            {condition}\n',
        encoding="utf-8",
    )
    with inside(tmp_path):
        found = json.loads(CliRunner().invoke(app, ["graph", "--format", "json"]).stdout)
    assert {node["label"] for node in found["nodes"] if node["kind"] == "outside"} == who


def test_a_service_account_of_several_environments_is_told_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text(
        'variable "stage" {}\nresource "kubectl_manifest" "account" {\n  yaml_body = <<-YAML\n    apiVersion: v1\n'
        "    kind: ServiceAccount\n    metadata:\n      name: app\n      namespace: shop\n      annotations:\n"
        "        eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/app-${var.stage}\n  YAML\n}\n",
        encoding="utf-8",
    )
    for stage in ("blue", "green"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "main.tf").write_text(
            f'module "app" {{\n  source = "../module"\n  stage  = "{stage}"\n}}\n', encoding="utf-8"
        )
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: app, namespace: shop}\n"
        "spec: {serviceAccountName: app, containers: [{name: app, image: app}]}\n",
        encoding="utf-8",
    )
    with inside(tmp_path):
        found = " ".join(CliRunner().invoke(app, ["chain", "app"]).stdout.split())
    assert "becomes role app-blue (IRSA)" in found
    assert "elsewhere it is declared with role app-green (IRSA)" in found


def test_values_that_terraform_fills_in_are_not_told_of_twice(tmp_path: Path) -> None:
    (tmp_path / "values.yml.tftpl").write_text(
        "serviceAccount:\n  name: app\n  annotations:\n    eks.amazonaws.com/role-arn: ${role}\n", encoding="utf-8"
    )
    (tmp_path / "main.tf").write_text(
        'resource "helm_release" "app" {\n  name      = "app"\n  chart     = "app"\n  namespace = "shop"\n'
        '  values    = [templatefile("${path.module}/values.yml.tftpl", {\n'
        '    role = "arn:aws:iam::111122223333:role/app"\n  })]\n}\n',
        encoding="utf-8",
    )
    with inside(tmp_path):
        found = CliRunner().invoke(app, ["graph"]).stdout
    assert found == "namespace shop\n  service account app\n     ─▶ role app, IRSA\n"


def test_a_template_of_an_association_for_anybody_says_nothing_of_a_workload(tmp_path: Path) -> None:
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 1.0.0\n", encoding="utf-8")
    (tmp_path / "chart" / "templates" / "association.yaml").write_text(
        "apiVersion: eks.services.k8s.aws/v1alpha1\nkind: PodIdentityAssociation\nmetadata: {name: x}\n"
        "spec:\n  clusterName: live\n  namespace: {{ .Values.namespace }}\n  serviceAccount: {{ .Values.account }}\n"
        "  roleARN: {{ .Values.role }}\n",
        encoding="utf-8",
    )
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n"
        "    - {name: web, image: web, env: [{name: AWS_REGION, value: eu-west-1}]}\n",
        encoding="utf-8",
    )
    with inside(tmp_path):
        graph = CliRunner().invoke(app, ["graph"]).stdout
        chain = CliRunner().invoke(app, ["chain", "web"]).stdout
    assert "1 workload without an AWS identity: Pod web" in graph
    assert "an association may be for service account default" in " ".join(chain.split())
