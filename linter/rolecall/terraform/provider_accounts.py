"""Which provider configurations are for one account: what they authenticate with says so, the alias and region do not.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#authentication-and-configuration
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.iam.arns import account_in
from rolecall.terraform.plan_json import at, items, keys
from rolecall.tree import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

DEFAULT = "aws"
"""The name of the configuration without an alias."""
_ROLES = ("assume_role", "assume_role_with_web_identity")
_CREDENTIALS = (
    "access_key",
    "endpoints",
    "profile",
    "secret_key",
    "shared_config_files",
    "shared_credentials_file",
    "shared_credentials_files",
    "token",
)


def one_of_each(configurations: Iterable[tuple[str, object]]) -> dict[str, str]:
    """For each name of a configuration the first that is for the same account; the default one is always there.

    The names stand for what is compared: settings may be secret. None as settings are those that are not known.
    """
    found: dict[str, str] = {}
    first: dict[Hashable, str] = {}
    given = {DEFAULT: {}, **dict(configurations)}
    for name, settings in given.items():
        account = _account(settings) if settings is not None else None
        found[name] = first.setdefault(account, name) if account is not None else name
    return found


def _account(settings: object) -> Hashable | None:
    """What is equal only for one account; None where that is not known."""
    allowed = items(at(settings, "allowed_account_ids"))
    if len(allowed) == 1 and str(allowed[0]).isdecimal():
        return str(allowed[0])
    for argument in _ROLES:
        # Roles are assumed one after the other. What is not seen of a list is its last item.
        last = next(reversed(items(at(settings, argument))), None)
        role = at(last, "role_arn")
        if isinstance(last, str):
            return None
        if role:
            return account_in(str(role)) or ("role", str(role))
    return tuple((name, repr(given)) for name in _CREDENTIALS if (given := at(settings, name)))


def settings_of(body: Mapping) -> object:
    """The settings in an evaluated block; None where some are not seen."""
    return _plain(body) if body.rest is None else None


def settings_in_plan(expressions: object) -> object:
    """The settings in the configuration of a plan, where each is the expression of a value."""
    if isinstance(expressions, list):
        return [settings_in_plan(one) for one in expressions]
    if "constant_value" in keys(expressions):
        return at(expressions, "constant_value")
    if isinstance(expressions, dict) and "references" not in expressions:
        return {key: settings_in_plan(one) for key, one in expressions.items()}
    return expressions


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return "" if node.is_null else node.display
    if isinstance(node, Mapping):
        return {entry.key.display: _plain(entry.value) for entry in node.entries}
    return [*(_plain(item) for item in node.items), *([str(node.rest)] if node.rest is not None else [])]
