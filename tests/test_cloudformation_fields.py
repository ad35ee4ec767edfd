"""The properties that the adapters of CloudFormation read are those that CloudFormation has.

The schemas of resource types come with cfn-lint, which is large: where it is not installed this test is left out.
"""

from __future__ import annotations

import ast
import json
import re
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rolecall.adapt.cloudformation import RESOURCES
from rolecall.adapt.cloudformation_iam import POLICIES_OF_RESOURCES
from rolecall.cloudformation.references import NAMES
from tests.fixtures import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_METADATA = tuple(f"MetadataOptions.{name}" for name in ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint"))
FIELDS: dict[str, tuple[str, ...]] = {
    "AWS::AutoScaling::AutoScalingGroup": (
        *("AutoScalingGroupName", "Tags.Key", "LaunchConfigurationName"),
        *("LaunchTemplate.LaunchTemplateName", "LaunchTemplate.LaunchTemplateId"),
        *(
            f"MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.{name}"
            for name in ("LaunchTemplateName", "LaunchTemplateId")
        ),
    ),
    "AWS::AutoScaling::LaunchConfiguration": (
        *("LaunchConfigurationName", "IamInstanceProfile", "ImageId", "UserData"),
        *_METADATA,
    ),
    "AWS::EC2::Instance": ("UserData",),
    "AWS::EC2::LaunchTemplate": (
        *("LaunchTemplateName", "TagSpecifications.Tags.Key", "LaunchTemplateData.TagSpecifications.Tags.Key"),
        *("LaunchTemplateData.IamInstanceProfile.Name", "LaunchTemplateData.IamInstanceProfile.Arn"),
        *("LaunchTemplateData.ImageId", "LaunchTemplateData.UserData"),
        *(f"LaunchTemplateData.{name}" for name in _METADATA),
    ),
    "AWS::EKS::AccessEntry": ("ClusterName", "PrincipalArn", "Type"),
    "AWS::EKS::Addon": (
        *("ClusterName", "AddonName", "ServiceAccountRoleArn", "NamespaceConfig.Namespace"),
        *("PodIdentityAssociations.ServiceAccount", "PodIdentityAssociations.RoleArn"),
    ),
    "AWS::EKS::Cluster": (
        *("Name", "Version", "RoleArn", "ComputeConfig.NodeRoleArn", "ComputeConfig.Enabled"),
        "OpenIdConnectIssuerUrl",
    ),
    "AWS::EKS::FargateProfile": (
        *("ClusterName", "PodExecutionRoleArn", "Selectors.Namespace"),
        *("Selectors.Labels.Key", "Selectors.Labels.Value"),
    ),
    "AWS::EKS::Nodegroup": (
        *("NodegroupName", "ClusterName", "NodeRole", "AmiType", "LaunchTemplate.Name", "LaunchTemplate.Id"),
    ),
    "AWS::EKS::PodIdentityAssociation": (
        *("ClusterName", "Namespace", "ServiceAccount", "RoleArn", "TargetRoleArn", "DisableSessionTags", "Policy"),
    ),
    "AWS::IAM::AccessKey": ("UserName", "Status", "SecretAccessKey"),
    "AWS::IAM::GroupPolicy": ("PolicyName", "PolicyDocument"),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", "Roles"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", "Path", "PolicyDocument", "Roles", "PolicyArn"),
    "AWS::IAM::OIDCProvider": ("Url", "ClientIdList", "Arn"),
    "AWS::IAM::Policy": ("PolicyName", "PolicyDocument", "Roles"),
    "AWS::IAM::Role": (
        *("RoleName", "AssumeRolePolicyDocument", "ManagedPolicyArns", "Tags.Key", "Path", "Policies.PolicyDocument"),
        *("PermissionsBoundary", "MaxSessionDuration", "Arn", "RoleId"),
    ),
    "AWS::IAM::RolePolicy": ("RoleName", "PolicyDocument"),
    "AWS::IAM::UserPolicy": ("PolicyName", "PolicyDocument"),
    "AWS::SSM::Parameter": ("Name",),
    "AWS::SecretsManager::Secret": ("Name",),
    **{kind: (name,) for kind, name in POLICIES_OF_RESOURCES.items()},
}
# Of templates and of resources as such.
_OF_ANY = {"Ref", "Value", "Outputs", "Metadata", "CloudFormation", "PolicyDocument"}
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


def schemas() -> Path | None:
    """The directory of cfn-lint's schemas."""
    try:
        found = [Path(file.locate()) for file in files("cfn-lint") or () if file.name == "us-east-1.json"]
    except PackageNotFoundError:
        return None
    return next((path.parent.parent for path in found if path.parent.name == "providers"), None)


SCHEMAS = schemas()


def schema_of(kind: str) -> dict[str, Any]:
    assert SCHEMAS is not None
    region = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads((SCHEMAS / "resources" / f"{region[kind]}.json").read_text(encoding="utf-8"))
    return found


def steps(schema: dict[str, Any], part: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The schemas of a property, through references, alternatives and items of lists."""
    pending = [part]
    while pending:
        one = pending.pop()
        if "$ref" in one:
            pending.append(schema["definitions"][one["$ref"].rpartition("/")[2]])
        pending += [*one.get("anyOf", ()), *one.get("oneOf", ()), *one.get("allOf", ())]
        if isinstance(one.get("items"), dict):
            pending.append(one["items"])
        if name in one.get("properties", {}):
            yield one["properties"][name]


@pytest.mark.skipif(SCHEMAS is None, reason="cfn-lint is not installed")
@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_the_properties_are_cloudformations(kind: str) -> None:
    schema = schema_of(kind)
    for path in FIELDS[kind]:
        parts = [schema]
        for name in path.split("."):
            parts = [inner for part in parts for inner in steps(schema, part, name)]
        assert parts, path


def test_every_type_that_is_read_has_its_properties_here() -> None:
    assert {kind for kind in RESOURCES if kind.startswith("AWS::")} <= set(FIELDS)
    for kind, name in NAMES.items():
        assert kind not in FIELDS or name in FIELDS[kind]


@pytest.mark.parametrize(
    "module", ["cloudformation_eks", "cloudformation_iam", "cloudformation_keys", "cloudformation_nodes"]
)
def test_every_name_that_an_adapter_has_is_among_them(module: str) -> None:
    tree = ast.parse((ROOT / "linter" / "rolecall" / "adapt" / f"{module}.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    known = {name for paths in FIELDS.values() for path in paths for name in path.split(".")}
    assert {text for text in texts if _NAME.fullmatch(text)} - known - _OF_ANY == set()
