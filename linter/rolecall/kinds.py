"""What a file is, told by its name and its content."""

from __future__ import annotations

import re
from enum import Enum

from rolecall import regex
from rolecall.records import dataclass


class UnitKind(Enum):
    """What reads a unit. TEXT: a file of another format, in which only key material is looked for."""

    YAML = "YAML"
    JSON = "JSON"
    DOCKERFILE = "Dockerfile"
    TERRAFORM = "Terraform"
    PLAN = "Terraform plan"
    TERRAGRUNT = "Terragrunt"
    KUSTOMIZE = "Kustomize"
    STREAM = "standard input"
    VALUES = "Helm values"
    TEXT = "other text"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read on its own: a file, a Terraform directory, or standard input.

    `name` is the file or directory as shown; `paths` its files. `documents` are the stretches of a YAML file (start
    and end offset) that are to be read; None: all of it. `calls` are the directories that a Terraform directory calls
    as modules; `called`: another one of the world does, and evaluates it.
    """

    kind: UnitKind
    name: str
    paths: tuple[str, ...]
    documents: tuple[tuple[int, int], ...] | None = None
    calls: tuple[str, ...] = ()
    called: bool = False


_DOCKERFILE = regex.compile(r"(?:docker|container)file(?:[._-].+)?|.+\.(?:docker|container)file", re.IGNORECASE)
_NOT_DOCKERFILE = (
    ".dockerignore",
    ".md",
    ".txt",
    ".j2",
    ".tmpl",
    ".tpl",
    ".erb",
    ".sh",
    ".py",
    ".go",
    ".rb",
    ".ts",
    ".js",
)
_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")
# What calls a module: a unit's `terraform` block with its `inputs`, a stack's units.
_TERRAGRUNT = regex.compile(r"^(?:terraform[ \t]*\{|inputs[ \t]*=|(?:unit|stack)[ \t]+\")", re.MULTILINE)
_YAML = (".yaml", ".yml")
_YAML_TEMPLATE = regex.compile(r"\.ya?ml\.(?:tpl|tmpl|tftpl|gotmpl|template|envsubst|j2|jinja2?)\Z")
_MAYBE_JSON = (
    *(".tpl", ".tmpl", ".tftpl", ".template", ".policy", ".pol", ".iam", ".tfstate", ".tfplan", ".plan"),
    *(".cfn", ".cform", ".cloudformation"),
)
_RESOURCES = regex.compile(r"^Resources[ \t]{0,20}:|[\"']Resources[\"']\s{0,20}:", re.MULTILINE)
_IDENTITY = regex.compile(
    r"AWS::(?:IAM|EKS)::|AWS::EC2::(?:LaunchTemplate|Instance\b)|AWS::AutoScaling::(?:LaunchConfiguration|AutoScalingGroup)"
    r"|AWSQS::Kubernetes::|Custom::AWSCDK-EKS|AWS::CloudFormation::Stack\b|AWS::Serverless::Application\b"
)

# The parser's own words, so that prose that begins with "from" is no Dockerfile.
_INSTRUCTIONS = regex.compile(
    r"^[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    r"|WORKDIR)[ \t]+\S",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = regex.compile(
    r"(?:[ \t]*(?:#[^\n]*|ARG[ \t][^\n]*)?\r?\n)*"
    r"[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?\S+[ \t]*(?:AS[ \t]+\S+[ \t]*)?\r?(?:\n|$)",
    re.IGNORECASE,
)


def kind_of_name(name: str) -> UnitKind | None:
    """What a file's name says that it is; None where it says nothing."""
    lower = name.lower()
    if lower.endswith(_TERRAFORM):
        return UnitKind.TERRAFORM
    if lower.endswith(".hcl") and lower != ".terraform.lock.hcl":
        return UnitKind.TERRAGRUNT
    if _DOCKERFILE.fullmatch(lower) and not lower.endswith(_NOT_DOCKERFILE):
        return UnitKind.DOCKERFILE
    if lower.endswith(_YAML) or _YAML_TEMPLATE.search(lower) or name == "Kustomization":
        return UnitKind.YAML
    return UnitKind.JSON if lower.endswith(".json") else None


def worth_sniffing(name: str) -> bool:
    """Whether a file whose name says nothing may still be ours: one without extension, or a template of JSON."""
    stem, dot, _ = name.lstrip(".").rpartition(".")
    return not dot or not stem or name.lower().endswith(_MAYBE_JSON)


def kind_of_text(text: str) -> UnitKind | None:
    """What a file's content says that it is."""
    start = text.lstrip()[:2]
    if start[:1] in ("{", "[") and start not in ("{{", "{%"):
        return UnitKind.JSON if is_plausible_json(text) else None
    if is_template(text):
        return UnitKind.YAML
    if is_dockerfile(text):
        return UnitKind.DOCKERFILE
    return None


def is_dockerfile(text: str) -> bool:
    """Whether a text begins as a Dockerfile does, and has another instruction."""
    start = _FROM.match(text[:20_000])
    return start is not None and _INSTRUCTIONS.search(text, start.end()) is not None


def is_plausible_json(text: str) -> bool:
    """Whether a JSON text may hold an IAM document or a manifest."""
    return is_policy(text) or is_manifest(text) or is_plan(text) or is_template(text)


def is_template(text: str) -> bool:
    """Whether a text has the words of a template of CloudFormation or SAM."""
    if "::" not in text or "Resources" not in text:
        return False
    return "AWSTemplateFormatVersion" in text or _RESOURCES.search(text) is not None


def concerns_identity(template: str) -> bool:
    """Whether a template declares something that has an identity or gives one: by the words for types of resources."""
    return _IDENTITY.search(template) is not None


def is_plan(text: str) -> bool:
    """Whether a JSON text is a Terraform plan or state: `terraform show -json`, or a state file."""
    if '"format_version"' in text and '"root_module"' in text:
        return '"planned_values"' in text or '"values"' in text
    return '"terraform_version"' in text and '"lineage"' in text and '"resources"' in text


def is_terragrunt(text: str) -> bool:
    """Whether a text in HCL is a configuration of Terragrunt that calls a module, or gives one its inputs."""
    return _TERRAGRUNT.search(text) is not None


def is_policy(text: str) -> bool:
    """Whether a text has the words of an IAM policy or of IAM's own output."""
    if "Statement" in text and ("Effect" in text or "Principal" in text or "Action" in text):
        return True
    return (
        "AssumeRolePolicyDocument" in text
        or ("PolicyDocument" in text and "RoleName" in text)
        or "ClientIDList" in text
    )


def is_manifest(text: str) -> bool:
    """Whether a text has the two keys of a Kubernetes object."""
    return "apiVersion" in text and "kind" in text
