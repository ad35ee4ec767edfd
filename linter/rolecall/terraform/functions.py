"""Terraform's pure functions, in one table; what is not in it leaves a hole that keeps its references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import Call, Function
from rolecall.terraform.functions_collections import COLLECTIONS
from rolecall.terraform.functions_dates import DATES
from rolecall.terraform.functions_encoding import ENCODING
from rolecall.terraform.functions_files import FILES
from rolecall.terraform.functions_hashes import HASHES
from rolecall.terraform.functions_json import JSON
from rolecall.terraform.functions_networks import NETWORKS
from rolecall.terraform.functions_numbers import NUMBERS_AND_TYPES
from rolecall.terraform.functions_replacing import REPLACING
from rolecall.terraform.functions_sets import SETS
from rolecall.terraform.functions_strings import STRINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.tree import Node


def _yamldecode(call: Call) -> Node:
    from rolecall.terraform.functions_yaml import YAML  # noqa: PLC0415 - takes long, and few call it

    return YAML["yamldecode"](call)


def _yamlencode(call: Call) -> Node:
    from rolecall.terraform.functions_yaml import YAML  # noqa: PLC0415 - likewise

    return YAML["yamlencode"](call)


FUNCTIONS: Mapping[str, Function] = {
    **STRINGS,
    **REPLACING,
    **COLLECTIONS,
    **SETS,
    **NUMBERS_AND_TYPES,
    **JSON,
    "yamldecode": _yamldecode,
    "yamlencode": _yamlencode,
    **ENCODING,
    **HASHES,
    **DATES,
    **NETWORKS,
    **FILES,
}

__all__ = ["FUNCTIONS", "Call"]
