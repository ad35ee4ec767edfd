"""The rule `addon-without-identity`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.roles import grants_of
from rolecall.graph.views import NodeRole
from rolecall.iam.managed import managed_name
from rolecall.model import Addon, Cluster, PodIdentityAssociation
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

# What each needs, by AWS' own policies, and the service account that has it.
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
_NEEDS = {
    "aws-ebs-csi-driver": (("AmazonEBSCSIDriverPolicy", "AmazonEBSCSIDriverPolicyV2"), "ebs-csi-controller-sa"),
    "aws-efs-csi-driver": (("AmazonEFSCSIDriverPolicy",), "efs-csi-controller-sa"),
    "aws-mountpoint-s3-csi-driver": (("AmazonS3FullAccess",), "s3-csi-driver-sa"),
    "amazon-cloudwatch-observability": (("CloudWatchAgentServerPolicy",), "cloudwatch-agent"),
    "vpc-cni": (("AmazonEKS_CNI_Policy",), "aws-node"),
}
_OF_AUTO_MODE = ("vpc-cni", "aws-ebs-csi-driver")
_CNI = "vpc-cni"


@rule(
    "addon-without-identity",
    summary="an EKS add-on that calls AWS has no role of its own",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html",
    ),
    yields_to=("node-role-addon-policy",),
    tags=("pod-identity", "node-role"),
)
def addon_without_identity(addon: Addon, graph: Graph) -> Iterator[Finding]:
    """Finds the CSI drivers of EBS, EFS and S3, the CloudWatch agent and the VPC CNI without a role of their own.

    Only where a node role is among the files. Low where the node role has the policy, so that the add-on works and
    every pod of the node has it as well (informational for the VPC CNI, which EKS installs so); medium where no
    node role has it, so that the add-on does not work. Silent with EKS Auto Mode for what it brings itself, and
    where a node role has policies that are not seen.

    ## Why it matters
    Without a role the add-on falls back to its node's. With the policy there, every pod that reaches the metadata
    service can attach volumes or read the bucket; without it the driver fails with `AccessDenied`.

    ## How to fix it
    Give the add-on a role, or a Pod Identity association, of its own: `service_account_role_arn` or
    `pod_identity_association` in Terraform, `serviceAccountRoleARN` or `podIdentityAssociations` in eksctl,
    `ServiceAccountRoleArn` or `PodIdentityAssociations` in CloudFormation.
    """
    name = addon.name.known if addon.name is not None else None
    if name not in _NEEDS or addon.role is not None or addon.name is None or addon.origin.within:
        return
    policies, account = _NEEDS[name]
    clusters = [one for one in graph.all(Cluster) if one.origin.unit == addon.origin.unit]
    if name in _OF_AUTO_MODE and any(one.auto_mode or one.auto_mode_role is not None for one in clusters):
        return
    nodes = [node for node in graph.all(NodeRole) if node.role.origin.unit == addon.origin.unit]
    if not nodes or _is_bound(addon, account, graph):
        return
    having = next((node for node in nodes if _has(node, policies, graph)), None)
    if having is None and (name == _CNI or any(node.unseen or node.permissions for node in nodes)):
        return
    works = having is not None
    then = (
        f"it works with {having.role.display}, whose {policies[0]} every pod of the node has as well"
        if having is not None
        else f"no node role here has {policies[0]}, so its calls to AWS are denied"
    )
    yield Finding(
        f"add-on {name} has no role of its own: {then}",
        at=Label(addon.name.used, "has no role"),
        related=(Label((having or nodes[0]).role.origin.span, "the node role"),),
        help="Give it a role for its service account, or a Pod Identity association, both in the add-on's own fields.",
        subject=addon.origin.address,
        severity=Severity.INFO if name == _CNI else None if works else Severity.MEDIUM,
    )


def _is_bound(addon: Addon, account: str, graph: Graph) -> bool:
    """Whether an association, of the add-on itself or beside it, is for its service account."""
    for bound in graph.all(PodIdentityAssociation):
        name = bound.service_account.known if bound.service_account is not None else None
        if bound.origin.address == addon.origin.address and bound.origin.unit == addon.origin.unit:
            return True
        if name is None or name == account:
            return True
    return False


def _has(node: NodeRole, policies: tuple[str, ...], graph: Graph) -> bool:
    return any(managed_name(grant.policy_arn) in policies for grant in grants_of(graph, node.role))
