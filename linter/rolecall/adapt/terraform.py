"""What the adapters of Terraform resources share: what they read, and readings of a block's body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rolecall.adapt.names import iam_arn
from rolecall.model import Origin
from rolecall.records import dataclass
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.adapt.terraform_documents import Documents
    from rolecall.span import Span
    from rolecall.terraform import module as terraform
    from rolecall.terraform.registry_modules import RegistryModule
    from rolecall.tree import Node


class Block(Protocol):
    """One instance of a resource or data source, of a configuration or of a plan.

    `span` is the narrowest text that names it, `whole` all of it, `address` Terraform's. `model`: the module of the
    registry that it is in, where that is one that is known here. `provider`: the root module's name for the provider
    configuration that makes it; None if unknown.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102 - see the class
    @property
    def labels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def span(self) -> Span: ...  # noqa: D102
    @property
    def whole(self) -> Span: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def model(self) -> RegistryModule | None: ...  # noqa: D102
    @property
    def provider(self) -> str | None: ...  # noqa: D102

    def body(self) -> Mapping:
        """The values: arguments as they are, nested blocks as a sequence of mappings under their type."""

    def reference(self, name: str) -> Reference | None:
        """What an argument refers to, if it is nothing but a reference to a resource or data source."""

    def unencoded(self, name: str, value: Scalar) -> Scalar:
        """The value of an argument before it is put in base64, where that can be had."""

    def decoded(self, name: str) -> Scalar | None:
        """The text that an argument decodes from YAML or JSON, if it does."""


class Module(Protocol):
    """What blocks are of: a module of a configuration, or a plan. `unit` is the whole configuration or the plan.

    `calls` are the module calls that lead here, `foreign_call` the address of the one by which a module that is not the
    user's own came in. `paths` are the user's own files of the unit. `certain`: it is called as often as there are
    instances of it.
    """

    @property
    def unit(self) -> str: ...  # noqa: D102 - see the class
    @property
    def calls(self) -> tuple[Span, ...]: ...  # noqa: D102
    @property
    def foreign_call(self) -> str: ...  # noqa: D102
    @property
    def paths(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def certain(self) -> bool: ...  # noqa: D102

    def first_of_account(self, configuration: str) -> str:
        """The first provider configuration of the root module that is for the same account as another."""

    def account(self, configuration: str) -> Scalar | None:
        """The account in which a provider configuration of the root module works, where it says so."""

    def resolve(self, reference: Reference) -> Block | None:
        """The block that a reference's address names, if it is here."""


@dataclass(frozen=True, slots=True)
class Context:
    """The module being read, and its policy documents."""

    module: Module
    documents: Documents

    def origin(self, block: Block) -> Origin:
        """Where a block's entity is declared."""
        unit = self.module.unit
        module = self.module
        return Origin(
            unit, block.address, block.span, block.whole, group=unit, calls=module.calls, within=module.foreign_call
        )

    def certain(self, block: Block, body: Mapping) -> bool:
        """Whether it is known that the block is there, and for all of its kind or as one instance of its own."""
        return self.module.certain and self.is_instance(block, body)

    def is_instance(self, block: Block, body: Mapping) -> bool:
        """Whether the block is one instance; False where it stands for those of which it is not known how many are."""
        repeats = any(body.get(name) is not None for name in ("count", "for_each"))
        return not repeats or block.address.endswith("]")

    def target(self, scalar: Scalar | None) -> Block | None:
        """The block that a value is a reference to, if it is nothing but that."""
        if scalar is None or len(scalar.parts) != 1 or len(scalar.holes) != 1 or len(scalar.holes[0].references) != 1:
            return None
        return self.module.resolve(scalar.holes[0].references[0])

    def joined(self, block: Block, argument: str, value: Scalar | None) -> Scalar | None:
        """The value of an argument that names a block of this module, as a reference to it.

        Exact where a name is not: several modules of a world may declare roles of one name. What a data source looks
        up by its name is declared elsewhere, and only the name leads there.
        """
        reference = block.reference(argument)
        made = self.module.resolve(reference) if reference is not None else None
        if value is None or reference is None or made is None or (made.kind == "data" and value.known is not None):
            return value
        return Scalar((Hole("another block of this module", (reference,)),), value.kind, value.span, value.via)

    def made_of(self, block: Block, attribute: str, reason: str) -> Hole:
        """The unknown that AWS decides when it makes the block's object."""
        return Hole(reason, (Reference(self.module.unit, block.address, attribute),))


@dataclass(frozen=True, slots=True)
class ModuleContext(Context):
    """A module of a configuration being read, with all that can be asked of one."""

    module: terraform.Module


def blocks(body: Mapping, kind: str) -> tuple[Mapping, ...]:
    """The nested blocks of a type (or the list of objects, or one object, of an argument)."""
    node = body.get(kind)
    if isinstance(node, Mapping):
        return (node,)
    return tuple(body.mappings(kind))


def block(body: Mapping, kind: str) -> Mapping | None:
    """The one nested block of a type."""
    return next(iter(blocks(body, kind)), None)


def unseen(body: Mapping, kind: str) -> Hole | None:
    """The hole through which more blocks of a type may come: a `dynamic` block, an argument that is not known."""
    node: Node | None = body.get(kind)
    if isinstance(node, Sequence):
        loose: Iterator[Hole] = (item.holes[0] for item in node.items if isinstance(item, Scalar) and item.holes)
        return node.rest or next(loose, None)
    if isinstance(node, Scalar) and node.holes:
        return node.holes[0]
    return None


def tag_keys(node: Node | None) -> tuple[tuple[Scalar, ...], Hole | None]:
    """The keys of tags, and the hole that more may come from."""
    if isinstance(node, Mapping):
        return tuple(entry.key for entry in node.entries), node.rest
    if isinstance(node, Scalar) and node.holes:
        return (), node.hole
    return (), None


def named(context: Context, subject: Block, body: Mapping, argument: str = "name") -> Scalar:
    """The name of an object: as written, of a known prefix, or made up by Terraform."""
    name = body.scalar(argument)
    if name is not None:
        return name
    made = context.made_of(subject, argument, "a name that Terraform makes up")
    prefix = body.scalar(f"{argument}_prefix")
    if prefix is not None:
        return Scalar((*prefix.parts, made), Kind.STRING, prefix.span, prefix.via)
    return Scalar((made,), Kind.STRING, subject.span)


def arn_of(context: Context, subject: Block, name: Scalar, kind: str, path: Scalar | None) -> Scalar:
    """The ARN of an IAM object of this module, its account unknown."""
    return iam_arn(context.made_of(subject, "arn", "the account in which Terraform runs"), name, kind, path)
