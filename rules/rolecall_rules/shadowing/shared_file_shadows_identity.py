"""The rule `shared-file-shadows-identity`."""

from collections.abc import Iterator

from rolecall.chain.files import SharedFile, profiles, shared_files
from rolecall.chain.webhook import Mechanism
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.shadowing._shared import identity_of, labels, who


@rule(
    "shared-file-shadows-identity",
    summary="a mounted credentials file comes before the role that the service account was given",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    tags=("static-keys", "precedence"),
)
def shared_file_shadows_identity(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
    """Finds containers with a role whose SDK also finds a file of credentials at `~/.aws`, or where a variable points.

    High for Pod Identity, which comes after the shared files in every SDK; medium for IRSA, which comes after them in
    some. A file that is not seen counts, and so does a directory of the node. A file without keys is passed over:
    regions, retries, a role that is assumed on purpose (`shared-config-overrides-identity` looks at those).

    ## Why it matters
    Each SDK takes the first credentials it finds. For Pod Identity the file always wins. For IRSA it wins in
    JavaScript v3, Rust, C++ and Kotlin, and loses in Go, Java, PHP and .NET: two containers of one pod become two
    identities, by the language they are written in.

    ## How to fix it
    Remove the mount. Settings that are no credentials can stay, in a file without keys.
    """
    identity = identity_of(subject, graph)
    if identity is None:
        return
    for file in shared_files(subject, graph):
        if not _has_keys(file):
            continue
        pod_identity = identity.mechanism is Mechanism.POD_IDENTITY
        first = "every SDK" if pod_identity else "the SDKs for JavaScript v3, Rust, C++ and Kotlin"
        content = file.credentials
        places = [Label(file.volume.span, "the volume that is mounted")]
        if content is not None:
            places.insert(0, Label(content[1].span, "the file", secret=content[1].material.is_key))
        yield Finding(
            f"{subject.display} mounts {file.source} where SDKs read credentials: {first} takes those in it instead of"
            f" {who(identity)}, which its service account has by {identity.mechanism.value}"
            if pod_identity
            else f"{subject.display} mounts {file.source} where SDKs read credentials: {first} take those in it, and"
            f" the others {who(identity)}, which its service account has by {identity.mechanism.value}",
            at=Label(file.at, "SDKs read shared credentials here"),
            related=(*places, *labels(identity)),
            help="Remove the mount, or keep only settings in it that are no credentials.",
            subject=f"{subject.display} {file.mount.path.display}",
            severity=None if pod_identity else Severity.MEDIUM,
        )


def _has_keys(file: SharedFile) -> bool:
    """Whether the file has keys, or it is not seen what it has."""
    if file.on_host:
        return True
    for _, datum in file.contents:
        if datum.material.kind is MaterialKind.UNKNOWN:
            return True
        if datum.material.is_key:
            # Keys that another profile goes on from are for that.
            return not any("source_profile" in profile.settings for profile in profiles(datum))
    return file.unseen and not file.contents
