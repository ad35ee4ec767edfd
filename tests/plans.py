"""Terraform plans for tests, in the form in which `terraform show -json` writes them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rolecall.facts import Facts, collect
from rolecall.source import Source
from rolecall.terraform import unit

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULES = re.compile(r"^(?:module\.\w+(?:\[[^\]]*\])?\.)+")
PATH = "plan.json"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
EC2 = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
)


def trust(subject: str, operator: str = "StringEquals") -> str:
    """A role's trust policy, as `jsonencode` writes it."""
    condition = {
        "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
        operator: {f"{ISSUER}:sub": subject},
    }
    condition["StringEquals"] = {f"{ISSUER}:aud": "sts.amazonaws.com", **condition["StringEquals"]}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"},
        "Condition": condition,
    }
    return json.dumps({"Statement": [statement], "Version": "2012-10-17"}, separators=(",", ":"))


def resource(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A resource of `planned_values`."""
    own = _MODULES.sub("", address)
    mode = "data" if own.startswith("data.") else "managed"
    kind, _, name = own.removeprefix("data.").partition(".")
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name.partition("[")[0],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": values,
        "sensitive_values": {},
        **more,
    }


def module(
    address: str, resources: Iterable[dict[str, Any]], children: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """A module of `planned_values`."""
    return {"resources": list(resources), "address": address, "child_modules": list(children)}


def references(*texts: str) -> dict[str, Any]:
    """An expression of the configuration."""
    return {"references": list(texts)}


def configured(address: str, expressions: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A resource of the configuration."""
    return {"address": address, "expressions": expressions, **more}


def plan(
    resources: Iterable[dict[str, Any]],
    *,
    modules: Iterable[dict[str, Any]] = (),
    unknown: dict[str, Any] | None = None,
    configuration: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A plan. `unknown` has the marks of `after_unknown` by address."""
    changes = []
    for address, marks in (unknown or {}).items():
        kind = resource(address, {})["type"]
        changes.append({"address": address, "type": kind, "change": {"after_unknown": marks}})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": list(resources), "child_modules": list(modules)}},
        "resource_changes": changes,
        "configuration": {"root_module": configuration or {}},
    }


def read(value: dict[str, Any], indent: int | None = None) -> Facts:
    """What a plan says."""
    source = Source(PATH, json.dumps(value, indent=indent))
    return collect(PATH, unit.adapt_plan(source), (PATH,))
