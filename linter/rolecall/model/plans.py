"""Terraform plans and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Plan:
    """A Terraform plan or state: the other entities of its unit are what some configuration declares, evaluated.

    `secrets` are the places of the values that Terraform marks as sensitive.
    """

    origin: Origin
    secrets: tuple[Span, ...] = ()
