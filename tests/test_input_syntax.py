"""Trees of YAML, JSON and of documents in strings: text, kinds and places are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.problem import Problem, Unevaluated
from rolecall.source import Source
from rolecall.syntax import embedded, json, yaml
from rolecall.syntax.document import Document
from rolecall.tree import Hole, Kind, Mapping, Scalar, Sequence, walk

if TYPE_CHECKING:
    from rolecall.tree import Node


def read(text: str) -> tuple[Source, list[Document | Problem | Unevaluated]]:
    source = Source("f.yaml", text)
    return source, list(yaml.documents(source))


def root(text: str) -> tuple[Source, Mapping]:
    source, found = read(text)
    (document,) = found
    assert isinstance(document, Document)
    assert isinstance(document.root, Mapping)
    return source, document.root


def written(source: Source, node: Node | None) -> str:
    assert node is not None
    return source.text[node.span.start : node.span.end]


def at(node: Node | None, *path: str) -> Scalar:
    assert isinstance(node, Mapping)
    found = node.at(*path)
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_spans_are_exact_whatever_the_line_end(newline: str) -> None:
    text = newline.join(["# 😀", "key: '😀é'", "日本:", "  - plain text  # why", '  - "a\\tb"', "last: x"])
    source, tree = root(text)
    assert written(source, tree.get("key")) == "'😀é'"
    assert at(tree, "key").known == "😀é"
    items = tree.items("日本")
    assert [written(source, item) for item in items] == ["plain text", '"a\\tb"']
    assert (items[0].span.line, items[0].span.column, items[0].span.end_column) == (4, 5, 15)
    assert at(tree, "last").span.line == 6


def test_tab_and_wide_characters_count_one_column_each() -> None:
    source, tree = root('a:\t{k😀: "v",\tz: w}\n')
    value = at(tree, "a", "z")
    assert written(source, value) == "w"
    assert value.span.column == 17


def test_a_block_ends_with_its_last_text() -> None:
    source, tree = root("a:\n  b: |\n    one\n    two\n\n\n# comment\nc: >-\n  x\n  y\n\n")
    assert written(source, tree.at("a", "b")) == "|\n    one\n    two"
    assert at(tree, "a", "b").known == "one\ntwo\n"
    assert written(source, tree.get("a")) == "b: |\n    one\n    two"
    assert at(tree, "c").known == "x y"
    assert tree.span.end == len(source.text.rstrip())


@pytest.mark.parametrize(
    ("written_as", "kind"),
    [
        ("on", Kind.BOOLEAN),
        ("True", Kind.BOOLEAN),
        ("~", Kind.NULL),
        ("", Kind.NULL),
        ("12", Kind.NUMBER),
        ("1.5e3", Kind.NUMBER),
        ("111122223333", Kind.NUMBER),
        ("arn:aws:iam::1", Kind.STRING),
        ("'true'", Kind.STRING),
        ("!!str 1", Kind.STRING),
        ("!Sub on", Kind.STRING),
    ],
)
def test_scalars_keep_their_text_and_know_their_kind(written_as: str, kind: Kind) -> None:
    _, tree = root(f"k: {written_as}\n")
    value = tree.get("k")
    assert isinstance(value, Scalar)
    assert value.kind is kind
    assert "".join(map(str, value.parts)) == written_as.rsplit(" ", maxsplit=1)[-1].strip("'")


def test_keys_that_look_like_booleans_stay_text() -> None:
    _, tree = root("on: push\n")
    assert tree.text("on") == "push"


def test_duplicate_keys_are_kept_and_the_last_counts() -> None:
    _, tree = root("a: 1\na: 2\n")
    assert [entry.key.known for entry in tree.entries] == ["a", "a"]
    assert tree.text("a") == "2"


def test_merge_keys_give_way_to_what_is_written() -> None:
    _, tree = root("base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\nit:\n  <<: [*b, *m]\n  x: own\n")
    it = tree.mapping("it")
    assert it is not None
    assert {entry.key.known: it.text(entry.key.known or "") for entry in it.entries} == {"x": "own", "y": "1", "z": "2"}
    assert len(it.entries) == 3


def test_an_alias_is_the_value_where_it_is_written() -> None:
    source, tree = root("a: &x value\nb: *x\n")
    value = at(tree, "b")
    assert value.known == "value"
    assert written(source, value) == "&x value" or written(source, value) == "value"
    assert [source.text[span.start : span.end] for span in value.via] == ["*x"]


def test_an_alias_of_what_it_stands_in_is_unknown() -> None:
    _, tree = root("a: &x\n  b: *x\n")
    assert at(tree, "a", "b").holes


def test_an_alias_bomb_is_a_problem() -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    _, (problem,) = read("\n".join(lines))
    assert isinstance(problem, Problem)
    assert "aliases" in problem.message
    assert problem.span is not None
    assert problem.span.line > 3


@pytest.mark.parametrize(
    "deep",
    [
        "x: " + "[" * 10_000 + "]" * 10_000,
        "x: " + "{a: " * 10_000 + "}" * 10_000,
        "x:\n" + "- " * 10_000 + "a",
        "x:\n" + "".join(" " * n + "a:\n" for n in range(1, 3_000)),
        "x: " + "[" * 10_000,
    ],
)
def test_ten_thousand_levels_are_a_problem(deep: str) -> None:
    _, (problem,) = read(f"apiVersion: v1\nkind: Secret\n{deep}\n")
    assert isinstance(problem, Problem)
    # "nested deeper than", or libyaml's own "exceeded maximum nesting depth".
    assert "nest" in problem.message


def test_a_chain_of_aliases_is_as_deep_as_what_it_means() -> None:
    lines = ["apiVersion: v1", "kind: Secret", "a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 400))]
    _, (problem,) = read("\n".join(lines))
    assert isinstance(problem, Problem)


def test_documents_are_told_apart_and_carry_their_template() -> None:
    first = "%YAML 1.1\n---\na: 1\n"
    second = "---\n# Source: app/templates/sa.yaml\nb: |\n  ---\n  text\n...\n"
    text = f"{first}{second}---\n# only a comment\n---\nc: 3"
    source, found = read(text)
    documents = [one for one in found if isinstance(one, Document)]
    assert len(documents) == len(found) == 3
    assert [document.template for document in documents] == ["", "app/templates/sa.yaml", ""]
    assert [written(source, document.root)[0] for document in documents] == ["a", "b", "c"]
    assert [document.span.line for document in documents] == [3, 6, 13]


def test_one_broken_document_does_not_lose_the_others() -> None:
    text = "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n  bad: [\n---\napiVersion: v1\nkind: C\n"
    _, found = read(text)
    assert [type(one) for one in found] == [Document, Problem, Document]
    problem = found[1]
    assert isinstance(problem, Problem)
    assert problem.span is not None
    assert problem.span.line == 6


def test_somebody_elses_broken_yaml_is_passed_by() -> None:
    assert read("a: [\n")[1] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("name: {{ .Values.name }}\n a: b\n", "Helm template"),
        ("a: 1\n{% if x %}\n b: 2\n{% endif %}\n", "Jinja template"),
        ("a: 1\n%{ if x }\n b: 2\n%{ endif }\n", "Terraform template"),
        ("a: [${B}, {c]\n", "template"),
    ],
)
def test_templates_that_cannot_be_read_are_not_broken_yaml(text: str, language: str) -> None:
    _, (said,) = read(f"apiVersion: v1\nkind: Secret\n{text}")
    assert isinstance(said, Unevaluated)
    assert said.what == language
    assert said.span is not None
    assert said.span.line >= 3


@pytest.mark.parametrize(
    "value",
    [
        "%CLUSTER_CODE%",
        "\n  - %HOST%.%ZONE%",
        "%s",
        "@CODE@",
        "{registry}/orders:1",
        "\n  - <FILL IN: a code>\n      <FILL IN: a code>",
    ],
)
def test_a_placeholder_that_yaml_cannot_hold_is_a_template(value: str) -> None:
    _, (found,) = read(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata:\n  code: {value}\n")
    assert isinstance(found, Unevaluated)


@pytest.mark.parametrize("value", ["%", "{a: b} c", "@", "%5"])
def test_what_is_no_placeholder_stays_broken(value: str) -> None:
    _, (found,) = read(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata:\n  code: {value}\n")
    assert isinstance(found, Problem)


def test_expressions_in_scalars_are_holes_between_known_text() -> None:
    source, tree = root('a: "arn:aws:iam::${ACCOUNT}:role/{{ .name }}-x"\nb: ${V:-d}\nc: pre-${V}\n')
    value = at(tree, "a")
    assert value.known is None
    assert [part for part in value.parts if isinstance(part, str)] == ["arn:aws:iam::", ":role/", "-x"]
    assert [source.text[span.start : span.end] for span in value.places] == [
        "arn:aws:iam::", "${ACCOUNT}", ":role/", "{{ .name }}", "-x",
    ]  # fmt: skip
    assert at(tree, "b").kind is Kind.UNKNOWN
    assert at(tree, "c").parts[0] == "pre-"


@pytest.mark.parametrize(
    "text", ["${aws:username}", "${saml:sub}", "${*}", "$${LITERAL}", "$(POD_NAME)", "$HOME", "{{"]
)
def test_what_is_no_expression_is_known(text: str) -> None:
    _, tree = root(f"a: '{text}'\n")
    assert at(tree, "a").known == text


def test_many_openings_without_an_end_take_linear_time() -> None:
    _, tree = root("a: '" + "{{${" * 200_000 + "'\n")
    assert at(tree, "a").known is not None


# JSON


def parse(text: str) -> tuple[Source, Node]:
    source = Source("f.json", text)
    found = json.document(source)
    assert isinstance(found, Document), found
    return source, found.root


def test_json_keeps_duplicates_numbers_and_places() -> None:
    source, tree = parse('{\t"a" : 1e400,\r\n "a":[true,null,{"😀":"\\ud83d\\ude00\\u0041\\n"}] }')
    assert isinstance(tree, Mapping)
    assert len(tree.entries) == 2
    first, second = (entry.value for entry in tree.entries)
    assert isinstance(first, Scalar)
    assert (first.known, first.kind) == ("1e400", Kind.NUMBER)
    assert isinstance(second, Sequence)
    assert [written(source, item) for item in second.items] == ["true", "null", '{"😀":"\\ud83d\\ude00\\u0041\\n"}']
    assert at(second.items[2], "😀").known == "😀A\n"
    assert second.items[0].span.line == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "ends"),
        ('{"a": 1,\n}', 2, "key"),
        ('{"a": 1\n "b": 2}', 2, "','"),
        ("[1, 2", 1, "ends"),
        ('{"a": "x', 1, "does not end"),
        ("[01]", 1, ""),
        ("{} x", 1, "after"),
        ("[" * 10_000 + "]" * 10_000, 1, "nested"),
        ("[" * 100_000, 1, "nested"),
        ("{'a': 1}", 1, "not JSON"),
    ],
)
def test_broken_json_is_a_problem_with_a_line(text: str, line: int, words: str) -> None:
    problem = json.document(Source("f.json", text))
    assert isinstance(problem, Problem)
    assert words in problem.message
    assert problem.span is not None
    assert problem.span.line == line


def test_lone_surrogates_do_not_raise() -> None:
    _, tree = parse('["\\ud800", "\\ud800\\u0041", "\\udc00x"]')
    assert [node.known for node in walk([tree]) if isinstance(node, Scalar)] == ["\ufffd", "\ufffdA", "\ufffdx"]


# JSON in strings

POLICY = '{\n  "Statement": [\n    {"Effect": "Allow", "Action": "sts:*"}\n  ]\n}'


@pytest.mark.parametrize(
    "text",
    [
        "p: |\n" + "".join(f"      {line}\n" for line in POLICY.splitlines()),
        "p: >-\n" + "".join(f"  {line}\n" for line in POLICY.splitlines()),
        "p: |\r\n" + "".join(f"  {line}\r\n" for line in POLICY.splitlines()),
        "p: '" + POLICY.replace("\n", "\n    ") + "'\n",
        'p: "' + POLICY.replace('"', '\\"').replace("\n", "\\n") + '"\n',
        'p: "' + POLICY.replace('"', '\\"').replace("\n", "\\\n    ") + '"\n',
        "# 😀\nx: &p |2\n" + "".join(f"    {line}\n" for line in POLICY.splitlines()) + "p: *p\n",
    ],
)
def test_json_in_a_string_has_its_places_in_the_file(text: str) -> None:
    source, tree = root(text)
    node = embedded.parse(at(tree, "p"), lambda path: text if path == "f.yaml" else None)
    assert isinstance(node, Mapping)
    (statement,) = node.mappings("Statement")
    assert written(source, statement.get("Effect")).replace("\\", "") == '"Allow"'
    assert written(source, statement.get("Action")).replace("\\", "") == '"sts:*"'
    action = statement.get("Action")
    assert action is not None
    assert source.position(action.span.start) == (action.span.line, action.span.column)
    assert source.position(action.span.end) == (action.span.end_line, action.span.end_column)


def test_holes_in_embedded_json_stay_holes() -> None:
    source, tree = root('p: |\n  {"a": "x-${ONE}-y", "b": ${TWO}, "c": [${THREE}, "z"]}\n')
    node = embedded.parse(at(tree, "p"), lambda _: source.text)
    assert isinstance(node, Mapping)
    a = at(node, "a")
    assert [part for part in a.parts if isinstance(part, str)] == ["x-", "-y"]
    assert isinstance(a.parts[1], Hole)
    assert written(source, a) == '"x-${ONE}-y"'
    assert at(node, "b").kind is Kind.UNKNOWN
    assert written(source, node.get("b")) == "${TWO}"
    assert a.places[1].column == 12
    assert len(node.items("c")) == 2


def test_what_is_no_document_gives_none() -> None:
    _, tree = root("a: text\nb: '12'\nc: '{'\nd: ''\ne: ~\nf: ${X}\n")
    assert [
        embedded.parse(entry.value, lambda _: None) for entry in tree.entries if isinstance(entry.value, Scalar)
    ] == [None] * 6


def test_yaml_in_a_string_is_read_when_asked_for() -> None:
    source, tree = root("p: |\n  a:\n    b: ${X}-tail\n    c: 'two'\n")
    assert embedded.parse(at(tree, "p"), lambda _: source.text) is None
    node = embedded.parse(at(tree, "p"), lambda _: source.text, yaml=True)
    assert at(node, "a", "b").parts[1] == "-tail"
    assert written(source, at(node, "a", "c")) == "'two'"


def test_a_slice_of_decoded_text_is_found_in_the_file() -> None:
    source, tree = root('p: "a\\tkey = \\u0041KIA\\n"\n')
    scalar = at(tree, "p")
    start = (scalar.known or "").index("AKIA")
    span = embedded.substring(scalar, start, start + 4, lambda _: source.text)
    assert source.text[span.start : span.end] == "\\u0041KIA"


def test_without_the_text_a_place_is_the_whole_string() -> None:
    _, tree = root("p: '{\"a\": 1}'\n")
    node = embedded.parse(at(tree, "p"), lambda _: None)
    assert isinstance(node, Mapping)
    value = node.get("a")
    assert value is not None
    assert value.span == at(tree, "p").span


def test_json_documents_one_after_the_other() -> None:
    found = list(json.documents(Source("a.json", '{"a": 1}\n{"b": 2} [3]\n')))
    assert [str(one.span) for one in found if isinstance(one, Document)] == ["a.json:1:1", "a.json:2:1", "a.json:2:10"]
    *whole, problem = json.documents(Source("a.json", '{"a": 1}\n{"b":'))
    assert len(whole) == 1
    assert isinstance(problem, Problem)
