"""Policy documents and IAM JSON: what they say, how much of it is known, and whose policy it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from rolecall.adapt import iam_json
from rolecall.adapt.policy import is_trust, policy_document
from rolecall.model import OidcProvider, Policy, PolicyAttachment, ResourcePolicy, Role, TrustPolicy
from rolecall.source import Source
from rolecall.syntax import json as json_syntax
from rolecall.syntax.document import Document
from rolecall.tree import Hole, Mapping, Reference, Sequence, known, unknown
from tests.policies import SPAN, entries, read, tree, wrapped

if TYPE_CHECKING:
    from rolecall.facts import Said

HOLE = Hole("a variable without a default", (Reference("m", "var.x"),))
TRUST = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def said(text: str, path: str = "a.json") -> list[Said]:
    source = Source(path, text)
    document = json_syntax.document(source)
    assert isinstance(document, Document)
    return list(iam_json.adapt(document, source)) if iam_json.recognises(document.root) else []


def test_one_statement_and_a_list_of_one_are_the_same() -> None:
    assert read({"Statement": TRUST}).statements == read({"Statement": [TRUST]}).statements
    statement = read({"Statement": TRUST}).statements[0]
    assert [principal.type.known for principal in statement.principals] == ["Service"]
    assert [action.known for action in statement.actions] == ["sts:AssumeRole"]


def test_names_of_elements_are_read_with_regard_to_case() -> None:
    statement = read({"Statement": {"effect": "Allow", "Action": "s3:*"}}).statements[0]
    assert statement.effect is None
    assert statement.actions


def test_of_equal_keys_the_last_counts_and_the_pair_is_recorded() -> None:
    text = (
        '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"},'
        ' "Condition": {"StringEquals": {"a.example:aud": "x"}, "StringEquals": {"a.example:sub": "y"}}}}'
    )
    (policy,) = said(text)
    assert isinstance(policy, TrustPolicy)
    assert [condition.key.known for condition in policy.document.statements[0].conditions] == ["a.example:sub"]
    (found,) = policy.document.statements[0].duplicates
    assert text[found.dropped.span.start : found.dropped.span.end].strip('"') == "StringEquals"
    assert found.dropped.span.start < found.counts.span.start
    assert [condition.key.known for condition in found.conditions] == ["a.example:aud"]


def test_holes_stay_holes() -> None:
    statement = read(
        {"Statement": {"Effect": "Allow", "Action": unknown(HOLE, SPAN), "Principal": unknown(HOLE, SPAN)}}
    )
    assert [action.holes for action in statement.statements[0].actions] == [(HOLE,)]
    assert statement.statements[0].principals_rest == HOLE
    assert read({"Statement": unknown(HOLE, SPAN)}).rest == HOLE
    assert policy_document(unknown(HOLE, SPAN)).rest == HOLE
    more = Mapping(entries(TRUST), SPAN, HOLE)
    assert read({"Statement": [more]}).statements[0].conditions_rest == HOLE
    assert read({"Statement": Sequence((), SPAN, HOLE)}).rest == HOLE
    condition = {"StringEquals": Mapping((), SPAN, HOLE)}
    assert read({"Statement": {**TRUST, "Condition": condition}}).statements[0].conditions_rest == HOLE
    values = {"StringEquals": {"k.example:sub": Sequence((known("a", SPAN),), SPAN, HOLE)}}
    assert read({"Statement": {**TRUST, "Condition": values}}).statements[0].conditions[0].rest == HOLE


@pytest.mark.parametrize("odd", [None, "x", 1, [], [1], [[TRUST]], {}, {"Effect": []}, {"Principal": [["*"]]}])
def test_any_shape_is_a_policy_of_some_kind(odd: object) -> None:
    for value in (odd, {"Statement": odd}, {"Statement": [odd]}, {"Statement": {**TRUST, "Condition": odd}}):
        document = policy_document(tree(value))
        assert document.span == SPAN


def test_a_string_of_json_is_read() -> None:
    assert read(json.dumps(wrapped(TRUST))).statements[0].actions[0].known == "sts:AssumeRole"
    assert read(quote(json.dumps(wrapped(TRUST)))).statements[0].actions[0].known == "sts:AssumeRole"
    assert read("not json").rest is not None
    assert read("%7B" * 5000).rest is not None


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([TRUST], True),
        ([{**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}], True),
        ([{**TRUST, "Action": "STS:*"}], True),
        ([READ], False),
        ([{**TRUST, "Action": "s3:GetObject"}], False),
        ([{**TRUST, "Action": ["sts:AssumeRole", "kms:Decrypt"]}], False),
        ([{**TRUST, "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}], False),
        ([{"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "sts:AssumeRole"}], True),
        ([], False),
    ],
)
def test_a_trust_policy_is_told_by_its_principals_and_actions(statements: list[object], answer: bool) -> None:
    assert is_trust(read(wrapped(*statements))) is answer


def test_get_role_gives_a_role_with_its_account() -> None:
    output = {"Role": {"RoleName": "app", "Arn": "arn:aws:iam::111122223333:role/team/app"}}
    output["Role"]["AssumeRolePolicyDocument"] = wrapped(TRUST)  # type: ignore[assignment]
    (role,) = said(json.dumps(output, indent=1))
    assert isinstance(role, Role)
    assert role.trust is not None
    assert role.trust.account is not None
    assert role.trust.account.known == "111122223333"
    assert role.display == "role app"
    assert role.managed_rest is not None
    assert role.trust.display == "role app"


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (wrapped(TRUST), [TrustPolicy]),
        (wrapped(READ), [Policy]),
        (wrapped({**READ, "Principal": "*"}), [ResourcePolicy]),
        ({"RoleName": "app", "AssumeRolePolicyDocument": quote(json.dumps(wrapped(TRUST)))}, [Role]),
        ({"RoleName": "app", "AssumeRolePolicyDocument": json.dumps(wrapped(TRUST))}, [Role]),
        ({"Roles": [{"RoleName": n, "AssumeRolePolicyDocument": wrapped(TRUST)} for n in "ab"]}, [Role, Role]),
        ({"RoleName": "app", "PolicyName": "read", "PolicyDocument": wrapped(READ)}, [PolicyAttachment]),
        ({"RoleName": "app", "PolicyDocument": wrapped(TRUST)}, [Role]),
        ({"PolicyVersion": {"Document": wrapped(READ), "VersionId": "v1"}}, [Policy]),
        ({"PolicyName": "read", "PolicyDocument": wrapped(READ)}, [Policy]),
        ({"Url": "https://a.example", "ClientIDList": ["sts.amazonaws.com"]}, [OidcProvider]),
        ({"RoleName": "app"}, []),
        ({"Statement": [{"debit": 4}]}, []),
        ({"Statement": "of account"}, []),
        ({"Resources": {"App": {"Type": "AWS::IAM::Role"}}, "Statement": [TRUST]}, []),
        ({"apiVersion": "v1", "kind": "ConfigMap", "Statement": [TRUST]}, []),
        ({"Role": "admin"}, []),
        ({"Roles": [1, None]}, []),
    ],
)
def test_documents_are_told_apart_by_content(value: object, kinds: list[type]) -> None:
    assert [type(thing) for thing in said(json.dumps(value))] == kinds


def test_places_inside_a_string_are_exact() -> None:
    text = json.dumps({"RoleName": "app", "AssumeRolePolicyDocument": json.dumps(wrapped(TRUST))})
    (role,) = said(text)
    assert isinstance(role, Role)
    assert role.trust is not None
    span = role.trust.document.statements[0].actions[0].span
    assert "sts:AssumeRole" in text[span.start : span.end]
    assert len(text[span.start : span.end]) < 20
