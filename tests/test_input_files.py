"""From paths to facts: what is found, what is passed by, and what cannot be read."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rolecall.discover import Discovery, discover
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.kinds import UnitKind
from rolecall.model import ServiceAccount, TrustPolicy, Workload
from rolecall.problem import Problem, ProblemKind
from rolecall.reading import read_unit
from rolecall.source import Source
from rolecall.workspace import MAX_BYTES, Workspace

if TYPE_CHECKING:
    from rolecall.facts import Facts

ACCOUNT = """apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/app
"""
PLAIN_ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: NAME}\n"
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {}
  template:
    spec:
      serviceAccountName: app
      containers:
      - name: main
        image: web
        envFrom: [{secretRef: {name: keys}}]
"""
TRUST = (
    '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}'
)


def look(root: Path, *paths: str, stdin: str | bytes | None = None) -> Discovery:
    return discover(paths or (".",), Workspace(root, stdin))


def names(discovery: Discovery) -> list[str]:
    return [unit.name for unit in discovery.units]


def read(discovery: Discovery) -> list[Facts]:
    return [read_unit(unit, discovery.workspace) for unit in discovery.units]


def problems(discovery: Discovery) -> list[Problem]:
    return [*discovery.problems, *(problem for facts in read(discovery) for problem in facts.problems)]


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_files_are_told_apart_by_name_and_content(tmp_path: Path) -> None:
    dockerfile = "# syntax\nARG X=1\n\nfrom alpine:3 as base\nrun true\n"
    write(
        tmp_path,
        {
            "sa.yaml": ACCOUNT,
            "Dockerfile.mine": dockerfile,
            "x.Dockerfile": dockerfile,
            "Containerfile": dockerfile,
            "build/image": dockerfile,
            "data/role_policy": TRUST,
            "trust.json": TRUST,
            "trust.json.tpl": TRUST,
            "infra/main.tf": 'provider "aws" {}\n',
            "infra/more.tf.json": "{}",
            ".hidden/sa.yml": ACCOUNT,
            "package-lock.json": '{"lockfileVersion": 3}',
            "data.json": "[" + "1," * 10_000 + "1]",
            "crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {x: aws}\n",
            "suite.yaml": "suite: aws\ntests:\n- set: {arn: 'arn:aws:iam::1:role/x'}\n",
            "letter": "From me to you\n",
            "Dockerfile.md": "FROM x\n",
            "README.md": "aws",
            "node_modules/p/sa.yaml": ACCOUNT,
            ".terraform/modules/m/main.tf": "",
        },
    )
    found = {unit.name: unit.kind for unit in look(tmp_path).units}
    assert found == {
        "sa.yaml": UnitKind.YAML,
        ".hidden/sa.yml": UnitKind.YAML,
        "Dockerfile.mine": UnitKind.DOCKERFILE,
        "x.Dockerfile": UnitKind.DOCKERFILE,
        "Containerfile": UnitKind.DOCKERFILE,
        "build/image": UnitKind.DOCKERFILE,
        "data/role_policy": UnitKind.JSON,
        "trust.json": UnitKind.JSON,
        "trust.json.tpl": UnitKind.JSON,
        "infra": UnitKind.TERRAFORM,
    }
    assert problems(look(tmp_path)) == []


def test_a_terraform_unit_is_its_directory(tmp_path: Path) -> None:
    write(tmp_path, {"a.tf": "", "b.tofu": "", "c.tf.json": "{}", "sub/d.tf": ""})
    units = {unit.name: unit.paths for unit in look(tmp_path).units}
    assert units == {".": ("a.tf", "b.tofu", "c.tf.json"), "sub": ("sub/d.tf",)}
    assert {unit.name: unit.paths for unit in look(tmp_path, "a.tf").units} == {".": ("a.tf", "b.tofu", "c.tf.json")}


def test_gitignore_is_honoured_in_every_directory(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/info/exclude": "excluded.yaml\n",
            ".gitignore": "# comment\nout/\n*.gen.yaml\n",
            "sub/.gitignore": "!keep.gen.yaml\n/local.yaml\n",
            **dict.fromkeys(
                (
                    "excluded.yaml", "out/a.yaml", "x.gen.yaml", "sub/keep.gen.yaml", "sub/local.yaml",
                    "sub/deep/local.yaml", "seen.yaml",
                ),
                ACCOUNT,
            ),
        },
    )  # fmt: skip
    assert names(look(tmp_path)) == ["seen.yaml", "sub/deep/local.yaml", "sub/keep.gen.yaml"]
    assert names(look(tmp_path, "sub")) == ["sub/deep/local.yaml", "sub/keep.gen.yaml"]
    assert names(look(tmp_path, "x.gen.yaml")) == ["x.gen.yaml"]
    assert names(look(tmp_path, "out")) == ["out/a.yaml"]


def test_a_path_elsewhere_may_be_read_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"here/x.yaml": ACCOUNT, "there/sa.yaml": ACCOUNT})
    discovery = look(tmp_path / "here", str(tmp_path / "there"))
    assert names(discovery) == [(tmp_path / "there/sa.yaml").as_posix()]
    assert any(isinstance(entity, ServiceAccount) for facts in read(discovery) for entity in facts.entities)
    refused = Workspace(tmp_path / "here").read("../there/sa.yaml")
    assert isinstance(refused, Problem)


def test_paths_named_twice_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a/sa.yaml": ACCOUNT})
    assert names(look(tmp_path, ".", "a", "a/sa.yaml", "./a/../a/sa.yaml")) == ["a/sa.yaml"]


# Joins: what is left out must not be missed


def test_a_workload_without_a_word_of_aws_is_read_when_it_joins(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "sa.yaml": ACCOUNT,
            "web.yaml": WORKLOAD,
            "other.yaml": WORKLOAD.replace("Name: app", "Name: other").replace("keys", "none"),
            "plain.yaml": PLAIN_ACCOUNT.replace("NAME", "other"),
        },
    )
    discovery = look(tmp_path)
    assert names(discovery) == ["sa.yaml", "web.yaml"]
    assert discovery.looked_at == 4


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_a_secret_with_encoded_keys_is_read_with_its_users(tmp_path: Path, before: str) -> None:
    encoded = base64.b64encode(f"{before}AKIAQ2W3E4R5T6Y7U2I3".encode()).decode()
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: keys}}\ndata: {{id: {encoded}}}\n"
    write(tmp_path, {"secret.yaml": secret, "web.yaml": WORKLOAD, "no.yaml": secret.replace(encoded, "eHg=")})
    assert names(look(tmp_path)) == ["no.yaml", "secret.yaml", "web.yaml"]


def test_what_a_workload_about_aws_refers_to_is_read(tmp_path: Path) -> None:
    workload = WORKLOAD.replace("image: web", "image: web\n        env: [{name: AWS_REGION, value: eu-west-1}]")
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {a: b}\n  name: 'keys'\ndata: {endpoint: minio}\n"
    write(
        tmp_path,
        {
            "web.yaml": workload,
            "config.yaml": config,
            "sa.yaml": PLAIN_ACCOUNT.replace("NAME", "app"),
            "not.yaml": PLAIN_ACCOUNT.replace("NAME", "apps"),
        },
    )
    assert names(look(tmp_path)) == ["config.yaml", "sa.yaml", "web.yaml"]


def test_service_accounts_that_terraform_names_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "sa.yaml": PLAIN_ACCOUNT.replace("NAME", "app"),
            "web.yaml": WORKLOAD,
            "main.tf": 'resource "aws_eks_pod_identity_association" "x" {\n  service_account = "app"\n}\n',
        },
    )
    assert names(look(tmp_path)) == [".", "sa.yaml", "web.yaml"]


def test_an_annotated_default_account_is_joined_by_pods_that_name_none(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "sa.yaml": ACCOUNT.replace("name: app", "name: default"),
            "web.yaml": WORKLOAD.replace("      serviceAccountName: app\n", ""),
        },
    )
    assert names(look(tmp_path)) == ["sa.yaml", "web.yaml"]


def test_only_the_needed_documents_of_a_stream_are_read() -> None:
    other = WORKLOAD.replace("Name: app", "Name: other").replace("keys", "none")
    stream = f"---\n# Source: chart/templates/sa.yaml\n{ACCOUNT}---\n{other}---\n{WORKLOAD}"
    discovery = look(Path.cwd(), "-", stdin=stream)
    (facts,) = read(discovery)
    assert [type(entity) for entity in facts.entities].count(Workload) == 1
    (account,) = (entity for entity in facts.entities if isinstance(entity, ServiceAccount))
    assert account.origin.template == "chart/templates/sa.yaml"
    everything = discover(["-"], Workspace(Path.cwd(), stream), everything=True)
    assert [type(entity) for facts in read(everything) for entity in facts.entities].count(Workload) == 2


def test_an_image_in_ecr_says_nothing_about_aws(tmp_path: Path) -> None:
    write(tmp_path, {"web.yaml": WORKLOAD.replace("image: web", "image: 1.dkr.ecr.eu-west-1.amazonaws.com/web")})
    assert names(look(tmp_path)) == []


@pytest.mark.parametrize("stdin", [TRUST, f" \n{TRUST}", TRUST.encode("utf-16")])
def test_standard_input_may_be_json(tmp_path: Path, stdin: str | bytes) -> None:
    (facts,) = read(look(tmp_path, "-", stdin=stdin))
    assert any(isinstance(entity, TrustPolicy) for entity in facts.entities)


def test_items_of_lists_are_objects(tmp_path: Path) -> None:
    item = "\n".join(f"  {line}" for line in ACCOUNT.splitlines())
    write(tmp_path, {"list.yaml": f"apiVersion: v1\nkind: List\nitems:\n- {item.lstrip()}\n- {item.lstrip()}\n"})
    (facts,) = read(look(tmp_path))
    assert [type(entity) for entity in facts.entities].count(ServiceAccount) == 2


def test_items_of_typed_lists_need_no_kind(tmp_path: Path) -> None:
    metadata = "metadata: {name: app, annotations: {eks.amazonaws.com/role-arn: x}}"
    write(tmp_path, {"list.yaml": f"apiVersion: v1\nkind: ServiceAccountList\nitems:\n- {metadata}\n"})
    (facts,) = read(look(tmp_path))
    assert [type(entity) for entity in facts.entities].count(ServiceAccount) == 1


# Bad input


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", b"apiVersion: v1\nkind: Secret\nx: \x00\x01\n", "binary"),
        ("a.yaml", "apiVersion: v1\nkind: Secret\nx: é\n".encode("latin-1"), "UTF-8"),
        ("a.tf", b"\x7fELF\0\0", "binary"),
        ("Dockerfile", "FROM é\n".encode("latin-1"), "UTF-8"),
        ("a.yaml", b"apiVersion: v1\nkind: Secret\nx: [\n", "YAML"),
        ("a.yaml", b"apiVersion: v1\nkind: Secret\nx: \x07\n", "control"),
        ("a.json", TRUST[:-3].encode(), "JSON"),
        ("big.yaml", b"#" * (MAX_BYTES + 1), "MB"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    write(tmp_path, {name: content, "sa.yaml": ACCOUNT})
    discovery = look(tmp_path)
    (problem,) = (problem for problem in problems(discovery) if problem.kind is not ProblemKind.INTERNAL)
    assert words in problem.message
    assert problem.path == name
    assert "sa.yaml" in names(discovery)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_say_the_encoding(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, {"sa.yaml": ACCOUNT.replace("\n", "\r\n").encode(encoding)})
    discovery = look(tmp_path)
    (facts,) = read(discovery)
    (account,) = (entity for entity in facts.entities if isinstance(entity, ServiceAccount))
    assert account.name.known == "app"
    assert (account.name.span.line, account.name.span.column) == (4, 9)
    assert problems(discovery) == []


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "Dockerfile", "a"])
@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"---\n"])
def test_an_empty_file_is_no_problem_to_find(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, {name: content})
    assert look(tmp_path).problems == look(tmp_path, name).problems == ()


def test_encrypted_files_and_other_peoples_data_are_passed_by(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "secret.yaml": b"\0GITCRYPT\0\x01\x02",
            "data.json": b"\xff\xfe\xfd",
            "huge.json": b"1" * (MAX_BYTES + 1),
            "broken.yaml": "a: [\n",
            "chart/templates/x.yaml": "{{- if .Values.x }}\nkind: Role\napiVersion: v1\n{{- end }}\n",
            "nothing": b"\0\1",
        },
    )
    discovery = look(tmp_path)
    assert problems(discovery) == []
    assert discovery.passed_by == 5
    assert discovery.looked_at == 1


@pytest.mark.parametrize("chart", ["", "chart/"])
def test_a_template_of_a_chart_is_read_as_far_as_it_is_known(tmp_path: Path, chart: str) -> None:
    template = ACCOUNT.replace("name: app", "name: {{ .Values.name }}")
    write(tmp_path, {f"{chart}templates/a/sa.yaml": template, f"{chart}Chart.yaml": "name: shop\nversion: 1.0.0\n"})
    (facts,) = read(look(tmp_path))
    assert (facts.unevaluated, facts.problems) == ((), ())
    (account,) = facts.entities
    assert isinstance(account, ServiceAccount)
    assert account.name.known is None
    assert account.origin.chart == account.origin.group == (chart.rstrip("/") or ".")


def test_a_template_that_decides_between_a_deployment_and_its_like_is_read(tmp_path: Path) -> None:
    pod = "spec: {template: {spec: {containers: [{image: aws}]}}}"
    write(tmp_path, {"a.yaml": f"apiVersion: {{{{ .v }}}}\nkind: {{{{ .k }}}}\nmetadata: {{name: x}}\n{pod}\n"})
    (facts,) = read(look(tmp_path))
    assert facts.unevaluated == ()
    assert [type(entity) for entity in facts.entities] == [Workload]


@pytest.mark.parametrize("kind", ["kind: {{ .Values.kind }}", "kind: Rollout"])
def test_a_template_of_a_kind_that_is_not_known_is_said_not_to_be_evaluated(tmp_path: Path, kind: str) -> None:
    pod = "spec: {job: {spec: {containers: [{image: aws}]}}}"
    write(tmp_path, {"a.yaml": f"apiVersion: {{{{ .Values.version }}}}\n{kind}\nmetadata: {{name: x}}\n{pod}\n"})
    (facts,) = read(look(tmp_path))
    assert [(said.what, said.reason) for said in facts.unevaluated] == [
        ("Helm template", "the template decides which kind of object it is")
    ]
    assert facts.entities == ()


def test_a_million_lines_are_read(tmp_path: Path) -> None:
    data = "  x: |\n" + "    l\n" * 1_000_000
    write(tmp_path, {"a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: aws}}\ndata:\n{data}"})
    (facts,) = read(look(tmp_path))
    assert facts.problems == ()
    assert len(facts.entities) == 1


def test_formats_that_are_not_read_are_counted(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "cluster.yaml": "apiVersion: eksctl.io/v1alpha4\nkind: ClusterConfig\nmetadata: {name: shop}\n",
            "script.yaml": "run: |\n  annotate eks.amazonaws.com/role-arn=arn:aws:iam::1:role/x\n",
            "commented.yaml": "serviceAccount: {}\n#  annotations:\n#    eks.amazonaws.com/role-arn: x\n",
        },
    )
    discovery = look(tmp_path)
    assert problems(discovery) == []
    said = [(thing.what, thing.path) for facts in read(discovery) for thing in facts.unevaluated]
    assert said == [
        ("eksctl ClusterConfig", "cluster.yaml"),
        ("YAML that is no manifest", "script.yaml"),
    ]


def test_values_of_a_chart_are_told_by_what_they_annotate_whatever_they_are_called(tmp_path: Path) -> None:
    annotated = "serviceAccount:\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/x\n"
    write(
        tmp_path, {"orders.yaml.gotmpl": f"replicas: {{{{ .Values.replicas }}}}\n{annotated}", "kept.yaml": annotated}
    )
    entities = [(facts.unit, *map(type, facts.entities)) for facts in read(look(tmp_path))]
    assert entities == [("kept.yaml", ServiceAccount), ("orders.yaml.gotmpl", ServiceAccount)]


def test_a_template_of_helm_is_no_json(tmp_path: Path) -> None:
    write(tmp_path, {"c/templates/_pod.tpl": '{{- define "pod" }}\napiVersion: v1\nkind: Pod\n{{- end }}\n'})
    assert problems(look(tmp_path)) == []


@pytest.mark.parametrize(
    ("expression", "language", "written"),
    [
        ("${jsonencode(principals)}", "template", "${jsonencode(principals)}"),
        ('[%{ for arn in arns }"${arn}"%{ endfor }]', "Terraform template", "%{ for arn in arns }"),
        ("{% if arn %}1{% endif %}", "Jinja template", "{% if arn %}"),
        ("{{ toJson .arns }}", "Helm template", "{{ toJson .arns }}"),
        ("${", "template", "${"),
    ],
)
def test_json_that_a_template_makes_is_not_broken_json(
    tmp_path: Path, expression: str, language: str, written: str
) -> None:
    text = TRUST.replace('{"Service": "ec2.amazonaws.com"}', f'{{"AWS": {expression}}}')
    write(tmp_path, {"templates/trust.json": text})
    (facts,) = read(look(tmp_path))
    assert facts.problems == ()
    (said,) = facts.unevaluated
    assert said.what == language
    assert said.span is not None
    assert text[said.span.start : said.span.end].startswith(written)


def test_an_expression_in_a_string_makes_no_template_of_broken_json(tmp_path: Path) -> None:
    write(tmp_path, {"trust.json": TRUST.replace("ec2.amazonaws.com", "${service}").replace('"Allow",', '"Allow"')})
    assert [problem.kind for problem in problems(look(tmp_path))] == [ProblemKind.SYNTAX]


def test_a_missing_path_is_a_problem(tmp_path: Path) -> None:
    (problem,) = look(tmp_path, "nowhere").problems
    assert problem.kind is ProblemKind.UNREADABLE
    assert "no such file" in problem.message
    assert problem.path == "nowhere"


def test_links_are_followed_inside_the_tree_only(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tmp_path, {"outside/sa.yaml": ACCOUNT, "tree/sa.yaml": ACCOUNT, "tree/m/a.tf": "", "tree/n/b.tf": ""})
    (tree / "again.yaml").symlink_to("sa.yaml")
    (tree / "out.yaml").symlink_to(tmp_path / "outside/sa.yaml")
    (tree / "dir").symlink_to(tmp_path / "outside")
    (tree / "up").symlink_to(tree)
    (tree / "loop").symlink_to("loop")
    (tree / "loop.yaml").symlink_to("loop.yaml")
    (tree / "gone.yaml").symlink_to("nothing.yaml")
    (tree / "gone.json").symlink_to("nothing.json")
    (tree / "n/a.tf").symlink_to("../m/a.tf")
    discovery = look(tree)
    assert {unit.name: unit.paths for unit in discovery.units} == {
        "sa.yaml": ("sa.yaml",),
        "m": ("m/a.tf",),
        "n": ("n/a.tf", "n/b.tf"),
    }
    said = {problem.path: problem.message for problem in discovery.problems}
    assert set(said) == {"out.yaml", "loop.yaml", "gone.yaml"}
    assert "leads out" in said["out.yaml"]
    assert "itself" in said["loop.yaml"]
    passed = {thing.path: thing.reason for thing in discovery.unevaluated}
    assert set(passed) == {"dir", "loop", "gone.json"}
    assert "leads out" in passed["dir"]
    assert "itself" in passed["loop"]
    assert [problem.path for problem in look(tree, "loop").problems] == ["loop"]


def test_a_workspace_reads_nothing_outside(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tmp_path, {"outside": "secret", "tree/in/x": "text", "tree-too/x": "no"})
    (tree / "link").symlink_to(tmp_path / "outside")
    workspace = Workspace(tree)
    for path in ("../outside", str(tmp_path / "outside"), "link", "in/../../outside", "../tree-too/x"):
        assert isinstance(workspace.read(path), Problem)
        assert not workspace.exists(path)
    source = workspace.read("in/../in/x")
    assert isinstance(source, Source)
    assert (source.path, source.text) == ("in/x", "text")
    assert workspace.listing("in") == ("x",)
    assert workspace.listing("..") == workspace.listing("nowhere") == ()
    assert workspace.exists("in")
    assert not workspace.is_file("in")
    assert isinstance(workspace.read("in\0x"), Problem)
    assert isinstance(workspace.read("in"), Problem)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": ACCOUNT})
    (tmp_path / "a.yaml").chmod(0)
    (problem,) = look(tmp_path).problems
    assert "permission" in problem.message


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert names(look(tmp_path)) == []
    (problem,) = look(tmp_path, "a.yaml").problems
    assert "neither" in problem.message


def test_a_crash_of_an_adapter_is_a_problem_without_the_inputs_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ValueError("secret text")

    monkeypatch.setattr("rolecall.adapt.kubernetes.adapt", crash)
    write(tmp_path, {"a.yaml": ACCOUNT})
    (problem,) = problems(look(tmp_path))
    assert problem.kind is ProblemKind.INTERNAL
    assert problem.path == "a.yaml"
    assert "ValueError" in problem.message
    assert "secret" not in problem.message


def test_keys_in_files_of_other_formats_are_looked_for(tmp_path: Path) -> None:
    write(tmp_path, {"data.yaml": "key: AKIAQ2W3E4R5T6Y7U2I3\n", "other.yaml": "key: value\n"})
    (unit,) = look(tmp_path).units
    assert unit.kind is UnitKind.TEXT
    assert read_unit(unit, Workspace(tmp_path)).entities


def findings(root: Path, *, everything: bool) -> set[tuple[str, str]]:
    discovery = discover(["."], Workspace(root), everything=everything)
    graph = Graph(read(discovery))
    return {
        (container.display, variable.name)
        for container in graph.all(PodContainer)
        for variable in container.environment.variables
        if variable.material.is_key
    }


def test_selecting_documents_loses_no_key_that_reading_everything_finds(tmp_path: Path) -> None:
    keys = "AKIAQ2W3E4R5T6Y7U2I3"
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: keys}}\nstringData: {{AWS_ACCESS_KEY_ID: {keys}}}\n"
    other = WORKLOAD.replace("name: web", "name: other").replace("name: keys", "name: none")
    write(tmp_path, {"secret.yaml": secret, "web.yaml": WORKLOAD, "other.yaml": other})
    assert findings(tmp_path, everything=False) == findings(tmp_path, everything=True) != set()
