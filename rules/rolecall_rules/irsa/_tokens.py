"""Tokens that a container has at a path: projected ones, and the API server's own."""

from rolecall.graph.views import PodContainer
from rolecall.model import ProjectedToken

DEFAULT = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"
"""Where the EKS webhook mounts the token (amazon-eks-pod-identity-webhook, pkg/constants.go)."""

KUBERNETES = (
    "/var/run/secrets/kubernetes.io/serviceaccount/token",
    "/run/secrets/kubernetes.io/serviceaccount/token",
)
"""Where Kubernetes mounts the token for the API server."""


def token_at(subject: PodContainer, path: str) -> ProjectedToken | None:
    """The projected token that stands at a path of a container."""
    volumes = {volume.name.known: volume for volume in subject.pod.volumes}
    for mount in subject.container.mounts:
        volume = volumes.get(mount.volume.known)
        start = (mount.path.known or "").rstrip("/")
        for token in volume.tokens if volume is not None else ():
            inside = mount.sub_path.known if mount.sub_path is not None else None
            whole = start if inside == token.path.known else f"{start}/{token.path.known}"
            if whole == path:
                return token
    return None


def mounted_at(subject: PodContainer, path: str) -> bool:
    """Whether something that is no projected token is mounted at a path, or above it, or a mount's path is unknown."""
    volumes = {volume.name.known: volume for volume in subject.pod.volumes}
    for mount in subject.container.mounts:
        volume = volumes.get(mount.volume.known)
        start = mount.path.known
        above = start is None or path == start or path.startswith(start.rstrip("/") + "/")
        if above and (volume is None or not volume.tokens):
            return True
    return False
