"""AWS managed policies by name: which there are, and what their statements give."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rolecall.iam.catalogue import is_managed, managed_statements
from rolecall.model import Condition, PolicyDocument, Statement
from rolecall.span import Span
from rolecall.tree import Scalar, known

if TYPE_CHECKING:
    from collections.abc import Iterator

MANAGED_PREFIX = "arn:aws:iam::aws:policy/"


NODE_BASELINE: Final = frozenset(
    {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonSSMManagedInstanceCore",
        "AmazonSSMPatchAssociation",
    }
)
"""What EKS and Systems Manager ask of a node role: https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html"""

PURPOSE: Final = frozenset(
    {
        "AmazonEKS_CNI_Policy",
        "AmazonEBSCSIDriverPolicy",
        "AmazonEBSCSIDriverPolicyV2",
        "AmazonEBSCSIDriverEKSClusterScopedPolicy",
        "AmazonEFSCSIDriverPolicy",
        "AmazonS3FilesCSIDriverPolicy",
        "CloudWatchAgentServerPolicy",
        "CloudWatchAgentAdminPolicy",
        "AmazonPrometheusRemoteWriteAccess",
        "AWSXRayDaemonWriteAccess",
        "AWSXrayWriteOnlyAccess",
        "AmazonEKSClusterPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSFargatePodExecutionRolePolicy",
        "AmazonEKSLocalOutpostClusterPolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
        "EC2InstanceProfileForImageBuilder",
        "EC2InstanceProfileForImageBuilderECRContainerBuilds",
    }
)
"""Policies made for one add-on, agent or control plane: https://docs.aws.amazon.com/eks/latest/userguide/security-iam-awsmanpol.html"""


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
    """Whether AWS has a managed policy of this name, as far as the catalogue goes."""
    return is_managed(name)


@lru_cache(maxsize=512)
def managed_document(name: str) -> PolicyDocument | None:
    """An AWS managed policy; None for a name that the catalogue does not have, which may give anything.

    Its places are nowhere in the input: what gives the policy to a role is the place of all that it says.
    """
    found = managed_statements(name)
    if found is None:
        return None
    nowhere = Span(f"{MANAGED_PREFIX}{name}", 0, 0, 1, 1, 1, 1)
    return PolicyDocument(tuple(_statement(each, nowhere) for each in found), nowhere)


def _statement(written: dict[str, Any], span: Span) -> Statement:
    def several(name: str) -> tuple[Scalar, ...]:
        return _scalars(written.get(name, []), span)

    return Statement(
        effect=known(written["Effect"], span),
        span=span,
        actions=several("Action"),
        not_actions=several("NotAction"),
        resources=several("Resource"),
        not_resources=several("NotResource"),
        conditions=tuple(_conditions(written.get("Condition", {}), span)),
    )


def _scalars(value: Any, span: Span) -> tuple[Scalar, ...]:  # noqa: ANN401 - any JSON
    return tuple(known(_text(item), span) for item in (value if isinstance(value, list) else [value]))


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return str(value).lower() if isinstance(value, bool) else str(value)


def _conditions(written: dict[str, dict[str, Any]], span: Span) -> Iterator[Condition]:
    for operator, keys in written.items():
        for key, values in keys.items():
            yield Condition(known(operator, span), known(key, span), _scalars(values, span), span)
