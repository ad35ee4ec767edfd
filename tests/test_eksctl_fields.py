"""The fields that the adapters of eksctl read are those that eksctl has, and none about identity is passed over.

`eksctl_fields.json` says of which version of eksctl's schema.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from rolecall.adapt.eksctl_policies import ADDON_POLICIES, WELL_KNOWN
from tests.fixtures import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS: dict[str, dict[str, str]] = json.loads((ROOT / "tests" / "eksctl_fields.json").read_text(encoding="utf-8"))[
    "definitions"
]

_ROLE = ("attachPolicyARNs", "attachPolicy", "permissionsBoundary")
_NODES = ("name", "iam", "amiFamily", "disableIMDSv1", "disablePodIMDS", "preBootstrapCommands")
# By where they stand: a path of fields from the top, and those that are read there.
FIELDS: dict[str, tuple[str, ...]] = {
    "": (
        *("metadata", "iam", "addons", "addonsConfig", "capabilities", "nodeGroups", "managedNodeGroups"),
        *("fargateProfiles", "accessConfig", "iamIdentityMappings", "karpenter", "autoModeConfig"),
        *("remoteNetworkConfig", "kubernetesNetworkConfig"),
    ),
    "metadata": ("name", "region", "version"),
    "iam": (
        *("serviceRoleARN", "withOIDC", "serviceAccounts", "podIdentityAssociations"),
        *("fargatePodExecutionRoleARN", "serviceRolePermissionsBoundary"),
    ),
    "iam.serviceAccounts": (
        *(*_ROLE, "metadata", "attachRoleARN", "wellKnownPolicies", "roleName", "roleOnly"),
        "subjectPattern",
    ),
    "iam.serviceAccounts.metadata": ("name", "namespace", "annotations", "labels"),
    "iam.serviceAccounts.wellKnownPolicies": tuple(WELL_KNOWN),
    "iam.podIdentityAssociations": (
        *("namespace", "serviceAccountName", "roleARN", "createServiceAccount", "disableSessionTags"),
        *("targetRoleARN", "policy", "permissionPolicyARNs", "permissionPolicy", "permissionsBoundaryARN"),
        *("roleName", "wellKnownPolicies"),
    ),
    "addons": (
        *(*_ROLE, "name", "serviceAccountRoleARN", "wellKnownPolicies", "namespaceConfig"),
        *("podIdentityAssociations", "useDefaultPodIdentityAssociations"),
    ),
    "addons.namespaceConfig": ("namespace",),
    "addons.podIdentityAssociations": ("namespace", "serviceAccountName", "roleARN", "createServiceAccount"),
    "addonsConfig": ("autoApplyPodIdentityAssociations",),
    "capabilities": (*_ROLE, "name", "roleArn"),
    "nodeGroups": (*_NODES, "overrideBootstrapCommand"),
    "managedNodeGroups": (*_NODES, "overrideBootstrapCommand", "launchTemplate"),
    "managedNodeGroups.launchTemplate": ("id",),
    "managedNodeGroups.iam": (
        *("instanceProfileARN", "instanceRoleARN", "instanceRoleName", "instanceRolePermissionsBoundary"),
        *("attachPolicyARNs", "attachPolicy", "withAddonPolicies"),
    ),
    "managedNodeGroups.iam.withAddonPolicies": tuple(ADDON_POLICIES),
    "fargateProfiles": ("name", "podExecutionRoleARN", "selectors"),
    "fargateProfiles.selectors": ("namespace", "labels"),
    "accessConfig": ("accessEntries",),
    "accessConfig.accessEntries": ("principalARN", "type"),
    "iamIdentityMappings": ("arn", "groups"),
    "autoModeConfig": ("enabled", "nodeRoleARN"),
    "karpenter": ("defaultInstanceProfile", "withSpotInterruptionQueue"),
    "remoteNetworkConfig": ("iam", "remoteNodeNetworks", "remotePodNetworks"),
    "remoteNetworkConfig.iam": ("provider", "roleARN"),
}
# What says nothing about who becomes whom, or is of roles that no rule asks about: the cluster's own, Fargate's, those
# of Auto Mode. All others of these definitions are read.
NOT_READ: dict[str, tuple[str, ...]] = {
    "iam": ("fargatePodExecutionRolePermissionsBoundary", "vpcResourceControllerPolicy"),
    # The role is made alike whoever makes the service account.
    "karpenter": ("createServiceAccount", "version"),
    "iam.serviceAccounts": ("status", "tags"),
    "iam.serviceAccounts.metadata": (),
    "iam.serviceAccounts.wellKnownPolicies": (),
    "iam.podIdentityAssociations": ("permissionPolicyName", "tags"),
    "addons": ("configurationValues", "owners", "publishers", "resolveConflicts", "tags", "types", "version"),
    "addons.namespaceConfig": (),
    "addonsConfig": ("disableDefaultAddons",),
    "capabilities": ("accessPolicies", "configuration", "deletePropagationPolicy", "tags", "type"),
    "managedNodeGroups.iam": (),
    "managedNodeGroups.iam.withAddonPolicies": (),
    "fargateProfiles": ("status", "subnets", "tags"),
    "fargateProfiles.selectors": (),
    "accessConfig": ("authenticationMode", "bootstrapClusterCreatorAdminPermissions"),
    "accessConfig.accessEntries": ("accessPolicies", "kubernetesGroups", "kubernetesUsername"),
    "iamIdentityMappings": ("account", "namespace", "noDuplicateARNs", "serviceName", "username"),
    "autoModeConfig": ("nodePools", "permissionsBoundaryARN"),
    "remoteNetworkConfig": ("vpcGatewayID",),
    "remoteNetworkConfig.iam": ("caBundleCert",),
}
_READS = {"get", "scalar", "mapping", "mappings", "entry", "items", "text", "pairs", "Keys"}
_CAMEL = re.compile(r"[a-z]+[A-Z][A-Za-z0-9]*")
MODULES = sorted((ROOT / "linter" / "rolecall" / "adapt").glob("eksctl*.py"))


def definition(path: str) -> dict[str, str]:
    found = FACTS["ClusterConfig"]
    for name in path.split(".") if path else ():
        found = FACTS[found[name]]
    return found


def names_in(tree: ast.AST) -> Iterator[str]:
    """The fields that a module names: what it asks a mapping for, and all that is written as fields are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CAMEL.fullmatch(node.value):
            yield node.value
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for given in (*node.args, *(keyword.value for keyword in node.keywords)) if called in _READS else ():
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


@pytest.mark.parametrize("path", sorted(FIELDS))
def test_the_fields_are_eksctls(path: str) -> None:
    assert set(FIELDS[path]) - set(definition(path)) == set()


@pytest.mark.parametrize("path", sorted(NOT_READ))
def test_no_field_about_identity_is_passed_over(path: str) -> None:
    assert set(definition(path)) - set(FIELDS[path]) == set(NOT_READ[path])


def test_the_fields_that_the_adapters_name_are_those() -> None:
    named = {name for module in MODULES for name in names_in(ast.parse(module.read_text(encoding="utf-8")))}
    assert named | set(WELL_KNOWN) | set(ADDON_POLICIES) == {name for names in FIELDS.values() for name in names}


def test_both_kinds_of_node_groups_have_what_is_read_of_them() -> None:
    assert definition("nodeGroups.iam") == definition("managedNodeGroups.iam")
    assert definition("addons.podIdentityAssociations") == definition("iam.podIdentityAssociations")
    assert definition("addons.wellKnownPolicies") == definition("iam.serviceAccounts.wellKnownPolicies")
