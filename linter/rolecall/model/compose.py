"""Docker Compose: services on somebody's machine, mostly, and what credentials they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.model.secrets import Material
    from rolecall.span import Span
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class ComposeVariable:
    """A variable of a service, from its `environment` or an `env_file`."""

    name: Scalar
    material: Material
    span: Span


@dataclass(frozen=True, slots=True)
class ComposeService:
    """A service. `mounts` are the sources of its bind mounts, `profiles` those for which it is started."""

    origin: Origin
    name: Scalar
    image: Scalar | None
    variables: tuple[ComposeVariable, ...] = ()
    mounts: tuple[Scalar, ...] = ()
    profiles: tuple[Scalar, ...] = ()

    @property
    def display(self) -> str:
        """The service as a message names it."""
        return f"service {self.name.display}"
