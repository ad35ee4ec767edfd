from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rolecall.source import Source
from rolecall.terraform.blocks import index
from rolecall.terraform.module import Module, load
from rolecall.terraform.parser_repair import repaired, tidied
from rolecall.tree import Hole, Kind, Mapping, Node, Scalar, Sequence, walk
from rolecall.workspace import Workspace

WORKSPACE = Workspace(Path())
NAMES = ("a", "b", "c")


def load_text(text: str) -> Module:
    return load("m", (Source("m/main.tf", text),), WORKSPACE)


def result(expression: str, given_values: dict[str, str]) -> Node:
    """The value of an expression where some variables have values and the others are unknown."""
    variables = "".join(
        f'variable "{name}" {{ default = {given_values[name]} }}\n'
        if name in given_values
        else f'variable "{name}" {{}}\n'
        for name in NAMES
    )
    body = load_text(f'{variables}output "x" {{\n  value = {expression}\n}}\n').blocks("output")[0].body()
    node = body.get("value")
    assert node is not None
    return node


# What a variable may turn out to be. No text has marks of JSON or YAML: documents with holes are read as if none had.
VALUES = st.sampled_from(
    [
        '""', '"https://x"', '"x"', '"a-b"', '"a,b"', '" a "', '"10.0.0.0/16"', "true", "1", "2.5", "-2", "null",
        '["x"]', "[]", '{ x = "y" }', '["a", "b"]', "[1, 2]", '["a", ["b"]]', '[{ x = "y" }]', '{ x = ["a"], z = [] }',
        'toset(["b", "a"])',
    ]
)  # fmt: skip
ONE = [
    "upper({0})", "lower({0})", "trimspace({0})", "chomp({0})", "title({0})", "strrev({0})", "length({0})",
    "jsondecode(jsonencode({0}))", "yamldecode(yamlencode({0}))",
    'yamldecode("a: ${{{0}}}")', 'jsondecode("[\\"${{{0}}}\\"]")', "keys({0})", "values({0})",
    'replace({0}, "https://", "")', 'replace({0}, "x", "yy")', 'replace({0}, "/[a-x]/", "<$0>")', 'trim({0}, "ax ")',
    'trimprefix({0}, "https://")', 'trimsuffix({0}, "x")', 'split("-", {0})', 'split(",", {0})', 'join("-", {0})',
    "flatten([{0}, []])", "flatten({0})", "compact({0})", "toset({0})", "tolist({0})", "tomap({0})", "distinct({0})",
    "one({0})", 'lookup({0}, "x", "z")', "{0}[0]", "{0}.x", "{0}[*]", "{0}[*].x", "{0}.*.x", "!({0})", "-({0})",
    "[for v in {0} : v]", "[for k, v in {0} : k]", '{{ for k, v in {0} : "k${{k}}" => v }}',
    "{{ for v in {0} : v => 1... }}", 'startswith({0}, "x")', 'endswith({0}, "x")', 'strcontains({0}, "x")',
    "element({0}, 0)", "element({0}, 1)", "[{0}]", "{{x = {0}}}", '"p${{{0}}}s"', 'try({0}, "f")', "can({0}.x)",
    "reverse({0})", "tostring({0})", "tonumber({0})", "tobool({0})", 'contains({0}, "x")', "{0} == null", "sort({0})",
    'format("%s-%s", "a", {0})', 'format("%v", {0})', 'format("<%d>", {0})', 'format("%5s", {0})', "sum({0})",
    'formatlist("%s!", {0})', "chunklist({0}, 1)", "transpose({0})", "setproduct({0}, {0})", "slice({0}, 0, 1)",
    "base64encode({0})", "base64decode(base64encode({0}))", "substr({0}, 0, 1)", "indent(2, {0})",
    'regexall("[a-x]", {0})', "md5({0})", "alltrue({0})", "anytrue({0})", "coalescelist({0}, [1])", "range({0})",
    "abs({0})", "cidrhost({0}, 1)", "merge({0}, {{ x = 1 }})", "merge([{0}]...)", 'index({0}, "a")',
    '"%{{ if {0} }}y%{{ else }}n%{{ endif }}"', '"%{{ for v in {0} }}<${{v}}>%{{ endfor }}"', "urlencode({0})",
]  # fmt: skip
TWO = [
    "concat({0}, {1})", "merge({0}, {1})", "coalesce({0}, {1})", "{0} == {1}", "{0} ? {1} : {0}",
    '{0} ? "a${{{1}}}" : "ab"',
    "{0} ? [{1}] : []", "{0} ? {{ x = {1}, y = 1 }} : {{ x = 1, y = 1 }}", "{0} ? [{1}, 1] : [2, {1}]",
    '"${{{0}}}${{{1}}}"', "[{0}, {1}]", "{{x = {0}, (tostring({1})) = 1}}", "try({0}.x, {1})",
    "zipmap([{0}], [{1}])",
    "zipmap({0}, {1})", "setunion({0}, {1})", "setintersection({0}, {1})", "setsubtract({0}, {1})",
    "contains({0}, {1})",
    "{0} != {1}", "matchkeys({0}, {0}, {1})", "lookup({0}, {1}, 1)", "element({0}, {1})", "{0}[{1}]", "{0} + {1}",
    "{0} < {1}", 'replace({0}, {1}, "!")', "split({0}, {1})", "join({0}, {1})",
    "trimprefix({0}, {1})", "trim({0}, {1})",
    "toset([{0}, {1}])", "tolist([{0}, {1}])", "distinct([{0}, {1}])", "flatten([{0}, [{1}]])", "compact([{0}, {1}])",
    "[for v in {0} : v if v != {1}]", "setproduct({0}, {1})", "format({0}, {1})", 'format("%s%v", {0}, {1})',
    "merge({{ x = {0} }}, {{ (tostring({1})) = 2 }})", "max({0}, {1})", "index({0}, {1})", "sort([{0}, {1}])",
    "yamldecode(yamlencode({{ a = {0}, b = [{1}] }}))", "jsondecode(jsonencode([{0}, {1}]))", "coalescelist({0}, {1})",
    '{0} ? jsonencode([{1}, 1]) : jsonencode(["a", 1])',
]  # fmt: skip


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(str.format, st.sampled_from(ONE), inner), st.builds(str.format, st.sampled_from(TWO), inner, inner)
    )


EXPRESSIONS = st.recursive(st.one_of(VALUES, st.sampled_from([f"var.{name}" for name in NAMES])), calls, max_leaves=5)


def is_failure(node: Node) -> bool:
    """Whether an expression with everything given has an error in it somewhere."""
    return any(part.holes if isinstance(part, Scalar) else part.rest is not None for part in walk([node]))


def admits(partial: Node, whole: Node) -> bool:  # noqa: C901, PLR0911, PLR0912 - one branch a case
    """Whether a value that is known in part can turn out to be the whole one."""
    if isinstance(partial, Scalar):
        if partial.kind is Kind.UNKNOWN:
            return True
        if not isinstance(whole, Scalar):
            return False
        if partial.is_null or whole.is_null:
            return partial.is_null and whole.is_null
        text, at = whole.known or "", 0
        parts = partial.parts
        for number, part in enumerate(parts):
            if isinstance(part, str):
                found = text.find(part, at)
                if found == -1 or (found != at and not any(isinstance(p, Hole) for p in parts[:number])):
                    return False
                at = found + len(part)
        return at == len(text) or any(isinstance(part, Hole) for part in parts)
    if isinstance(whole, Scalar) and whole.is_null:
        # `toset` of something unknown is a set of which nothing is known, though `toset(null)` is null.
        return partial.rest is not None and not list(walk([partial]))[1:]
    if isinstance(partial, Sequence):
        if not isinstance(whole, Sequence):
            return False
        if partial.rest is None:
            pairs = zip(partial.items, whole.items, strict=False)
            return len(partial.items) == len(whole.items) and all(admits(one, other) for one, other in pairs)
        return all(any(admits(item, other) for other in whole.items) for item in partial.items)
    if not isinstance(whole, Mapping):
        return False
    for entry in partial.entries:
        key = entry.key.known
        if key is not None and partial.entry(key) is entry:
            value = whole.get(key)
            later = partial.entries[partial.entries.index(entry) + 1 :]
            if value is None or not (admits(entry.value, value) or any(e.key.known is None for e in later)):
                return False
    return True


# `&&` and `||` are left out: whether an error beside a deciding operand counts differs between Terraform's versions.
@settings(max_examples=300, deadline=None, derandomize=True)
@given(EXPRESSIONS, st.tuples(VALUES, VALUES, VALUES), st.sets(st.sampled_from(NAMES)))
def test_a_hole_never_becomes_a_wrong_known_value(
    expression: str, values: tuple[str, str, str], hidden: set[str]
) -> None:
    everything = dict(zip(NAMES, values, strict=True))
    whole = result(expression, everything)
    # Which of several errors a `try` meets depends on what it does not use; that is not followed into `coalesce`.
    if is_failure(whole) or ("try" in expression and "coalesce" in expression):
        return
    partial = result(expression, {name: value for name, value in everything.items() if name not in hidden})
    assert admits(partial, whole), f"{expression} with {everything}, {hidden} hidden: {partial} is not {whole}"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)


def literal(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"({literal(key)}) = {literal(item)}" for key, item in value.items()) + "}"
    return (
        {None: "null", True: "true", False: "false"}[value]
        if value is None or isinstance(value, bool)
        else f"({value})"
    )


def shape(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.kind, node.known
    if isinstance(node, Sequence):
        return [shape(item) for item in node.items]
    return {entry.key.known: shape(entry.value) for entry in node.entries}


@settings(max_examples=100, deadline=None)
@given(JSON)
@example("!")
@example({"<<": None})
def test_decoding_undoes_encoding(value: object) -> None:
    text = literal(value)
    plain = shape(result(text, {}))
    assert shape(result(f"jsondecode(jsonencode({text}))", {})) == plain
    assert shape(result(f"yamldecode(yamlencode({text}))", {})) == plain


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_base64decode_undoes_base64encode(value: str) -> None:
    text = literal(value)
    assert shape(result(f"base64decode(base64encode({text}))", {})) == shape(result(text, {}))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("ab:/ ", max_size=5)), max_size=6))
def test_a_template_keeps_its_known_parts(parts: list[str | None]) -> None:
    text = '"' + "".join("${var.a}" if part is None else part for part in parts) + 'z"'
    value = result(text, {})
    assert isinstance(value, Scalar)
    written = "".join("?" if isinstance(part, Hole) else part for part in value.parts)
    assert written == "".join("?" if part is None else part for part in parts) + "z"


SAMPLE = """# c
resource "aws_iam_role" "r" {
  for_each = { a = "1", "b" = var.x }
  name     = "${each.key}-%{ if true }y%{ else }n%{ endif }$${z}"
  policy   = <<-EOT
    {"a": "${jsonencode([for x in ["}"] : upper(x) if x != "\\""])}"}
    %{ for x in ["a"] ~}
    ${x}
    %{ endfor ~}
  EOT
  dynamic "statement" {
    for_each = var.x ? [1] : []
    content { sid = statement.value /* } */ }
  }
}
locals { a = merge({ b = aws_iam_role.r["a"].arn }, var.y)... }
"""


@pytest.mark.parametrize("cut", range(0, len(SAMPLE), 7))
def test_truncated_text_is_a_problem_and_no_crash(cut: int) -> None:
    module = load_text(SAMPLE[:cut])
    for kind in ("resource", "locals"):
        for block in module.blocks(kind):
            assert block.body() is not None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}"$%~<EOT-\n #/*\\=a[](),:?', max_size=60))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    blocks, problems = index(Source("m/main.tf", f"a {{\n{text}\n}}\n"))
    assert blocks or problems
    module = load_text(f"a {{\n x = {text}\n}}\n")
    for block in module.blocks("a"):
        block.body()
    assert len(repaired(text)) == len(tidied(text)) == len(text)


def test_problems_between_blocks_are_few() -> None:
    _, problems = index(Source("m/main.tf", 'resource "a" "b" {\n' * 5000))
    assert 1 < len(problems) < 50


@pytest.mark.parametrize(
    "text",
    ["<<A\n" * 50_000, "".join(f"<<A{number}\n" for number in range(20_000)), '"${' * 50_000, "-" * 100_000],
    ids=["one marker", "many markers", "interpolations", "signs"],
)
def test_repairs_take_time_in_proportion_to_the_text(text: str) -> None:
    # With a scan to the end for each heredoc, this took minutes.
    assert len(tidied(text)) == len(repaired(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("locals /* c */ { /* d */ a /* e */ = /* f */ 1 /* g\n h */\n}", "1"),
        ("locals {\n  a = 13-12\n}", "13-12"),
        ("locals {\n  a = [for é in [1] : é][0]\n}", "1"),
        ("locals {\n  a = !!true ? 1 : 2\n}", "1"),
        ("locals {\n  a = length([\n    2 # c\n    ,\n  ])\n}", "length([\n    2 # c\n    ,\n  ])"),
        ('locals {\n  b = <<_É\n  "\n_É  \n  a = 1\n}', "1"),
        ('locals {\r\n  a = "${\r\n    1\r\n  }"\r\n}', "1"),
        ("locals {\n  a = core::max(1, 0)\n}", "max(1, 0)"),
    ],
    ids=ascii,
)
def test_valid_hcl_that_the_parser_refuses_is_repaired(text: str, place: str) -> None:
    module = load_text(f'{text}\noutput "x" {{\n  value = local.a\n}}\n')
    value = module.blocks("output")[0].body().get("value")
    assert isinstance(value, Scalar)
    assert value.known == "1"
    assert module.problems == ()
    assert text[value.span.start : value.span.end] == place
