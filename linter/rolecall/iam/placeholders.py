"""Text that somebody meant to fill in: words of examples, and what tools put values in place of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.tree import Hole

if TYPE_CHECKING:
    from rolecall.tree import Scalar

# What AWS's and others' documentation writes where a value of one's own belongs.
_LEFT = regex.compile(
    r"<[^<>]+>"
    r"|EXAMPLE[0-9A-F]+EXAMPLE"
    r"|(?<=/id/)[0-9A-Z]*EXAMPLE[0-9A-Z]*"
    r"|(?<=[.-])region-code(?=[./:-]|$)"
    r"|\bREPLACE(?:\b|[_-])[A-Za-z0-9_-]*"
    r"|\b(?:CHANGE|REPLACE)[_-]?(?:ME|THIS|IT)\b"
    r"|\bYOUR[_-][A-Z0-9_-]+"
    r"|\b(?:TODO|FIXME|TBD)\b"
    r"|\b[Xx]{8,}\b"
)
# A field of an ARN, or all of a value; not the end of a UUID.
_ACCOUNT = regex.compile(r"(?:(?<=:)|^)[0-9]{12}(?=:|$)")
# Account ids of AWS's documentation; the first two are what its trust policies are copied with.
_COPIED = ("123456789012", "111122223333")
_DOCUMENTED = frozenset({*_COPIED, "444455556666", "777788889999", "999999999999", "000000000000", "012345678901"})
# Marks of templates and of shells, and upper-case words such as `OIDC_PROVIDER`, which sed puts a value for.
_FILLED_IN = regex.compile(
    r"\$\{|\$[A-Za-z_(]|\{\{|%\{|%[A-Za-z_]+%|@[A-Z_]+@|__[A-Za-z_]+__|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b(?:ACCOUNT|ACCOUNTID|NAMESPACE|SERVICEACCOUNT|ISSUER|REGION)\b"
)


def left_in(value: Scalar) -> tuple[str, ...]:
    """The placeholders of an example that are left in a value."""
    texts = (part for part in value.parts if isinstance(part, str))
    return tuple(dict.fromkeys(found for text in texts for found in _LEFT.findall(text)))


def is_placeholder(value: Scalar) -> bool:
    """Whether something in a value is yet to be filled in, by somebody or by a tool: it may then be anything."""
    texts = [part for part in value.parts if not isinstance(part, Hole)]
    return any(_LEFT.search(text) or _FILLED_IN.search(text) for text in texts)


def documented_account(value: Scalar) -> str | None:
    """The account id in a value that AWS's documentation uses for examples."""
    texts = (part for part in value.parts if isinstance(part, str))
    return next((found for text in texts for found in _ACCOUNT.findall(text) if found in _COPIED), None)


def real_accounts(value: Scalar) -> frozenset[str]:
    """The account ids in a value that no documentation uses."""
    texts = (part for part in value.parts if isinstance(part, str))
    return frozenset(found for text in texts for found in _ACCOUNT.findall(text)) - _DOCUMENTED


__all__ = ["documented_account", "is_placeholder", "left_in", "real_accounts"]
