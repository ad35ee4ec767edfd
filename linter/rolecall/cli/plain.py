"""Typer's commands without the coercion of parameters that ours do not need."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup


class PlainCommand(TyperCommand):
    """A command whose parameters are texts and flags, which need no coercion.

    Newer typer builds pydantic adapters for every parameter when a command runs; importing pydantic takes longer
    than checking a small tree. Where typer has no such step, nothing is changed.
    """

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - typer does not export the type
        """The parameters, `--help` among them."""
        return _plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The like for the group of commands."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - likewise
        """The parameters, `--help` among them."""
        return _plain(super().get_params(ctx))


def _plain(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if hasattr(parameter, "get_runtime_param"):
            parameter.get_runtime_param = _Identity
    return parameters


class _Identity:
    """Stands in for typer's coercion."""

    def coerce(self, value: object, param: Any, ctx: object) -> object:  # noqa: ANN401, ARG002 - typer's interface
        return () if value is None and (param.multiple or param.nargs == -1) else value
