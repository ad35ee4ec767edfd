"""Kubernetes' half: workloads, containers, service accounts, Secrets and ConfigMaps."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from rolecall.model.secrets import Material, MaterialKind
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Entry, Scalar


def _entry(entries: tuple[Entry, ...], key: str) -> Entry | None:
    for entry in reversed(entries):
        if entry.key.known == key:
            return entry
    return None


@dataclass(frozen=True, slots=True)
class KubernetesObject:
    """Any object: its kind, name, namespace, annotations and labels.

    `namespace` is None where the manifest does not say (it is then set by `kubectl -n`, Kustomize, Argo CD: unknown,
    never `default`).
    """

    kind: str
    api_version: str
    name: Scalar
    namespace: Scalar | None
    annotations: tuple[Entry, ...]
    labels: tuple[Entry, ...]
    origin: Origin

    def annotation(self, key: str) -> Entry | None:
        """The annotation with this key."""
        return _entry(self.annotations, key)

    def label(self, key: str) -> Entry | None:
        """The label with this key."""
        return _entry(self.labels, key)

    @property
    def may_be_annotated(self) -> bool:
        """Whether it may have annotations that are not seen."""
        return any(entry.key.known is None for entry in self.annotations)

    @property
    def display(self) -> str:
        """The object as a message names it: `Deployment pay/app`, without the namespace where it is unknown."""
        namespace = self.namespace.known if self.namespace else None
        return f"{self.kind} {namespace}/{self.name.display}" if namespace else f"{self.kind} {self.name.display}"


@dataclass(frozen=True, slots=True)
class ServiceAccount(KubernetesObject):
    """A ServiceAccount. `patch`: annotations that one gets which is declared elsewhere."""

    patch: bool = False


@dataclass(frozen=True, slots=True)
class Datum:
    """A key of a Secret or ConfigMap. `value` only where it is no secret (an endpoint, a region), else None.

    `binary`: it stands under a ConfigMap's `binaryData`, which reaches volumes only, never the environment. `certain`
    is False where something that is not known decides whether the value is empty.
    """

    key: Scalar
    span: Span
    material: Material
    value: Scalar | None = None
    binary: bool = False
    certain: bool = True


@dataclass(frozen=True, slots=True)
class ConfigObject(KubernetesObject):
    """A Secret or ConfigMap. `complete` is False where keys may exist that are not written here.

    `made_by` names the kind of object that a controller or tool makes it from (`SealedSecret`, `ExternalSecret`,
    `Kustomization`); empty for a manifest of its own.
    """

    data: tuple[Datum, ...] = ()
    complete: bool = True
    made_by: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether it is a Secret."""
        return self.kind == "Secret"

    def datum(self, key: str) -> Datum | None:
        """The value stored under a key."""
        for datum in reversed(self.data):
            if datum.key.known == key:
                return datum
        return None


@dataclass(frozen=True, slots=True)
class SecretProviderClass(KubernetesObject):
    """What the Secrets Store CSI driver mounts, by which `provider`; `pod_identity` is AWS's `usePodIdentity`."""

    provider: Scalar | None = None
    pod_identity: Scalar | None = None


class SourceKind(Enum):
    """Where an environment variable's value comes from."""

    LITERAL = "value"
    SECRET = "secretKeyRef"  # noqa: S105 - the field's name
    CONFIG_MAP = "configMapKeyRef"
    FIELD = "fieldRef"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EnvVar:
    """An entry of a container's `env`.

    `value` is the literal (masked where `material` is a key); for references `object_name` and `object_key` are set.
    """

    name: Scalar
    kind: SourceKind
    span: Span
    value: Scalar | None = None
    material: Material = field(default_factory=lambda: Material(MaterialKind.EMPTY))
    object_name: Scalar | None = None
    object_key: Scalar | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class EnvFrom:
    """An entry of `envFrom`: all keys of a Secret or ConfigMap, each with a prefix."""

    kind: SourceKind
    object_name: Scalar
    prefix: Scalar | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """An entry of `volumeMounts`."""

    volume: Scalar
    path: Scalar
    sub_path: Scalar | None = None


@dataclass(frozen=True, slots=True)
class ProjectedToken:
    """A token of the pod's service account in a projected volume; `audience` None: the API server's own."""

    path: Scalar
    audience: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A pod's volume: its type (`secret`, `configMap`, `hostPath`, `emptyDir`, `projected`, …) and what it shows.

    `sources` are the Secrets and ConfigMaps (kind, name) in it, projected ones included; `items` the (key, path)
    pairs where only some keys are shown; `tokens` the tokens in a projected one; `host_path` the path of a hostPath;
    `provider_class` the SecretProviderClass that the Secrets Store CSI driver is to mount.
    """

    name: Scalar
    type: str
    span: Span
    sources: tuple[tuple[SourceKind, Scalar], ...] = ()
    items: tuple[tuple[Scalar, Scalar], ...] = ()
    host_path: Scalar | None = None
    provider_class: Scalar | None = None
    tokens: tuple[ProjectedToken, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod; `role` is `container`, `initContainer` (native sidecars included) or `ephemeral`.

    `env_rest`: it may have more variables than are seen, `mounts_rest` more mounts.
    """

    name: Scalar
    role: str
    image: Scalar | None
    env: tuple[EnvVar, ...]
    env_from: tuple[EnvFrom, ...]
    mounts: tuple[Mount, ...]
    command: tuple[Scalar, ...]
    span: Span
    env_rest: bool = False
    mounts_rest: bool = False


@dataclass(frozen=True, slots=True)
class TemplateReference:
    """Another object that describes the pods: a WorkflowTemplate of Argo, a Task of Tekton, a Rollout's Deployment.

    `kind` and `name` are that object's; `template` the one of its templates that is meant, None for all of them.
    `everywhere`: it is of the whole cluster. `inherits`: what the object says of all of its templates holds, too, where
    the one that refers to it says nothing. `accounts` are service accounts for some of the templates, by their names.
    """

    kind: str
    name: Scalar
    template: Scalar | None = None
    everywhere: bool = False
    inherits: bool = False
    accounts: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod or pod template: its own annotations and labels, service account, containers and volumes.

    `service_account` None: not written, so the namespace's `default`. `span` is the narrowest text of the pod spec,
    `host_network_at` that of its `hostNetwork` where it is written. `node_selector` are the labels that its node has;
    `windows_at` is where a node affinity asks for Windows. `template` is what others may refer to it by, `reference`
    the object that describes it instead; `keeps_account`: who refers to it cannot give it another service account.
    """

    annotations: tuple[Entry, ...]
    labels: tuple[Entry, ...]
    service_account: Scalar | None
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...]
    span: Span
    host_network: bool | None = False
    host_network_at: Span | None = None
    node_selector: tuple[Entry, ...] = ()
    windows_at: Span | None = None
    template: Scalar | None = None
    reference: TemplateReference | None = None
    keeps_account: bool = False

    def annotation(self, key: str) -> Entry | None:
        """The pod annotation with this key."""
        return _entry(self.annotations, key)

    def label(self, key: str) -> Entry | None:
        """The pod label with this key."""
        return _entry(self.labels, key)


@dataclass(frozen=True, slots=True)
class Workload(KubernetesObject):
    """An object that makes pods, with its pod templates (one for most kinds)."""

    pods: tuple[Pod, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """An `ipBlock` that pods may reach, less its `except` ranges. `excepted_rest`: there may be more of those."""

    cidr: Scalar
    excepted: tuple[Scalar, ...]
    span: Span
    excepted_rest: bool = False


@dataclass(frozen=True, slots=True)
class NetworkPolicy(KubernetesObject):
    """A NetworkPolicy, as far as it lets pods out. `reached` are its egress address blocks on which HTTP is allowed.

    `limits_egress` is False where its `policyTypes` leave egress alone, None where that is not known. `rest`: there may
    be more rules.
    """

    reached: tuple[AddressBlock, ...] = ()
    limits_egress: bool | None = True
    rest: bool = False
