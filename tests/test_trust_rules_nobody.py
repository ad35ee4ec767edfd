"""Rules about trust policies that admit nobody, or everybody by mistake: grades, words, and their neighbours."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rolecall.iam.placeholders import documented_account, is_placeholder, left_in, real_accounts
from rolecall.iam.principals import flaw_of
from rolecall.iam.trust_length import length_of
from rolecall.model import Condition, Origin, Principal
from rolecall.rule import Persona, Severity
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar, known
from tests.fixtures import FIXTURES
from tests.policies import SPAN, read, wrapped
from tests.test_trust_rules import RULES, one
from tests.worlds import judge

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"


@pytest.mark.parametrize(
    ("rule", "case", "severity"),
    [
        ("trust-vacuous-condition", "example", Severity.HIGH),
        ("trust-vacuous-condition", "github_other_repositories_than_one", Severity.CRITICAL),
        ("trust-vacuous-condition", "gitlab", Severity.CRITICAL),
        ("trust-vacuous-condition", "for_all_values_beside_a_subject", Severity.MEDIUM),
        ("trust-vacuous-condition", "for_all_values_on_the_right_key", Severity.INFO),
        ("trust-vacuous-condition", "if_exists_on_the_right_key", Severity.INFO),
        ("trust-vacuous-condition", "github_module", Severity.INFO),
        ("trust-sub-malformed", "example", Severity.HIGH),
        ("trust-principal-malformed", "example", Severity.HIGH),
        ("trust-wrong-action-for-federated", "example", Severity.HIGH),
        ("trust-wrong-action-for-federated", "all_of_sts", Severity.LOW),
        ("trust-conflicting-sub-operators", "example", Severity.MEDIUM),
        ("trust-conflicting-sub-operators", "one_value_is_kept_out", Severity.LOW),
        ("trust-conflicting-sub-operators", "redundant", Severity.INFO),
        ("placeholder-left-in-trust", "example", Severity.MEDIUM),
        ("trust-policy-too-long", "example", Severity.LOW),
        ("trust-policy-too-long", "beyond_any_quota", Severity.MEDIUM),
    ],
)
def test_severity(rule: str, case: str, severity: Severity) -> None:
    found = one(rule, case)
    assert found.severity is severity
    assert found.persona is (Persona.PEDANTIC if severity is Severity.INFO else Persona.REGULAR)


@pytest.mark.parametrize(
    ("rule", "case", "words"),
    [
        ("trust-vacuous-condition", "example", "for example `system:serviceaccount:default:attacker` may assume it"),
        ("trust-vacuous-condition", "string_not_like", "`system:serviceaccount:attacker:attacker` may assume it"),
        ("trust-vacuous-condition", "gitlab", "`project_path:attacker/anything:ref_type:branch:ref:main` may"),
        ("trust-vacuous-condition", "null", "it asks only that the claim is there"),
        ("trust-sub-malformed", "prefix_twice", "has the prefix system:serviceaccount: twice"),
        ("trust-sub-malformed", "upper_case", "has the upper-case letter `A` in it"),
        ("trust-sub-malformed", "example", "lacks the name of the service account"),
        ("trust-sub-malformed", "one_of_several", "so it admits nobody"),
        ("trust-principal-malformed", "role_wildcard", "and nobody can assume the role"),
        ("trust-conflicting-sub-operators", "negated", "meets StringNotLike `system:serviceaccount:pay*`"),
        ("trust-policy-too-long", "one_character_more", "has 2,049 characters without white space"),
        ("trust-policy-too-long", "terraform_data_source", "has at least "),
        ("placeholder-left-in-trust", "example", "`region-code`, `EXAMPLED539D4633E53DE1B71EXAMPLE`"),
    ],
)
def test_what_the_message_says(rule: str, case: str, words: str) -> None:
    assert words in one(rule, case).finding.message


def test_a_principal_that_others_stand_beside_leaves_the_role_to_them() -> None:
    assert "nobody can assume the role" not in one("trust-principal-malformed", "account_wildcard").finding.message


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("trust-oidc-missing-sub", "trust-vacuous-condition/fail/example"),
        ("trust-oidc-missing-sub", "trust-vacuous-condition/fail/null"),
        ("trust-issuer-key-mismatch", "trust-vacuous-condition/fail/if_exists_on_another_issuers_key"),
        ("trust-shared-issuer-broad", "trust-vacuous-condition/fail/gitlab"),
    ],
)
def test_the_general_rule_speaks_at_the_same_place_if_the_specific_one_is_off(rule: str, case: str) -> None:
    (specific,) = judge(FIXTURES / case, [RULES["trust-vacuous-condition"]])[1].diagnostics
    (general,) = judge(FIXTURES / case, [RULES[rule]])[1].diagnostics
    assert general.at == specific.at


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("trust-conflicting-sub-operators/pass/terraform_not_known", "a variable without a default: var.namespace"),
        ("trust-wrong-action-for-federated/pass/terraform_actions_from_variable", "var.actions"),
    ],
)
def test_what_is_not_known_is_counted(case: str, reason: str) -> None:
    rule = case.partition("/")[0]
    (unevaluated,) = judge(FIXTURES / case, [RULES[rule]])[1].unevaluated
    assert reason in unevaluated.reason


def test_a_policy_too_long_to_be_evaluated_is_too_long(tmp_path: Path) -> None:
    subjects = [f"system:serviceaccount:pay:worker-{index}" for index in range(2100)]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:sub": subjects}},
    }
    (tmp_path / "trust.json").write_text(json.dumps(wrapped(statement)), encoding="utf-8")
    _, judgement = judge(tmp_path)
    assert [(found.rule.name, found.severity) for found in judgement.diagnostics] == [
        ("trust-policy-too-long", Severity.MEDIUM)
    ]


@pytest.mark.parametrize(
    "statements",
    [
        [{"Effect": "Allow", "Principal": {"AWS": ["1" * 12, "2" * 12]}, "Action": "sts:AssumeRole"}],
        [{"Effect": "Allow", "Principal": "*", "Action": ["sts:*", "b"]}, {"Effect": "Deny", "NotAction": "x y"}],
        [
            {
                "Sid": "A b",
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com", "Federated": 'a"b'},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"a": "1", "b": ["2", "3"]}, "Null": {"c": "true"}},
            }
        ],
    ],
)
def test_the_length_of_a_policy_is_that_of_its_json(statements: list[object]) -> None:
    text = json.dumps(wrapped(*statements), separators=(",", ":"))
    assert length_of(read(wrapped(*statements))).characters == len("".join(text.split()))


def test_of_what_is_not_known_nothing_is_counted() -> None:
    issuers = [Hole("a variable without a default", (Reference("m", f"var.{name}"),)) for name in ("one", "other")]
    document = read(wrapped({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity"}))
    (statement,) = document.statements
    at = statement.span
    conditions = tuple(
        Condition(known("StringEquals", at), Scalar((hole, ":sub"), Kind.STRING, at), (known("a", at),), at)
        for hole in issuers
    )
    opened = replace(document, statements=(replace(statement, conditions=conditions),))
    length = length_of(opened)
    # Both conditions count, each with an empty issuer.
    more = len(',"Condition":{"StringEquals":{":sub":"a",":sub":"a"}}')
    assert length.characters == length_of(document).characters + more
    assert length.least


def principal(kind: str, *parts: str | Hole) -> Principal:
    return Principal(known(kind, SPAN), Scalar(parts, Kind.STRING, SPAN))


ACCOUNT = Hole("an account", (Reference("m", "data.aws_caller_identity.me", "account_id"),))
ANY = Hole("a variable", (Reference("m", "var.x"),))


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (principal("Federated", ANY), False),
        (principal("Federated", "arn:aws:iam::", ACCOUNT, ":oidc-provider/", ANY), False),
        (principal("Federated", "arn:aws:iam::", ANY), False),
        (principal("Federated", "arn:", ANY, ":iam::111122223333:oidc-provider/x.example"), False),
        (principal("Federated", "arn:aws:iam::111122223333:", ANY, "/x.example"), False),
        (principal("Federated", ANY, "/x.example"), False),
        (principal("Federated", "arn:aws:iam::11112222", ACCOUNT, ":oidc-provider:", ANY), True),
        (principal("Federated", "arn:aws:iam::", ACCOUNT, ":oidc-provider/", ANY, "/"), True),
        (principal("Federated", "arn:aws:iam::", ACCOUNT, ":oidc-provider/https://", ANY), True),
        (principal("Federated", "arn:aws:sts::111122223333:oidc-provider/x.example"), True),
        (principal("Federated", "arn:aws:iam::111122223333:oidc-provider/"), True),
        (principal("Federated", "*"), False),
        (principal("federated", "accounts.google.com"), False),
        (principal("AWS", "arn:aws:iam::", ACCOUNT, ":role/", ANY), False),
        (principal("AWS", "arn:aws:iam::", ACCOUNT, ":role/", ANY, "-*"), True),
        (principal("AWS", ANY, ".amazonaws.com"), False),
        (principal("AWS", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"), False),
        (principal("AWS", "AIDAQ2W3E4R5T6Y7U2I3O"), False),
        (principal("AWS", "arn:aws:iam::1111:role/x"), True),
        (principal("Service", "ec2.", ANY), False),
        (principal("Service", "eks.amazonaws.com"), False),
        (principal("Service", "EC2.amazonaws.com"), False),
        (principal("Service", "eks-pods.amazonaws.com"), True),
        (principal("Service", "ec2.amazonaws.con"), True),
        (principal("Service", "https://ec2.amazonaws.com"), True),
        (principal("CanonicalUser", "x"), False),
        (principal("*", "*"), False),
    ],
)
def test_principals_of_wrong_form(found: Principal, wrong: bool) -> None:
    assert (flaw_of(found) is not None) is wrong


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{ISSUER}:sub", ()),
        ("oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub", 2),
        ("system:serviceaccount:<namespace>:<name>", 2),
        ("system:serviceaccount:YOUR-NAMESPACE:app", 1),
        ("arn:aws:iam::xxxxxxxxxxxx:role/x", 1),
        ("arn:aws:iam::CHANGE_ME:role/x", 1),
        ("system:serviceaccount:replace:your-app", ()),
        ("repo:acme/REPLACEMENT:ref:refs/heads/main", ()),
        ("repo:acme/xxxx:*", ()),
        ("repo:acme/EXAMPLE:ref:refs/heads/main", ()),
        ("OIDC_PROVIDER:sub", ()),
    ],
)
def test_placeholders_of_examples(text: str, left: int | tuple[()]) -> None:
    assert len(left_in(known(text, SPAN))) == (left or 0)


@pytest.mark.parametrize(
    "text", ["${OIDC}", "$OIDC", "{{ oidc }}", "%{if x}", "OIDC_PROVIDER", "@ACCOUNT@", "<x>", "__ISSUER__", "ACCOUNT"]
)
def test_what_a_tool_fills_in_is_a_placeholder(text: str) -> None:
    assert is_placeholder(known(f"arn:aws:iam::{text}:role/x", SPAN))


def test_accounts_of_the_documentation() -> None:
    assert documented_account(known("arn:aws:iam::123456789012:role/x", SPAN)) == "123456789012"
    assert documented_account(known("1123456789012", SPAN)) is None
    assert real_accounts(known("arn:aws:iam::590183726415:role/x", SPAN)) == {"590183726415"}
    assert real_accounts(known("arn:aws:iam::444455556666:role/x", SPAN)) == frozenset()
    assert real_accounts(known("org/11111111-2222-3333-4444-590183726415", SPAN)) == frozenset()


@pytest.mark.parametrize(
    ("path", "for_show"),
    [
        ("trust.json", False),
        ("infra/examples/main.tf", True),
        ("example/main.tf", True),
        ("docs/trust.json", True),
        ("a/tests/b/trust.json", True),
        ("policies/trust.example.json", True),
        ("policies/example-trust.json", True),
        ("policies/latest/trust.json", False),
        ("contest/trust.json", False),
        ("documents/trust.json", False),
    ],
)
def test_what_is_for_show(path: str, for_show: bool) -> None:
    span = Span(path, 0, 1, 1, 1, 1, 2)
    assert Origin("u", "a", span, span).for_show is for_show
