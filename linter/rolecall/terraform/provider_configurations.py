"""Which provider configuration of the root module makes a resource of a module, up the calls, and in which account.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from rolecall.terraform import parser_nodes as hcl
from rolecall.terraform.provider_accounts import DEFAULT, one_of_each, settings_of
from rolecall.tree import Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from rolecall.terraform.module import Module
    from rolecall.terraform.module_blocks import Block
    from rolecall.tree import Node

_RESOURCE = 5
"""The field of an ARN that comes after the account."""


def provider_configuration(module: Module, block: Block) -> str | None:
    """The configuration `aws` or `aws.<alias>` of the root module that makes a block's resource; None if not known."""
    body = module.parsed(block.declared)
    written = body.argument("provider") if body is not None else None
    name = _name(written.value) if written is not None else DEFAULT
    for one in (module, *module.callers()):
        if name is None or one.call is None:
            return name
        name = _given(one, name)
    return name


def firsts(module: Module) -> dict[str, str]:
    """For each configuration of the root module the first that is for the same account."""
    bodies = [block.body() for block in _root(module).blocks("provider", DEFAULT)]
    aliases = [body.scalar("alias") for body in bodies]
    names = (f"{DEFAULT}.{alias.display}" if alias is not None else DEFAULT for alias in aliases)
    return one_of_each(zip(names, map(settings_of, bodies), strict=True))


def account(module: Module, name: str) -> Scalar | None:
    """The account in which a provider configuration of the root module works, where it says so.

    It assumes a role there, the last of several, or it accepts no other account.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs
    """
    alias = name.partition(".")[2] or None
    for block in _root(module).blocks("provider", DEFAULT):
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


def _root(module: Module) -> Module:
    return next((one for one in (module, *module.callers()) if one.call is None), module)


def _given(module: Module, name: str) -> str | None:
    """What a module's caller calls a configuration. The default one is handed on where the call hands on none."""
    if module.declared("provider", DEFAULT):
        return None
    given = module.given("providers")
    if given is None:
        return name if name == DEFAULT else None
    entries = given.value.items if isinstance(given.value, hcl.ObjectOf) else ()
    return next((_name(one.value) for one in entries if _name(one.key) == name), None)


def _name(written: hcl.Expression) -> str | None:
    """`aws` or `aws.<alias>`: a name as it is written, which stands for no value, or in quotes."""
    if isinstance(written, hcl.Template):
        pieces = written.pieces
        text = pieces[0].text if len(pieces) == 1 and isinstance(pieces[0], hcl.Text) else ""
        return text if text == DEFAULT or text.startswith(f"{DEFAULT}.") else None
    root, steps = (written.root, written.steps) if isinstance(written, hcl.Traversal) else (written, ())
    if not isinstance(root, hcl.Variable) or root.name != DEFAULT:
        return None
    names = [step.name for step in steps if isinstance(step, hcl.Attribute)]
    return ".".join((DEFAULT, *names)) if len(names) == len(steps) <= 1 else None
