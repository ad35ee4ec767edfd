"""What Terraform's functions keep of partly known values, and how they end on hostile ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rolecall.source import Source
from rolecall.terraform.module import load
from rolecall.tree import Hole, Kind, Scalar, Sequence
from rolecall.workspace import Workspace
from tests.terraform_console import as_json, evaluated

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.tree import Node


def plain(node: Node) -> object:
    """A value with `${…}` for what is unknown in a text, `…` for what is unknown in a collection, `?` for the rest."""
    if isinstance(node, Scalar):
        if node.kind is Kind.UNKNOWN:
            return "?"
        if node.holes:
            return node.display
        return node.known if node.kind is Kind.STRING else json.loads(node.known or "null")
    if isinstance(node, Sequence):
        return [*map(plain, node.items), *(["…"] if node.rest else [])]
    found = {entry.key.display: plain(entry.value) for entry in node.entries}
    return found | ({"…": "…"} if node.rest else {})


BOMB = "".join(
    f"{name}: &{name} [{', '.join(['1' if before is None else '*' + before] * 10)}]\\n"
    for before, name in zip([None, *"abcde"], "abcdef", strict=True)
)
NESTED = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]"
DIRECTIVES = '"%{ for a in range(1000) }%{ for b in range(1000) }x%{ endfor }%{ endfor }"'
PARTLY = [
    ('format("%s/%d/%5s", "a", var.x, var.y)', "a/${var.x}/${var.y}"),
    ('format("%v:%s", var.x, "sub")', "${var.x}:sub"),
    ('format("%q", "a${var.x}")', "${var.x}"),
    ('formatlist("%s:sub", ["a", var.x])', ["a:sub", "${var.x}:sub"]),
    ('formatlist("%s-%s", "a", concat(["b"], var.x))', ["a-b", "…"]),
    ('join(",", ["a", "${var.x}b"])', "a,${var.x}b"),
    ('split(",", "a,b${var.x}c,d,${var.y}")', ["a", "d", "…"]),
    ('split("/", "${var.x}/a/b")', ["a", "b", "…"]),
    ('split("aa", "x${var.x}aay")', "?"),
    ('trimspace("  a ${var.x}  ")', "a ${var.x}"),
    ('trimspace("  ${var.x}b  ")', "${var.x}b"),
    ('chomp("a${var.x}b\\n")', "a${var.x}b"),
    ('trim("--a${var.x}", "-")', "a${var.x}"),
    ('indent(2, "a:\\n${var.x}\\nb")', "a:\n  ${var.x}\n  b"),
    ('substr("abc${var.x}", 0, 2)', "ab"),
    ('substr("abc${var.x}", 0, 3)', "?"),
    ('title("a${var.x}")', "?"),
    ('base64encode("abcd${var.x}")', "YWJj${var.x}"),
    ('base64decode(base64encode("abcd${var.x}"))', "?"),
    ('jsonencode({ a = "x${var.x}", b = var.y })', '{"a":"x${var.x}","b":${var.y}}'),
    ('yamlencode({ b = ["x${var.x}"], a = var.y, c = { d = 1 } })',
     '"a": ${var.y}\n"b":\n- "x${var.x}"\n"c":\n  "d": 1\n'),
    ('yamlencode({ a = concat(["x"], var.x), b = merge(var.x, { c = 1 }) })',
     '"a":\n- "x"\n- ${var.x}\n"b":\n  "c": 1\n  "${var.x}": ${var.x}\n'),
    ('jsondecode(jsonencode({ a = ["x${var.x}", var.y], b = 1 }))', {"a": ["x${var.x}", "?"], "b": 1}),
    ('jsondecode(jsonencode({ a = concat(["x"], var.x), b = merge(var.x, { c = 1 }) }))',
     {"a": ["x", "…"], "b": {"c": 1, "…": "…"}}),
    ('yamldecode(yamlencode({ a = concat(["x"], var.x), b = merge(var.x, { c = "${var.y}z" }) }))',
     {"a": ["x", "…"], "b": {"c": "${var.y}z", "…": "…"}}),
    ('jsondecode("{\\"a\\": \\"${var.x}\\", \\"b\\": ${var.y}}")', {"a": "${var.x}", "b": "?"}),
    ('jsondecode("{${var.x}}")', "?"),
    ('yamldecode("a: arn:aws:iam::${var.x}:role/r\\nb: ${var.y}\\nc: 1${var.x}\\n")',
     {"a": "arn:aws:iam::${var.x}:role/r", "b": "?", "c": "?"}),
    ('concat(["a"], var.x, ["b"])', ["a", "b", "…"]),
    ("merge({ a = 1 }, var.x, { b = 2 })", {"a": "?", "b": 2, "…": "…"}),
    ('lookup(merge(var.x, { a = 1 }), "a", 2)', 1),
    ('lookup(merge(var.x, { a = 1 }), "b", 2)', "?"),
    ('lookup({ "${var.x}" = 1, a = 2 }, "a", 3)', 2),
    ('lookup({ a = 2, "${var.x}" = 1 }, "a", 3)', "?"),
    ('keys({ a = 1, "b${var.x}" = 2 })', ["a", "b${var.x}", "…"]),
    ("values({ a = 1, b = var.x })", [1, "?"]),
    ('zipmap(["a", var.x], [1, 2])', {"a": 1, "${var.x}": 2}),
    ('setproduct(["a"], ["b", var.x])', [["a", "b"], ["a", "?"]]),
    ('setproduct(["a"], concat(["b"], var.x))', [["a", "b"], "…"]),
    ('setunion(["a"], var.x)', ["a", "…"]),
    ('setintersection(["a", "b"], concat(["a"], var.x))', ["a", "…"]),
    ('setintersection(["a", "b"], var.x)', ["…"]),
    ('setsubtract(["a", "b"], ["a"])', ["b"]),
    ('setsubtract(["a", "b"], ["a", var.x])', ["…"]),
    ('setsubtract(concat(["a", "b"], var.x), ["a"])', ["b", "…"]),
    ('sort(["b", var.x, "a"])', ["b", "?", "a", "…"]),
    ('distinct(["a", "a", var.x])', ["a", "?", "…"]),
    ('compact(["a", "", var.x, "b${var.x}"])', ["a", "b${var.x}", "…"]),
    ('flatten([["a"], var.x, [["b"]]])', ["a", "b", "…"]),
    ('element(concat(["a"], var.x), 0)', "?"),
    ('matchkeys(["a", "b"], ["x", var.x], ["x"])', ["a", "…"]),
    ('chunklist(concat(["a"], var.x), 1)', ["…"]),
    ('transpose({ a = ["x"], b = var.x })', {"…": "…"}),
    ('cidrsubnets("10.0.0.0/16", 4, 4, var.x)', ["10.0.0.0/20", "10.0.16.0/20", "…"]),
    ('[for k, v in toset(["a", var.x]) : k]', ["a", "?", "…"]),
    ('var.x ? "arn:aws:iam::1:role/a" : "arn:aws:iam::1:role/b"', "arn:aws:iam::1:role/${var.x}"),
    ('var.x ? "a-${var.y}-x" : "a-${var.y}-z"', "a-${var.y}-${var.x, var.y}"),
    ('var.x ? "{\\"a\\": 1}" : "{\\"b\\": 1}"', '{"${var.x}": 1}'),
    ('var.x ? "[\\"a\\", \\"b\\"]" : "[\\"b\\"]"', "?"),
    ('var.x ? ["a", "b"] : ["a", "c"]', ["a", "?"]),
    ('var.x ? ["a"] : []', ["…"]),
    ('var.x ? ["a", "b"] : ["a"]', ["a", "…"]),
    ("var.x ? { a = 1, b = 2 } : { a = 1, b = 3 }", {"a": 1, "b": "?"}),
    ("var.x ? { a = 1, b = 2 } : { a = 1 }", {"a": 1, "…": "…"}),
    ("var.x ? { a = { b = [1] } } : { a = { b = [2] } }", {"a": {"b": ["?"]}}),
    ('var.x ? toset(["b", "a"]) : toset(["c", "b"])', ["b", "…"]),
    ("var.x ? [var.y] : var.y", "?"),
    ('var.x ? 1 : "1"', "1"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), PARTLY, ids=[case[0] for case in PARTLY])
def test_what_is_known_stays_known(expression: str, expected: object) -> None:
    value = evaluated(expression, 'variable "x" {}\nvariable "y" {}')
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (NESTED, "an expression that is too large"),
        (DIRECTIVES, "an expression that is too large"),
        ("setproduct(range(1000), range(1000))", "a value that is too large"),
        ("setproduct([for n in range(30) : [1, 2]]...)", "a value that is too large"),
        ("range(1025)", "a range of more than 1024 numbers"),
        ('format("%999999s", "a")', "a format that is too wide"),
        ('format("%.999999f", 1)', "a format that is too wide"),
        ('regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")', "an unknown value"),
        ('regex("a*a*a*a*a*a*b", join("", [for n in range(1000) : "a"]))', "an unknown value"),
        ('cidrsubnets("10.0.0.0/8", flatten([for n in range(100) : [for m in range(100) : 20]])...)',
         "a value that is too large"),
        ('jsondecode("1e999999999")', "a number out of bounds"),
        ('tonumber("1e999999999")', "a number out of bounds"),
        ('parseint(join("", range(1000)), 10)', "a number out of bounds"),
        ("9e300 * 9e300", "a number out of bounds"),
        ('indent(1000000, "a\\nb\\nc")', "a value that is too large"),
        ('replace(join("", range(1000)), "", join("", range(1000)))', "a value that is too large"),
        ('csvdecode(join("\\n", [for n in range(1000) : ",,,,,,,,,,,,,,,,,,,,,,,,"]))', "a value that is too large"),
        (f'yamldecode("{BOMB}")', "a value that is too large"),
        ("setsubtract([for n in range(1000) : [n]], [for n in range(1000) : [n + 1]])", "a set that is too large"),
        ('textencodebase64("a", "EBCDIC-CP-US")', "a character set that is not known here"),
        ("timestamp()", "what timestamp gives is chosen at run time"),
        ('provider::aws::arn_parse("x")', "the function provider::aws::arn_parse is not evaluated"),
        ('abspath("x")', "what abspath gives is chosen at run time"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_what_is_hostile_or_not_worked_out_says_why(expression: str, reason: str) -> None:
    value = evaluated(expression)
    hole = value.hole if isinstance(value, Scalar) else value.rest
    assert isinstance(hole, Hole)
    assert hole.reason == reason


def test_a_bound_is_no_error_for_try() -> None:
    for expression in ('format("%999s", "a")', 'tonumber("1e999999")', 'textencodebase64("a", "EBCDIC-CP-US")'):
        assert as_json(f'try({expression}, "wrong")') is None
        assert as_json(f"can({expression})") is None


def test_templatestring() -> None:
    more = 'variable "x" {}\nlocals {\n  t = "$${a}-%%{ for v in b }<$${v}>%%{ endfor }"\n}\n'
    assert plain(evaluated("templatestring(local.t, { a = var.x, b = [1, 2] })", more)) == "${var.x}-<1><2>"
    assert plain(evaluated("templatestring(var.x, { a = 1 })", more)) == "?"
    assert plain(evaluated('try(templatestring("$${", {}), "no template")', more)) == "no template"


def test_functions_over_files(tmp_path: Path) -> None:
    for name in ("policies/a.json", "policies/b.txt", "policies/deep/c.json", "policies/.hidden.json", "x.json"):
        path = tmp_path / "infra" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")
    (tmp_path / "secret.json").write_text("{}")
    expressions = {
        'fileset(path.module, "policies/*.json")': ["policies/.hidden.json", "policies/a.json"],
        'fileset("policies", "**/*.json")': [".hidden.json", "a.json", "deep/c.json"],
        'fileset("policies", "**")': [".hidden.json", "a.json", "b.txt", "deep/c.json"],
        'fileset("policies", "{a,b}.{json,txt}")': ["a.json", "b.txt"],
        'fileset("policies", "?.json")': ["a.json"],
        'fileset("policies", "a**")': ["a.json"],
        'fileset(".", "**/deep/**")': ["policies/deep/c.json"],
        'fileset("policies", "../*.json")': ["…"],
        'fileset("missing", "*")': ["…"],
        'fileset("../..", "*")': ["…"],
        'fileset("policies", "[ab].json")': ["…"],
        'filemd5("x.json")': "8a80554c91d9fca8acb82f023de02f11",
        'filebase64("x.json")': "e30K",
        'filebase64sha256("x.json")': "yj0WO6sFU4GCciYUBWjzvvfqrBh869doeOC2Pp5EI1Y=",
        'filesha1("missing.json")': "?",
        'fileexists("x.json")': True,
        'fileexists("missing.json")': "?",
        'file("../../secret")': "?",
    }
    for expression, expected in expressions.items():
        source = Source("infra/main.tf", f'output "x" {{ value = {expression} }}')
        module = load("infra", (source,), Workspace(tmp_path))
        value = module.blocks("output")[0].body().get("value")
        assert value is not None
        assert plain(value) == expected, expression
