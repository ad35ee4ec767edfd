"""Access keys that Terraform makes, followed to where they go; and keys in user data."""

from __future__ import annotations

import base64

import pytest

from rolecall.model import AccessKey, KeyUse, MaterialKind, UserData
from tests.terraform_worlds import every, only, read

KEY = 'resource "aws_iam_access_key" "k" {\n  user = "u"\n}\n'
ID = "AKIAQ2W3E4R5T6Y7U2I3"
SECRET = "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"  # noqa: S105 - an invented one


def flows(text: str) -> list[tuple[KeyUse, str, str]]:
    return [(flow.use, flow.attribute, flow.target) for flow in only(read(KEY + text), AccessKey).flows]


def in_secret(value: str, more: str = "") -> list[str]:
    """The parts of the key that an expression brings into a Secret."""
    text = f'resource "kubernetes_secret" "s" {{\n  metadata {{\n    name = "s"\n  }}\n  data = {{ v = {value} }}\n}}\n'
    return [attribute for _, attribute, _ in flows(text + more)]


@pytest.mark.parametrize(
    "value",
    [
        "aws_iam_access_key.k.secret",
        '"key=${aws_iam_access_key.k.secret}"',
        "base64encode(aws_iam_access_key.k.secret)",
        "jsonencode({ a = { b = [aws_iam_access_key.k.secret] } })",
        "base64encode(yamlencode({ a = aws_iam_access_key.k.secret }))",
        "nonsensitive(try(aws_iam_access_key.k.secret, null))",
        'var.unknown ? aws_iam_access_key.k.secret : ""',
        "local.value",
        'join("", aws_iam_access_key.k.*.secret)',
        'format("%s", aws_iam_access_key.k["secret"])',
        "data.template_file.t.rendered",
        "kubernetes_config_map.other.data.x",
    ],
)
def test_a_secret_is_followed_through_expressions(value: str) -> None:
    more = """
    variable "unknown" {}
    locals {
      value = { deep = aws_iam_access_key.k.secret }.deep
    }
    data "template_file" "t" {
      template = "$${secret}"
      vars     = { secret = aws_iam_access_key.k.secret }
    }
    """
    if "config_map" in value:
        more += 'resource "kubernetes_config_map" "other" {\n  data = { x = aws_iam_access_key.k.secret }\n}\n'
    assert "secret" in in_secret(value, more)


@pytest.mark.parametrize(
    "value",
    [
        "sha256(aws_iam_access_key.k.secret)",
        "aws_iam_access_key.k.user",
        "aws_iam_access_key.k.create_date",
        "aws_iam_access_key.k.encrypted_secret",
        "aws_iam_access_key.k.ses_smtp_password_v4",
        "length(aws_iam_access_key.k)",
        "data.aws_iam_access_keys.k.access_keys",
        "aws_iam_access_key.other.secret",
    ],
)
def test_what_is_made_of_a_key_need_not_give_it_away(value: str) -> None:
    assert in_secret(value) == []


def test_meta_arguments_are_no_flow() -> None:
    text = """
    resource "helm_release" "r" {
      name       = "r"
      depends_on = [aws_iam_access_key.k]
      count      = aws_iam_access_key.k.secret != "" ? 1 : 0
    }
    """
    assert flows(text) == []


def test_places_are_named_as_their_objects_are() -> None:
    value = "aws_iam_access_key.k.secret"
    text = f"""
    resource "kubernetes_stateful_set_v1" "a" {{
      metadata {{
        name      = "a"
        namespace = "n"
      }}
      spec {{
        template {{
          spec {{
            container {{
              env {{
                name  = "KEY"
                value = {value}
              }}
            }}
          }}
        }}
      }}
    }}
    resource "kubernetes_config_map_v1_data" "b" {{
      metadata {{
        name = "b"
      }}
      data = {{ x = {value} }}
    }}
    resource "kubectl_manifest" "c" {{
      yaml_body = jsonencode({{ kind = "Secret", metadata = {{ name = "c" }}, stringData = {{ x = {value} }} }})
    }}
    resource "kubernetes_manifest" "d" {{
      manifest = merge(var.base, {{ x = {value} }})
    }}
    variable "base" {{}}
    resource "local_sensitive_file" "e" {{
      filename = "e"
      content  = {value}
    }}
    resource "aws_ssm_parameter" "f" {{
      name  = "/f"
      type  = var.base
      value = {value}
    }}
    output "g" {{
      value     = {value}
      sensitive = var.base
    }}
    resource "aws_lambda_function" "h" {{
      function_name = {value}
    }}
    """
    assert flows(text) == [
        (KeyUse.CLUSTER, "secret", "StatefulSet n/a"),
        (KeyUse.CLUSTER, "secret", "ConfigMap b"),
        (KeyUse.CLUSTER, "secret", "Secret c"),
        (KeyUse.CLUSTER, "secret", "the object of kubernetes_manifest.d"),
        (KeyUse.FILE, "secret", "the file e"),
        (KeyUse.STORE, "secret", "SSM parameter /f"),
    ]


def test_each_instance_has_what_goes_out_of_it() -> None:
    text = """
    resource "aws_iam_access_key" "k" {
      for_each = toset(["a", "b"])
      user     = each.key
    }
    resource "kubernetes_secret" "s" {
      data = { a = aws_iam_access_key.k["a"].secret }
    }
    resource "kubernetes_secret" "any" {
      data = { x = aws_iam_access_key.k[var.which].secret }
    }
    variable "which" {}
    """
    keys = every(read(text), AccessKey)
    assert [[flow.address for flow in key.flows] for key in keys] == [
        ["kubernetes_secret.s", "kubernetes_secret.any"],
        ["kubernetes_secret.any"],
    ]


def test_nothing_is_evaluated_for_keys_where_there_are_none() -> None:
    broken = 'resource "aws_ssm_parameter" "s" {\n  value = { = }\n}\n'
    assert read(broken).problems == ()
    assert read(KEY + broken).problems != ()


def user_data(value: str, more: str = "") -> list[tuple[str, str | None, MaterialKind]]:
    text = f'resource "aws_instance" "i" {{\n  user_data = {value}\n}}\n'
    facts = read(more + text)
    assert facts.problems == ()
    return [
        (setting.manner, setting.name.known, setting.material.kind)
        for data in every(facts, UserData)
        for setting in data.settings
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"export AWS_SECRET_ACCESS_KEY={SECRET}",
        f"AWS_SECRET_ACCESS_KEY='{SECRET}' ./start",
        f"sudo tee /etc/environment <<< aws_secret_access_key={SECRET}",
        f"aws configure set aws_secret_access_key {SECRET}",
        f"aws --region x configure set --profile p profile.p.aws_secret_access_key {SECRET}",
        f"Environment=AWS_SECRET_ACCESS_KEY={SECRET}",
        f"S={SECRET}; aws configure set aws_secret_access_key $S",
        f'[settings.host-containers]\\nAWS_SECRET_ACCESS_KEY = \\"{SECRET}\\"',
        f"- [ aws, configure, set, aws_secret_access_key, {SECRET} ]",
    ],
)
def test_a_secret_is_found_however_it_is_set(line: str) -> None:
    ((_, name, kind),) = user_data(f'"{line}"')
    assert (name or "").upper() == "AWS_SECRET_ACCESS_KEY"
    assert kind is MaterialKind.SECRET_KEY
    encoded = base64.b64encode(line.replace("\\n", "\n").replace('\\"', '"').encode()).decode()
    assert [kind for _, _, kind in user_data(f'"{encoded}"')] == [MaterialKind.SECRET_KEY]


@pytest.mark.parametrize(
    "line",
    [
        "export AWS_SECRET_ACCESS_KEY=$SECRET",
        "export AWS_SECRET_ACCESS_KEY=$(fetch)",
        "export AWS_SECRET_ACCESS_KEY=",
        "aws configure set region eu-west-1",
        "aws configure set aws_secret_access_key $${SECRET}",
        "aws configure list",
        "AWS_SECRET_ACCESS_KEY=changeme",
        "# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: see the wiki",
        "MY_AWS_SECRET_ACCESS_KEY_FILE=/run/secret",
        "printf 'aws_secret_access_key = %s' \\\"$S\\\"",
    ],
)
def test_what_is_fetched_or_no_key_is_no_setting(line: str) -> None:
    assert user_data(f'"{line}"') == []


def test_what_terraform_puts_in_is_a_setting_without_its_value() -> None:
    more = 'variable "s" {}\nlocals {\n  script = base64encode("x\\nAWS_SECRET_KEY=a${var.s}\\n")\n}\n'
    assert user_data("local.script", more) == [("text", "AWS_SECRET_KEY", MaterialKind.UNKNOWN)]


def test_the_model_does_not_hold_the_material() -> None:
    facts = read(
        f'resource "aws_instance" "i" {{\n  user_data = "AWS_ACCESS_KEY_ID={ID}\\nAWS_SECRET_KEY={SECRET}"\n}}\n'
    )
    data = only(facts, UserData)
    assert len(data.settings) == 2
    assert ID not in repr(data)
    assert SECRET not in repr(data)


def test_unknown_user_data_is_said_not_to_be_evaluated() -> None:
    text = 'variable "u" {}\nresource "aws_launch_template" "t" {\n  user_data = base64encode(var.u)\n}\n'
    (unevaluated,) = read(text).unevaluated
    assert unevaluated.what == "user data of aws_launch_template.t"
    assert "var.u" in unevaluated.reason


def test_an_instance_without_user_data_is_not_read() -> None:
    assert read('resource "aws_instance" "i" {\n  ami = \n}\n').problems == ()


def test_a_template_file_is_given_its_variables() -> None:
    more = f"""
    data "template_file" "t" {{
      template = "AWS_ACCESS_KEY_ID=$${{id}} AWS_SECRET_ACCESS_KEY=$${{secret}} $${{more}}"
      vars = {{
        id     = "{ID}"
        secret = var.secret
      }}
    }}
    variable "secret" {{}}
    """
    assert user_data("data.template_file.t.rendered", more) == [
        ("text", "AWS_ACCESS_KEY_ID", MaterialKind.KEY_ID),
        ("text", "AWS_SECRET_ACCESS_KEY", MaterialKind.UNKNOWN),
    ]


@pytest.mark.parametrize("unit", ["aws ", "aws,--a=", "AWS_ACCESS_KEY ", "A=$A AWS_SECRET_KEY=$A ", "aws" + " " * 39])
def test_hostile_user_data_ends(unit: str) -> None:
    assert user_data('"' + unit * (90_000 // len(unit)) + '"') == []
