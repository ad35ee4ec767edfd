"""Controllers that call AWS for others: secret stores, certificate issuers, scalers, providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class BucketClient:
    """A client of S3 with static keys in its own settings, or references to such, whose store is AWS.

    `display` is the object that holds the settings; `key_id` and `secret` are the names under which the keys stand,
    each with the place of its value where that is no reference; `written`: one of the values is the key itself.
    `endpoint` is the store's address where it is written.
    """

    origin: Origin
    display: str
    key_id: Scalar
    secret: Scalar
    endpoint: Scalar | None = None
    written: bool = False


@dataclass(frozen=True, slots=True)
class ControllerCredentials:
    """What a custom resource tells its controller to authenticate to AWS with.

    `display` is the custom resource as a message names it, `controller` who reads it. `static` are the texts that name
    static keys: a reference's Secret, a parameter's name, an access key's id. `mechanism` is the controller's own word
    for where it takes credentials from, `owner` whose they are to be, `role` the role to assume. `endpoint` is where
    its calls go if that is written. `account` is the service account whose token is used, in `namespace` (the custom
    resource's own, unless it may name another). `everywhere`: objects of every namespace may use it; its place is the
    text that they name it by.
    """

    origin: Origin
    display: str
    controller: str
    static: tuple[Scalar, ...] = ()
    mechanism: Scalar | None = None
    owner: Scalar | None = None
    role: Scalar | None = None
    endpoint: Scalar | None = None
    account: Scalar | None = None
    namespace: Scalar | None = None
    everywhere: bool = False
