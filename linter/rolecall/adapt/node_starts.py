"""What shows that an instance is a node of an EKS cluster, and whose image it starts from: user data, names, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rolecall.tree import Scalar

# What EKS' own AMIs are started with: AL2's script, AL2023's nodeadm, Bottlerocket's settings, Windows' script.
# https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-user-data
_BOOTSTRAP = (
    "/etc/eks/bootstrap.sh",
    "nodeadm",
    "kind: NodeConfig",
    "node.eks.aws/",
    "[settings.kubernetes]",
    "Start-EKSBootstrap",
)
# Whose AMI starts so. Names of images, and of the public parameters that hold their ids, say it too.
_STARTS = {
    "nodeadm": "AL2023",
    "kind: NodeConfig": "AL2023",
    "node.eks.aws/": "AL2023",
    "/etc/eks/bootstrap.sh": "AL2",
    "[settings.": "BOTTLEROCKET",
    "Start-EKSBootstrap": "WINDOWS",
}
_IMAGES = {
    "amazon-linux-2023": "AL2023",
    "al2023": "AL2023",
    "bottlerocket": "BOTTLEROCKET",
    "windows": "WINDOWS",
    "amazon-linux-2": "AL2",
}
# The tag by which a node is known to belong to a cluster.
# https://docs.aws.amazon.com/eks/latest/userguide/worker.html
_CLUSTER_TAGS = ("kubernetes.io/cluster/", "k8s.io/cluster/")


def bootstraps_eks(texts: tuple[Scalar, ...]) -> bool | None:
    """Whether user data makes its instance a node of an EKS cluster; None where that cannot be read."""
    parts = [part for text in texts for part in text.parts if isinstance(part, str)]
    if any(marker in part for part in parts for marker in _BOOTSTRAP):
        return True
    return None if any(text.holes for text in texts) else False


def family(image: Scalar | None, texts: tuple[Scalar, ...]) -> str | None:
    """Whose AMI an instance starts from, by its image's name or by what its user data is written for."""
    shown = image.display.lower() if image is not None else ""
    parts = [part for text in texts for part in text.parts if isinstance(part, str)]
    named = (own for mark, own in _IMAGES.items() if mark in shown)
    started = (own for mark, own in _STARTS.items() if any(mark in part for part in parts))
    return next(named, None) or next(started, None)


def names_cluster(key: Scalar | None) -> bool:
    """Whether the key of a tag names a cluster."""
    first = key.parts[0] if key is not None and key.parts else None
    return isinstance(first, str) and first.startswith(_CLUSTER_TAGS)
