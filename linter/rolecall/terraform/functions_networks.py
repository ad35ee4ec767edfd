"""Terraform's functions over blocks of addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.functions_call import takes
from rolecall.terraform.values import Failure, OutOfBounds
from rolecall.tree import Node, Sequence, known

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Function

_ADDRESS = regex.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){3}|[0-9A-Fa-f:.]{2,50}")
_MOST = 5_000
_WIDEST_IPV6_STEP = 32


class _Block:
    """A block of addresses: its first address as a number, and how many bits of it are fixed."""

    __slots__ = ("bits", "first", "total", "version")

    def __init__(self, version: int, first: int, bits: int) -> None:
        self.version = version
        self.total = 32 if version == 4 else 128
        self.bits = bits
        free = self.total - bits
        self.first = first >> free << free

    def address(self, number: int) -> str:
        """An address written as Go does."""
        number %= 1 << self.total
        return str(ipaddress.IPv4Address(number) if self.version == 4 else ipaddress.IPv6Address(number))

    def __str__(self) -> str:
        return f"{self.address(self.first)}/{self.bits}"


def _block(text: str) -> _Block:
    """The block that a text names. Raises `Failure`."""
    written, slash, bits = text.partition("/")
    if not slash or not _ADDRESS.fullmatch(written) or not re.fullmatch(r"[0-9]{1,6}", bits):
        raise Failure("a block of addresses is expected")
    if ":" not in written:
        # Terraform's own parser takes leading zeros, as decimal (`ipaddr.ParseCIDR`).
        written = ".".join(str(int(part)) for part in written.split("."))
    try:
        address = ipaddress.ip_address(written)
    except ValueError as error:
        raise Failure("a block of addresses is expected") from error
    if int(bits) > address.max_prefixlen:
        raise Failure("a block of addresses is expected")
    if address.version == 6 and address.ipv4_mapped is not None:
        raise OutOfBounds("addresses of IPv4 written as IPv6 are not worked out")
    return _Block(address.version, int(address), int(bits))


def _cidrhost(call: Call) -> Node:
    text, host = call.text(0), call.whole(1)
    if text is None:
        return call.opaque()
    block = _block(text)
    if host is None:
        return call.opaque()
    size = 1 << (block.total - block.bits)
    if not -size <= host < size:
        raise Failure("a host outside of the block")
    return known(block.address(block.first + host + (size if host < 0 else 0)), call.span)


def _cidrnetmask(call: Call) -> Node:
    text = call.text(0)
    if text is None:
        return call.opaque()
    block = _block(text)
    if block.version != 4:
        raise Failure("a block of IPv4 is expected")
    return known(block.address((1 << 32) - (1 << (32 - block.bits))), call.span)


def _cidrsubnet(call: Call) -> Node:
    text, more, place = call.text(0), call.whole(1), call.whole(2)
    if text is None:
        return call.opaque()
    block = _block(text)
    if more is None or place is None:
        return call.opaque()
    if more < 0 or place < 0:
        # Terraform takes some of these, for no use.
        raise OutOfBounds("a number below zero")
    bits = block.bits + more
    if bits > block.total or place >= 1 << more:
        raise Failure("a block that is too small")
    return known(str(_Block(block.version, block.first + (place << (block.total - bits)), bits)), call.span)


def _cidrsubnets(call: Call) -> Node:
    text = call.text(0)
    lengths = [call.whole(index) for index in range(1, len(call.arguments))]
    if text is None:
        return call.opaque()
    block = _block(text)
    if len(lengths) > _MOST:
        raise OutOfBounds("a value that is too large")
    at, end = block.first, block.first + (1 << (block.total - block.bits))
    items: list[Node] = []
    for more in lengths:
        if more is None:
            return Sequence(tuple(items), call.span, call.opaque().hole)
        bits = block.bits + more
        if more < 1 or bits > block.total or (block.version == 6 and more > _WIDEST_IPV6_STEP):
            raise Failure("a block that is too small")
        size = 1 << (block.total - bits)
        at = -(-at // size) * size
        if at + size > end:
            raise Failure("blocks that do not fit")
        items.append(known(str(_Block(block.version, at, bits)), call.span))
        at += size
    return Sequence(tuple(items), call.span)


NETWORKS: Table[str, Function] = {
    "cidrhost": takes(_cidrhost, 2),
    "cidrnetmask": takes(_cidrnetmask, 1),
    "cidrsubnet": takes(_cidrsubnet, 3),
    "cidrsubnets": takes(_cidrsubnets, 1, more=True),
}
