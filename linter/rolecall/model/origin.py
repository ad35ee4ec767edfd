"""Where an entity is declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.span import Span


# Names of directories, whole, and words in names of files.
_FOR_SHOW = regex.compile(
    r"(^|/)(docs?|documentation|examples|samples?|tests?([_-][^/]*)?|testdata|__tests__|testing|e2e|tutorials?)/"
    r"|^examples?/"
    r"|(^|[/._-])(examples?|samples?)([._-][^/]*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The declaration behind an entity.

    `unit`: the file or Terraform directory. `address`: its name within, unique there, as its users call it
    (`Deployment pay/app`, `aws_iam_role.app["x"]`). `span`: the narrowest text that names it. `whole`: all of it.
    `group`: what is applied together (one Helm release's render, one file, one directory); two objects that name no
    namespace are in the same one if their group is the same. `template`: the chart template that a `# Source:`
    comment names, if any. `calls`: the module calls through which a Terraform block is there, outermost first.
    `within`: the foreign module that makes it, by the user's call of it. `chart`: the directory of the Helm chart among
    whose values or templates it stands, rendered by nobody. `possible`: the stretches of it that a template makes on a
    condition, in order. `world`: the overlay that it is built for; objects of two are never deployed together. Empty
    for what may be with any.
    """

    unit: str
    address: str
    span: Span
    whole: Span
    group: str = ""
    template: str = ""
    calls: tuple[Span, ...] = ()
    within: str = ""
    world: str = ""
    chart: str = ""
    possible: tuple[Span, ...] = ()

    @property
    def display(self) -> str:
        """The declaration as a message names it: the user does not know what is inside of a foreign module."""
        return f"of {self.within}" if self.within else self.address

    def is_possible(self, span: Span, within: Span | None = None) -> bool:
        """Whether what stands here is made on a condition only, given what it is `within`."""
        for stretch in self.possible:
            if stretch.start > span.start:
                return False
            if stretch.covers(span) and not (within is not None and stretch.covers(within)):
                return True
        return False

    @property
    def for_show(self) -> bool:
        """Whether the path says that this is an example, a test or documentation, which nobody deploys as it is."""
        return any(_FOR_SHOW.search(span.path) for span in (self.span, *self.calls))
