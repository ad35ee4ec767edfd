"""Which provider configuration of the root module makes a resource of a module, followed up the calls.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.tree import Mapping, Scalar

if TYPE_CHECKING:
    from rolecall.terraform.module import Module

_DEFAULT = "aws"


def provider_configuration(module: Module, written: Scalar | None) -> str | None:
    """The configuration `aws` or `aws.<alias>` of the root module; None where that is not known.

    `written` is the resource's argument `provider`.
    """
    name = _name(written) if written is not None else _DEFAULT
    for one in (module, *module.callers()):
        if name is None or one.call is None:
            return name
        name = _given(one, name)
    return name


def _given(module: Module, name: str) -> str | None:
    """What a module's caller calls a configuration. The default one is handed on where the call hands on none."""
    if module.declared("provider", _DEFAULT):
        return None
    given = module.call.body().get("providers") if module.call is not None else None
    if given is None:
        return name if name == _DEFAULT else None
    entries = given.entries if isinstance(given, Mapping) else ()
    return next((_name(one.value) for one in entries if isinstance(one.value, Scalar) and _name(one.key) == name), None)


def _name(written: Scalar) -> str | None:
    """`aws` or `aws.<alias>` of what is written, with the module's path in front of it, or of text in quotes."""
    text = written.display.removeprefix("${").removesuffix("}")
    parts = text.split(".")
    if parts[-2:-1] == [_DEFAULT]:
        return f"{_DEFAULT}.{parts[-1]}"
    return _DEFAULT if parts == [_DEFAULT] else None
