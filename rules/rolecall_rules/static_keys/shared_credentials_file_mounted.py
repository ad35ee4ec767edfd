"""The rule `shared-credentials-file-mounted`."""

from collections.abc import Iterator

from rolecall.chain.files import SharedFile, shared_files
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.model import ConfigObject, Datum, MaterialKind
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "shared-credentials-file-mounted",
    summary="a Secret, ConfigMap or host directory is mounted where AWS SDKs read shared credentials",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
    ),
    yields_to=("shared-file-shadows-identity", "shared-config-overrides-identity"),
    tags=("static-keys", "precedence"),
)
def shared_credentials_file_mounted(subject: PodContainer, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds containers with a Secret, ConfigMap or host path at `~/.aws`, or where a variable points the SDKs to.

    The variables are `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`. A host path is high: the node's files change
    without notice, and whoever can run such a pod on the node reads them. Content that is among the files is looked
    into: where it has no keys, no `credential_process` and no `source_profile`, the rule is silent.

    ## Why it matters
    SDKs read the shared files before they ask Pod Identity, in every language. JavaScript v3, Rust, C++ and Kotlin read
    them before web identity too, so an IRSA role is not used there, while Go, Java and PHP prefer the role; boto3
    prefers it to keys, but not to a profile with `role_arn` and `source_profile`. Pods with one service account then
    act as different identities, by their languages, and keys in the file stay valid until somebody rotates them.

    ## How to fix it
    Give the service account a role and remove the mount. Settings that are no credentials (region, retries) can be
    mounted as a file without keys, or be given as variables.
    """
    for file in shared_files(subject, graph):
        finding = _finding(subject, file)
        if finding is not None and file.is_possible(subject):
            what = f"{file.mount.path.display} in {subject.display}"
            yield Unevaluated(what, "a template decides whether it is mounted", file.at)
        elif finding is not None:
            yield finding


def _finding(subject: PodContainer, file: SharedFile) -> Finding | None:
    if file.on_host:
        return _found(subject, file, None)
    content = file.credentials
    return _found(subject, file, content) if content is not None or file.unseen else None


def _found(subject: PodContainer, file: SharedFile, content: tuple[ConfigObject, Datum] | None) -> Finding:
    host = file.on_host
    labels = [Label(file.volume.span, "the host's directory" if host else "the volume that is mounted")]
    if file.variable is not None:
        labels.append(Label(file.mount.path.span, "is mounted here"))
    if content is not None:
        labels.insert(0, Label(content[1].span, "the file", secret=content[1].material.is_key))
    certain = host or (content is not None and content[1].material.kind is not MaterialKind.UNKNOWN)
    where = f"where {file.variable.name} points" if file.variable else f"at {file.mount.path.display}"
    return Finding(
        f"{subject.display} mounts {file.source} {where}: AWS SDKs take the credentials in it before any Pod"
        " Identity role, and those for JavaScript v3, Rust, C++ and Kotlin before an IRSA role too",
        at=Label(file.at, "SDKs read shared credentials here"),
        related=tuple(labels),
        help="Give the service account a role and remove the mount.",
        subject=f"{subject.display} {file.mount.path.display}",
        severity=Severity.HIGH if host else None,
        confidence=None if certain else Confidence.MEDIUM,
    )
