"""The rule `node-role-addon-policy`."""

from collections.abc import Iterator

from rolecall.graph.views import NodeRole
from rolecall.iam.permissions import Holding
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall_rules.node_roles._shared import around

_EBS, _EFS = "the EBS CSI driver", "the EFS CSI driver"
# It mostly runs with the host's network, where a pod has the node's credentials in any case.
_CLOUDWATCH = "the CloudWatch agent"
_BY_POLICY = {
    "AmazonEBSCSIDriverPolicy": _EBS,
    "AmazonEBSCSIDriverPolicyV2": _EBS,
    "AmazonEBSCSIDriverEKSClusterScopedPolicy": _EBS,
    "AmazonEFSCSIDriverPolicy": _EFS,
    "AmazonS3FilesCSIDriverPolicy": "the S3 Files CSI driver",
    "CloudWatchAgentServerPolicy": _CLOUDWATCH,
    "CloudWatchAgentAdminPolicy": _CLOUDWATCH,
    "AmazonPrometheusRemoteWriteAccess": "a collector that writes to Managed Prometheus",
    "AWSXRayDaemonWriteAccess": "the X-Ray daemon",
    "AWSXrayWriteOnlyAccess": "the X-Ray daemon",
}
# An action that the add-on's own policy has, and that neither the kubelet nor anything else on a node needs.
_BY_ACTION = {
    "elasticloadbalancing:CreateLoadBalancer": "the AWS Load Balancer Controller",
    "route53:ChangeResourceRecordSets": "external-dns or cert-manager",
    "autoscaling:SetDesiredCapacity": "the cluster autoscaler",
    "ec2:CreateVolume": _EBS,
    "elasticfilesystem:CreateAccessPoint": _EFS,
}


@rule(
    "node-role-addon-policy",
    summary="a node role carries the permissions of an add-on",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.EKSCTL, Platform.CLOUDFORMATION),
    yields_to=("node-role-admin", "node-role-privesc", "node-role-service-wildcard"),
    tags=("node-role", "least-privilege"),
)
def node_role_addon_policy(node: NodeRole) -> Iterator[Finding]:
    """Finds node roles with the policy of an add-on: CSI drivers, load balancers, DNS, autoscaling, X-Ray, CloudWatch.

    AWS managed policies are known by name; policies of one's own by an action that only such a controller needs. Low
    for the CloudWatch agent, which is part of the node for many. Silent for roles of Auto Mode's nodes.

    ## Why it matters
    The add-on is one workload, the node role is that of all pods on the node: each of them that reaches the instance
    metadata service may delete volumes, change DNS records or register targets as the add-on may.

    ## How to fix it
    Give the add-on's service account a role of its own, in the add-on's fields: `pod_identity_association` or
    `service_account_role_arn` in Terraform, `podIdentityAssociations` or `serviceAccountRoleARN` in eksctl,
    `PodIdentityAssociations` or `ServiceAccountRoleArn` in CloudFormation. Then detach the policy from the node role.
    """
    if node.auto_mode:
        return
    for at, granted, addon, may in _given(node):
        yield Finding(
            f"{node.role.display} {may}, which is for {addon}, and nodes run as it, so every pod that reaches the"
            " instance metadata service may do the same",
            at=Label(at, f"is for {addon}"),
            related=around(node, granted, at),
            help=f"Give {addon} a role of its own, bound to its service account, and take this from the node role.",
            subject=f"{node.role.origin.address} {may}",
            severity=Severity.LOW if addon == _CLOUDWATCH else Severity.MEDIUM,
        )


def _given(node: NodeRole) -> Iterator[tuple[Span, Span, str, str]]:
    """The places that give an add-on's permissions and the policies to the role, with the add-on and the permission."""
    for policy in node.policies:
        addon = _BY_POLICY.get(policy.managed or "")
        if addon is not None:
            yield policy.at, policy.at, addon, f"has {policy.managed}"
    said: set[tuple[str, Span]] = set()
    for action, addon in _BY_ACTION.items():
        for holding in node.may.holdings(action):
            # One policy of an add-on has many statements, and is one mistake.
            if holding.managed is None and _is_named(holding) and (addon, holding.granted) not in said:
                said.add((addon, holding.granted))
                yield holding.at, holding.granted, addon, f"allows {action}"


def _is_named(holding: Holding) -> bool:
    """Whether it is written for some actions: neither `*`, nor all of the service, nor known only in part."""
    return holding.certain and bool((holding.action.known or "").partition(":")[2].strip("*?"))
