"""A Terraform plan or state in JSON as blocks that the adapters read: the instances of its resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.model import Origin, Plan
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.records import dataclass
from rolecall.syntax.json import JsonError
from rolecall.terraform.plan_file import PlanFile, Planned
from rolecall.terraform.plan_json import at, keys, text
from rolecall.terraform.plan_references import References, Scope
from rolecall.terraform.plan_values import Values
from rolecall.terraform.provider_accounts import DEFAULT, one_of_each, settings_in_plan
from rolecall.tree import Mapping, Reference, Scalar

if TYPE_CHECKING:
    from rolecall.source import Source
    from rolecall.span import Span
    from rolecall.terraform.registry_modules import RegistryModule


def load(source: Source, types: frozenset[str]) -> PlanModule | Problem:
    """The resources of these types, or what is wrong with the file."""
    try:
        return PlanModule(PlanFile(source, types))
    except JsonError as error:
        place = source.span(error.offset, min(error.offset + 1, len(source.text)))
        return Problem(ProblemKind.SYNTAX, f"not valid JSON: {error.message}", source.path, place)
    except RecursionError:
        return Problem(ProblemKind.SYNTAX, "not read: nested too deeply", source.path, source.span(0, 0))


@dataclass(frozen=True, slots=True)
class PlanBlock:
    """One instance of a resource or data source of a plan. `span` is its address in the file, `whole` all its JSON."""

    kind: str
    labels: tuple[str, ...]
    span: Span
    whole: Span
    address: str
    module: PlanModule
    planned: Planned
    values: Mapping

    @property
    def model(self) -> RegistryModule | None:
        """The module of the registry that it is in, where that is one that is known here."""
        return self.module.model(self.planned.module)

    @property
    def provider(self) -> str | None:
        """The root module's name for the provider configuration that makes it; None if unknown, as in a state.

        One that a module declares itself has a name of its own, `module.x:aws`; Terraform before 1.1 gives such a name
        to those, too, that a module is given.
        """
        return self.module.provider(self.planned)

    def body(self) -> Mapping:
        """The values, as an evaluated body has them."""
        return self.module.body(self)

    def reference(self, name: str) -> Reference | None:
        """What an argument refers to, if its expression is one reference to a resource, as far as that can be told."""
        return self.module.referred(self, name)

    def unencoded(self, name: str, value: Scalar) -> Scalar:
        """The value: a plan has nothing of it before its encoding."""
        del name
        return value

    def decoded(self, name: str) -> Scalar | None:
        """Nothing: a plan has only what was decoded."""
        del name
        return None


class PlanModule:
    """The blocks of a plan, all modules together: their addresses say which module they are of."""

    def __init__(self, file: PlanFile) -> None:
        self.unit = file.source.path
        self.calls: tuple[Span, ...] = ()
        self.foreign_call = ""
        # Every instance that there is going to be is in it.
        self.certain = True
        self.paths = (file.source.path,)
        self._file = file
        self._blocks: dict[str, PlanBlock] = {}
        self._bodies: dict[str, Mapping] = {}
        self._references = References(self.unit, file.configuration, file.addresses)
        self._firsts = one_of_each(
            (name, settings_in_plan(at(file.providers, name, "expressions") or {}))
            for name in keys(file.providers)
            if name.partition(".")[0] == DEFAULT
        )
        for planned in file.resources:
            kind = "data" if planned.mode == "data" else "resource"
            self._blocks[planned.address] = PlanBlock(
                kind,
                (planned.type, planned.name),
                file.head(planned),
                file.source.span(planned.start, planned.end),
                planned.address,
                self,
                planned,
                file.values(planned),
            )

    def provider(self, planned: Planned) -> str | None:
        """See `PlanBlock.provider`."""
        key = text(self._configured(planned), "provider_config_key")
        return key if key and (":" not in key or key in keys(self._file.providers)) else None

    def first_of_account(self, configuration: str) -> str:
        """The first provider configuration of the root module that is for the same account as another."""
        return self._firsts.get(configuration, configuration)

    def account(self, configuration: str) -> Scalar | None:  # noqa: ARG002 - likewise
        """Nothing: it is not read in a plan's configuration."""
        return None

    @property
    def entity(self) -> Plan:
        """The plan itself."""
        span = self._file.source.span(0, 0)
        origin = Origin(unit=self.unit, address="plan", span=span, whole=span, group=self.unit)
        return Plan(origin, tuple(self._file.secrets))

    @property
    def unevaluated(self) -> Unevaluated | None:
        """What of the file could not be evaluated."""
        reason = "a state file from before Terraform 0.12 is not evaluated"
        return Unevaluated("Terraform state", reason, self._file.unread, self.unit) if self._file.unread else None

    def blocks(self, kind: str, *labels: str) -> tuple[PlanBlock, ...]:
        """The blocks of a kind whose first labels are these."""
        return tuple(
            block for block in self._blocks.values() if block.kind == kind and block.labels[: len(labels)] == labels
        )

    def model(self, module: str) -> RegistryModule | None:
        """See `PlanBlock.model`."""
        call = self._references.call(module)
        if call is None:
            return None
        from rolecall.terraform.registry_modules import find  # noqa: PLC0415 - only where a module is called

        return find(text(call, "source"), text(call, "version_constraint") or None)

    def resolve(self, reference: Reference) -> PlanBlock | None:
        """The block that a reference's address names."""
        return self._blocks.get(reference.address) if reference.unit == self.unit else None

    def body(self, block: PlanBlock) -> Mapping:
        """See `PlanBlock.body`."""
        found = self._bodies.get(block.address)
        if found is None:
            planned = block.planned
            maker = Values(
                Reference(self.unit, block.address),
                block.span,
                lambda expression: self._resolved(expression, block, None),
                asks=planned.mode == "data",
            )
            configured = self._configured(planned)
            expressions = at(configured, "expressions") or {} if configured is not None else None
            marks = self._file.unknown.get(block.address)
            found = self._bodies[block.address] = maker.body(block.values, marks, planned.sensitive, expressions)
        return found

    def referred(self, block: PlanBlock, name: str) -> Reference | None:
        """See `PlanBlock.reference`."""
        expression = at(self._configured(block.planned), "expressions", name)
        value = block.values.get(name)
        return self._resolved(expression, block, value if isinstance(value, Scalar) else None)

    def _configured(self, planned: Planned) -> object:
        name = f"{'data.' if planned.mode == 'data' else ''}{planned.type}.{planned.name}"
        return self._references.block(Scope(planned.module), name)

    def _resolved(self, expression: object, block: PlanBlock, value: Scalar | None) -> Reference | None:
        """What an expression refers to, unless its value (None: unknown) shows that something is made of it."""
        planned = block.planned
        scope = Scope(planned.module, planned.key, at(self._configured(planned), "for_each_expression"))
        reference = self._references.resolve(expression, scope)
        target = self.resolve(reference) if reference else None
        if reference is None or target is None:
            return reference
        theirs = target.values.get(reference.attribute)
        mine = value.known if value else None
        if isinstance(theirs, Scalar) and theirs.known is not None and theirs.known != mine:
            return None
        return reference
