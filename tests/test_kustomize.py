"""Kustomizations: what is built is what Kustomize builds; bad ones are told, and the rest is still read.

A case is a folder of `tests/kustomize` with `expected.txt`, the build as YAML. Where `kubectl` or `kustomize` is
installed, both are compared with what it makes.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolecall.kustomize.build import Build
from rolecall.kustomize.files import Files
from rolecall.problem import Problem, Unevaluated
from rolecall.tree import Kind, Mapping, Node, Sequence
from rolecall.workspace import Workspace
from tests.worlds import judge, read

CASES = sorted(path for path in (Path(__file__).parent / "kustomize").iterdir() if path.is_dir())
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app\n"


def plain(node: Node) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(node, Mapping):
        return {entry.key.known: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if node.kind is Kind.STRING:
        return node.known
    return None if node.kind is Kind.NULL else yaml.safe_load(node.known or "")


def ours(directory: Path) -> list[Any]:
    build = Build(Files(Workspace(directory)))
    objects = [plain(one.root) for one in build.objects("kustomization.yaml")]
    assert build.said == []
    return in_order(objects)


def in_order(objects: list[Any]) -> list[Any]:
    """As a user sees them, whatever the order: Secrets with their text, not its base64."""
    for one in objects:
        if one.get("kind") == "Secret" and "data" in one:
            import base64  # noqa: PLC0415

            text = {key: base64.b64decode(value).decode() for key, value in one.pop("data").items()}
            one["stringData"] = text | one.get("stringData", {})
        one.pop("type", None)
    return sorted(objects, key=lambda one: (one["kind"], one["metadata"]["name"]))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_kustomization_is_built(case: Path) -> None:
    expected = list(yaml.safe_load_all((case / "expected.txt").read_text(encoding="utf-8")))
    assert ours(case) == in_order(expected)


@pytest.mark.skipif(not (shutil.which("kustomize") or shutil.which("kubectl")), reason="Kustomize is not installed")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_kustomize_builds_the_same(case: Path) -> None:
    command = ["kustomize", "build"] if shutil.which("kustomize") else ["kubectl", "kustomize"]
    done = subprocess.run([*command, str(case)], capture_output=True, text=True, check=True, timeout=60)
    assert ours(case) == in_order(list(yaml.safe_load_all(done.stdout)))


_NOWHERE = "{select: {kind: ServiceAccount}, fieldPaths: [metadata.gone]}"
_REMOVING = '[{"op": "remove", "path": "/metadata/labels"}]'


def written(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def said(root: Path, path: str = "kustomization.yaml") -> tuple[list[Problem | Unevaluated], list[Any]]:
    build = Build(Files(Workspace(root)))
    objects = [plain(one.root) for one in build.objects(path)]
    return build.said, objects


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("resources: [all.yaml, .]\n", "includes itself", Problem),
        ("resources: [all.yaml, missing.yaml]\n", "not among the files", Unevaluated),
        ("resources: [all.yaml]\npatchesStrategicMerge: [missing.yaml]\n", "not among the files", Unevaluated),
        ("resources: [all.yaml]\npatches: [{path: missing.yaml}]\n", "not among the files", Unevaluated),
        ("resources: [all.yaml, https://example.com/x.yaml]\n", "another repository", Unevaluated),
        ("resources: [all.yaml, github.com/org/repo//base?ref=v1]\n", "another repository", Unevaluated),
        ("resources: [all.yaml, ../../../etc]\n", "not among the files", Unevaluated),
        ("resources: [all.yaml]\nreplacements: [{path: r.yaml}]\n", "not among the files", Unevaluated),
        ("resources: [all.yaml]\nvars: [{name: A}]\n", "not evaluated", Unevaluated),
        ("resources: [all.yaml]\nreplacements: [{targets: []}]\n", "without a source", Unevaluated),
        (
            "resources: [all.yaml]\nreplacements: [{source: {kind: Secret}, targets: []}]\n",
            "its source is none of the objects",
            Unevaluated,
        ),
        (
            "resources: [all.yaml]\nreplacements:\n  - source: {kind: ServiceAccount, fieldPath: metadata}\n",
            "the field of its source is not one value",
            Unevaluated,
        ),
        (
            f"resources: [all.yaml]\nreplacements:\n  - source: {{kind: ServiceAccount}}\n    targets: [{_NOWHERE}]\n",
            "ServiceAccount app has no metadata.gone",
            Unevaluated,
        ),
        (
            f"resources: [all.yaml]\npatches:\n  - target: {{kind: ServiceAccount}}\n    patch: {_REMOVING!r}\n",
            "does not apply to ServiceAccount app: there is no labels",
            Problem,
        ),
        (
            "resources: [all.yaml]\npatches:\n  - target: {kind: Nothing}\n    patch: '[]'\n",
            "its target is not among the objects",
            Unevaluated,
        ),
        ("resources: [all.yaml]\nsecretGenerator: [{name: a, envs: [none.env]}]\n", "not among the files", Unevaluated),
        (
            "resources: [all.yaml]\nsecretGenerator: [{name: a, files: [/etc/passwd]}]\n",
            "not among the files",
            Unevaluated,
        ),
    ],
)
def test_what_cannot_be_built_is_told_and_the_rest_is_built(
    tmp_path: Path, text: str, words: str, kind: type[Problem | Unevaluated]
) -> None:
    written(tmp_path, {"kustomization.yaml": HEAD + text, "all.yaml": ACCOUNT})
    found, objects = said(tmp_path)
    assert len(found) == 1
    assert isinstance(found[0], kind)
    told = found[0].message if isinstance(found[0], Problem) else found[0].reason
    assert words.lower() in told.lower()
    assert found[0].span is None or found[0].span.path == "kustomization.yaml"
    assert "app" in [one["metadata"]["name"] for one in objects]


@pytest.mark.parametrize(
    "text",
    [
        "resources: {a: b}\n",
        "resources: [[a], {b: c}, 1]\n",
        "patches: [1, {target: 3, patch: {a: b}}, {patch: '['}]\n",
        "configMapGenerator: [1, {name: [a]}, {name: x, literals: {a: b}}, {name: y, envs: {a: b}}]\n",
        "images: {a: b}\n",
        "namePrefix: [a]\nnamespace: {b: c}\ncommonAnnotations: [d]\nlabels: [{pairs: [e]}]\n",
        "patchesStrategicMerge: ['a: [', {b: c}]\n",
    ],
)
def test_wrong_types_do_no_harm(tmp_path: Path, text: str) -> None:
    written(tmp_path, {"kustomization.yaml": HEAD + text + "bases: [base]\n", "base/kustomization.yaml": HEAD})
    said(tmp_path)


def test_a_ring_of_kustomizations_ends(tmp_path: Path) -> None:
    files = {
        "a/kustomization.yaml": HEAD + "resources: [../b, all.yaml]\n",
        "b/kustomization.yaml": HEAD + "resources: [../a]\n",
        "a/all.yaml": ACCOUNT + "  annotations: {eks.amazonaws.com/role-arn: x}\n",
    }
    world = read(written(tmp_path, files))
    assert [problem.message for problem in world.problems] == [
        "a kustomization that includes itself; Kustomize refuses it"
    ]


OVERLAYS = {
    "base/kustomization.yaml": HEAD + "resources: [all.yaml]\n",
    "base/all.yaml": ACCOUNT
    + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  serviceAccountName: app\n"
    + "  containers: [{name: c, image: i, env: [{name: AWS_PROFILE, value: x}]}]\n",
    "dev/kustomization.yaml": HEAD + "namespace: dev\nresources: [../base]\n",
    "prod/kustomization.yaml": HEAD
    + "namespace: prod\nresources: [../base]\ncommonAnnotations:\n"
    + "  eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/prod\n",
}


def test_each_overlay_is_a_world_of_its_own_and_the_base_is_not_one(tmp_path: Path) -> None:
    _, judgement = judge(written(tmp_path, OVERLAYS))
    found = [(one.rule.name, one.finding.at.span.path, one.finding.message) for one in judgement.diagnostics]
    # Only the overlay that annotates the service account has a role which the profile keeps from being used.
    assert [(rule, path) for rule, path, _ in found if rule == "aws-profile-env-with-identity"] == [
        ("aws-profile-env-with-identity", "base/all.yaml")
    ]
    assert all("Pod prod/p" in message for rule, _, message in found if rule == "aws-profile-env-with-identity")


def test_one_line_of_a_base_is_found_once(tmp_path: Path) -> None:
    files = dict(OVERLAYS)
    files["dev/kustomization.yaml"] = files["prod/kustomization.yaml"].replace("prod", "dev")
    _, judgement = judge(written(tmp_path, files))
    found = [one for one in judgement.diagnostics if one.rule.name == "aws-profile-env-with-identity"]
    assert len(found) == 1


def test_a_file_that_is_named_alone_is_read_as_it_is(tmp_path: Path) -> None:
    from rolecall import engine  # noqa: PLC0415

    root = written(tmp_path, OVERLAYS)
    world = engine.read(["base/all.yaml"], Workspace(root))
    assert world.problems == ()
    assert set(world.files) <= {"YAML"}


def test_names_that_an_overlay_makes_are_joined(tmp_path: Path) -> None:
    """The service account is called so only once the prefix is put to it."""
    association = (
        'resource "aws_eks_pod_identity_association" "a" {\n  cluster_name = "c"\n  namespace = "dev"\n'
        '  service_account = "d-app"\n  role_arn = "arn:aws:iam::111122223333:role/r"\n}\n'
    )
    files = {
        "base/kustomization.yaml": HEAD + "resources: [all.yaml]\n",
        "base/all.yaml": ACCOUNT
        + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  serviceAccountName: app\n"
        + "  nodeSelector: {kubernetes.io/os: windows}\n  containers: [{name: c, image: i}]\n",
        "dev/kustomization.yaml": HEAD + "namespace: dev\nnamePrefix: d-\nresources: [../base]\n",
        "main.tf": association,
    }
    _, judgement = judge(written(tmp_path, files))
    assert [one.rule.name for one in judgement.diagnostics] == ["pi-on-windows"]
