"""Terraform's pure functions, in one table; what is not in it leaves a hole that keeps its references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.terraform.functions_call import Call, Function
from rolecall.terraform.functions_collections import COLLECTIONS
from rolecall.terraform.functions_encoding import ENCODING
from rolecall.terraform.functions_numbers import NUMBERS_AND_TYPES
from rolecall.terraform.functions_strings import STRINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTIONS: Mapping[str, Function] = {**STRINGS, **COLLECTIONS, **NUMBERS_AND_TYPES, **ENCODING}

__all__ = ["FUNCTIONS", "Call"]
