"""`aws iam get-account-authorization-details` as input: quickly read, and read right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolecall import engine
from rolecall.adapt import iam_account, iam_json
from rolecall.graph.roles import grants_of, role_of
from rolecall.model import InstanceProfile, Policy, Role
from rolecall.problem import Problem
from rolecall.source import Source
from rolecall.syntax import json as full
from rolecall.syntax.json_sparse import WHOLE, Items, Keys, read
from rolecall.tree import Mapping, known
from rolecall.workspace import Workspace
from tests.fixtures import FIXTURES
from tests.policies import SPAN

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.facts import Said

CASES = sorted(FIXTURES.glob("*/*/authorization_details*/authorization-details.json"))


def quickly(source: Source) -> list[Said]:
    document = iam_account.document(source)
    assert document is not None
    return list(iam_json.adapt(document, source))


def wholly(source: Source) -> list[Said]:
    document = full.document(source)
    assert not isinstance(document, Problem)
    return list(iam_json.adapt(document, source))


@pytest.mark.parametrize("path", CASES, ids=lambda path: "/".join(path.parts[-4:-1]))
def test_what_is_read_quickly_is_what_the_whole_file_says(path: Path) -> None:
    for text in (path.read_text(encoding="utf-8"), json.dumps(json.loads(path.read_text(encoding="utf-8")))):
        source = Source("details.json", text)
        said = quickly(source)
        assert any(isinstance(one, Role) for one in said)
        assert said == wholly(source)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 1, "\t"]), st.sampled_from(["", " ", "\n\r\t "]))
@settings(max_examples=300)
def test_parts_of_a_document_are_those_of_the_whole(value: Any, indent: Any, blanks: str) -> None:  # noqa: ANN401
    text = blanks + json.dumps({"a": value, "b": [value, 1, value], "c": value}, indent=indent) + blanks
    source = Source("f", text)
    whole = full.document(source)
    assert not isinstance(whole, Problem)
    assert isinstance(whole.root, Mapping)
    assert read(source, WHOLE) == whole.root
    part = read(source, Keys({"b": Items(WHOLE, lambda item: item != 1), "c": WHOLE}))
    assert isinstance(part, Mapping)
    assert part.span == whole.root.span
    assert part.get("a") is None
    assert part.get("c") == whole.root.get("c")
    items = whole.root.items("b")
    kept = [item for item, plain in zip(items, [value, 1, value], strict=True) if plain != 1]
    assert list(part.items("b")) == kept


@pytest.mark.parametrize(
    "text",
    [
        '{"RoleDetailList": [',
        '{"RoleDetailList": []} x',
        '{"RoleDetailList": [' + "[" * 100_000 + "]" * 100_000 + "]}",
        '{"other": "\\"RoleDetailList\\"", "RoleDetailList"}',
        '["RoleDetailList"]',
        '{"x": ["RoleDetailList"]}',
        '"RoleDetailList"',
        "",
    ],
)
def test_what_is_no_whole_document_is_left_to_the_parser(text: str) -> None:
    assert iam_account.document(Source("f", text)) is None


@pytest.mark.parametrize(
    "details",
    [
        {"RoleDetailList": {}},
        {"RoleDetailList": [None, 1, "x", [], {}]},
        {"RoleDetailList": [{"RoleName": {}, "AssumeRolePolicyDocument": [], "InstanceProfileList": 7}]},
        {"RoleDetailList": [{"RoleName": "x", "RolePolicyList": {"a": 1}, "PermissionsBoundary": "x"}]},
        {"RoleDetailList": [], "Policies": [1, {"PolicyName": "x", "PolicyVersionList": [1, {"Document": 1}]}]},
        {"RoleDetailList": [], "Policies": [{"PolicyName": [], "PolicyVersionList": {}, "Arn": 1}]},
    ],
)
def test_shapes_that_nobody_expects(details: object) -> None:
    source = Source("f", json.dumps(details))
    assert quickly(source) == wholly(source)


def world(tree: Path) -> engine.World:
    return engine.read([str(tree)], Workspace(tree))


def test_a_file_that_breaks_off_is_a_problem(tmp_path: Path) -> None:
    text = CASES[0].read_text(encoding="utf-8")
    (tmp_path / "details.json").write_text(text[: len(text) // 2], encoding="utf-8")
    found = world(tmp_path)
    assert len(found.problems) == 1
    assert found.problems[0].message.startswith("not valid JSON: ")


def test_entities_and_joins() -> None:
    graph = world(FIXTURES / "node-role-admin" / "fail" / "authorization_details_default_version").graph
    (role,) = graph.all(Role)
    assert role == role_of(graph, known("arn:aws:iam::111122223333:role/nodes", SPAN))
    assert role.inline == ()
    assert (role.managed_rest, role.inline_rest) == (None, None)
    (policy,) = graph.all(Policy)
    assert policy.name is not None
    assert policy.name.known == "node-extra"
    documents = [grant.document for grant in grants_of(graph, role) if grant.document is not None]
    assert documents == [policy.document]
    assert documents[0].statements[0].actions[0].known == "*", "version v2 is the default one"


def test_boundaries_and_instance_profiles() -> None:
    graph = world(FIXTURES / "node-role-admin" / "pass" / "authorization_details_boundary").graph
    (role,) = graph.all(Role)
    assert role.boundary is not None
    assert role.boundary.known == "arn:aws:iam::111122223333:policy/limit"
    (profile,) = graph.all(InstanceProfile)
    assert (profile.name and profile.name.known, profile.role and profile.role.known) == ("nodes", "nodes")


def test_a_policy_of_aws_that_is_known_here_is_not_read() -> None:
    graph = world(FIXTURES / "node-role-admin" / "fail" / "authorization_details").graph
    assert graph.all(Policy) == ()
    (role,) = graph.all(Role)
    assert "arn:aws:iam::aws:policy/AdministratorAccess" in [arn.known for arn in role.managed]


def test_a_policy_of_aws_that_is_not_known_here_is_what_the_file_says(tmp_path: Path) -> None:
    path = FIXTURES / "node-role-admin" / "fail" / "authorization_details" / "authorization-details.json"
    text = path.read_text(encoding="utf-8").replace("AdministratorAccess", "BrandNewAccess")
    (tmp_path / "details.json").write_text(text, encoding="utf-8")
    graph = world(tmp_path).graph
    (role,) = graph.all(Role)
    assert [grant.document is not None for grant in grants_of(graph, role)] == [False, False, True]


def test_the_role_of_an_arn_is_the_one_that_is_known_to_have_it(tmp_path: Path) -> None:
    path = FIXTURES / "irsa-sub-mismatch" / "fail" / "authorization_details" / "authorization-details.json"
    (tmp_path / "details.json").write_bytes(path.read_bytes())
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role" "app" {\n  name = "app"\n  assume_role_policy = var.trust\n}\n', encoding="utf-8"
    )
    graph = world(tmp_path).graph
    role = role_of(graph, known("arn:aws:iam::111122223333:role/app", SPAN))
    assert role is not None
    assert role.origin.unit.endswith("details.json")


def test_users_and_groups_are_passed_over() -> None:
    for path in CASES:
        for one in quickly(Source("f", path.read_text(encoding="utf-8"))):
            assert "ada" not in repr(one)
            assert "admins" not in repr(one)
