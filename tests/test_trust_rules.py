"""What the trust rules say beyond the place: severity, witness, and what they leave unevaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.model import TrustPolicy
from rolecall.rule import Confidence, Persona, Severity
from tests.fixtures import FIXTURES, Case, Expectation, cases
from tests.worlds import BUILTIN, judge, read

if TYPE_CHECKING:
    from rolecall.result import Diagnostic

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
RULES = {rule.name: rule for rule in BUILTIN}


def one(rule: str, case: str) -> Diagnostic:
    _, judgement = judge(FIXTURES / rule / "fail" / case, [RULES[rule]])
    (found,) = judgement.diagnostics
    return found


@pytest.mark.parametrize(
    ("rule", "case", "severity"),
    [
        ("trust-any-principal", "example", Severity.CRITICAL),
        ("trust-any-principal", "not_principal", Severity.CRITICAL),
        ("trust-any-principal", "external_id_only", Severity.MEDIUM),
        ("trust-any-principal", "source_ip_only", Severity.MEDIUM),
        ("trust-any-principal", "own_tags_bound_nothing", Severity.CRITICAL),
        ("trust-oidc-missing-sub", "example", Severity.HIGH),
        ("trust-oidc-missing-sub", "github", Severity.CRITICAL),
        ("trust-oidc-missing-sub", "terraform_github_by_provider", Severity.CRITICAL),
        ("trust-oidc-missing-sub", "private_issuer", Severity.MEDIUM),
        ("trust-oidc-missing-sub", "spacelift", Severity.MEDIUM),
        ("trust-oidc-missing-sub", "self_hosted_issuer", Severity.HIGH),
        ("trust-oidc-missing-aud", "example", Severity.MEDIUM),
        ("trust-oidc-missing-aud", "provider_with_one_audience", Severity.LOW),
        ("trust-oidc-missing-aud", "terraform_data_source", Severity.LOW),
        ("trust-oidc-missing-aud", "provider_with_api_server_audience", Severity.MEDIUM),
        ("trust-sub-wildcard-cluster", "example", Severity.HIGH),
        ("trust-sub-wildcard-namespace", "example", Severity.MEDIUM),
        ("trust-sub-wildcard-namespace", "any_namespace", Severity.HIGH),
        ("trust-sub-wildcard-namespace", "namespace_prefix", Severity.MEDIUM),
        ("trust-sub-wildcard-namespace", "name_prefix", Severity.LOW),
        ("trust-cross-account-root", "example", Severity.MEDIUM),
        ("trust-cross-account-root", "account_of_role_unknown", Severity.INFO),
        ("trust-duplicate-key", "example", Severity.HIGH),
        ("trust-duplicate-key", "nothing_is_lost", Severity.INFO),
        ("trust-duplicate-key", "name_only", Severity.LOW),
        ("pi-trust-missing-tagsession", "example", Severity.HIGH),
        ("pi-trust-missing-tagsession", "association_without_session_tags", Severity.MEDIUM),
    ],
)
def test_severity(rule: str, case: str, severity: Severity) -> None:
    assert one(rule, case).severity is severity


def test_whoever_turns_session_tags_off_makes_the_finding_less_sure() -> None:
    assert one("pi-trust-missing-tagsession", "association_without_session_tags").confidence is Confidence.MEDIUM


def test_a_missing_audience_is_for_everybody_to_see() -> None:
    assert one("trust-oidc-missing-aud", "provider_with_one_audience").persona is Persona.REGULAR


def test_trust_of_an_account_that_may_be_the_own_is_for_those_who_ask() -> None:
    assert one("trust-cross-account-root", "account_of_role_unknown").persona is Persona.PEDANTIC


@pytest.mark.parametrize(
    ("rule", "case", "witness"),
    [
        ("trust-any-principal", "example", "arn:aws:iam::999999999999:role/attacker"),
        ("trust-oidc-missing-sub", "example", "`system:serviceaccount:default:attacker`"),
        ("trust-oidc-missing-sub", "github", "`repo:attacker/anything:ref:refs/heads/main`"),
        ("trust-oidc-missing-aud", "provider_with_api_server_audience", "`https://kubernetes.default.svc`"),
        ("trust-sub-wildcard-cluster", "star", "`system:serviceaccount:default:attacker`"),
        ("trust-sub-wildcard-namespace", "any_namespace", "`system:serviceaccount:attacker:app`"),
        ("trust-sub-wildcard-namespace", "terraform_namespace_from_variable", "${var.namespace}:attacker"),
        ("trust-cross-account-root", "account_id", "`arn:aws:iam::444455556666:role/anything`"),
        ("irsa-sub-mismatch", "example", "`system:serviceaccount:pay:app`"),
    ],
)
def test_the_message_has_a_witness(rule: str, case: str, witness: str) -> None:
    assert witness in one(rule, case).finding.message


def test_no_key_is_made_of_an_arn() -> None:
    known = one("trust-oidc-missing-aud", "provider_with_one_audience").finding
    assert ':aud": "sts.amazonaws.com"}' in known.help
    unknown = one("trust-oidc-missing-aud", "terraform_provider_of_a_module").finding
    assert "begins as the one that ends in :sub and ends in :aud" in unknown.help
    assert "arn}:aud" not in unknown.help + unknown.message


@pytest.mark.parametrize(
    ("case", "hint"),
    [
        ("example", "names namespace payments, not pay"),
        ("swapped", "has namespace and name swapped"),
        ("underscore", "differs in case, dashes or underscores only"),
        ("case", "differs in case, dashes or underscores only"),
    ],
)
def test_the_nearest_subject_is_pointed_out(case: str, hint: str) -> None:
    assert hint in [label.text for label in one("irsa-sub-mismatch", case).finding.related]


def test_conditions_that_are_not_known_are_counted_once() -> None:
    directory = FIXTURES / "trust-oidc-missing-sub" / "pass" / "terraform_conditions_not_known"
    _, judgement = judge(directory, [RULES["trust-oidc-missing-sub"], RULES["trust-oidc-missing-aud"]])
    assert {unevaluated.reason for unevaluated in judgement.unevaluated} == {
        "a variable without a default: var.conditions"
    }
    assert len(set(judgement.unevaluated)) == 1


def test_a_text_of_two_roles_is_one_finding() -> None:
    directory = FIXTURES / "trust-sub-wildcard-cluster" / "fail" / "terraform_text_shared_by_two_roles"
    assert len(read(directory).graph.all(TrustPolicy)) == 2
    assert one("trust-sub-wildcard-cluster", "terraform_text_shared_by_two_roles").finding.message.startswith(
        "role app "
    )


def test_principals_that_may_be_everybody_are_counted() -> None:
    case = FIXTURES / "trust-any-principal" / "pass" / "terraform_principals_from_variables"
    judgement = judge(case, [RULES["trust-any-principal"]])[1]
    assert judgement.diagnostics == ()
    assert {(one.what, one.reason) for one in judgement.unevaluated} == {
        ("trust policy of role other", "a variable without a default: var.trusted_arns"),
        ("trust policy of role target", "a variable without a default: var.trusted_arn"),
    }


_ALONE = (
    "placeholder-left-in-trust",
    "trust-condition-key-scheme",
    "trust-conflicting-sub-operators",
    "trust-duplicate-key",
    "trust-policy-too-long",
    "trust-principal-malformed",
    "trust-sub-malformed",
    "trust-vacuous-condition",
    "trust-wrong-action-for-federated",
)
ALONE = [case for case in cases() if case.verdict == "fail" and case.rule in _ALONE]


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.id)
def test_one_mistake_is_one_finding(case: Case) -> None:
    _, judgement = judge(case.directory)
    assert {Expectation(found.at.path, found.at.line, found.rule.name) for found in judgement.diagnostics} == (
        case.expectations()
    )


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("example", f"the condition on `{ISSUER}:sub` is dropped, and whoever it kept out may assume the role"),
        ("condition", f"the condition on `{ISSUER}:sub` is dropped, and whoever it kept out may assume the role"),
        ("subject", "`system:serviceaccount:payments:api` is dropped"),
        ("action", "`sts:TagSession` is dropped"),
        ("statement", "every statement under the first is dropped"),
        ("nothing_is_lost", "the first could as well not be there"),
    ],
)
def test_what_is_lost_with_a_key_that_is_dropped(case: str, words: str) -> None:
    assert one("trust-duplicate-key", case).finding.message.endswith(words)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("trust-oidc-missing-sub", "example"),
        ("trust-oidc-missing-sub", "terraform_jsonencode"),
        ("trust-oidc-missing-aud", "audience"),
        ("trust-any-principal", "bound_of_everybody"),
        ("trust-cross-account-root", "external_id"),
        ("pi-trust-missing-tagsession", "action"),
        ("irsa-sub-mismatch", "service_account_not_admitted"),
    ],
)
def test_what_follows_from_a_dropped_key_is_said_there_if_nobody_speaks_of_the_key(rule: str, case: str) -> None:
    directory = FIXTURES / "trust-duplicate-key" / "fail" / case
    (dropped,) = judge(directory, [RULES["trust-duplicate-key"]])[1].diagnostics
    (found,) = judge(directory, [RULES[rule]])[1].diagnostics
    assert found.at == dropped.at
    assert len({label.span for label in (found.finding.at, *found.finding.related)}) > 1


def test_a_dropped_key_that_would_bind_nothing_is_not_the_cause() -> None:
    directory = FIXTURES / "trust-duplicate-key" / "fail" / "principal_type"
    _, judgement = judge(directory)
    assert [found.rule.name for found in judgement.diagnostics] == ["trust-duplicate-key"]
    directory = FIXTURES / "trust-oidc-missing-sub" / "fail" / "audience_twice"
    _, judgement = judge(directory)
    assert {found.rule.name for found in judgement.diagnostics} == {"trust-duplicate-key", "trust-oidc-missing-sub"}


@pytest.mark.parametrize(
    ("case", "unknown"),
    [
        ("trust-oidc-missing-aud/pass/terraform_pattern_key_expressions", set()),
        ("trust-oidc-missing-aud/pass/terraform_pattern_audience_anywhere", set()),
        ("trust-oidc-missing-sub/pass/terraform_pattern_operators_and_names", set()),
        ("trust-oidc-missing-sub/pass/terraform_pattern_dynamic_not_known", {"var.conditions", "var.subjects"}),
        ("trust-any-principal/pass/terraform_pattern_concat_not_known", {"var.create", "var.environment"}),
    ],
)
def test_what_cannot_be_expanded_is_unknown_and_never_missing(case: str, unknown: set[str]) -> None:
    world, judgement = judge(FIXTURES / case)
    reasons = {one.reason.rpartition(": ")[2] for one in (*world.unevaluated, *judgement.unevaluated)}
    assert reasons == unknown
