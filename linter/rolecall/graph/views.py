"""The views of the graph: joined things that rules subscribe to, and where each is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.answer import Answer
    from rolecall.iam.breadth import Permission
    from rolecall.iam.permissions import HeldPolicy, Permissions
    from rolecall.model import (
        Container,
        LaunchTemplate,
        Material,
        MetadataOptions,
        NodeGroup,
        Pod,
        PodIdentityAssociation,
        PolicyDocument,
        Role,
        ServiceAccount,
        TrustPolicy,
        Workload,
    )
    from rolecall.problem import Unevaluated
    from rolecall.span import Span
    from rolecall.tree import Entry, Scalar


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a container's final environment.

    `certain`: YES if it is set, UNKNOWN if something unseen decides (a reference to an object outside of the world,
    an optional one). `material` is what the value is, UNKNOWN where it is not seen. `trail` are the places that give
    it, from the object that holds the value to the container's entry, narrowest text each, with a few words;
    `at` the container's own entry (its `env` value or name, its `envFrom` name). `baked`: its image sets it.
    """

    name: str
    certain: Answer
    material: Material
    value: Scalar | None
    at: Span
    trail: tuple[tuple[Span, str], ...] = ()
    explicit: bool = True
    by_reference: bool = False
    baked: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """What a container's environment will be: last `envFrom` wins, `env` overrides it, prefixes applied.

    `unseen` are references to objects that this world does not hold: they may set anything (an `envFrom`).
    """

    variables: tuple[Variable, ...]
    unseen: tuple[Scalar, ...] = ()
    open: bool = False

    def get(self, *names: str) -> Variable | None:
        """The first of these variables that is, or may be, set."""
        for name in names:
            for variable in self.variables:
                if variable.name == name:
                    return variable
        return None


@dataclass(frozen=True, slots=True)
class PodContainer:
    """A container in its pod and workload, with its final environment and what its pod runs as."""

    workload: Workload
    pod: Pod
    container: Container
    environment: Environment
    runs_as: PodServiceAccount
    endpoint: Span | None = None

    @property
    def display(self) -> str:
        """The container as a message names it."""
        return f"container {self.container.name.display} of {self.workload.display}"


@dataclass(frozen=True, slots=True)
class PodServiceAccount:
    """What a pod runs as. `service_account` None: not in this world, or not certain which.

    `role_annotation` is the service account's `eks.amazonaws.com/role-arn` where it is seen and not empty;
    `associations` those that bind its namespace and name, the uncertain ones separately.
    """

    name: Scalar | None
    service_account: ServiceAccount | None
    role_annotation: Entry | None = None
    associations: tuple[PodIdentityAssociation, ...] = ()
    possible_associations: tuple[PodIdentityAssociation, ...] = ()


@dataclass(frozen=True, slots=True)
class IrsaBinding:
    """A service account's role annotation, joined to the role.

    `role` None: the role is not in this world, or more than one could be it.
    """

    service_account: ServiceAccount
    annotation: Entry
    arn: Scalar
    role: Role | None


@dataclass(frozen=True, slots=True)
class ServiceAccountRole:
    """A declaration that gives a service account a role: its annotation, an association, a trust policy's subject.

    `namespace` None: not written. `at` is the narrowest text that names the service account. `role` None: the role
    is not in this world, or more than one could be it.
    """

    namespace: Scalar | None
    name: Scalar
    at: Span
    role: Role | None
    declared: ServiceAccount | PodIdentityAssociation | TrustPolicy


@dataclass(frozen=True, slots=True)
class NodeRole:
    """A role that EC2 nodes of a cluster run as; `because` are the places that make it one, with a few words.

    `permissions` are the broad ones (`Breadth` READ to ADMIN, widest first), each with the place that gives its policy
    to the role; `data` the statements with actions on data and secrets of applications, on whatever resources, in the
    same form. In both AWS' policies for nodes (`iam.managed.NODE_BASELINE`) and those for an add-on, an agent or a
    control plane (`iam.managed.PURPOSE`) are passed over.

    `may` is the role's engine, all policies included: ask it further questions (`may.allows("sts:AssumeRole", "*")`,
    `may.holdings("ssm:GetParameter")`, `escalation.paths(may)`); see `rolecall.iam.permissions`. `policies` are what
    the role has, AWS managed policies by name among them. `unseen` is what could not be read. `auto_mode`: only nodes
    of EKS Auto Mode are known to run as it.
    """

    role: Role
    because: tuple[tuple[Span, str], ...]
    may: Permissions
    permissions: tuple[tuple[Span, Permission], ...] = ()
    data: tuple[tuple[Span, Permission], ...] = ()
    unseen: tuple[Unevaluated, ...] = ()
    auto_mode: bool = False

    @property
    def policies(self) -> tuple[HeldPolicy, ...]:
        """The policies that the role has, each with what gives it to the role."""
        return self.may.sources


@dataclass(frozen=True, slots=True)
class WorkloadRole:
    """A role that pods become; `because` are the places that make it one, with a few words.

    `bindings` are the declarations that name a service account for it: annotations, associations, subjects of its
    trust policy. There may be none: Pod Identity in its trust, or a cluster's provider without a subject, suffice.

    `permissions` are the broad ones (`Breadth` READ to ADMIN, widest first), each with the place that gives its policy
    to the role; AWS managed policies are one each, by their name (`Permission.managed`). Nothing is passed over.

    `may` is the role's engine: ask it further questions (`may.allows("sts:AssumeRole", "*")`,
    `may.holdings("kms:Decrypt")`, `escalation.paths(may)`); see `rolecall.iam.permissions`. `unseen` is what could
    not be read. `is_node_role`: nodes run as it too, and the rules about node roles speak.
    """

    role: Role
    bindings: tuple[ServiceAccountRole, ...]
    because: tuple[tuple[Span, str], ...]
    may: Permissions
    permissions: tuple[tuple[Span, Permission], ...] = ()
    unseen: tuple[Unevaluated, ...] = ()
    is_node_role: bool = False

    @property
    def policies(self) -> tuple[HeldPolicy, ...]:
        """The policies that the role has, each with what gives it to the role."""
        return self.may.sources


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions that a role has: a managed policy by ARN or a document. `at`: the narrowest text giving it."""

    at: Span
    policy_arn: Scalar | None = None
    document: PolicyDocument | None = None
    name: Scalar | None = None


@dataclass(frozen=True, slots=True)
class NodeMetadata:
    """The instance metadata options that a group of nodes really gets, with the places that decide.

    `options` None: nothing is set, so the carrier's default holds. `owner` names the carrier in messages. `windows`:
    every group that uses the options is known to run Windows. `calls`: the module calls through which they are there.
    `template` is the launch template that has them, or has none; `family` whose AMI the nodes start from (`AL2`,
    `AL2023`, `BOTTLEROCKET`, `WINDOWS`) where that is known.
    """

    owner: str
    options: MetadataOptions | None
    because: tuple[tuple[Span, str], ...]
    group: NodeGroup | None = None
    node_role: NodeRole | None = None
    windows: bool = False
    calls: tuple[Span, ...] = ()
    template: LaunchTemplate | None = None
    family: str | None = None


VIEWS: dict[type, str] = {
    PodContainer: "rolecall.graph.containers:containers",
    IrsaBinding: "rolecall.graph.service_accounts:bindings",
    ServiceAccountRole: "rolecall.graph.service_account_roles:service_account_roles",
    NodeRole: "rolecall.graph.nodes:node_roles",
    WorkloadRole: "rolecall.graph.workload_roles:workload_roles",
    NodeMetadata: "rolecall.graph.nodes:node_metadata",
}
