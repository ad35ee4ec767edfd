"""Provider configurations: a role and an OIDC provider that Terraform makes in different accounts are not joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.model import OidcProvider, Role
from rolecall.rule import Severity
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
