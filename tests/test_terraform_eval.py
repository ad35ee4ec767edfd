from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rolecall.source import Source
from rolecall.terraform.module import Block, Module, load
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.problem import Problem
    from rolecall.span import Span
    from rolecall.tree import Node


class Files(Workspace):
    """A workspace of which the files are given."""

    def __init__(self, root: Path, **files: str) -> None:
        super().__init__(root)
        object.__setattr__(self, "_files", files)

    __slots__ = ("_files",)

    def read(self, path: str) -> Source | Problem:
        files: dict[str, str] = self._files  # type: ignore[attr-defined]
        name = path.removeprefix("infra/").replace(".", "_").replace("/", "_")
        if name not in files:
            raise OSError(path)
        return Source(path, files[name])


def module(tmp_path: Path, text: str, /, **files: str) -> Module:
    sources = [Source("infra/main.tf", text)]
    sources += [Source(f"infra/{name.replace('__', '.')}", content) for name, content in files.items() if "__" in name]
    return load("infra", tuple(sources), Files(tmp_path, **files))


def value(tmp_path: Path, expression: str, rest: str = "", /, **files: str) -> Node:
    found = module(tmp_path, f'output "x" {{\n  value = {expression}\n}}\n{rest}', **files)
    node = found.blocks("output", "x")[0].body().get("value")
    assert node is not None
    assert found.problems == ()
    return node


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        if node.holes:
            return node.display
        return {Kind.NULL: None}.get(
            node.kind, node.known if node.kind is Kind.STRING else json.loads(node.known or "0")
        )
    if isinstance(node, Sequence):
        return [*map(plain, node.items), *(["…"] if node.rest else [])]
    return {entry.key.display: plain(entry.value) for entry in node.entries} | ({"…": "…"} if node.rest else {})


def hole(node: Node) -> Hole:
    assert isinstance(node, Scalar)
    return node.holes[0]


KNOWN = [
    ('"a"', "a"),
    ("1.50", 1.5),
    ("true", True),
    ("null", None),
    ("1 + 2 * 3 - 4", 3),
    ("7 % 4 == 3 && !false", True),
    ("2 > 1 || nothing.here", True),
    ("-(3)", -3),
    ('1 == "1"', False),
    ('true ? "yes" : var.unknown', "yes"),
    ('"a${1}b${true}"', "a1btrue"),
    ('"${1.50}-${1e3}-${-0.50}"', "1.5-1000--0.5"),
    ('"${[1, 2]}"', [1, 2]),
    ('"$${a} %%{b} \\"q\\" \\\\ \\u00e9"', '${a} %{b} "q" \\ é'),
    ('"$${ open %%{"', "${ open %{"),
    ('"%{ if true }y%{ else }n%{ endif }"', "y"),
    ('"%{ for x in ["a", "b"] }<${x}>%{ endfor }"', "<a><b>"),
    ('[for i, x in ["a", "b"] : "${i}${x}" if x != "a"]', ["1b"]),
    ("{for k, v in {b = 2, a = 1} : upper(k) => v}", {"A": 1, "B": 2}),
    ('{for x in ["a", "b", "a"] : x => 1...}', {"a": [1, 1], "b": [1]}),
    ("[for k in {b = 1, a = 2} : k]", [2, 1]),
    ('[{a = [{b = "x"}]}][0].a[0]["b"]', "x"),
    ('[{a = "x"}, {a = "y"}][*].a', ["x", "y"]),
    ('{a = "x"}[*].a', ["x"]),
    ("null[*]", []),
    ('[{a = "x"}].0.a', "x"),
    ('replace("a-b-c", "-", "/")', "a/b/c"),
    ('replace("https://x/id", "/^https:\\\\/\\\\/(\\\\w+)/", "<$1>")', "<x>/id"),
    ('replace("arn:aws:iam::1:oidc-provider/x/id/1", "/^(.*provider/)/", "")', "x/id/1"),
    ('trimprefix("https://x", "https://")', "x"),
    ('trimsuffix("a.b.", ".")', "a.b"),
    ('trimspace("  a\\n")', "a"),
    ('trim("?!a?", "!?")', "a"),
    ('format("%s-%03d-%5s|%-3s|%%|%t|%q", "a", 7, "r", "l", true, "q")', 'a-007-    r|l  |%|true|"q"'),
    ('format("%[2]s%[1]s", "a", "b")', "ba"),
    ('join(",", ["a", "b"], ["c"])', "a,b,c"),
    ('split(",", "a,b,")', ["a", "b", ""]),
    ('upper(lower("Ab"))', "AB"),
    ('title("hello world")', "Hello World"),
    ('substr("hello", -4, 2)', "el"),
    ('regex("[a-z]+", "12ab3")', "ab"),
    ('regex("(\\\\d)(?:x)(\\\\w)?", "1x")', ["1", None]),
    ('regex("(?P<one>a)", "a")', {"one": "a"}),
    ('regexall("a", "banana")', ["a", "a", "a"]),
    ('startswith("abc", "ab")', True),
    ('endswith("abc", "ab")', False),
    ('strcontains("abc", "b")', True),
    ('indent(2, "a\\nb")', "a\n  b"),
    ("length([1, 2])", 2),
    ('length("abc")', 3),
    ("length({a = 1})", 1),
    ("concat([1], [2], [])", [1, 2]),
    ("merge({a = 1, b = 2}, null, {a = 3})", {"b": 2, "a": 3}),
    ("flatten([[1, [2]], [], 3])", [1, 2, 3]),
    ('element(["a", "b"], 3)', "b"),
    ('lookup({a = "x"}, "a", "y")', "x"),
    ('lookup({a = "x"}, "b", "y")', "y"),
    ('coalesce(null, "", "x", var.unknown)', "x"),
    ('compact(["a", "", null, "b"])', ["a", "b"]),
    ('toset(["b", "a", "b"])', ["a", "b"]),
    ('distinct(["b", "a", "b"])', ["b", "a"]),
    ("keys({b = 1, a = 2})", ["a", "b"]),
    ("values({b = 1, a = 2})", [2, 1]),
    ('zipmap(["a"], [1])', {"a": 1}),
    ('contains(["a"], "a")', True),
    ("reverse([1, 2])", [2, 1]),
    ('sort(["b", "a"])', ["a", "b"]),
    ("slice([1, 2, 3], 1, 2)", [2]),
    ("one([])", None),
    ('one(["a"])', "a"),
    ("range(3)", [0, 1, 2]),
    ("range(3, 1)", [3, 2]),
    ('setproduct(["a"], ["b", "c"])', [["a", "b"], ["a", "c"]]),
    ('setsubtract(["a", "b"], ["a"])', ["b"]),
    ("min(3, 1)", 1),
    ("max([3, 1]...)", 3),
    ("ceil(1.2)", 2),
    ("tostring(1.0)", "1"),
    ('tonumber("12")', 12),
    ('tobool("true")', True),
    ("alltrue([true, false])", False),
    ('try({a = 1}.b, [][0], "x")', "x"),
    ("can({a = 1}.b)", False),
    ('jsonencode({b = ["<", 1.0, null, true], a = "é\\"\\n"})', '{"a":"é\\"\\n","b":["\\u003c",1,null,true]}'),
    ('jsondecode("{\\"a\\": [1, \\"x\\"]}").a[1]', "x"),
    ('base64decode(base64encode("ü"))', "ü"),
    ('urlencode("a b/c")', "a+b%2Fc"),
    ('md5("a")', "0cc175b9c0f1b6a831c399e269772661"),
    ('basename("a/b.json")', "b.json"),
    ('dirname("a/b.json")', "a"),
    ('nonsensitive(sensitive("a"))', "a"),
]


@pytest.mark.parametrize(("expression", "expected"), KNOWN, ids=[expression for expression, _ in KNOWN])
def test_known_expressions(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression)) == expected


UNKNOWN = [
    ("var.x", "${var.x}", ()),
    ("var.x.y[0]", "${var.x.y[0]}", ()),
    ('"${var.x}:sub"', "${var.x}:sub", ()),
    ('format("%s:%s", var.x, "sub")', "${var.x}:sub", ()),
    ('join("-", ["a", var.x])', "a-${var.x}", ()),
    ('upper("a${var.x}")', "A${var.x}", ("upper",)),
    ('replace(var.x, "https://", "")', "${var.x}", ("replace",)),
    ('"${replace(var.x, "https://", "")}:sub"', "${var.x}:sub", ("replace",)),
    ('trimprefix("https://${var.x}", "https://")', "${var.x}", ()),
    ('trimprefix(var.x, "https://")', "${var.x}", ("trimprefix",)),
    ('try(var.x, "a")', "${var.x}", ("try",)),
    ("jsondecode(var.x).a", "${var.x}", ("jsondecode", ".a")),
    ("one(var.x)", "${var.x}", ("one",)),
    ('join("", aws_iam_role.many[*].arn)', "${aws_iam_role.many.arn}", ("join",)),
    ("aws_iam_role.many[0].arn", "${aws_iam_role.many.arn}", ()),
    ("aws_iam_role.app.arn", "${aws_iam_role.app.arn}", ()),
    ('aws_iam_role.each["a"].arn', '${aws_iam_role.each["a"].arn}', ()),
    ("aws_iam_role.counted[0].arn", "${aws_iam_role.counted[0].arn}", ()),
    ("data.aws_iam_policy_document.x.json", "${data.aws_iam_policy_document.x.json}", ()),
    ("module.m.role_arn", "${module.m.role_arn}", ()),
    ("terraform.workspace", "${terraform.workspace}", ()),
    ('split("oidc-provider/", aws_iam_openid_connect_provider.p.arn)[1]',
     "${aws_iam_openid_connect_provider.p.arn}", ("split", "[1]")),
    ('replace(aws_iam_openid_connect_provider.p.arn, "/^(.*provider/)/", "")',
     "${aws_iam_openid_connect_provider.p.arn}", ("replace",)),
    ("aws_iam_openid_connect_provider.p.url", "${aws_eks_cluster.c.identity[0].oidc[0].issuer}", ("replace",)),
    ('"${replace(aws_eks_cluster.c.identity[0].oidc[0].issuer, "https://", "")}:sub"',
     "${aws_eks_cluster.c.identity[0].oidc[0].issuer}:sub", ("replace",)),
]  # fmt: skip
WORLD = """
variable "x" {}
resource "aws_iam_role" "many" { count = var.x }
resource "aws_iam_role" "counted" { count = 1 }
resource "aws_iam_role" "each" { for_each = toset(["a", "b"]) }
resource "aws_iam_role" "app" { name = "app" }
resource "aws_eks_cluster" "c" { name = var.x }
resource "aws_iam_openid_connect_provider" "p" { url = aws_eks_cluster.c.identity[0].oidc[0].issuer }
data "aws_iam_policy_document" "x" {}
"""


@pytest.mark.parametrize(("expression", "display", "through"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_partly_known_expressions(tmp_path: Path, expression: str, display: str, through: tuple[str, ...]) -> None:
    node = value(tmp_path, expression, WORLD)
    assert plain(node) == display
    assert hole(node).through == through
    assert all(reference.unit == "infra" for reference in hole(node).references)


@pytest.mark.parametrize(
    "expression",
    [
        'replace(var.x, "a", "b") == replace(var.x, "a", "c")',
        'replace("ht${var.x}", "https", "")',
        'var.x == "a" ? "b" : "c"',
        "length(var.x)",
        'length(concat(var.x, ["a"]))',
        'concat(var.x, ["a"])[0]',
        'merge({a = "x"}, var.x).a',
        '{a = "x", (var.x) = "y"}["a"]',
        'coalesce(var.x, "a")',
        'contains([var.x], "a")',
        "timestamp()",
        "provider::aws::arn_parse(var.x)",
        'startswith("a${var.x}", "abc")',
        "var.x == null",
        'element(["a", "b"], var.x)',
        "length(toset([var.x, 1]))",
    ],
)
def test_an_unknown_never_becomes_known(tmp_path: Path, expression: str) -> None:
    node = value(tmp_path, expression, 'variable "x" {}')
    assert isinstance(node, Scalar)
    assert node.known is None
    assert node.kind is not Kind.NULL


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('concat(["a"], var.x != "" ? ["b"] : [])', ["a", "…"]),
        ("[for k in var.x : k]", ["…"]),
        ('merge(var.x, {a = "y"})', {"a": "y", "…": "…"}),
        ('merge({"${var.x}:sub" = 1}, {"${var.x}:sub" = 2, "${var.x}:aud" = 3})',
         {"${var.x}:sub": 2, "${var.x}:aud": 3}),
        ('merge({"aws:x" = 1}, {"${var.x}:sub" = 2})', {"aws:x": 1, "${var.x}:sub": 2}),
        ('compact(["a", var.x])', ["a", "…"]),
        ('flatten([["a"], var.x])', ["a", "…"]),
        ('"a${var.x}" == "b"', False),
        ('startswith("abc${var.x}", "ab")', True),
        ("var.x ? [1] : [1]", [1]),
    ],
)  # fmt: skip
def test_what_is_known_beside_an_unknown_stays_known(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression, 'variable "x" {}')) == expected


def at(text: str, span: Span) -> str:
    return text[span.start : span.end]


def test_a_value_keeps_where_it_is_written_and_the_places_it_came_through(tmp_path: Path) -> None:
    text = 'locals {\n  b = "deep"\n  a = local.b\n}\noutput "x" { value = local.a }\n'
    node = module(tmp_path, text).blocks("output")[0].body().get("value")
    assert isinstance(node, Scalar)
    assert at(text, node.span) == '"deep"'
    assert [at(text, span) for span in node.via] == ["local.b", "local.a"]


def test_the_parts_of_a_template_have_places(tmp_path: Path) -> None:
    text = 'variable "x" {}\noutput "o" {\n  value = "a\\nb${var.x}:c"\n}\n'
    node = module(tmp_path, text).blocks("output")[0].body().get("value")
    assert isinstance(node, Scalar)
    assert [at(text, place) for place in node.places] == ["a", "\\n", "b", "${var.x}", ":c"]
    assert (node.places[0].line, node.places[0].column) == (3, 12)


HEREDOC = (
    'output "o" {\n  value = <<-EOT\n    {\n      "a": "${local.x}",\n\n    "b": 1}\n    EOT\n}\nlocals { x = "y" }\n'
)


def test_a_heredoc_loses_its_indentation_and_keeps_its_places(tmp_path: Path) -> None:
    node = module(tmp_path, HEREDOC).blocks("output")[0].body().get("value")
    assert isinstance(node, Scalar)
    assert node.known == '{\n  "a": "y",\n\n"b": 1}\n'
    assert [at(HEREDOC, place) for place in node.places] == ["{\n", '  "a": "', "${local.x}", '",\n', "\n", '"b": 1}\n']
    assert at(HEREDOC, node.span).startswith("<<-EOT")
    assert at(HEREDOC, node.span).endswith("    EOT")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<EOT\n  a\nEOT\n", "  a\n"),
        ("<<EOT\nEOT\n", ""),
        ("<<EOT\r\na\r\nEOT\r\n", "a\r\n"),
        ("<<EOT\na\nEOT  \t\n", "a\n"),
        ("<<-EOT\n    a\n      b\n  EOT\n", "a\n  b\n"),
        ("<<EOT\n%{ for x in [1, 2] ~}\n${x}\n%{ endfor ~}\nEOT\n", "1\n2\n"),
        ('<<EOT\n{"a": "${replace("}", "}", "{")}"}\nEOT\n', '{"a": "{"}\n'),
        ("jsonencode({a = <<EOT\nx\nEOT\n})", '{"a":"x\\n"}'),
    ],
)
def test_heredocs(tmp_path: Path, text: str, expected: str) -> None:
    assert plain(value(tmp_path, text)) == expected


def test_a_newline_before_the_arrow_of_a_for(tmp_path: Path) -> None:
    assert plain(value(tmp_path, '{\n for x in ["a"] :\n x # why\n => 1\n}')) == {"a": 1}


def test_jsonencode_keeps_places_and_holes(tmp_path: Path) -> None:
    text = 'variable "i" {}\noutput "o" {\n  value = jsonencode({ "${var.i}:sub" = ["x", var.i] })\n}\n'
    node = module(tmp_path, text).blocks("output")[0].body().get("value")
    assert isinstance(node, Scalar)
    assert node.display == '{"${var.i}:sub":["x",${var.i}]}'
    assert len(node.places) == len(node.parts)
    assert [at(text, place) for part, place in zip(node.parts, node.places, strict=True) if part == "x"] == ["x"]


def test_a_broken_block_does_not_lose_the_others(tmp_path: Path) -> None:
    text = 'resource "a" "one" {\n  x = = 1\n}\nresource "a" "two" {\n  y = "\n}\nresource "a" "three" { z = 3 }\n'
    found = module(tmp_path, text)
    bodies = {block.address: block.body() for block in found.blocks("resource")}
    assert plain(bodies["a.three"]) == {"z": 3}
    assert bodies["a.one"].rest is not None
    assert sorted((problem.span.line, problem.path) for problem in found.problems if problem.span) == [
        (2, "infra/main.tf"),
        (4, "infra/main.tf"),
    ]


def test_blocks_know_their_places(tmp_path: Path) -> None:
    text = '# c\nresource "aws_iam_role" "app" { # {\n  name = "}" /* } */\n}\n'
    (block,) = module(tmp_path, text).blocks("resource", "aws_iam_role")
    assert (block.kind, block.labels, block.address) == ("resource", ("aws_iam_role", "app"), "aws_iam_role.app")
    assert at(text, block.span) == 'resource "aws_iam_role" "app"'
    assert at(text, block.whole).endswith("*/\n}")
    assert block.whole.end == len(text) - 1


def test_nested_and_labelled_and_dynamic_blocks(tmp_path: Path) -> None:
    text = """
terraform {
  backend "s3" { bucket = "b" }
}
variable "x" {}
resource "a" "b" {
  statement { sid = "one" }
  dynamic "statement" {
    for_each = { k = "v" }
    iterator = it
    content { sid = "${it.key}${it.value}" }
  }
  dynamic "statement" {
    for_each = var.x
    content { sid = statement.value }
  }
}
"""
    found = module(tmp_path, text)
    assert plain(found.blocks("terraform")[0].body()) == {"backend": {"s3": {"bucket": "b"}}}
    body = found.blocks("resource")[0].body()
    assert plain(body) == {"statement": [{"sid": "one"}, {"sid": "kv"}, "…"]}


def addresses(blocks: tuple[Block, ...]) -> list[str]:
    return [block.address for block in blocks]


def test_instances_whose_keys_are_known_in_part(tmp_path: Path) -> None:
    text = """
variable "x" {}
resource "a" "set" {
  for_each = toset(["a-${var.x}", "b-${var.x}", "c"])
  n        = each.value
}
resource "a" "map" {
  for_each = { "a-${var.x}" = 1, b = 2 }
  n        = each.value
}
resource "a" "maybe_one" {
  for_each = toset(["a${var.x}", "${var.x}a"])
  n        = each.value
}
resource "a" "all" { n = [for k, r in a.map : r.n] }
resource "a" "one" { n = a.map["b"].n }
resource "a" "other" { n = a.map["z"].n }
"""
    found = module(tmp_path, text)
    blocks = found.blocks("resource", "a")
    assert [(block.address, plain(block.body().get("n") or block.body())) for block in blocks] == [
        ('a.set["c"]', "c"),
        ('a.set["${1}"]', "a-${var.x}"),
        ('a.set["${2}"]', "b-${var.x}"),
        ('a.map["${0}"]', 1),
        ('a.map["b"]', 2),
        ("a.maybe_one", "${a.maybe_one.each.value}"),
        ("a.all", [2, 1, "…"]),
        ("a.one", 2),
        ("a.other", "${a.map.each.value}"),
    ]


def test_count_and_for_each(tmp_path: Path) -> None:
    text = """
variable "on" { default = false }
variable "x" {}
resource "a" "none" { count = var.on ? 1 : 0 }
resource "a" "two" {
  count = 2
  n     = count.index
}
resource "a" "each" {
  for_each = { k = { v = 1 } }
  n        = "${each.key}${each.value.v}"
}
resource "a" "unknown" {
  for_each = var.x
  n        = each.key
}
"""
    found = module(tmp_path, text)
    assert addresses(found.blocks("resource", "a")) == ["a.two[0]", "a.two[1]", 'a.each["k"]', "a.unknown"]
    assert [plain(block.body().get("n") or block.body()) for block in found.blocks("resource")] == [
        0,
        1,
        "k1",
        "${a.unknown.each.key}",
    ]
    reference = Reference("infra", 'a.each["k"]', "n")
    resolved = found.resolve(reference)
    assert resolved is not None
    assert resolved.address == 'a.each["k"]'
    assert found.resolve(Reference("elsewhere", "a.each")) is None


def test_instances_of_which_some_are_known(tmp_path: Path) -> None:
    text = """
variable "x" {}
resource "a" "some" {
  for_each = merge({ k = 1 }, var.x ? { l = 2 } : {})
  n        = each.key
}
resource "a" "used" {
  for_each = a.some
  n        = each.value.n
}
output "known" { value = a.some["k"].n }
output "other" { value = a.some["l"].n }
output "every" { value = [for k, v in a.some : v.n] }
"""
    found = module(tmp_path, text)
    values = [(block.address, plain(block.body().get("n") or block.body())) for block in found.blocks("resource", "a")]
    assert values == [
        ('a.some["k"]', "k"),
        ("a.some", "${a.some.each.key}"),
        ('a.used["k"]', "k"),
        ("a.used", "${a.used.each.value.n}"),
    ]
    outputs = [plain(block.body()) for block in found.blocks("output")]
    assert outputs[:2] == [{"value": "k"}, {"value": "${a.some.each.key}"}]
    assert outputs[2] == {"value": ["k", "…"]}
    resolved = [found.resolve(Reference("infra", address, "n")) for address in ("a.some", 'a.some["k"]')]
    assert [block.address for block in resolved if block] == ["a.some", 'a.some["k"]']


def test_values_of_resources_that_the_block_sets(tmp_path: Path) -> None:
    text = """
resource "aws_iam_role" "r" { name = "app" }
resource "aws_launch_template" "t" {
  metadata_options { http_tokens = "optional" }
}
locals { role = aws_iam_role.r.id }
resource "x" "y" {
  role   = local.role
  tokens = aws_launch_template.t.metadata_options[0].http_tokens
  hops   = aws_launch_template.t.metadata_options[0].hops
}
"""
    block = module(tmp_path, text).blocks("resource", "x")[0]
    assert plain(block.body()) == {
        "role": "app",
        "tokens": "optional",
        "hops": "${aws_launch_template.t.metadata_options[0].hops}",
    }
    assert block.reference("role") == Reference("infra", "aws_iam_role.r", "id")


def test_variables_in_order_of_precedence(tmp_path: Path) -> None:
    text = (
        "\n".join(f'variable "{name}" {{ default = "default" }}' for name in "abc")
        + '\noutput "o" { value = "${var.a} ${var.b} ${var.c}" }'
    )
    sources = (
        Source("infra/main.tf", text),
        Source("infra/z.auto.tfvars.json", '{"a": "$${z}"}'),
        Source("infra/a.auto.tfvars", 'a = "auto"\nb = "auto"\n'),
        Source("infra/terraform.tfvars", 'b = "tfvars"\nc = "tfvars"\n'),
        Source("infra/other.tfvars", 'c = "not read"\n'),
    )
    found = load("infra", sources, Workspace(tmp_path))
    assert plain(found.blocks("output")[0].body()) == {"value": "$${z} auto tfvars"}


def test_a_block_that_json_writes_as_an_object_is_a_list_of_one(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "resource": {
                "kubernetes_deployment": {
                    "d": {
                        "metadata": {"name": "shop", "labels": {"0": "zero"}},
                        "spec": {"template": {"spec": {"service_account_name": "shop"}}},
                    }
                }
            },
            "output": {
                "name": {"value": "${kubernetes_deployment.d.metadata[0].name}"},
                "old": {"value": "${kubernetes_deployment.d.metadata.0.name}"},
                "deep": {"value": "${kubernetes_deployment.d.spec[0].template[0].spec[0].service_account_name}"},
                "map": {"value": '${kubernetes_deployment.d.metadata[0].labels["0"]}'},
            },
        }
    )
    found = load("infra", (Source("infra/main.tf.json", text),), Workspace(tmp_path))
    values = {block.labels[0]: plain(block.body()) for block in found.blocks("output")}
    expected = {"name": "shop", "old": "shop", "deep": "shop", "map": "zero"}
    assert values == {name: {"value": value} for name, value in expected.items()}


def test_json_configuration(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "resource": {"aws_iam_role": {"r": {"name": '${upper("a")}-x', "assume_role_policy": '{"a": 1}'}}},
            "data": [{"aws_iam_policy_document": {"d": {"statement": {"actions": ["s3:*"]}}}}],
        }
    )
    found = load("infra", (Source("infra/main.tf.json", text),), Workspace(tmp_path))
    (role,) = found.blocks("resource", "aws_iam_role")
    assert plain(role.body()) == {"name": "A-x", "assume_role_policy": '{"a": 1}'}
    assert at(text, role.span) == '"r"'
    (document,) = found.blocks("data")
    assert plain(document.body()) == {"statement": [{"actions": ["s3:*"]}]}


def test_files_and_template_files(tmp_path: Path) -> None:
    node = value(tmp_path, 'file("${path.module}/a.json")', a_json='{"x": 1}')
    assert isinstance(node, Scalar)
    assert (node.known, node.span.path) == ('{"x": 1}', "infra/a.json")
    rendered = value(tmp_path, 'templatefile("t.tpl", {a = "x", b = var.v})', 'variable "v" {}', t_tpl="${a}:${b}\n")
    assert plain(rendered) == "x:${var.v}\n"
    for path in ("/etc/passwd", "../../../etc/passwd", "missing"):
        assert isinstance(hole(value(tmp_path, f'file("{path}")')), Hole)


def test_a_local_that_needs_itself_is_a_problem(tmp_path: Path) -> None:
    found = module(tmp_path, 'locals {\n  a = "${local.b}"\n  b = local.a\n}\noutput "o" { value = local.a }\n')
    node = found.blocks("output")[0].body().get("value")
    assert isinstance(node, Scalar)
    assert node.known is None
    (problem,) = found.problems
    assert "local.a → local.b → local.a" in problem.message


@pytest.mark.parametrize(
    "expression",
    [
        "[" * 5000 + "]" * 5000,
        "(" * 5000 + "1" + ")" * 5000,
        '"' + '${"' * 300 + '"}' * 300 + '"',
        "true ? 1 : " * 2000 + "1",
        "a" + ".b" * 5000,
        "+".join(["1"] * 3000),
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]",
        "setproduct(range(1000), range(1000), range(1000))",
        'format("%999s", "a")',
        "9e99999999 * 9",
        "1 / 0",
        'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "/(a+)+$/", "")',
        "range(100000000)",
        "local.a0",
        "local.b0",
        "local.c0",
    ],
    ids=lambda text: text[:20],
)
def test_hostile_expressions_end(tmp_path: Path, expression: str) -> None:
    lines = ["locals {"]
    for index in range(60):
        lines += [f'  a{index} = "${{local.a{index + 1}}}${{local.a{index + 1}}}"']
        lines += [f"  b{index} = [local.b{index + 1}, local.b{index + 1}]"]
    lines += [f"  c{index} = local.c{index + 1}" for index in range(1000)]
    lines += ['  a60 = "xxxxxxxxxxxx"', "  b60 = []", "  c1000 = 1", "}"]
    found = module(
        tmp_path, f'output "x" {{ value = {expression} }}\nresource "a" "b" {{ c = 1 }}\n' + "\n".join(lines)
    )
    assert isinstance(found.blocks("output")[0].body(), Mapping)
    assert plain(found.blocks("resource")[0].body()) == {"c": 1}
