"""Provider configurations: a role and an OIDC provider that Terraform makes in different accounts are not joined."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rolecall.model import OidcProvider, Role
from rolecall.rule import Severity
from tests.plans import configured, plan, resource
from tests.worlds import judge, read

if TYPE_CHECKING:
    from pathlib import Path

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E"
POLICY = f"""jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/{ISSUER}" }}
      Condition = {{ StringEquals = {{ "{ISSUER}:sub" = "system:serviceaccount:pay:app" }} }}
    }}]
  }})"""


def provider(name: str, written: str = "", clients: str = '"sts.amazonaws.com"') -> str:
    return (
        f'resource "aws_iam_openid_connect_provider" "{name}" {{\n  {written}\n  url = "https://{ISSUER}"\n'
        f"  client_id_list = [{clients}]\n}}\n"
    )


def role(written: str = "") -> str:
    return f'resource "aws_iam_role" "app" {{\n  {written}\n  name = "app"\n  assume_role_policy = {POLICY}\n}}\n'


def severities(directory: Path, **files: str) -> list[Severity]:
    write(directory, **files)
    _, judgement = judge(directory)
    return [one.severity for one in judgement.diagnostics if one.rule.name == "trust-oidc-missing-aud"]


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        path = directory / name / "main.tf" if name != "root" else directory / "main.tf"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("of_provider", "of_role", "expected"),
    [
        ("", "", Severity.LOW),
        ("provider = aws.b", "provider = aws.b", Severity.LOW),
        ("provider = aws", "", Severity.LOW),
        ("provider = aws.b", "", Severity.MEDIUM),
        ("", "provider = aws.b", Severity.MEDIUM),
    ],
)
def test_a_provider_of_another_configuration_limits_no_audience(
    tmp_path: Path, of_provider: str, of_role: str, expected: Severity
) -> None:
    assert severities(tmp_path, root=provider("p", of_provider) + role(of_role)) == [expected]


def test_of_providers_for_one_issuer_that_of_the_same_configuration_is_meant(tmp_path: Path) -> None:
    both = provider("one") + provider("other", "provider = aws.b", '"sts.amazonaws.com", "kubernetes"')
    assert severities(tmp_path, root=both + role()) == [Severity.LOW]


@pytest.mark.parametrize(
    ("given", "of_role", "expected"),
    [
        ("providers = { aws = aws.b }", "", Severity.MEDIUM),
        ("providers = { aws = aws.b }", "provider = aws.b", Severity.LOW),
        ("", "", Severity.LOW),
    ],
)
def test_a_module_has_the_configurations_that_its_call_gives(
    tmp_path: Path, given: str, of_role: str, expected: Severity
) -> None:
    call = f'module "p" {{\n  source = "./p"\n  {given}\n}}\n'
    assert severities(tmp_path, root=call + role(of_role), p=provider("p")) == [expected]


@pytest.mark.parametrize(
    ("given", "inner", "expected"),
    [
        ("providers = { aws.inner = aws.b }", "provider = aws.inner", "aws.b"),
        ("providers = { aws = aws.b }", "provider = aws.inner", None),
        ("providers = local.some", "", None),
        ("", 'provider = "aws.inner"', None),
    ],
)
def test_a_configuration_is_named_as_the_root_module_names_it_or_not_known(
    tmp_path: Path, given: str, inner: str, expected: str | None
) -> None:
    write(
        tmp_path,
        root=f'module "p" {{\n  source = "./p"\n  {given}\n}}\n' + role("provider = aws.b"),
        p=provider("p", inner),
    )
    graph = read(tmp_path).graph
    assert [one.configuration for one in graph.all(OidcProvider)] == [expected]
    assert [one.trust.configuration for one in graph.all(Role) if one.trust] == ["aws.b"]


def test_a_module_with_a_configuration_of_its_own_says_nothing_of_its_callers(tmp_path: Path) -> None:
    write(tmp_path, root='module "p" {\n  source = "./p"\n}\n', p='provider "aws" {\n}\n' + provider("p"))
    assert [one.configuration for one in read(tmp_path).graph.all(OidcProvider)] == [None]


@pytest.mark.parametrize(
    ("of_aws", "of_alias", "expected"),
    [
        ('region = "eu-west-1"', 'region = "us-east-1"', Severity.LOW),
        (None, 'region = "us-east-1"', Severity.LOW),
        ('profile = "shop"', 'profile = "shop"\n  region = "us-east-1"', Severity.LOW),
        ("profile = var.profile", "profile = var.profile", Severity.LOW),
        ('profile = "shop"', 'profile = "pay"', Severity.MEDIUM),
        ("", 'profile = "pay"', Severity.MEDIUM),
        (
            'assume_role {\n  role_arn = "arn:aws:iam::111122223333:role/a"\n}',
            'assume_role {\n  role_arn = "arn:aws:iam::111122223333:role/b"\n}\n  profile = "ci"',
            Severity.LOW,
        ),
        (
            'assume_role {\n  role_arn = "arn:aws:iam::111122223333:role/a"\n}',
            'assume_role {\n  role_arn = "arn:aws:iam::444455556666:role/a"\n}',
            Severity.MEDIUM,
        ),
        (
            'profile = "a"\n  allowed_account_ids = ["111122223333"]',
            'allowed_account_ids = ["111122223333"]',
            Severity.LOW,
        ),
        ("", 'dynamic "assume_role" {\n  for_each = var.roles\n  content {\n  }\n}', Severity.MEDIUM),
    ],
)
def test_configurations_that_authenticate_alike_are_for_one_account(
    tmp_path: Path, of_aws: str | None, of_alias: str, expected: Severity
) -> None:
    default = "" if of_aws is None else f'provider "aws" {{\n  {of_aws}\n}}\n'
    alias = f'provider "aws" {{\n  alias = "b"\n  {of_alias}\n}}\n'
    assert severities(tmp_path, root=default + alias + provider("p", "provider = aws.b") + role()) == [expected]


@pytest.mark.parametrize(
    ("given", "inner"),
    [
        ("providers = { aws = aws }", ""),
        ("providers = { aws.inner = aws }", "provider = aws.inner"),
        ('providers = { "aws" = "aws" }', "provider = aws"),
    ],
)
def test_the_default_configuration_is_read_where_it_is_written(tmp_path: Path, given: str, inner: str) -> None:
    write(tmp_path, root=f'module "p" {{\n  source = "./p"\n  {given}\n}}\n', p=provider("p", inner))
    assert [one.configuration for one in read(tmp_path).graph.all(OidcProvider)] == ["aws"]


def test_a_second_provider_in_another_region_of_one_account_is_one_too_many(tmp_path: Path) -> None:
    alias = 'provider "aws" {\n  alias = "b"\n  region = "us-east-1"\n}\n'
    call = 'module "p" {\n  source = "./p"\n  providers = { aws = aws.b }\n}\n'
    write(tmp_path, root=alias + call + provider("q"), p=provider("p"))
    _, judgement = judge(tmp_path)
    assert [one.rule.name for one in judgement.diagnostics if "duplicate" in one.rule.name] == [
        "oidc-provider-duplicate"
    ]


@pytest.mark.parametrize(
    ("keys", "of_alias", "found", "counted"),
    [
        (("aws", "aws"), {}, 1, 0),
        (("aws", "aws.b"), {"region": {"constant_value": "us-east-1"}}, 1, 0),
        (("aws", "aws.b"), {"profile": {"constant_value": "pay"}}, 0, 0),
        (("aws", "aws.b"), {"assume_role": [{"role_arn": {"references": ["var.role"]}}]}, 0, 0),
        (("", ""), {}, 0, 1),
        (("m:aws", "n:aws"), {}, 0, 1),
    ],
)
def test_a_plan_says_by_which_configuration_a_resource_is_made(
    tmp_path: Path, keys: tuple[str, str], of_alias: dict[str, object], found: int, counted: int
) -> None:
    names = ("one", "two")
    kind = "aws_iam_openid_connect_provider"
    values = {"url": f"https://{ISSUER}", "client_id_list": ["sts.amazonaws.com"]}
    made = plan(
        [resource(f"{kind}.{name}", values) for name in names],
        configuration={
            "resources": [
                configured(f"{kind}.{name}", {}, provider_config_key=key) for name, key in zip(names, keys, strict=True)
            ]
        },
    )
    made["configuration"]["provider_config"] = {
        "aws": {"name": "aws"},
        "aws.b": {"alias": "b", "expressions": of_alias},
    }
    (tmp_path / "plan.json").write_text(json.dumps(made), encoding="utf-8")
    _, judgement = judge(tmp_path)
    assert [one.rule.name for one in judgement.diagnostics].count("oidc-provider-duplicate") == found
    assert len([one for one in judgement.unevaluated if one.reason.startswith("by which provider")]) == counted
