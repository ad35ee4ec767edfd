"""Terraform files as they lie in real trees: marks, line ends, hidden directories, links, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.worlds import BUILTIN, judge

if TYPE_CHECKING:
    from pathlib import Path

PROVIDER = """# A key for the backup account.
provider "aws" {
  alias      = "backup"
  access_key = "AKIAQ2W3E4R5T6Y7U2I3"
}

resource "aws_iam_access_key" "app" {
  user = "app"
}

resource "kubernetes_secret" "app" {
  metadata {
    name = "app"
  }
  data = { key = <<-EOT
    secret: ${aws_iam_access_key.app.secret}
  EOT
  }
}
"""
FOUND = [("tf-provider-static-key", 4, 16, 4, 38), ("tf-iam-access-key-to-cluster", 7, 1, 7, 36)]
RULES = [rule for rule in BUILTIN if rule.name.startswith(("tf-", "static-key-literal"))]


def found(directory: Path) -> dict[str, list[tuple[str, int, int, int, int]]]:
    """What the rules find in each file: name and place."""
    world, judgement = judge(directory, RULES)
    assert (*world.problems, *judgement.problems) == ()
    files: dict[str, list[tuple[str, int, int, int, int]]] = {}
    for one in judgement.diagnostics:
        at = one.at
        files.setdefault(at.path, []).append((one.rule.name, at.line, at.column, at.end_line, at.end_column))
    return files


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    "content",
    [
        PROVIDER.encode(),
        b"\xef\xbb\xbf" + PROVIDER.encode(),
        PROVIDER.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + PROVIDER.replace("\n", "\r\n").encode(),
        PROVIDER.rstrip("\n").encode(),
        PROVIDER.encode("utf-16"),
    ],
    ids=["plain", "mark", "crlf", "mark and crlf", "no final newline", "utf-16"],
)
def test_a_finding_is_where_it_is_however_the_file_is_written(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "main.tf", content)
    assert found(tmp_path) == {"main.tf": FOUND}


@pytest.mark.parametrize("comment", ["# caf\xe9", "// caf\xe9", 'a = "#" # "caf\xe9"'])
def test_a_comment_need_not_be_in_utf_8(tmp_path: Path, comment: str) -> None:
    write(
        tmp_path / "main.tf", PROVIDER.replace("# A key", f"locals {{\n  {comment}\n}}\n# Un cl\xe9").encode("latin-1")
    )
    moved = [(name, line + 3, column, end + 3, last) for name, line, column, end, last in FOUND]
    assert found(tmp_path) == {"main.tf": moved}


@pytest.mark.parametrize("text", ['a = "caf\xe9"', 'a = "# caf\xe9"', "caf\xe9 = 1"])
def test_what_is_no_comment_has_to_be_in_utf_8(tmp_path: Path, text: str) -> None:
    write(tmp_path / "main.tf", f"#\nlocals {{\n  {text}\n}}\n".encode("latin-1"))
    world, _ = judge(tmp_path, RULES)
    assert [(one.path, one.message) for one in world.problems] == [("main.tf", "not text in UTF-8, from line 3 on")]


def test_hidden_directories_are_looked_into(tmp_path: Path) -> None:
    write(tmp_path / ".infra/.env/main.tf", PROVIDER)
    write(tmp_path / ".terraform/modules/app/main.tf", PROVIDER)
    assert found(tmp_path) == {".infra/.env/main.tf": FOUND}


def test_a_linked_file_belongs_to_the_directory_of_the_link(tmp_path: Path) -> None:
    key, secret = PROVIDER.split('\nresource "kubernetes_secret"')
    write(tmp_path / "shared/keys.tf", key)
    write(tmp_path / "live/secret.tf", 'resource "kubernetes_secret"' + secret)
    (tmp_path / "live/keys.tf").symlink_to("../shared/keys.tf")
    _, judgement = judge(tmp_path, [rule for rule in RULES if rule.name == "tf-iam-access-key-to-cluster"])
    assert {(one.at.path, one.severity.name) for one in judgement.diagnostics} == {
        ("live/keys.tf", "HIGH"),
        ("shared/keys.tf", "LOW"),
    }


def test_each_copy_of_a_file_is_read(tmp_path: Path) -> None:
    for number in range(64):
        write(tmp_path / f"account-{number}/main.tf", PROVIDER)
    assert found(tmp_path) == {f"account-{number}/main.tf": FOUND for number in range(64)}


def test_a_long_file_is_read_to_its_end(tmp_path: Path) -> None:
    rule = 'resource "aws_security_group_rule" "r{}" {{\n  type = "egress"\n  from_port = 443\n}}\n'
    lines = "".join(rule.format(number) for number in range(2_400))
    assert len(lines) > 180_000
    write(tmp_path / "main.tf", lines + PROVIDER)
    below = lines.count("\n")
    moved = [(name, line + below, column, end + below, last) for name, line, column, end, last in FOUND]
    assert found(tmp_path) == {"main.tf": moved}


def test_the_syntax_of_version_0_11_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    old = 'resource "kubernetes_service_account" "app" {\n  metadata {\n    annotations {\n      "a.b/c" = "d"\n'
    old += "    }\n  }\n}\n"
    write(tmp_path / "main.tf", old + PROVIDER)
    world, judgement = judge(tmp_path, RULES)
    assert [(one.path, one.span.line) for one in world.problems if one.span] == [("main.tf", 4)]
    assert [one.rule.name for one in judgement.diagnostics] == [name for name, *_ in FOUND]


def test_values_files_give_values_and_are_searched_themselves(tmp_path: Path) -> None:
    write(tmp_path / "main.tf", 'variable "key" {}\n\nprovider "aws" {\n  access_key = var.key\n}\n')
    write(tmp_path / "terraform.tfvars", 'key = "AKIAQ2W3E4R5T6Y7U2I3"\n')
    write(tmp_path / "env/prod.tfvars", 'key = "AKIAR7T2K5M3P6Q4W2Z5"\n')
    assert found(tmp_path) == {
        "env/prod.tfvars": [("static-key-literal", 1, 8, 1, 28)],
        "terraform.tfvars": [("tf-provider-static-key", 1, 7, 1, 29)],
    }


def test_values_that_are_a_template_are_not_evaluated(tmp_path: Path) -> None:
    write(tmp_path / "main.tf", 'variable "x" {}\nprovider "aws" { access_key = var.x }\n')
    write(tmp_path / "terraform.tfvars", "x = {{ .Values.x | quote }}\n")
    world, _ = judge(tmp_path, RULES)
    assert world.problems == ()
    assert [(one.what, one.path) for one in world.unevaluated] == [("Helm template", "terraform.tfvars")]


TEMPLATE = """\
{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [
%{ for index, account in accounts ~}
  "${account}"%{ if index < length(accounts) - 1 },%{ endif }
%{ endfor ~}
]}}]}
"""
ROLE = """\
variable "accounts" {}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = templatefile("${path.module}/trust.json.tpl", { accounts = ACCOUNTS })
}
"""


@pytest.mark.parametrize(
    ("accounts", "unevaluated"),
    [
        ('["111122223333", "444455556666"]', []),
        ("var.accounts", ["trust policy of role app"]),
    ],
)
def test_a_template_that_terraform_fills_in_is_evaluated(tmp_path: Path, accounts: str, unevaluated: list[str]) -> None:
    (tmp_path / "trust.json.tpl").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "main.tf").write_text(ROLE.replace("ACCOUNTS", accounts), encoding="utf-8")
    world, judgement = judge(tmp_path)
    assert [thing.what for thing in (*world.unevaluated, *judgement.unevaluated)] == unevaluated
