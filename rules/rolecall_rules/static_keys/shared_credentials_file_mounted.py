"""The rule `shared-credentials-file-mounted`."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.graph.containers import config_object
from rolecall.graph.namespaces import place_of
from rolecall.graph.views import PodContainer, Variable
from rolecall.model import ConfigObject, Datum, MaterialKind, Mount, Volume, Workload
from rolecall.records import dataclass
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_VARIABLES = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE")
_PLACE = regex.compile(r"(?:^|/)\.aws(?:/(?:credentials|config))?$")
_FILES = ("credentials", "config")
# Settings that bring credentials from elsewhere, so that a file without keys still decides who the container is.
_INDIRECT = regex.compile(r"^\s*(?:credential_process|source_profile)\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _File:
    """A place where SDKs read credentials, and the volume that is mounted there.

    `path` is the file's path below the mount; None where the mount is the directory of both files.
    """

    mount: Mount
    volume: Volume
    path: str | None
    variable: Variable | None = None


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
    tags=("static-keys", "precedence"),
)
def shared_credentials_file_mounted(subject: PodContainer, graph: Graph) -> Iterator[Finding]:
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
    for file in _files(subject, graph.keep(_volumes)[id(subject.pod)]):
        finding = _finding(subject, file, graph)
        if finding is not None:
            yield finding


def _finding(subject: PodContainer, file: _File, graph: Graph) -> Finding | None:
    if file.volume.type == "hostPath":
        return _found(subject, file, None)
    if file.volume.type not in ("secret", "configMap", "projected"):
        return None
    unseen = False
    for kind, name in file.volume.sources:
        thing = config_object(graph, kind, name, place_of(subject.workload), subject.workload.origin)
        if thing is None:
            unseen = True
            continue
        for datum in _shown(graph.keep(_contents)[id(thing)], file):
            if _brings_credentials(datum):
                return _found(subject, file, (thing, datum))
        unseen = unseen or not thing.complete
    return _found(subject, file, None) if unseen else None


def _found(subject: PodContainer, file: _File, content: tuple[ConfigObject, Datum] | None) -> Finding:
    host = file.volume.type == "hostPath"
    at = file.variable.at if file.variable else file.mount.path.span
    labels = [Label(file.volume.span, "the host's directory" if host else "the volume that is mounted")]
    if file.variable is not None:
        labels.append(Label(file.mount.path.span, "is mounted here"))
    if content is not None:
        labels.insert(0, Label(content[1].span, "the file", secret=content[1].material.is_key))
    certain = host or (content is not None and content[1].material.kind is not MaterialKind.UNKNOWN)
    where = f"where {file.variable.name} points" if file.variable else f"at {file.mount.path.display}"
    return Finding(
        f"{subject.display} mounts {_source(file, content)} {where}: AWS SDKs take the credentials in it before any Pod"
        " Identity role, and those for JavaScript v3, Rust, C++ and Kotlin before an IRSA role too",
        at=Label(at, "SDKs read shared credentials here"),
        related=tuple(labels),
        help="Give the service account a role and remove the mount.",
        subject=f"{subject.display} {file.mount.path.display}",
        severity=Severity.HIGH if host else None,
        confidence=None if certain else Confidence.MEDIUM,
    )


def _source(file: _File, content: tuple[ConfigObject, Datum] | None) -> str:
    if content is not None:
        return content[0].display
    if file.volume.type == "hostPath":
        return f"the node's {file.volume.host_path.display}" if file.volume.host_path else "a directory of the node"
    names = [f"{_WORDS[kind.value]} {name.display}" for kind, name in file.volume.sources if kind.value in _WORDS]
    return " and ".join(names) or "a volume"


_WORDS = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}


def _volumes(graph: Graph) -> dict[int, dict[str | None, Volume]]:
    """The volumes of every pod by name, so that many mounts of many volumes cost no more than both."""
    return {
        id(pod): {volume.name.known: volume for volume in pod.volumes}
        for workload in graph.all(Workload)
        for pod in workload.pods
    }


def _contents(graph: Graph) -> dict[int, dict[str | None, Datum]]:
    """The entries of every Secret and ConfigMap by key."""
    return {id(thing): {datum.key.known: datum for datum in thing.data} for thing in graph.all(ConfigObject)}


def _files(subject: PodContainer, volumes: dict[str | None, Volume]) -> Iterator[_File]:
    """The mounts of a container from which SDKs read credentials, each once."""
    mounts = [(mount, volume) for mount in subject.container.mounts if (volume := volumes.get(mount.volume.known))]
    reported = set()
    for mount, volume in mounts:
        path = _plain(mount.path.known)
        if path is not None and _PLACE.search(path):
            reported.add(mount.path.span)
            yield _File(mount, volume, None if path.endswith(".aws") else "")
    for name in _VARIABLES:
        variable = subject.environment.get(name)
        target = _plain(variable.value.known) if variable and variable.value else None
        if variable is None or target is None:
            continue
        for mount, volume in mounts:
            below = _below(target, _plain(mount.path.known))
            if below is not None and mount.path.span not in reported:
                reported.add(mount.path.span)
                yield _File(mount, volume, below, variable)


def _plain(path: str | None) -> str | None:
    return path.replace("\\", "/").rstrip("/") if path else None


def _below(path: str, mount: str | None) -> str | None:
    """The rest of a path below a mount; empty if it is the mount itself."""
    if mount is None:
        return None
    if path == mount:
        return ""
    return path[len(mount) + 1 :] if path.startswith(mount + "/") else None


def _shown(content: dict[str | None, Datum], file: _File) -> Iterator[Datum]:
    """The entries of an object that stand at the place, by their names or the volume's `items`."""
    inside = file.mount.sub_path.known if file.mount.sub_path else None
    if inside is not None:
        wanted = [inside, *(f"{inside}/{name}" for name in _FILES)]
    else:
        wanted = [file.path] if file.path else list(_FILES)
    keys = {path.known: key.known for key, path in file.volume.items}
    for path in wanted:
        key = keys.get(path) if keys else path
        if key is not None and key in content:
            yield content[key]


def _brings_credentials(datum: Datum) -> bool:
    if datum.material.is_key or datum.material.kind is MaterialKind.UNKNOWN:
        return True
    text = datum.value.known if datum.value else None
    return text is not None and _INDIRECT.search(text) is not None
