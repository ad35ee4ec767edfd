"""EKS' half: clusters, node groups, launch templates, Pod Identity associations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.iam import PolicyDocument
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Entry, Hole, Scalar


@dataclass(frozen=True, slots=True)
class Cluster:
    """An EKS cluster. `auto_mode_role` is the node role of EKS Auto Mode; `auto_mode`: it is on, or may be."""

    origin: Origin
    name: Scalar | None
    version: Scalar | None = None
    role: Scalar | None = None
    auto_mode_role: Scalar | None = None
    auto_mode: bool = False


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """Instance metadata options as written; None means not written, so the carrier's default holds.

    `at` is the narrowest text of the block as a whole. `tokens`: `required` or `optional`. `hop_limit`: a number.
    `endpoint`: `enabled` or `disabled`.
    """

    at: Span
    tokens: Scalar | None = None
    hop_limit: Scalar | None = None
    endpoint: Scalar | None = None


@dataclass(frozen=True, slots=True)
class LaunchTemplate:
    """An EC2 launch template or configuration.

    `bootstraps_eks`: whether its user data makes a node of an EKS cluster, None where that is not known. `image` is the
    AMI where it chooses one; `family` whose AMI it is where that shows: `AL2`, `AL2023`, `BOTTLEROCKET`, `WINDOWS`.
    """

    origin: Origin
    name: Scalar | None
    metadata: MetadataOptions | None
    instance_profile: Scalar | None = None
    bootstraps_eks: bool | None = None
    eks_cluster_tag: bool = False
    image: Scalar | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class MetadataDefaults:
    """The account's own defaults for instance metadata options, in one region."""

    origin: Origin
    metadata: MetadataOptions


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """A group of nodes: an EKS managed node group, an Auto Scaling group that joins a cluster, Karpenter's node class.

    `launch_template` is a name, id or reference; `metadata` options that the group itself sets; `instance_profile` the
    one it names instead of a role. `kind` is what its users call it; `auto_mode`: its nodes are EKS Auto Mode's.
    """

    origin: Origin
    name: Scalar | None
    cluster: Scalar | None
    role: Scalar | None
    launch_template: Scalar | None = None
    ami_type: Scalar | None = None
    metadata: MetadataOptions | None = None
    instance_profile: Scalar | None = None
    kind: str = "node group"
    auto_mode: bool = False


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """A role that the ConfigMap `aws-auth` lets into a cluster, with the Kubernetes groups that it gets."""

    origin: Origin
    role: Scalar
    groups: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Addon:
    """An EKS add-on; `role` is the one that its service account gets by annotation."""

    origin: Origin
    cluster: Scalar | None
    name: Scalar | None
    role: Scalar | None


@dataclass(frozen=True, slots=True)
class UnreadClusterModule:
    """A call of a Terraform module that is not read and is given a cluster, or is about add-ons.

    It may declare anything that belongs to the cluster.
    """

    origin: Origin


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """A principal that an EKS cluster lets in. `type` EC2_LINUX, EC2_WINDOWS and EC2 are for the role of nodes."""

    origin: Origin
    cluster: Scalar | None
    principal: Scalar | None
    type: Scalar | None


@dataclass(frozen=True, slots=True)
class PodIdentityAssociation:
    """An EKS Pod Identity association, from its own resource or an add-on's block.

    `target_role` is the one, mostly of another account, that EKS assumes with the credentials of `role`. `policy` is
    the session policy, in JSON, that narrows the permissions of the last role to what it allows as well, and `session`
    that policy read. `certain` is False where something that is not known decides whether it is there, in which account
    and region, or how many of its kind are. `configuration`: the provider configuration of Terraform that makes it.
    """

    origin: Origin
    cluster: Scalar | None
    namespace: Scalar | None
    service_account: Scalar | None
    role: Scalar | None
    disable_session_tags: Scalar | None = None
    target_role: Scalar | None = None
    policy: Scalar | None = None
    certain: bool = True
    configuration: str | None = None
    session: PolicyDocument | None = None


@dataclass(frozen=True, slots=True)
class FargateSelector:
    """One selector of a Fargate profile: a pod matches if its namespace does (`*`, `?`) and it has all labels."""

    namespace: Scalar | None
    labels: tuple[Entry, ...] = ()
    labels_rest: Hole | None = None


@dataclass(frozen=True, slots=True)
class FargateProfile:
    """An EKS Fargate profile: which pods run on Fargate, and the role that pulls their images."""

    origin: Origin
    cluster: Scalar | None
    role: Scalar | None
    selectors: tuple[FargateSelector, ...]
    selectors_rest: Hole | None = None


@dataclass(frozen=True, slots=True)
class EksctlServiceAccounts:
    """The service accounts to which an eksctl configuration gives roles, and its `iam.withOIDC` where it is written.

    `cluster` is the cluster as a message names it, `field` the part of the configuration that asks for the roles.
    """

    origin: Origin
    cluster: str
    names: tuple[Scalar, ...]
    with_oidc: Scalar | None
    field: str = "iam.serviceAccounts"
