"""IAM's half: roles, trust policies, permission policies, OIDC providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.span import Span
    from rolecall.tree import Hole, Scalar


def _unnamed(origin: Origin) -> str:
    return f"the role {origin.display}" if origin.within else origin.address


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of a statement. `type` is `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` (bare star)."""

    type: Scalar
    value: Scalar


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. `rest`: there may be more, unknown, values."""

    operator: Scalar
    key: Scalar
    values: tuple[Scalar, ...]
    span: Span
    rest: Hole | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that is written twice in one object: `dropped` does not count; `counts`, the last, does.

    `lost` are the values, and `conditions` the conditions, that stand under the dropped one only.
    """

    dropped: Scalar
    counts: Scalar
    lost: tuple[Scalar, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, as written. The `…_rest` holes say that more elements may exist.

    `duplicates` are the keys written twice in it, which count once. A field that is an empty tuple with no rest is
    not written (or written as an empty list).
    """

    effect: Scalar | None
    span: Span
    sid: Scalar | None = None
    principals: tuple[Principal, ...] = ()
    principals_rest: Hole | None = None
    not_principals: tuple[Principal, ...] = ()
    actions: tuple[Scalar, ...] = ()
    actions_rest: Hole | None = None
    not_actions: tuple[Scalar, ...] = ()
    resources: tuple[Scalar, ...] = ()
    resources_rest: Hole | None = None
    not_resources: tuple[Scalar, ...] = ()
    conditions: tuple[Condition, ...] = ()
    conditions_rest: Hole | None = None
    at: Span | None = None
    duplicates: tuple[Duplicate, ...] = ()

    @property
    def head(self) -> Span:
        """A narrow place for the statement as a whole: `at` if the adapter gave one, else all of it."""
        return self.at or self.span


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy. `rest`: there may be more, unknown, statements. `duplicates` are those outside of its statements."""

    statements: tuple[Statement, ...]
    span: Span
    rest: Hole | None = None
    version: Scalar | None = None
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """Who may assume a role. `role` is the role's name for messages; None for a document found on its own.

    `account` is the role's own account id where it is known. `no_audience`: a module makes it that documents that its
    roles do not bind the token's audience. `inputs`: where a module makes it, the claims that inputs of it bind, each
    with its input. `literal_keys`: it is written in a format that puts values into values only, so that `${…}` in a key
    is sent to IAM as it is. `configuration`: see `OidcProvider`.
    """

    document: PolicyDocument
    origin: Origin
    role: Scalar | None = None
    account: Scalar | None = None
    no_audience: bool = False
    inputs: tuple[tuple[str, str], ...] = ()
    literal_keys: bool = False
    configuration: str | None = None

    def unsubstituted(self, statement: Statement) -> tuple[Condition, ...]:
        """The conditions of a statement of it whose keys have a `${…}` that stays as it is written."""
        if not self.literal_keys:
            return ()
        return tuple(condition for condition in statement.conditions if "${" in (condition.key.known or ""))

    @property
    def display(self) -> str:
        """The policy as a message names it."""
        return f"role {self.role.known}" if self.role and self.role.known else _unnamed(self.origin)


@dataclass(frozen=True, slots=True)
class Policy:
    """A permission policy: a customer-managed policy, or a document found on its own."""

    origin: Origin
    name: Scalar | None
    arn: Scalar | None
    document: PolicyDocument | None


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The policy of a bucket, a key, a queue, …: it names principals, and is no trust policy."""

    origin: Origin
    document: PolicyDocument


@dataclass(frozen=True, slots=True)
class DefaultTags:
    """The keys of the tags that a provider gives to all that it makes in a unit. `rest`: there may be more."""

    origin: Origin
    tags: tuple[Scalar, ...]
    rest: Hole | None = None


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A value that goes where it is not seen what becomes of it.

    An output, an argument of a module that is not evaluated, a grant of a service.
    """

    origin: Origin
    value: Scalar


@dataclass(frozen=True, slots=True)
class PolicyAttachment:
    """Permissions given to roles from outside of their declaration: a managed policy by ARN, or an inline document.

    `roles` are names, ARNs or references. `at` is the narrowest text that gives the permission.
    """

    origin: Origin
    roles: tuple[Scalar, ...]
    at: Span
    policy_arn: Scalar | None = None
    document: PolicyDocument | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. `trust` is None where the file does not show it, or it could not be read.

    `managed` are the ARNs of attached managed policies, `inline` the documents, both as the declaration itself has
    them; attachments declared elsewhere are `PolicyAttachment`s, and the graph joins them. `max_session_duration` is in
    seconds, `tags` are the keys of the role's own tags. `certain` is False where it stands for those of which it is not
    known how many there are.
    """

    origin: Origin
    name: Scalar | None
    arn: Scalar | None
    trust: TrustPolicy | None
    managed: tuple[Scalar, ...] = ()
    managed_rest: Hole | None = None
    inline: tuple[PolicyDocument, ...] = ()
    inline_rest: Hole | None = None
    boundary: Scalar | None = None
    max_session_duration: Scalar | None = None
    tags: tuple[Scalar, ...] = ()
    tags_rest: Hole | None = None
    certain: bool = True

    @property
    def display(self) -> str:
        """The role as a message names it."""
        return f"role {self.name.known}" if self.name and self.name.known else _unnamed(self.origin)


@dataclass(frozen=True, slots=True)
class UnmadeRole:
    """A module that can make a role and does not, because its `switch` is false, though outputs of it are used.

    `module` is what its users call it, `at` the switch where the call gives it, else the call. `uses` are the outputs
    that name the role, where they are used.
    """

    origin: Origin
    module: str
    switch: Scalar
    at: Span
    uses: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile: the role that EC2 instances using it get."""

    origin: Origin
    name: Scalar | None
    role: Scalar | None


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An IAM OIDC provider: the issuer's URL and the audiences it accepts.

    `certain` is False where it is not known that it is made, or in which account. `configuration` names the provider
    configuration of Terraform that makes it, as the root module calls it; None where that is not known. `registered`:
    IAM has it already, and shows its URL without a scheme.
    """

    origin: Origin
    url: Scalar | None
    client_ids: tuple[Scalar, ...]
    client_ids_rest: Hole | None = None
    certain: bool = True
    configuration: str | None = None
    registered: bool = False
