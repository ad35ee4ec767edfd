"""The common model: what teams declare about workloads and AWS identities, whatever the format.

Entities are frozen, plain data. Their attributes are `Scalar`s of the tree, so every value knows where it is
written and how much of it is known; None means that it is not written at all. Secret material is masked before
it gets here (see `rolecall.secrets`).
"""

from __future__ import annotations

from typing import TypeAlias

from rolecall.model.access import BUILT_IN_ROLES, AccessBinding, AccessRole, AccessRule, AccessSubject
from rolecall.model.cluster import (
    AccessEntry,
    Addon,
    Cluster,
    EksctlServiceAccounts,
    FargateProfile,
    FargateSelector,
    LaunchTemplate,
    MetadataDefaults,
    MetadataOptions,
    NodeGroup,
    PodIdentityAssociation,
    RoleMapping,
    UnreadClusterModule,
)
from rolecall.model.compose import ComposeService, ComposeVariable
from rolecall.model.delivery import BucketClient, ControllerCredentials
from rolecall.model.helm import ChartKeys, HelmRelease, HelmSetting
from rolecall.model.iam import (
    Condition,
    DefaultTags,
    Duplicate,
    HandedOut,
    InstanceProfile,
    OidcProvider,
    Policy,
    PolicyAttachment,
    PolicyDocument,
    Principal,
    ResourcePolicy,
    Role,
    Statement,
    TrustPolicy,
    UnmadeRole,
)
from rolecall.model.images import (
    BuildStage,
    BuildVariable,
    CommandSetting,
    CopiedPath,
    ImageBuild,
    ImageSource,
    RunCommand,
)
from rolecall.model.keys import AccessKey, KeyFlow, KeyUse, UserData
from rolecall.model.kubernetes import (
    AddressBlock,
    ConfigObject,
    Container,
    Datum,
    EnvFrom,
    EnvVar,
    KubernetesObject,
    Mount,
    NetworkPolicy,
    Pod,
    ProjectedToken,
    SecretProviderClass,
    ServiceAccount,
    TemplateReference,
    Volume,
    Workload,
)
from rolecall.model.mentions import Mentions
from rolecall.model.origin import Origin
from rolecall.model.plans import Plan
from rolecall.model.secrets import KeyLiteral, Material, MaterialKind, ProviderCredentials
from rolecall.model.stacks import StackValues

Entity: TypeAlias = (
    AccessBinding
    | AccessEntry
    | AccessKey
    | AccessRole
    | Addon
    | BucketClient
    | ChartKeys
    | Cluster
    | ComposeService
    | ConfigObject
    | ControllerCredentials
    | DefaultTags
    | EksctlServiceAccounts
    | FargateProfile
    | HandedOut
    | HelmRelease
    | ImageBuild
    | ImageSource
    | InstanceProfile
    | KeyLiteral
    | KubernetesObject
    | LaunchTemplate
    | MetadataDefaults
    | NodeGroup
    | OidcProvider
    | Plan
    | PodIdentityAssociation
    | Policy
    | PolicyAttachment
    | ProviderCredentials
    | ResourcePolicy
    | Role
    | RoleMapping
    | ServiceAccount
    | StackValues
    | TrustPolicy
    | UnmadeRole
    | UnreadClusterModule
    | UserData
    | Workload
)

__all__ = [
    "BUILT_IN_ROLES",
    "AccessBinding",
    "AccessEntry",
    "AccessKey",
    "AccessRole",
    "AccessRule",
    "AccessSubject",
    "Addon",
    "AddressBlock",
    "BucketClient",
    "BuildStage",
    "BuildVariable",
    "ChartKeys",
    "Cluster",
    "CommandSetting",
    "ComposeService",
    "ComposeVariable",
    "Condition",
    "ConfigObject",
    "Container",
    "ControllerCredentials",
    "CopiedPath",
    "Datum",
    "DefaultTags",
    "Duplicate",
    "EksctlServiceAccounts",
    "Entity",
    "EnvFrom",
    "EnvVar",
    "FargateProfile",
    "FargateSelector",
    "HandedOut",
    "HelmRelease",
    "HelmSetting",
    "ImageBuild",
    "ImageSource",
    "InstanceProfile",
    "KeyFlow",
    "KeyLiteral",
    "KeyUse",
    "KubernetesObject",
    "LaunchTemplate",
    "Material",
    "MaterialKind",
    "Mentions",
    "MetadataDefaults",
    "MetadataOptions",
    "Mount",
    "NetworkPolicy",
    "NodeGroup",
    "OidcProvider",
    "Origin",
    "Plan",
    "Pod",
    "PodIdentityAssociation",
    "Policy",
    "PolicyAttachment",
    "PolicyDocument",
    "Principal",
    "ProjectedToken",
    "ProviderCredentials",
    "ResourcePolicy",
    "Role",
    "RoleMapping",
    "RunCommand",
    "SecretProviderClass",
    "ServiceAccount",
    "StackValues",
    "Statement",
    "TemplateReference",
    "TrustPolicy",
    "UnmadeRole",
    "UnreadClusterModule",
    "UserData",
    "Volume",
    "Workload",
]
