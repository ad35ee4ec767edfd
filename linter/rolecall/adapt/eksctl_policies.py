"""The policies that eksctl writes itself: for `wellKnownPolicies` of pods, and for `withAddonPolicies` of nodes."""

# What each switch gives is in eksctl's pkg/cfn/builder/iam_helper.go and statement.go (commit 99984adb6).

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rolecall.adapt.policy import policy_document
from rolecall.records import dataclass
from rolecall.tree import Entry, Hole, Kind, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.model import PolicyDocument
    from rolecall.span import Span
    from rolecall.tree import Node

Plain: TypeAlias = "str | Scalar | list[Plain] | dict[str, Plain]"

_EVERYTHING = "*"
_TAGGED = "elbv2.k8s.aws/cluster"
_EFS_TAG = "efs.csi.aws.com/cluster"
_PARTITION = Hole("the partition that the cluster is in")


@dataclass(frozen=True, slots=True)
class _Gives:
    """What a switch gives: AWS managed policies, and statements of a policy of eksctl's own."""

    managed: tuple[str, ...] = ()
    statements: tuple[dict[str, Plain], ...] = ()


def _allow(service: str, actions: str, resource: str = _EVERYTHING, **condition: dict[str, str]) -> dict[str, Plain]:
    """A statement that allows actions of one service; a resource is written without the partition."""
    said: dict[str, Plain] = {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions.split()],
        "Resource": resource,
    }
    if condition:
        said["Condition"] = {operator: dict(keys) for operator, keys in condition.items()}
    return said


def _new(tag: str = _TAGGED) -> dict[str, str]:
    """The condition that a request gives the tag."""
    return {f"aws:RequestTag/{tag}": "false"}


def _own(tag: str = _TAGGED) -> dict[str, str]:
    """The condition that a resource has the tag."""
    return {f"aws:ResourceTag/{tag}": "false"}


def _again() -> dict[str, str]:
    """The condition that a resource has the tag and the request does not give it."""
    return {f"aws:RequestTag/{_TAGGED}": "true", **_own()}


_AUTO_SCALER = (
    _allow(
        "autoscaling",
        "DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeLaunchConfigurations DescribeScalingActivities"
        " DescribeTags SetDesiredCapacity TerminateInstanceInAutoScalingGroup",
    ),
    _allow(
        "ec2",
        "DescribeInstanceTypes DescribeLaunchTemplateVersions DescribeImages GetInstanceTypesFromInstanceRequirements",
    ),
    _allow("eks", "DescribeNodegroup"),
)
_CHANGE_RECORDS = _allow("route53", "ChangeResourceRecordSets", "route53:::hostedzone/*")
_EXTERNAL_DNS = (
    _CHANGE_RECORDS,
    _allow("route53", "ListHostedZones ListResourceRecordSets ListTagsForResource"),
)
_CERT_MANAGER = (
    _CHANGE_RECORDS,
    _allow("route53", "GetChange", "route53:::change/*"),
    _allow("route53", "ListResourceRecordSets ListHostedZonesByName"),
)
_GROUPS = "ec2:*:*:security-group/*"
_TARGETS = "elasticloadbalancing:*:*:targetgroup/*/*"
_BALANCERS = (
    _TARGETS,
    "elasticloadbalancing:*:*:loadbalancer/net/*/*",
    "elasticloadbalancing:*:*:loadbalancer/app/*/*",
)
_LISTENERS = tuple(
    f"elasticloadbalancing:*:*:{kind}/{of}/*/*/*" for kind in ("listener", "listener-rule") for of in ("net", "app")
)
_LOAD_BALANCERS = (
    _allow(
        "iam",
        "CreateServiceLinkedRole",
        StringEquals={"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"},
    ),
    _allow(
        "ec2",
        "DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeInternetGateways DescribeVpcs"
        " DescribeVpcPeeringConnections DescribeSubnets DescribeSecurityGroups DescribeInstances"
        " DescribeNetworkInterfaces DescribeTags GetCoipPoolUsage DescribeCoipPools GetSecurityGroupsForVpc"
        " DescribeIpamPools DescribeRouteTables AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress"
        " CreateSecurityGroup",
    ),
    _allow(
        "elasticloadbalancing",
        "DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeListeners DescribeListenerCertificates"
        " DescribeSSLPolicies DescribeRules DescribeTargetGroups DescribeTargetGroupAttributes DescribeTargetHealth"
        " DescribeTags DescribeTrustStores DescribeListenerAttributes DescribeCapacityReservation CreateListener"
        " DeleteListener CreateRule DeleteRule SetWebAcl ModifyListener AddListenerCertificates"
        " RemoveListenerCertificates ModifyRule SetRulePriorities",
    ),
    _allow("cognito-idp", "DescribeUserPoolClient"),
    _allow("acm", "ListCertificates DescribeCertificate"),
    _allow("iam", "ListServerCertificates GetServerCertificate"),
    _allow("waf-regional", "GetWebACL GetWebACLForResource AssociateWebACL DisassociateWebACL"),
    _allow("wafv2", "GetWebACL GetWebACLForResource AssociateWebACL DisassociateWebACL"),
    _allow("shield", "GetSubscriptionState DescribeProtection CreateProtection DeleteProtection"),
    _allow("ec2", "CreateTags", _GROUPS, StringEquals={"ec2:CreateAction": "CreateSecurityGroup"}, Null=_new()),
    _allow("ec2", "CreateTags DeleteTags", _GROUPS, Null=_again()),
    _allow("ec2", "DeleteSecurityGroup", Null=_own()),
    _allow("elasticloadbalancing", "CreateLoadBalancer CreateTargetGroup", Null=_new()),
    *(_allow("elasticloadbalancing", "AddTags RemoveTags", resource, Null=_again()) for resource in _BALANCERS),
    *(_allow("elasticloadbalancing", "AddTags RemoveTags", resource) for resource in _LISTENERS),
    _allow(
        "elasticloadbalancing",
        "ModifyLoadBalancerAttributes SetIpAddressType SetSecurityGroups SetSubnets DeleteLoadBalancer"
        " ModifyTargetGroup ModifyTargetGroupAttributes DeleteTargetGroup ModifyListenerAttributes"
        " ModifyCapacityReservation ModifyIpPools",
        Null=_own(),
    ),
    _allow("elasticloadbalancing", "RegisterTargets DeregisterTargets", _TARGETS),
)
_EFS_CSI = (
    _allow("elasticfilesystem", "DescribeAccessPoints DescribeFileSystems"),
    _allow("elasticfilesystem", "CreateAccessPoint TagResource", StringLike={f"aws:RequestTag/{_EFS_TAG}": "true"}),
    _allow("elasticfilesystem", "DeleteAccessPoint", StringLike={f"aws:ResourceTag/{_EFS_TAG}": "true"}),
)
_MESH_ACTIONS = (
    _allow(
        "servicediscovery",
        "CreateService DeleteService GetService GetInstance RegisterInstance DeregisterInstance ListInstances"
        " ListNamespaces ListServices GetInstancesHealthStatus UpdateInstanceCustomHealthStatus GetOperation",
    ),
    _allow("route53", "GetHealthCheck CreateHealthCheck UpdateHealthCheck ChangeResourceRecordSets DeleteHealthCheck"),
)
_FSX = (
    _allow("fsx", "*"),
    _allow("iam", "CreateServiceLinkedRole AttachRolePolicy PutRolePolicy", "iam::*:role/aws-service-role/*"),
)
_EFS = (
    _allow("elasticfilesystem", "*"),
    _allow(
        "ec2",
        "DescribeSubnets CreateNetworkInterface DescribeNetworkInterfaces DeleteNetworkInterface"
        " ModifyNetworkInterfaceAttribute DescribeNetworkInterfaceAttribute",
    ),
)
_X_RAY = _allow(
    "xray",
    "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries",
)
_REGISTRY = _Gives(("AmazonEC2ContainerRegistryPowerUser",))
_EBS_CSI = _Gives(("service-role/AmazonEBSCSIDriverPolicy",))

WELL_KNOWN = {
    "imageBuilder": _REGISTRY,
    "autoScaler": _Gives(statements=_AUTO_SCALER),
    "awsLoadBalancerController": _Gives(statements=_LOAD_BALANCERS),
    "externalDNS": _Gives(statements=_EXTERNAL_DNS),
    "certManager": _Gives(statements=_CERT_MANAGER),
    "ebsCSIController": _EBS_CSI,
    "efsCSIController": _Gives(statements=_EFS_CSI),
}
"""What `wellKnownPolicies` gives a service account."""

ADDON_POLICIES = {
    "imageBuilder": _REGISTRY,
    "autoScaler": _Gives(statements=_AUTO_SCALER),
    "externalDNS": _Gives(statements=_EXTERNAL_DNS),
    "certManager": _Gives(statements=_CERT_MANAGER),
    "appMesh": _Gives(statements=(*_MESH_ACTIONS, _allow("appmesh", "*"))),
    "appMeshPreview": _Gives(statements=(*_MESH_ACTIONS, _allow("appmesh-preview", "*"))),
    "ebs": _EBS_CSI,
    "fsx": _Gives(statements=_FSX),
    "efs": _Gives(statements=_EFS),
    "awsLoadBalancerController": _Gives(statements=_LOAD_BALANCERS),
    "albIngress": _Gives(statements=_LOAD_BALANCERS),
    "xRay": _Gives(statements=(_X_RAY,)),
    "cloudWatch": _Gives(("CloudWatchAgentServerPolicy",)),
}
"""What `iam.withAddonPolicies` gives the nodes of a group."""


DESCRIBES_CLUSTER = _allow("eks", "DescribeCluster")
"""What hybrid nodes may ask EKS."""

DEREGISTERS = _allow("ssm", "DeregisterManagedInstance DescribeInstanceInformation")
"""What hybrid nodes may ask Systems Manager besides."""

# pkg/cfn/builder/karpenter.go
_OF_KARPENTER = (
    ("ec2", "CreateFleet CreateLaunchTemplate CreateTags DescribeAvailabilityZones DescribeInstanceTypeOfferings"),
    ("ec2", "DescribeInstanceTypes DescribeInstances DescribeLaunchTemplates DescribeSecurityGroups DescribeSubnets"),
    ("ec2", "DeleteLaunchTemplate RunInstances TerminateInstances DescribeImages DescribeSpotPriceHistory"),
    ("ec2", "DescribeCapacityReservations"),
    ("iam", "PassRole CreateServiceLinkedRole GetInstanceProfile CreateInstanceProfile DeleteInstanceProfile"),
    ("iam", "TagInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile ListInstanceProfiles"),
    ("iam", "ListInstanceProfilesForRole"),
    ("eks", "DescribeCluster"),
    ("ssm", "GetParameter"),
    ("pricing", "GetProducts"),
)
CONTROLS_NODES: dict[str, Plain] = {
    "Effect": "Allow",
    "Action": [f"{service}:{action}" for service, actions in _OF_KARPENTER for action in actions.split()],
    "Resource": _EVERYTHING,
}
"""What Karpenter's controller may do."""


def receives(at: Span) -> dict[str, Plain]:
    """What Karpenter's controller may do with the queue that eksctl makes for it."""
    queue = unknown(Hole("the ARN of the queue that eksctl makes"), at)
    allowed = _allow("sqs", "DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage")
    return {**allowed, "Resource": queue}


@dataclass(frozen=True, slots=True)
class Switched:
    """The policies that a mapping of switches gives. `rest`: it cannot be known which."""

    managed: tuple[Scalar, ...] = ()
    inline: tuple[PolicyDocument, ...] = ()
    rest: Hole | None = None


def switched(switches: Mapping | None, table: dict[str, _Gives]) -> Switched:
    """The policies of the switches that are on, each with its place."""
    managed: list[Scalar] = []
    inline: list[PolicyDocument] = []
    rest = None
    for name, gives in table.items():
        entry = switches.entry(name) if switches is not None else None
        if entry is None or not isinstance(entry.value, Scalar) or entry.value.is_null:
            continue
        if entry.value.boolean is None:
            rest = Hole(f"whether {name} is on") if not entry.value.holes else entry.value.hole
        elif entry.value.boolean:
            managed += [managed_policy(policy, entry.key.span) for policy in gives.managed]
            if gives.statements:
                inline.append(document(list(gives.statements), entry.key.span))
    return Switched(tuple(managed), tuple(inline), rest)


def managed_policy(name: str, at: Span) -> Scalar:
    """The ARN of a policy that AWS manages."""
    return Scalar(("arn:", _PARTITION, f":iam::aws:policy/{name}"), Kind.STRING, at)


def document(statements: list[dict[str, Plain]], at: Span) -> PolicyDocument:
    """A policy that eksctl writes because of what stands at a place."""
    return policy_document(_node({"Version": "2012-10-17", "Statement": list(statements)}, at))


def _node(plain: Plain, at: Span) -> Node:
    if isinstance(plain, Scalar):
        return plain
    if isinstance(plain, str):
        return known(plain, at)
    if isinstance(plain, list):
        return Sequence(tuple(_node(item, at) for item in plain), at)
    entries = []
    for key, value in plain.items():
        node = _node(value, at)
        if key == "Resource" and isinstance(value, str) and value != _EVERYTHING:
            node = Scalar(("arn:", _PARTITION, f":{value}"), Kind.STRING, at)
        entries.append(Entry(known(key, at), node))
    return Mapping(tuple(entries), at)
