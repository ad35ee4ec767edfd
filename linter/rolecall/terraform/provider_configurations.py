"""Which provider configuration of the root module makes a resource of a module, up the calls, and in which account.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rolecall.tree import Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from rolecall.terraform.module import Module
    from rolecall.tree import Node

_DEFAULT = "aws"
_RESOURCE = 5
"""The field of an ARN that comes after the account."""


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


def account(module: Module, name: str) -> Scalar | None:
    """The account in which a provider configuration of the root module works, where it says so.

    It assumes a role there, the last of several, or it accepts no other account.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs
    """
    root = next((one for one in (module, *module.callers()) if one.call is None), module)
    alias = name.partition(".")[2] or None
    for block in root.blocks("provider", _DEFAULT):
        body = block.body()
        written = body.scalar("alias")
        if (written.known if written is not None else None) != alias:
            continue
        only = _only(body.get("allowed_account_ids"))
        for kind in ("assume_role", "assume_role_with_web_identity"):
            assumed = body.get(kind)
            if assumed is not None:
                return only or _of_role(assumed)
        return only
    return None


def _of_role(assumed: Node) -> Scalar | None:
    last = assumed.items[-1] if isinstance(assumed, Sequence) and assumed.items and assumed.rest is None else None
    arn = last.scalar("role_arn") if isinstance(last, Mapping) else None
    if arn is None:
        return None
    # The name of the role may be unknown.
    start = takewhile(lambda part: isinstance(part, str), arn.parts)
    fields = "".join(map(str, start)).split(":")
    return _account(arn, fields[4]) if len(fields) > _RESOURCE else None


def _only(accounts: Node | None) -> Scalar | None:
    items = accounts.items if isinstance(accounts, Sequence) and accounts.rest is None else ()
    only = items[0] if len(items) == 1 else None
    return _account(only, only.known) if isinstance(only, Scalar) and only.known is not None else None


def _account(written: Scalar, text: str) -> Scalar | None:
    digits = text.isascii() and text.isdigit() and len(text) == 12
    return Scalar((text,), Kind.STRING, written.span, written.via) if digits else None


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
