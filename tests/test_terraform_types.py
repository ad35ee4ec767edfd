"""What the type of a variable makes of its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.terraform.values_types import Set
from tests.test_terraform_eval import module, plain, value

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("constraint", "given", "expected"),
    [
        ("string", "1.50", "1.5"),
        ("string", "true", "true"),
        ("number", '"12"', 12),
        ("number", '"-1.5"', -1.5),
        ("number", '"x"', "x"),
        ("bool", '"true"', True),
        ("list(string)", '[1, "a", true]', ["1", "a", "true"]),
        ("list(any)", '[1, "a"]', ["1", "a"]),
        ("list", '[1, "a"]', ["1", "a"]),
        ("map(number)", '{ a = "1" }', {"a": 1}),
        ("map(any)", '{ a = 1, b = "x" }', {"a": "1", "b": "x"}),
        ("set(string)", '["b", "a", "b"]', ["a", "b"]),
        ("tuple([string, number])", '[1, "2"]', ["1", 2]),
        ("list(object({ a = optional(string, 1) }))", "[{}, { a = 2 }]", [{"a": "1"}, {"a": "2"}]),
        # An object has the attributes of its type, no others.
        ("object({ a = string })", "{ a = null, b = 1 }", {"a": None}),
        ("object({ a = optional(string), b = optional(number, 2) })", "{ a = 1 }", {"a": "1", "b": 2}),
        ('object({ a = optional(string, "x") })', "{ a = null }", {"a": "x"}),
        ('object({ a = optional(object({ b = optional(string, "x") }), {}) })', "{}", {"a": {"b": "x"}}),
        ("any", '[1, "a"]', [1, "a"]),
    ],
)
def test_values_of_variables_are_of_their_type(tmp_path: Path, constraint: str, given: str, expected: object) -> None:
    text = f'variable "v" {{\n  type = {constraint}\n}}\noutput "x" {{ value = var.v }}\n'
    found = module(tmp_path, text, terraform__tfvars=f"v = {given}\n")
    node = found.blocks("output")[0].body().get("value")
    assert node is not None
    assert plain(node) == expected


def test_a_set_stays_a_set(tmp_path: Path) -> None:
    text = 'variable "v" {\n  type = set(string)\n  default = ["b", "a"]\n}\n'
    assert isinstance(value(tmp_path, "var.v", text), Set)
    assert plain(value(tmp_path, "[for k, v in var.v : k]", text)) == ["a", "b"]


def test_a_dynamic_block_over_a_set_has_its_items_as_keys(tmp_path: Path) -> None:
    text = """
    resource "aws_launch_template" "t" {
      dynamic "tag_specifications" {
        for_each = toset(["volume", "instance"])
        content {
          resource_type = tag_specifications.key
        }
      }
    }
    """
    body = module(tmp_path, text).blocks("resource")[0].body()
    assert plain(body) == {"tag_specifications": [{"resource_type": "instance"}, {"resource_type": "volume"}]}
