"""What fixtures do not say about the rules for containers and service accounts: levels, wording, and who yields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.rule import Confidence, Persona, Severity
from tests.fixtures import FIXTURES
from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.result import Diagnostic

LEVELS = {
    "pi-agent-addon-missing/example": Severity.MEDIUM,
    "pi-agent-addon-missing/eksctl_is_high": Severity.HIGH,
    "addon-without-identity/example": Severity.MEDIUM,
    "addon-without-identity/policy_on_the_node_role_is_low": Severity.LOW,
    "addon-without-identity/cni_of_the_node_role_is_informational": Severity.INFO,
    "irsa-role-arn-unknown/example": Severity.MEDIUM,
    "irsa-role-arn-unknown/stage_is_informational": Severity.INFO,
    "irsa-webhook-skipped/example": Severity.HIGH,
    "irsa-webhook-skipped/blank_after_a_comma_is_low": Severity.LOW,
    "shared-file-shadows-identity/example": Severity.MEDIUM,
    "shared-file-shadows-identity/pod_identity_is_high": Severity.HIGH,
    "aws-profile-env-with-identity/example": Severity.MEDIUM,
    "aws-profile-env-with-identity/default_is_informational": Severity.INFO,
    "workload-falls-back-to-node-role/example": Severity.LOW,
    "workload-falls-back-to-node-role/broad_node_role_is_medium": Severity.MEDIUM,
    "irsa-and-pod-identity-same-sa/example": Severity.MEDIUM,
    "irsa-and-pod-identity-same-sa/two_roles_are_high": Severity.HIGH,
    "irsa-and-pod-identity-same-sa/both_ways_in_are_low": Severity.LOW,
    "static-key-env-in-workload/example": Severity.HIGH,
    "static-key-env-in-workload/s3_compatible_endpoint_is_informational": Severity.INFO,
    "static-key-env-in-workload/endpoint_in_a_config_map_is_informational": Severity.INFO,
    "irsa-annotation-wrong-object/association_gives_the_role_is_medium": Severity.MEDIUM,
    "irsa-annotation-wrong-object/common_annotations_of_a_chart_are_medium": Severity.MEDIUM,
    "irsa-env-overridden/association_and_token_file_is_medium": Severity.MEDIUM,
    "irsa-env-overridden/account_in_another_place": Severity.INFO,
    "static-env-shadows-identity/pod_identity_association": Severity.HIGH,
    "static-env-shadows-identity/s3_compatible_endpoint_is_low": Severity.LOW,
    "static-key-in-configmap/example": Severity.HIGH,
    "static-key-in-credentials-file/example": Severity.HIGH,
    "static-key-partial/example": Severity.MEDIUM,
    "shared-credentials-file-mounted/example": Severity.MEDIUM,
    "shared-credentials-file-mounted/host_path": Severity.HIGH,
    "irsa-env-overridden/token_file_alone": Severity.HIGH,
    "irsa-env-overridden/projected_token_without_role": Severity.HIGH,
    "irsa-env-overridden/token_file_without_annotation_is_medium": Severity.MEDIUM,
    "irsa-env-overridden/role_for_the_application_is_informational": Severity.INFO,
    "irsa-annotation-misspelled/example": Severity.HIGH,
    "irsa-annotation-misspelled/beside_the_right_one_is_low": Severity.LOW,
    "irsa-annotation-wrong-object/example": Severity.HIGH,
    "irsa-annotation-wrong-object/account_is_annotated_too_is_medium": Severity.MEDIUM,
    "irsa-annotation-wrong-object/account_is_not_seen_is_medium": Severity.MEDIUM,
    "irsa-on-default-sa/example": Severity.HIGH,
    "legacy-kube2iam-annotation/example": Severity.MEDIUM,
    "legacy-kube2iam-annotation/list_is_high": Severity.HIGH,
    "legacy-kube2iam-annotation/pattern_is_high": Severity.HIGH,
    "legacy-kube2iam-install/example": Severity.MEDIUM,
    "legacy-kube2iam-install/default_role_is_high": Severity.HIGH,
    "legacy-kube2iam-install/base_arn_is_high": Severity.HIGH,
    "legacy-and-irsa-mixed/example": Severity.LOW,
    "legacy-namespace-permitted-wildcard/example": Severity.HIGH,
    "irsa-role-only-trusts-pod-identity/example": Severity.HIGH,
    "irsa-role-only-trusts-pod-identity/leftover_beside_an_association": Severity.MEDIUM,
    "irsa-role-only-trusts-pod-identity/name_made_up_by_a_chart": Severity.MEDIUM,
    "irsa-role-only-trusts-pod-identity/association_of_another_namespace": Severity.HIGH,
    "manual-irsa-env-shadows-pod-identity/example": Severity.MEDIUM,
    "manual-irsa-env-shadows-pod-identity/skipped_container_is_low": Severity.LOW,
    "pi-env-overridden/example": Severity.HIGH,
    "pi-env-overridden/both_to_something_else": Severity.MEDIUM,
    "pi-relative-uri-shadow/example": Severity.MEDIUM,
    "pi-proxy-without-no-proxy/example": Severity.MEDIUM,
    "irsa-annotation-unknown-key/example": Severity.LOW,
    "irsa-annotation-unknown-key/skip_containers_on_the_account": Severity.MEDIUM,
    "irsa-annotation-unknown-key/skip_containers_on_the_deployment": Severity.MEDIUM,
    "keda-static-or-legacy-auth/example": Severity.MEDIUM,
    "keda-static-or-legacy-auth/older_provider_is_informational": Severity.INFO,
    "pi-proxy-without-no-proxy/https_only_is_low": Severity.LOW,
    "pi-on-fargate/example": Severity.HIGH,
    "pi-on-fargate/labels_of_the_pod": Severity.HIGH,
    "pi-on-fargate/labels_without_a_pod_is_medium": Severity.MEDIUM,
    "pi-relative-uri-shadow/without_association_is_informational": Severity.INFO,
}

DEFECTS = {
    "example": "10 digits, not 12",
    "three_digits": "3 digits, not 12",
    "account_with_dashes": "with dashes",
    "no_account": "account is missing",
    "instance_profile": "instance profile",
    "policy": "ARN of a policy",
    "session": "assumed-role",
    "session_as_iam": "assumed-role",
    "missing_role_word": "role/ is missing",
    "plural_roles": "roles/ should be role/",
    "role_with_a_colon": "colon",
    "no_name": "name is missing",
    "bare_name": "not an ARN",
    "region": "no region",
    "other_service": "not the service iam",
    "other_partition": "no partition",
    "blank_inside": "blank inside",
    "blank_after": "blanks around",
    "line_break": "line break",
    "quotes_inside": "quotes inside",
    "wildcard_in_the_name": "cannot hold *",
    "too_few_parts": "parts of the ARN are missing",
}


def only(rule: str, case: str) -> Diagnostic:
    chosen = [one for one in BUILTIN if one.name == rule]
    (diagnostic,) = judge(FIXTURES / rule / "fail" / case, chosen)[1].diagnostics
    return diagnostic


@pytest.mark.parametrize("case", LEVELS)
def test_a_finding_has_the_level_of_its_case(case: str) -> None:
    rule, _, name = case.partition("/")
    assert only(rule, name).severity is LEVELS[case]


@pytest.mark.parametrize("case", DEFECTS)
def test_a_malformed_arn_is_told_what_is_wrong_with_it(case: str) -> None:
    diagnostic = only("irsa-role-arn-malformed", case)
    assert DEFECTS[case] in diagnostic.finding.message
    assert diagnostic.finding.help


def test_keys_beside_another_stores_endpoint_are_for_the_pedantic() -> None:
    found = only("static-key-env-in-workload", "s3_compatible_endpoint_is_informational")
    assert found.persona is Persona.PEDANTIC


def test_a_value_that_is_no_key_of_aws_makes_a_finding_less_sure() -> None:
    assert only("static-key-in-configmap", "value_of_another_shape").confidence is Confidence.MEDIUM
    assert only("static-key-in-configmap", "example").confidence is Confidence.HIGH


@pytest.mark.parametrize(
    ("case", "who"),
    [
        ("example", "every AWS SDK but .NET v3 uses"),
        ("pod_identity_association", "every AWS SDK uses"),
        ("annotation_and_association", "every AWS SDK uses"),
        ("profile_is_set", "every AWS SDK but .NET v3 and JavaScript v3 (AWS_PROFILE is set) uses"),
    ],
)
def test_the_message_says_in_which_sdks_keys_win(case: str, who: str) -> None:
    assert who in only("static-env-shadows-identity", case).finding.message


def test_the_places_stand_in_the_order_of_the_chain() -> None:
    found = only("static-env-shadows-identity", "example").finding
    assert [label.span.path for label in found.related] == ["secret.yaml", "account.yaml"]
    across = only("static-env-shadows-identity", "annotation_and_association").finding
    paths = [label.span.path for label in across.related]
    assert paths == ["k8s/deployment.yaml", "k8s/account.yaml", "infra/main.tf", "infra/main.tf"]


def test_no_message_holds_a_key() -> None:
    for case in (FIXTURES / "static-key-env-in-workload" / "fail").iterdir():
        for diagnostic in judge(case)[1].diagnostics:
            said = (diagnostic.finding.message, diagnostic.finding.help, diagnostic.finding.subject)
            assert "Q2W3E4R5T6Y7" not in " ".join(said)
            assert "h7Kd0pQz" not in " ".join(said)


def speakers(directory: Path) -> set[str]:
    return {diagnostic.rule.name for diagnostic in judge(directory)[1].diagnostics}


@pytest.mark.parametrize(
    ("case", "speaks"),
    [
        ("static-env-shadows-identity/fail/secret_key_ref", {"static-env-shadows-identity"}),
        ("static-key-partial/fail/example", {"static-key-partial"}),
        ("static-key-partial/fail/account_with_a_role", {"static-key-partial"}),
        ("static-key-env-in-workload/fail/example", {"static-key-env-in-workload"}),
        ("static-key-env-in-workload/fail/literal", {"static-key-env-in-workload", "static-key-literal"}),
        ("static-key-in-credentials-file/fail/example", {"static-key-in-credentials-file"}),
        ("static-key-in-credentials-file/fail/encoded", {"static-key-in-credentials-file"}),
    ],
)
def test_one_wrong_thing_is_one_finding(case: str, speaks: set[str]) -> None:
    assert speakers(FIXTURES / case) == speaks


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("static-key-env-in-workload/pass/expression", "expression"),
        ("static-key-env-in-workload/pass/optional_and_unseen", "optional reference"),
        ("static-key-partial/pass/unseen_env_from_may_bring_the_rest", "envFrom"),
        ("irsa-env-overridden/pass/unseen_env_from", "envFrom"),
        ("irsa-role-arn-malformed/pass/shell_template", "filled in"),
        ("irsa-role-arn-malformed/pass/account_to_be_filled_in", "filled in"),
        ("static-env-shadows-identity/pass/association_in_an_unknown_namespace", "not known whether"),
        ("irsa-audience-mismatch/pass/annotation_not_known", "environment substitution"),
        ("pi-env-overridden/pass/both_and_one_not_known", "not among the files"),
    ],
)
def test_what_is_not_known_is_counted_and_not_passed_over(case: str, reason: str) -> None:
    unevaluated = judge(FIXTURES / case)[1].unevaluated
    assert any(reason in one.reason for one in unevaluated), unevaluated
