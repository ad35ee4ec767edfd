"""Requests to assume a role by one AWS principal or one AWS service, with the context keys that such a request has.

What a request has under which key: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
("Availability" of each).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.conditions import Presence
from rolecall.iam.patterns import literal, pattern
from rolecall.iam.trust import ASSUME_ROLE, account_of
from rolecall.records import dataclass
from rolecall.tree import Hole

if TYPE_CHECKING:
    from rolecall.iam.conditions import Key, Value
    from rolecall.iam.issuers import Issuer
    from rolecall.iam.patterns import Text
    from rolecall.model import Principal

PODS = "pods.eks.amazonaws.com"
"""Who assumes a role for a pod by EKS Pod Identity."""

# Only where a service itself makes the call.
_OF_SERVICES = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:principalservicename",
    "aws:principalservicenameslist",
)
# What says something of an identity, which a service's own principal is not.
_OF_IDENTITIES = ("aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/", "aws:username")
_FEDERATED = ("saml:", "aws:federatedprovider")


@dataclass(frozen=True, slots=True)
class Identity:
    """An AWS principal that is named: a user, a role, a session of a role, or an account's root.

    `kind` is the word before the name in its ARN. What the question does not say of it is unknown: its tags, its
    organisation, the external id that it gives.
    """

    arn: str
    account: str
    kind: str
    name: str

    @property
    def action(self) -> str:
        """The STS action."""
        return ASSUME_ROLE

    def fits(self, principal: Principal) -> tuple[Answer, Issuer | None]:
        """Whether the principal is this identity, the role whose session it is, or its account."""
        kind, value = principal.type.known, principal.value.known
        if value == "*" and kind in ("*", "AWS"):
            return Answer.YES, None
        if kind is None:
            return Answer.UNKNOWN, None
        if kind != "AWS":
            return Answer.NO, None
        if value is not None:
            return Answer.of(value == self.arn or self.delegates(value) or self._is_session_of(value)), None
        written = pattern(principal.value, like=False)
        texts: tuple[Text, ...] = ((self.arn,), self._role, (f"{self._start}:iam::{self.account}:root",))
        possible = any(written.matches(text) is not Answer.NO for text in (*texts, (self.account,)))
        return Answer.UNKNOWN if possible else Answer.NO, None

    def delegates(self, principal: str) -> bool:
        """Whether a principal is this identity's account as a whole."""
        if account_of(principal) != self.account:
            return False
        return principal == self.account or principal.startswith(f"{self._start}:")

    def _is_session_of(self, principal: str) -> bool:
        """Whether a principal is the role whose session this is; names of roles are unique in an account."""
        return (
            self.kind == "assumed-role"
            and principal.startswith(f"{self._start}:iam::{self.account}:role/")
            and principal.rpartition("/")[2] == self.name.partition("/")[0]
        )

    @property
    def _start(self) -> str:
        return ":".join(self.arn.split(":", 2)[:2])

    @property
    def _role(self) -> Text:
        """What `aws:PrincipalArn` holds; of the role of a session the path is not known."""
        if self.kind != "assumed-role":
            return (self.arn,)
        return (f"{self._start}:iam::{self.account}:role/", _PATH, self.name.partition("/")[0])

    def value(self, key: Key, issuer: Issuer | None) -> Value:
        """What its ARN says; no other identity's claims, nothing that only services have."""
        del issuer
        if key.name is None:
            return Presence.UNKNOWN
        if key.issuer is not None or key.name.startswith(_FEDERATED) or key.name in _OF_SERVICES:
            return Presence.ABSENT
        if key.name == "aws:username":
            return literal(self.name.rpartition("/")[2]) if self.kind == "user" else Presence.ABSENT
        said: dict[str, Text] = {
            "aws:principalarn": self._role,
            "aws:principalaccount": (self.account,),
            "aws:principalisawsservice": ("false",),
            "aws:principaltype": (_TYPES[self.kind],),
        }
        # Keys that tag a principal may be any; a key partly known is one of a family.
        return literal(said[key.name]) if key.name in said else Presence.UNKNOWN


_PATH = Hole("the path of the role, which is not part of the ARN of a session")
_TYPES = {
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
    "root": "Account",
}
_ARN = regex.compile(
    r"arn:aws[a-z-]*:(?:"
    r"iam::(?P<account>\d{12}):(?:(?P<root>root)|(?P<kind>user|role)/(?P<name>[\w+=,.@/-]+))"
    r"|sts::(?P<account2>\d{12}):(?P<kind2>assumed-role|federated-user)/(?P<name2>[\w+=,.@/-]+))",
    re.ASCII,
)


def identity(text: str) -> Identity | None:
    """The identity that an ARN (or an account's id, for its root) names; None where it names none."""
    if re.fullmatch(r"[0-9]{12}", text):
        return Identity(f"arn:aws:iam::{text}:root", text, "root", "root")
    found = _ARN.fullmatch(text)
    if found is None:
        return None
    kind = found["root"] or found["kind"] or found["kind2"]
    return Identity(text, found["account"] or found["account2"], kind, found["name"] or found["name2"] or "root")


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service, by its principal (`pods.eks.amazonaws.com`).

    For which resource it acts, and with which tags, the question does not say: such keys are unknown.
    """

    name: str
    action: str = ASSUME_ROLE

    def fits(self, principal: Principal) -> tuple[Answer, Issuer | None]:
        """Whether the principal is this service."""
        kind, value = principal.type.known, principal.value.known
        if value == "*" and kind in ("*", "AWS"):
            return Answer.YES, None
        if kind is None:
            return Answer.UNKNOWN, None
        if kind != "Service":
            return Answer.NO, None
        if value is not None:
            return Answer.of(value == self.name), None
        return pattern(principal.value, like=False).matches(self.name), None

    def value(self, key: Key, issuer: Issuer | None) -> Value:
        """What every such request has, and what none has; all else is unknown."""
        del issuer
        if key.name is None:
            return Presence.UNKNOWN
        if key.issuer is not None or key.name.startswith((*_OF_IDENTITIES, *_FEDERATED)):
            return Presence.ABSENT
        if key.name == "aws:principalisawsservice":
            return literal("true")
        return literal(self.name) if key.name == "aws:principalservicename" else Presence.UNKNOWN
