"""Helm releases: which chart is installed, and which of its values are set one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.model.secrets import Material
    from rolecall.span import Span
    from rolecall.tree import Hole, Scalar


@dataclass(frozen=True, slots=True)
class HelmSetting:
    """One value that is set by its name (`set`, as `--set` of the command line).

    `path` are the keys that Helm makes of the name, an index as a number; None where Helm cannot read it. `value` is
    None for a list, and without its text where that may be a secret. `sensitive`: it is kept from Terraform's output.
    """

    name: Scalar
    path: tuple[str | int, ...] | None
    value: Scalar | None
    material: Material
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class ChartKeys:
    """A key for AWS among the values of a chart: its id and its secret, as far as they are written beside each other.

    `display` names whose values they are in a message. `key_id` and `secret` are the keys that they stand under, each
    with what its value is and where. `names_aws`: what they stand under, or beside, says that they are for AWS;
    `elsewhere`: it says that they are for a store that is not AWS.
    """

    origin: Origin
    display: str
    key_id: tuple[Scalar, Material, Span] | None
    secret: tuple[Scalar, Material, Span] | None
    names_aws: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class HelmRelease:
    """A chart that is installed. `settings_rest`: more may be set that is not seen.

    `namespace` and `repository` are None where they are not written.
    """

    origin: Origin
    name: Scalar | None
    namespace: Scalar | None
    chart: Scalar | None
    repository: Scalar | None
    settings: tuple[HelmSetting, ...] = ()
    settings_rest: Hole | None = None

    @property
    def display(self) -> str:
        """The release as a message names it: `Helm release kube-system/agent`."""
        name = self.name.display if self.name else self.origin.address
        namespace = self.namespace.known if self.namespace else None
        return f"Helm release {namespace}/{name}" if namespace else f"Helm release {name}"
