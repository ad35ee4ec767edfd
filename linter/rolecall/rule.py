"""What a rule is, and what it says."""

from __future__ import annotations

import inspect
from enum import Enum, IntEnum
from types import UnionType
from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.problem import Unevaluated
    from rolecall.span import Span


class Severity(IntEnum):
    """How bad it is if the finding is right."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The lower-case name, as configuration and output write it."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure the finding is."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    @property
    def word(self) -> str:
        """The lower-case name."""
        return self.name.lower()


class Persona(IntEnum):
    """Who wants to see a finding; each sees what those before it see."""

    REGULAR = 0
    PEDANTIC = 1
    AUDITOR = 2

    @property
    def word(self) -> str:
        """The lower-case name."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Label:
    """A place with a few words that complete the text they underline. `secret`: mask the text itself.

    `later`: of the places of a finding, it is met only after the one where the finding stands, or never for its sake:
    the role that static keys keep a container from.
    """

    span: Span
    text: str = ""
    secret: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One wrong thing.

    `message` is one sentence: names the objects, says what will happen at run time. `at` is the narrowest text that
    is wrong; `related` the other places that make it so, in the order in which AWS, the webhook or the SDK meets
    them. `help` says what to do. `subject` names the object found wrong in a way that survives moved code; it is
    part of the finding's fingerprint. Severity, confidence and persona default to the rule's.
    """

    message: str
    at: Label
    related: tuple[Label, ...] = ()
    help: str = ""
    subject: str = ""
    severity: Severity | None = None
    confidence: Confidence | None = None
    persona: Persona | None = None


class Platform(Enum):
    """Formats that a rule speaks about, for its page."""

    KUBERNETES = "Kubernetes"
    DOCKERFILE = "Dockerfile"
    TERRAFORM = "Terraform"
    IAM_JSON = "IAM JSON"
    EKSCTL = "eksctl"
    CLOUDFORMATION = "CloudFormation"
    ANY = "every format"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its documentation; made by `rule`, not by hand.

    `subject_type` is what it subscribes to: a class, or a union of several.
    """

    name: str
    summary: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    check: Callable[..., Iterator[Finding | Unevaluated]]
    subject_type: type | UnionType
    takes_graph: bool
    references: tuple[str, ...] = ()
    formats: tuple[Platform, ...] = ()
    yields_to: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def documentation(self) -> str:
        """The rule's page in Markdown: the check's docstring."""
        return inspect.cleandoc(self.check.__doc__ or "")


def rule(  # noqa: PLR0913 - a rule's header, every argument by name
    name: str,
    *,
    summary: str,
    severity: Severity,
    confidence: Confidence,
    persona: Persona | None = None,
    references: tuple[str, ...] = (),
    formats: tuple[Platform, ...] = (),
    yields_to: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
) -> Callable[[Callable[..., Iterator[Finding | Unevaluated]]], Rule]:
    """Make a rule of a generator over an entity (or view) and, optionally, the graph.

    `name` is the bad pattern in kebab case. `yields_to` names more specific rules: where one of them speaks on the
    same text, this one is silent. `persona` defaults to pedantic for severity info or confidence low, else regular.
    """
    quiet = severity is Severity.INFO or confidence is Confidence.LOW

    def make(check: Callable[..., Iterator[Finding | Unevaluated]]) -> Rule:
        parameters = list(inspect.signature(check).parameters.values())
        subject = parameters[0].annotation if parameters else None
        if not isinstance(subject, (type, UnionType)):
            raise TypeError(
                f"rule {name}: annotate the check's first parameter with the class it subscribes to"
                " (and leave out `from __future__ import annotations`)"
            )
        return Rule(
            name=name,
            summary=summary,
            severity=severity,
            confidence=confidence,
            persona=persona if persona is not None else Persona.PEDANTIC if quiet else Persona.REGULAR,
            check=check,
            subject_type=subject,
            takes_graph=len(parameters) > 1,
            references=references,
            formats=formats,
            yields_to=yields_to,
            tags=tags,
        )

    return make
