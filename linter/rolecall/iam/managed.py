"""AWS managed policies by name: what those that matter for nodes and pods give."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.tree import Scalar

MANAGED_PREFIX = "arn:aws:iam::aws:policy/"


class Breadth(IntEnum):
    """How much a permission gives."""

    HARMLESS = 0
    APPLICATION = 1
    SERVICE = 2
    ADMIN = 3


# The statements of each are in the AWS Managed Policy Reference Guide,
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
_ADMIN = frozenset({"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"})
# `secretsmanager:*` on everything.
_SERVICE = frozenset({"SecretsManagerReadWrite", "DataScientist", "DatabaseAdministrator", "SystemAdministrator"})
# Each reads or writes an application's data or secrets in the whole account; what, is said beside it.
_APPLICATION = {
    "AmazonDynamoDBReadOnlyAccess": "every DynamoDB table's items",
    "AmazonEC2ContainerRegistryPowerUser": "pushing images to every ECR repository",
    "AmazonEC2RoleforSSM": "every S3 object, to read and write",
    "AmazonKinesisReadOnlyAccess": "every Kinesis stream's records",
    "AmazonS3ReadOnlyAccess": "every S3 object",
    "AmazonSSMReadOnlyAccess": "every SSM parameter",
    "ReadOnlyAccess": "nearly all data of the account",
    "AWSLambdaSQSQueueExecutionRole": "every SQS queue's messages",
    "AWSLambdaDynamoDBExecutionRole": "every DynamoDB stream's records",
    "AWSLambdaRole": "calling every Lambda function",
}
# What EKS asks of a node role, and what its add-ons, agents and control plane use (other rules speak about those).
# https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html and security-iam-awsmanpol.html
_KNOWN = frozenset(
    {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonSSMManagedInstanceCore",
        "AmazonSSMPatchAssociation",
        "AmazonEKS_CNI_Policy",
        "AmazonEBSCSIDriverPolicy",
        "AmazonEBSCSIDriverPolicyV2",
        "AmazonEBSCSIDriverEKSClusterScopedPolicy",
        "AmazonEFSCSIDriverPolicy",
        "AmazonFSxReadOnlyAccess",
        "AmazonS3FilesCSIDriverPolicy",
        "CloudWatchAgentServerPolicy",
        "CloudWatchAgentAdminPolicy",
        "CloudWatchReadOnlyAccess",
        "CloudWatchLogsReadOnlyAccess",
        "AmazonEC2ReadOnlyAccess",
        "AmazonVPCReadOnlyAccess",
        "AmazonRoute53ReadOnlyAccess",
        "AmazonSQSReadOnlyAccess",
        "AmazonPrometheusRemoteWriteAccess",
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "AWSDistroOpenTelemetryPolicyForXray",
        "AmazonEKSClusterPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSFargatePodExecutionRolePolicy",
        "AmazonEKSLocalOutpostClusterPolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
        "AutoScalingReadOnlyAccess",
        "ElasticLoadBalancingReadOnly",
        "EC2InstanceProfileForImageBuilder",
        "EC2InstanceProfileForImageBuilderECRContainerBuilds",
        "SecurityAudit",
        "ViewOnlyAccess",
    }
)


def managed_name(arn: Scalar | None) -> str | None:
    """The name of the AWS managed policy that an ARN means, also where its partition is not known; else None."""
    if arn is None:
        return None
    tail = ""
    for part in reversed(arn.parts):
        if not isinstance(part, str):
            break
        tail = part + tail
    _, found, path = tail.partition(":iam::aws:policy/")
    return path.rpartition("/")[2] if found else None


def is_managed_name(name: str) -> bool:
    """Whether AWS has a managed policy of this name, as far as this table goes."""
    return breadth(name) is not None and (name in _ADMIN or name in _SERVICE or name in _APPLICATION or name in _KNOWN)


def breadth(name: str) -> Breadth | None:
    """How much an AWS managed policy gives; None where that is not known here."""
    if name in _ADMIN:
        return Breadth.ADMIN
    if name in _SERVICE or name.endswith("FullAccess"):
        return Breadth.SERVICE
    if name in _APPLICATION:
        return Breadth.APPLICATION
    return Breadth.HARMLESS if name in _KNOWN else None


def gives(name: str) -> str:
    """What a managed policy of breadth APPLICATION lets its holder reach, for a message."""
    return _APPLICATION.get(name, "data of applications")
