"""Shared configuration and credentials files: which volumes stand where SDKs read them, and what profiles they hold.

https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.graph.containers import config_object
from rolecall.graph.namespaces import place_of
from rolecall.model import ConfigObject, MaterialKind, Workload
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer, Variable
    from rolecall.model import Datum, Mount, Volume
    from rolecall.span import Span

VARIABLES = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE")
_PLACE = regex.compile(r"(?:^|/)\.aws(?:/(?:credentials|config))?$")
_FILES = ("credentials", "config")
_SECTION = regex.compile(r"\[\s*(?:profile\s+)?(?P<name>[^\]]*?)\s*\]")


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A place where SDKs read shared files, and the volume that is mounted there.

    `path` is the file's path below the mount; None where the mount is the directory of both files. `variable` is the
    one that points the SDKs there, None for the usual place. `contents` are the entries of Secrets and ConfigMaps that
    stand there, `unseen`: others may. `on_host`: it is the node's.
    """

    mount: Mount
    volume: Volume
    path: str | None
    variable: Variable | None = None
    contents: tuple[tuple[ConfigObject, Datum], ...] = ()
    unseen: bool = False

    def is_possible(self, subject: PodContainer) -> bool:
        """Whether a template decides that the container has the mount, its volume or the variable."""
        origin = subject.workload.origin
        spans = [self.mount.path.span, *([self.variable.at] if self.variable is not None else [])]
        if any(origin.is_possible(span, subject.container.span) for span in spans):
            return True
        return origin.is_possible(self.volume.span, subject.pod.span)

    @property
    def on_host(self) -> bool:
        """Whether the node's own directory is mounted."""
        return self.volume.type == "hostPath"

    @property
    def credentials(self) -> tuple[ConfigObject, Datum] | None:
        """The first entry that brings credentials, or may, with its object."""
        return next((content for content in self.contents if _brings_credentials(content[1])), None)

    @property
    def source(self) -> str:
        """What is mounted, as a message names it."""
        found = self.credentials
        if found is not None:
            return found[0].display
        if self.on_host:
            return f"the node's {self.volume.host_path.display}" if self.volume.host_path else "a directory of the node"
        names = [f"{_WORDS[kind.value]} {name.display}" for kind, name in self.volume.sources if kind.value in _WORDS]
        return " and ".join(names) or "a volume"

    @property
    def at(self) -> Span:
        """The narrowest text that makes SDKs look here."""
        return self.variable.at if self.variable is not None else self.mount.path.span


_WORDS = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}


def _brings_credentials(datum: Datum) -> bool:
    if datum.material.is_key or datum.material.kind is MaterialKind.UNKNOWN:
        return True
    found = {profile.name: profile for profile in profiles(datum)}
    return any(elsewhere(profile, found) is not None for profile in found.values())


def shared_files(subject: PodContainer, graph: Graph) -> tuple[SharedFile, ...]:
    """The mounts of a container from which SDKs read credentials, each once, with what stands there."""
    volumes: dict[str | None, Volume] = graph.keep(_volumes)[id(subject.pod)]
    return tuple(_with_contents(subject, file, graph) for file in _files(subject, volumes))


def _with_contents(subject: PodContainer, file: SharedFile, graph: Graph) -> SharedFile:
    if file.volume.type not in ("secret", "configMap", "projected"):
        return file
    unseen = False
    found: list[tuple[ConfigObject, Datum]] = []
    for kind, name in file.volume.sources:
        thing = config_object(graph, kind, name, place_of(subject.workload), subject.workload.origin)
        if thing is None:
            unseen = True
            continue
        found += [(thing, datum) for datum in _shown(graph.keep(_contents)[id(thing)], file)]
        unseen = unseen or not thing.complete
    return SharedFile(file.mount, file.volume, file.path, file.variable, tuple(found), unseen)


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


def _files(subject: PodContainer, volumes: dict[str | None, Volume]) -> Iterator[SharedFile]:
    """The mounts of a container from which SDKs read credentials, each once."""
    mounts = [(mount, volume) for mount in subject.container.mounts if (volume := volumes.get(mount.volume.known))]
    reported = set()
    for mount, volume in mounts:
        path = _plain(mount.path.known)
        if path is not None and _PLACE.search(path):
            reported.add(mount.path.span)
            yield SharedFile(mount, volume, None if path.endswith(".aws") else "")
    for name in VARIABLES:
        variable = subject.environment.get(name)
        target = _plain(variable.value.known) if variable and variable.value else None
        if variable is None or target is None:
            continue
        for mount, volume in mounts:
            below = _below(target, _plain(mount.path.known))
            if below is not None and mount.path.span not in reported:
                reported.add(mount.path.span)
                yield SharedFile(mount, volume, below, variable)


def _plain(path: str | None) -> str | None:
    return path.replace("\\", "/").rstrip("/") if path else None


def _below(path: str, mount: str | None) -> str | None:
    """The rest of a path below a mount; empty if it is the mount itself."""
    if mount is None:
        return None
    if path == mount:
        return ""
    return path[len(mount) + 1 :] if path.startswith(mount + "/") else None


def _shown(content: dict[str | None, Datum], file: SharedFile) -> Iterator[Datum]:
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


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile of a shared file, its settings by lower-case key; of keys and secrets the values are hidden."""

    name: str
    settings: dict[str, str]


def profiles(datum: Datum) -> tuple[Profile, ...]:
    """The profiles of a file; none where it is no such file, or is not seen."""
    if datum.material.kind not in (MaterialKind.CONFIG_FILE, MaterialKind.CREDENTIALS_FILE):
        return ()
    text = (datum.value.known if datum.value is not None else None) or datum.material.shown
    found: dict[str, dict[str, str]] = {}
    settings: dict[str, str] | None = None
    for written in text.splitlines():
        line = written.strip()
        section = _SECTION.match(line)
        if section is not None:
            settings = found.setdefault(section["name"], {})
        elif settings is not None and "=" in line and line[0] not in "#;":
            key, _, value = line.partition("=")
            settings[key.strip().lower()] = value.strip()
    return tuple(Profile(name, settings) for name, settings in found.items())


# Settings that bring credentials from elsewhere, so that a file without keys still decides who the container is.
_ELSEWHERE = ("credential_process", "source_profile", "sso_session", "sso_start_url")
# The one value of `credential_source` that is not the pod's own identity.
_METADATA = "ec2instancemetadata"


def elsewhere(profile: Profile, every: dict[str, Profile]) -> str | None:
    """The setting by which a profile takes credentials from elsewhere than the pod's own identity; None for none.

    A profile that goes on from one with `web_identity_token_file` is how EKS documents the way into other accounts:
    https://docs.aws.amazon.com/eks/latest/userguide/cross-account-access.html
    """
    settings = profile.settings
    for setting in _ELSEWHERE:
        if setting in settings:
            source = every.get(settings[setting]) if setting == "source_profile" else None
            return None if source is not None and "web_identity_token_file" in source.settings else setting
    source_of = settings.get("credential_source", "")
    return f"credential_source = {source_of}" if source_of.lower() == _METADATA else None
