"""Roles of Kubernetes: which rules a binding gives, those of other roles and of every cluster included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.graph.access import accesses
from rolecall.model import AccessBinding
from rolecall.rule import Persona
from tests.worlds import judge, read

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "apiVersion: rbac.authorization.k8s.io/v1\n"
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: pay
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/app"}
"""


def role(name: str, rules: str, labels: str = "") -> str:
    return f"{GROUP}kind: ClusterRole\nmetadata:\n  name: {name}\n  labels: {{{labels}}}\n{rules}\n"


def gives(resource: str) -> str:
    return f'rules: [{{apiGroups: [""], resources: [{resource}], verbs: [get, create]}}]'


def has(selector: str) -> str:
    return f'aggregationRule: {{clusterRoleSelectors: [{selector}]}}\nrules: [{{resources: ["*"], verbs: ["*"]}}]'


def binding(name: str, where: str = "") -> str:
    kind = "RoleBinding" if where else "ClusterRoleBinding"
    return (
        f"{GROUP}kind: {kind}\nmetadata:\n  name: ci\n{f'  namespace: {where}' if where else ''}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}}}\n"
        "subjects: [{kind: ServiceAccount, name: ci, namespace: build}]\n"
    )


def world(directory: Path, *documents: str) -> Path:
    (directory / "access.yaml").write_text("---\n".join((ACCOUNT, *documents)), encoding="utf-8")
    return directory


def resources(directory: Path, *documents: str) -> list[str | None]:
    """The resources of the rules that the one binding gives; None for a rule that is not seen."""
    graph = read(world(directory, *documents)).graph
    (one,) = graph.all(AccessBinding)
    rules = [access.rule for access in accesses(one, graph)]
    return [None if rule.rest is not None else rule.resources[0].known for rule in rules]


def test_a_role_has_the_rules_of_those_that_it_aggregates_and_not_those_written_in_it(tmp_path: Path) -> None:
    parts = (role("a", gives("secrets"), "part: x"), role("b", gives("'*'"), "part: y"))
    assert resources(tmp_path, *parts, role("all", has("{matchLabels: {part: x}}")), binding("all")) == ["secrets"]


def test_one_of_several_selectors_suffices_and_each_needs_all_of_its_labels(tmp_path: Path) -> None:
    parts = (role("a", gives("secrets"), "one: x"), role("b", gives("'*'"), "one: y, other: z"))
    whole = role("all", has("{matchLabels: {one: y, other: z}}, {matchLabels: {one: q}}"))
    assert resources(tmp_path, *parts, whole, binding("all")) == ["*"]


def test_roles_that_aggregate_each_other_end(tmp_path: Path) -> None:
    one = role("one", has("{matchLabels: {two: x}}"), "one: x")
    two = role("two", has("{matchLabels: {one: x}}"), "two: x")
    part = role("a", gives("secrets"), "one: x")
    assert resources(tmp_path, one, two, part, binding("one")) == ["secrets"]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("{matchExpressions: [{key: part, operator: In, values: [x, y]}]}", ["secrets", "*"]),
        ("{matchExpressions: [{key: part, operator: In, values: [y]}]}", ["*"]),
        ("{matchLabels: {part: x}, matchExpressions: [{key: part, operator: In, values: [y]}]}", []),
        ("{matchLabels: {part: x}, matchExpressions: []}", ["secrets"]),
        ("{matchExpressions: [{key: part, operator: NotIn, values: [y]}]}", [None]),
        ("{matchExpressions: [{key: part, operator: In}]}", [None]),
        ("{matchExpressions: [{key: part, operator: In, values: [y]}, {key: other, operator: Exists}]}", [None]),
    ],
)
def test_an_expression_that_lists_values_is_one_set_of_labels_for_each(
    tmp_path: Path, selector: str, expected: list[str | None]
) -> None:
    parts = (role("a", gives("secrets"), "part: x"), role("b", gives("'*'"), "part: y"))
    assert resources(tmp_path, *parts, role("all", has(selector)), binding("all")) == expected


def test_what_another_expression_selects_is_not_seen(tmp_path: Path) -> None:
    whole = role("all", has("{matchExpressions: [{key: part, operator: Exists}]}"))
    assert resources(tmp_path, role("a", gives("secrets"), "part: x"), whole, binding("all")) == [None]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cluster-admin", ["*"]),
        ("admin", ["secrets", "serviceaccounts/token"]),
        ("edit", ["secrets", "serviceaccounts/token"]),
        ("view", []),
    ],
)
def test_roles_of_every_cluster(tmp_path: Path, name: str, expected: list[str | None]) -> None:
    assert resources(tmp_path, binding(name)) == expected


@pytest.mark.parametrize(("name", "more"), [("view", True), ("edit", True), ("admin", True), ("cluster-admin", False)])
def test_what_is_aggregated_to_view_is_in_edit_and_admin(tmp_path: Path, name: str, *, more: bool) -> None:
    part = role("a", gives("'*/token'"), 'rbac.authorization.k8s.io/aggregate-to-view: "true"')
    assert ("*/token" in resources(tmp_path, part, binding(name))) is more


@pytest.mark.parametrize(("where", "persona"), [("pay", Persona.PEDANTIC), ("", Persona.REGULAR)])
def test_who_deploys_in_one_namespace_is_told_to_the_pedantic(tmp_path: Path, where: str, persona: Persona) -> None:
    _, judgement = judge(world(tmp_path, binding("edit", where)))
    found = [one for one in judgement.diagnostics if one.rule.name == "rbac-token-request-on-identity-sa"]
    assert [one.persona for one in found] == [persona]
