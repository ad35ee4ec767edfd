"""Terraform's hashes, of strings and of files; random and salted ones are unknown."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import takes
from rolecall.terraform.values import Failure, opaque
from rolecall.tree import Hole, Node, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function


def by_bytes(change: Callable[[bytes], str]) -> Function:
    """A function of a string's bytes."""

    def function(call: Call) -> Node:
        text = call.text(0)
        if text is None:
            return call.opaque(plain=True)
        return known(change(text.encode("utf-8", "replace")), call.span)

    return function


def of_file(change: Callable[[bytes], str]) -> Function:
    """A function of the bytes of a file in the tree."""

    def function(call: Call) -> Node:
        path = call.text(0)
        if path is None:
            return call.opaque(plain=True)
        text, hole = call.files.read(path, call.span)
        if text is None or text.known is None:
            return unknown(hole or Hole("an unreadable file"), call.span)
        return known(change(text.known.encode("utf-8", "replace")), call.span)

    return function


def chosen_at_run_time(call: Call) -> Node:
    """A function that gives something else each time, or on each machine."""
    return opaque(call.name, call.arguments, call.span, reason=f"what {call.name} gives is chosen at run time")


def _uuidv5(call: Call) -> Node:
    namespace, name = call.text(0), call.text(1)
    if namespace is None or name is None:
        return call.opaque()
    # Imported here: it asks which machine this is, and few configurations make such ids.
    import uuid  # noqa: PLC0415

    named = {
        "dns": uuid.NAMESPACE_DNS,
        "oid": uuid.NAMESPACE_OID,
        "url": uuid.NAMESPACE_URL,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        return known(str(uuid.uuid5(named.get(namespace) or uuid.UUID(namespace), name)), call.span)
    except ValueError as error:
        raise Failure("a namespace of UUIDs that is not known") from error


def _hash(algorithm: str, data: bytes) -> bytes:
    # Imported here: it loads OpenSSL, and few configurations hash anything.
    import hashlib  # noqa: PLC0415

    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _in_base64(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(_hash(algorithm, data)).decode()


def _in_hexadecimal(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: _hash(algorithm, data).hex()


_HASHES: Table[str, Callable[[bytes], str]] = {
    **{f"base64{algorithm}": _in_base64(algorithm) for algorithm in ("sha256", "sha512")},
    **{algorithm: _in_hexadecimal(algorithm) for algorithm in ("md5", "sha1", "sha256", "sha512")},
}

HASHES: Table[str, Function] = {
    **{name: takes(by_bytes(change), 1) for name, change in _HASHES.items()},
    **{f"file{name}": takes(of_file(change), 1) for name, change in _HASHES.items()},
    "abspath": takes(chosen_at_run_time, 1),
    "bcrypt": takes(chosen_at_run_time, 1, 2),
    "pathexpand": takes(chosen_at_run_time, 1),
    "plantimestamp": takes(chosen_at_run_time, 0),
    "timestamp": takes(chosen_at_run_time, 0),
    "uuid": takes(chosen_at_run_time, 0),
    "uuidv5": takes(_uuidv5, 2),
}
