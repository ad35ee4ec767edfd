"""Charts as directories: whose templates, values and tests files are, and what is read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall import charts
from rolecall.discover import discover
from rolecall.kinds import UnitKind
from rolecall.model import ChartKeys, ConfigObject, ControllerCredentials, ServiceAccount, Workload
from rolecall.reading import read_unit
from rolecall.report.masked import Lines
from rolecall.source import Source
from rolecall.tree import Scalar
from rolecall.workspace import Workspace
from tests.reports import label

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.facts import Facts

ROLE_ARN = "eks.amazonaws.com/role-arn"
ARN = "arn:aws:iam::111122223333:role/app"
KEY_ID = "AKIAQ2W3E4R5T6Y7U2I3"
SECRET = "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"  # noqa: S105 - invented
ANNOTATIONS = f"annotations: {{{ROLE_ARN}: '{ARN}'}}"


def write(root: Path, files: dict[str, str]) -> Workspace:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Workspace(root)


def read(root: Path, files: dict[str, str]) -> list[Facts]:
    discovery = discover(["."], write(root, files))
    assert discovery.problems == ()
    return [read_unit(unit, discovery.workspace) for unit in discovery.units]


def values(root: Path, text: str, name: str = "values.yaml") -> Facts:
    (facts,) = read(root, {name: text})
    assert facts.problems == ()
    return facts


@pytest.mark.parametrize(
    "name",
    ["values.yaml", "values.yml", "values-prod.yaml", "values.prod.yaml", "ci/test-values.yaml", "my_values.yaml"],
)
def test_files_of_values_are_told_by_their_names(tmp_path: Path, name: str) -> None:
    workspace = write(tmp_path, {name: f"serviceAccount: {{{ANNOTATIONS}}}\n", "Chart.yaml": "name: x\n"})
    (unit,) = discover(["."], workspace).units
    assert unit.kind is UnitKind.VALUES
    (account,) = read_unit(unit, workspace).entities
    assert isinstance(account, ServiceAccount)
    assert account.origin.chart == account.origin.group == "."
    assert account.namespace is None
    assert account.name.known is None


@pytest.mark.parametrize("name", ["values.yaml.gotmpl", "helm-values/app.yaml", "values/prod.yml", "a/b/values/c.yaml"])
def test_templates_and_directories_of_values_are_values(tmp_path: Path, name: str) -> None:
    assert isinstance(values(tmp_path, f"serviceAccount: {{{ANNOTATIONS}}}\n", name).entities[0], ServiceAccount)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("intervalues.yaml", "a: 1\n"),
        ("values.yaml", "# eks.amazonaws.com/role-arn: x\nserviceAccount: {annotations: {}}\n"),
        ("values.yaml", "region: eu-west-1 # aws\n"),
        ("tests/a_test.yaml", "suite: x\ntests: [{asserts: [{equal: {path: apiVersion, value: {kind: aws}}}]}]\n"),
        ("tests/a_test.yaml", "tests:\n- apiVersion: v1\n  kind: [\n  aws: {{ x\n"),
    ],
)
def test_files_without_identity_are_passed_by(tmp_path: Path, name: str, text: str) -> None:
    discovery = discover(["."], write(tmp_path, {name: text, "Chart.yaml": "name: x\n"}))
    assert (discovery.units, discovery.problems, discovery.unevaluated) == ((), (), ())


def test_a_key_in_a_test_of_a_chart_is_still_looked_for(tmp_path: Path) -> None:
    workspace = write(tmp_path, {"a/tests/x_test.yaml": f"suite: x\nkey: {KEY_ID}\n", "a/Chart.yaml": "name: x\n"})
    assert [unit.kind for unit in discover(["."], workspace).units] == [UnitKind.TEXT]


def test_tests_of_helm_are_templates_and_not_of_helm_unittest(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: t}\nspec: {containers: [{name: a, image: aws, args: [tests]}]}\n"
    files = {"a/templates/tests/x.yaml": pod, "a/tests/y.yaml": pod, "a/Chart.yaml": "name: x\n"}
    made = [entity for facts in read(tmp_path, files) for entity in facts.entities]
    assert [(type(one), one.origin.chart) for one in made if isinstance(one, Workload)] == [
        (Workload, "a"),
        (Workload, ""),
    ]


def test_values_of_broken_yaml_are_a_problem_and_templates_of_values_are_read(tmp_path: Path) -> None:
    files = {
        "a/values.yaml": "accessKey: [\n",
        "b/values.yaml": f"{{{{- if x }}}}\nserviceAccount: {{{ANNOTATIONS}}}\n",
    }
    broken, template = read(tmp_path, files)
    assert [problem.path for problem in broken.problems] == ["a/values.yaml"]
    assert [type(entity) for entity in template.entities] == [ServiceAccount]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"serviceAccount: {{name: a, {ANNOTATIONS}}}", ["a"]),
        (f"a: {{b: {{serviceAccount: {{create: true, {ANNOTATIONS}}}}}}}", [None]),
        (f"serviceAccounts: {{x: {{name: a, {ANNOTATIONS}}}, y: {{{ANNOTATIONS}}}}}", ["a", None]),
        (f"serviceAccount: {{create: false, {ANNOTATIONS}}}", []),
        (f"serviceAccountAnnotations: {{{ROLE_ARN}: '{ARN}'}}", [None]),
        (f"serviceAccount: {{create: '{{{{ .x }}}}', {ANNOTATIONS}}}", []),
    ],
)
def test_service_accounts_in_values(tmp_path: Path, text: str, expected: list[str | None]) -> None:
    facts = values(tmp_path, text)
    assert [one.name.known for one in facts.entities if isinstance(one, ServiceAccount)] == expected
    assert facts.unevaluated == ()


def test_a_role_that_the_chart_puts_somewhere_is_counted(tmp_path: Path) -> None:
    facts = values(tmp_path, f"extra:\n- {ANNOTATIONS}\n- annotations: {{{ROLE_ARN}: ''}}\n")
    assert [(one.what, one.reason) for one in facts.unevaluated] == [
        (f"{ROLE_ARN} among values", "the chart decides what it annotates")
    ]


@pytest.mark.parametrize(
    ("text", "names_aws", "elsewhere"),
    [
        (f"a: {{accessKey: {KEY_ID}, secretKey: {SECRET}}}", False, False),
        (f"aws: {{accessKey: {KEY_ID}}}", True, False),
        (f"a: {{provider: aws, b: {{accessKey: {KEY_ID}}}}}", True, False),
        (f"a: {{region: eu-west-1, accessKey: {KEY_ID}}}", True, False),
        (f"storage: {{s3: {{accessKey: {KEY_ID}}}}}", True, False),
        (f"a: {{awsAccessKey: {KEY_ID}}}", True, False),
        (f"a: {{endpoint: http://store:9000, accessKey: {KEY_ID}}}", False, True),
        (f"a: {{endpoint: https://s3.amazonaws.com, accessKey: {KEY_ID}}}", False, False),
        (f"minio: {{accessKey: {KEY_ID}}}", False, True),
        (f"jaws: {{accessKey: {KEY_ID}}}", False, False),
    ],
)
def test_what_stands_beside_a_key_says_whose_it_is(
    tmp_path: Path, text: str, *, names_aws: bool, elsewhere: bool
) -> None:
    (keys,) = (one for one in values(tmp_path, text).entities if isinstance(one, ChartKeys))
    assert (keys.names_aws, keys.elsewhere) == (names_aws, elsewhere)
    assert SECRET not in repr(keys)
    assert KEY_ID not in repr(keys)


@pytest.mark.parametrize(
    "text",
    [
        "a: {accessKey: '', secretKey: ''}",
        "a: {accessKey: admin, secretKey: admin}",
        "a: {accessKeySecret: x, secretKey: {name: x}}",
        "a: [{name: ACCESS_KEY}, {value: x}, y]",
    ],
)
def test_what_is_no_key_makes_nothing(tmp_path: Path, text: str) -> None:
    assert values(tmp_path, text).entities == ()


def test_a_file_of_keys_becomes_the_secret_that_the_chart_makes(tmp_path: Path) -> None:
    cloud = f"[default]\\naws_access_key_id={KEY_ID}\\naws_secret_access_key={SECRET}\\n"
    facts = values(tmp_path, f'credentials: {{secretContents: {{cloud: "{cloud}"}}}}')
    (made,) = (one for one in facts.entities if isinstance(one, ConfigObject))
    assert [datum.key.known for datum in made.data] == ["cloud"]
    assert made.made_by == "Helm values"
    assert not made.complete
    assert SECRET not in repr(made)


VELERO = "configuration: {backupStorageLocation: [{provider: aws%s}]}\ncredentials: {%s}\n"


@pytest.mark.parametrize(
    ("location", "given", "expected"),
    [
        ("", "existingSecret: a", ["a"]),
        ("", "useSecret: true, existingSecret: a", ["a"]),
        (", credential: {name: b, key: c}", "", ["b"]),
        ("", "secretContents: {cloud: x, empty: ''}", ["cloud"]),
        ("", "useSecret: false, existingSecret: a", []),
        ("", "useSecret: '{{ x }}', existingSecret: a", []),
        ("", "existingSecret: ''", []),
    ],
)
def test_credentials_of_velero(tmp_path: Path, location: str, given: str, expected: list[str]) -> None:
    facts = values(tmp_path, f"{VELERO % (location, given)}serviceAccount: {{server: {{{ANNOTATIONS}}}}}\n")
    found = [one for one in facts.entities if isinstance(one, ControllerCredentials)]
    assert [static.known for one in found for static in one.static] == expected
    assert all(one.role is not None and one.role.known == ARN for one in found)


RELEASE = "apiVersion: %s\nkind: %s\nmetadata: {name: x, namespace: tools}\nspec:\n%s"
ACCOUNT = f"{{serviceAccount: {{{ANNOTATIONS}}}}}"
HELM = "{helm: {valuesObject: " + ACCOUNT + "}}"


@pytest.mark.parametrize(
    ("version", "kind", "spec", "namespace"),
    [
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", f"  values: {ACCOUNT}\n", "tools"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", f"  targetNamespace: pay\n  values: {ACCOUNT}\n", "pay"),
        ("helm.cattle.io/v1", "HelmChart", f"  targetNamespace: pay\n  valuesContent: |\n    {ACCOUNT}\n", "pay"),
        ("argoproj.io/v1alpha1", "Application", f"  destination: {{namespace: pay}}\n  source: {HELM}\n", "pay"),
        ("argoproj.io/v1alpha1", "Application", f"  sources:\n  - {HELM}\n", None),
        ("argoproj.io/v1alpha1", "ApplicationSet", f"  template: {{spec: {{source: {HELM}}}}}\n", None),
    ],
)
def test_values_in_releases(tmp_path: Path, version: str, kind: str, spec: str, namespace: str | None) -> None:
    (facts,) = read(tmp_path, {"a.yaml": RELEASE % (version, kind, spec)})
    (account,) = (one for one in facts.entities if isinstance(one, ServiceAccount))
    assert (account.namespace.known if account.namespace else None) == namespace
    entry = account.annotation(ROLE_ARN)
    assert entry is not None
    assert isinstance(entry.value, Scalar)
    assert entry.value.known == ARN


def test_parameters_of_argo_come_over_its_values(tmp_path: Path) -> None:
    spec = "  source:\n    helm:\n      parameters: [{name: serviceAccount.create, value: 'false'}]\n      values: |\n"
    text = RELEASE % ("argoproj.io/v1alpha1", "Application", f"{spec}        {ACCOUNT}\n")
    (facts,) = read(tmp_path, {"a.yaml": text})
    assert [one for one in facts.entities if isinstance(one, ServiceAccount)] == []


def test_a_rendered_document_leads_back_to_its_template(tmp_path: Path) -> None:
    template = "metadata:\n  name: {{ .x }}\n  role: beta\n"
    files = {
        "deploy/charts/one/Chart.yaml": "apiVersion: v2\nname: 'shop'\n",
        "deploy/charts/one/templates/a.yaml": template,
        "deploy/charts/one/charts/part/templates/b.yaml": template,
        "other/Chart.yaml": "name: other\n",
    }
    workspace = write(tmp_path, files)
    rendered = "# Source: {}\nmetadata:\n  name: alpha\n  role: beta\n"
    for name, expected in {
        "shop/templates/a.yaml": "deploy/charts/one/templates/a.yaml",
        "shop/charts/part/templates/b.yaml": "deploy/charts/one/charts/part/templates/b.yaml",
        "shop/templates/c.yaml": None,
        "else/templates/a.yaml": None,
        "shop/templates/../../../../etc/passwd": None,
    }.items():
        source = Source("-", rendered.format(name))
        sources = {"-": source, **{path: Source(path, text) for path, text in files.items()}}
        lines = Lines(sources.get, {}, charts.Charts(workspace).template)
        places = [lines.template(label(source, word).span) for word in ("alpha", "beta")]
        assert places == ([name, name] if expected is None else [expected, f"{expected}:3"])


def test_a_template_of_two_charts_of_one_name_is_not_guessed_at(tmp_path: Path) -> None:
    files = {f"{name}/{file}": "name: shop\n" for name in "ab" for file in ("Chart.yaml", "templates/x.yaml")}
    assert charts.Charts(write(tmp_path, files)).template("shop/templates/x.yaml") is None
