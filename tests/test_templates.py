"""Templates that nobody has rendered: what of their YAML is known, what is open, and where it stands."""

from __future__ import annotations

import textwrap

import pytest

from rolecall.problem import Problem, Unevaluated
from rolecall.source import Source
from rolecall.syntax import template_text, yaml
from rolecall.syntax.document import Document
from rolecall.tree import Mapping, Node, Scalar, Sequence

OPEN = "…"


def plain(node: Node) -> object:
    """A tree as Python's own, with `…` for each unknown and as the key or item that may be more."""
    if isinstance(node, Scalar):
        return "".join(part if isinstance(part, str) else OPEN for part in node.parts)
    if isinstance(node, Sequence):
        return [*map(plain, node.items), *([OPEN] if node.rest else [])]
    found = {plain(entry.key): plain(entry.value) for entry in node.entries}
    return {**found, OPEN: OPEN} if node.rest else found


def documents(text: str, path: str = "a.yaml") -> list[Document | Problem | Unevaluated]:
    return list(yaml.documents(Source(path, textwrap.dedent(text))))


def read(text: str) -> object:
    (document,) = documents(text)
    assert isinstance(document, Document), document
    return plain(document.root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {{ .x }}\n", {"a": OPEN}),
        ("a: {{ .x }}-b\n", {"a": f"{OPEN}-b"}),
        ('a: "{{ include "x" . }}:{{ .y }}"\n', {"a": f"{OPEN}:{OPEN}"}),
        ("a: 'x{{ .y }}'\n", {"a": f"x{OPEN}"}),
        ('a: {{ required "}}" .x | quote }}\n', {"a": OPEN}),
        ("a: {{ `}}` }}\n", {"a": OPEN}),
        ("a: {{ .x\n  .y }}\nb: 1\n", {"a": OPEN, "b": "1"}),
        ("{{ $k }}: {{ $v }}\nb: 1\n", {OPEN: OPEN, "b": "1"}),
        ("a: {{ if .x }}b{{ else }}c{{ end }}-d\n", {"a": f"{OPEN}-d"}),
        ("a: [{{ .x }}, {{ range .y }}{{ . }},{{ end }}]\n", {"a": [OPEN, OPEN]}),
        ("{{- if .x }}\na: 1\n{{- end }}\n", {"a": "1"}),
        ("{{- if .x -}}\na: 1\n{{- else if .y }}\nb: 2\n{{ end -}}\n", {"a": "1", "b": "2"}),
        ("{{ if .x }}a: 1{{ end }}\nb: 2\n", {"a": "1", "b": "2"}),
        ("c:\n  {{ if .x }}a: 1{{ end }}\n  b: 2\n", {"c": {"a": "1", "b": "2"}}),
        ("a: 1 {{- if .x }}\nb: 2\n{{- end }}\n", {"a": "1", "b": "2"}),
        ("{{- $x := .y -}}\n{{- $x = 1 }}\na: {{/* x: y */}} 1\n{{- /* a:\n  b: c */}}\n", {"a": "1"}),
        ("# {{- if .x }}\na: {{ .y }}\n# {{- end }}\n", {"a": OPEN}),
        ("a: 1\r\n{{- if .x }}\r\nb: {{ .y }}\r\n{{- end }}\r\n", {"a": "1", "b": OPEN}),
        ("{% raw %}\na: {{ .x }}\n{# b: c #}\n{% endraw %}\n", {"a": OPEN}),
        ("a:\n%{ for x in y ~}\n- ${x}\n%{ endfor ~}\n", {"a": [OPEN]}),
        ("a: 1\n${indent(2, yamlencode({a = {b = 1}}))}\nb: {c: ${d}}\n", {"a": "1", "b": {"c": OPEN}, OPEN: OPEN}),
    ],
)
def test_what_an_expression_makes_is_unknown_in_its_place(text: str, expected: object) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  {{- toYaml .x | nindent 2 }}\nb: 1\n", {"a": OPEN, "b": "1"}),
        ("a:\n{{ toYaml .x | indent 2 }}\nb: 1\n", {"a": OPEN, "b": "1"}),
        ("a: {{- toYaml .x | nindent 2 }}\nb: 1\n", {"a": OPEN, "b": "1"}),
        ("a: {{- toYaml .x | nindent 2 }}\n  b: 1\n", {"a": {"b": "1", OPEN: OPEN}}),
        ("a:\n  {{- toYaml .x | nindent 2 }}\n  b: 1\n", {"a": {"b": "1", OPEN: OPEN}}),
        ("a:\n  b: 1\n  {{- toYaml .x | nindent 2 }}\nc: 2\n", {"a": {"b": "1", OPEN: OPEN}, "c": "2"}),
        ("a:\n  b: 1\n{{ toYaml .x | indent 2 }}\nc: 2\n", {"a": {"b": "1", OPEN: OPEN}, "c": "2"}),
        ("a:\n  - b\n  {{- with .x }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}\n", {"a": ["b", OPEN]}),
        ("a:\n- b: 1\n  {{- toYaml .x | nindent 2 }}\n- c: 2\n", {"a": [{"b": "1", OPEN: OPEN}, {"c": "2"}]}),
        ("a:\n- {{- toYaml .x | nindent 2 }}\n- b\n", {"a": [OPEN, "b"]}),
        ("a: {{- if .x }}{{- toYaml .x | nindent 2 }}{{- end }}\n  b: 1\n", {"a": {"b": "1", OPEN: OPEN}}),
        ("a:\n  {{- if .x }}\n  b: {{ .x }}\n  {{- else }}\n  {}\n  {{- end }}\nc: 1\n", {"a": {"b": OPEN}, "c": "1"}),
        ("a:\n- b\n{{- toYaml .x | nindent 0 }}\n", {"a": ["b", OPEN], OPEN: OPEN}),
        ("{{- include `x` . }}\na: 1\n", {"a": "1", OPEN: OPEN}),
        ("a: 1\n{{- include `x` . | nindent 0 }}\n", {"a": "1", OPEN: OPEN}),
        ("a:\n  b:\n    c: 1\n  {{- include `x` . | nindent 1 }}\n", {"a": {"b": {"c": "1"}}, OPEN: OPEN}),
        ("a:\n  - b\n    {{- .x }}\n", {"a": [f"b {OPEN}"]}),
        ("{{- if .x }}\na:\n  - b\n    {{- .x }}\n{{- end }}\n", {"a": [f"b{OPEN}"]}),
        ("a:\n  {{- range .x }}\n  - name: {{ .n }}\n  {{- end }}\n", {"a": [{"name": OPEN}]}),
    ],
)
def test_what_makes_lines_of_its_own_leaves_open_what_is_around_it(text: str, expected: object) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: |\n  b\n  {{ .x }}c\n", f"b\n{OPEN}c\n"),
        ("a: |\n  b\n{{- if .x }}\n  c\n{{- end }}\n  d\n", f"b{OPEN}\nc{OPEN}\nd\n"),
        ("a: |\n  b\n\n{{ toYaml .x | indent 2 }}\n  c\n", f"b{OPEN}\nc\n"),
        ("a: |\n  b\n  {{- .x | nindent 2 }}\n", f"b\n{OPEN}\n"),
        ("a: |-\n{{ .x | indent 2 }}\n", OPEN),
        ("a: >-\n  {{ .x }}\n", OPEN),
    ],
)
def test_in_a_block_scalar_an_expression_is_part_of_the_text(text: str, expected: str) -> None:
    found = read(f"{text}z: 1\n")
    assert found == {"a": expected, "z": "1"}


def test_expressions_before_the_first_line_of_a_block_scalar_are_counted_at_its_end() -> None:
    text = (
        "a:\n- b: |\n      {{- if .x }}\n        {{- if .y }}\n    c\n        {{- end }}\n    d\n    {{- end }}\n- e\n"
    )
    found = read(text)
    assert isinstance(found, dict)
    first, second = found["a"]
    assert first["b"].lstrip("\n") == f"c{OPEN}\nd\n{OPEN}{OPEN}"
    assert second == "e"


def test_what_ends_around_a_block_scalar_is_no_part_of_it() -> None:
    text = "{{- if .x }}\na: |\n  b\n{{- else }}\na: |\n  b\n{{- end }}\nd:\n- |\n  c\n{{- if .x }}\n- e\n{{- end }}\n"
    assert read(text) == {"a": "b\n", "d": ["c\n", "e"]}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a: 1", "a: 1", "1"),
        ("a: 1", "a: 2", OPEN),
        ("a: {b: 1, c: 2}", "a: {b: 1, c: 3, d: 4}", {"b": "1", "c": OPEN, "d": "4"}),
        ("a: [1]", "a: [2]", ["1", "2", OPEN]),
        ("a: {b: 1}", "a:", {"b": "1"}),
        ("a: {b: 1}", "a: {{ .x }}", {"b": "1", OPEN: OPEN}),
        ("a: {b: 1}", "a: [1]", OPEN),
        ("kind: Role", "kind: ClusterRole", "ClusterRole"),
    ],
)
def test_a_key_in_two_branches_is_known_as_far_as_they_agree(first: str, second: str, expected: object) -> None:
    found = read(f"{{{{- if .x }}}}\n{first}\n{{{{- else }}}}\n{second}\n{{{{- end }}}}\n")
    assert isinstance(found, dict)
    assert list(found.values()) == [expected]


def test_places_are_those_of_the_template() -> None:
    text = '{{- if .x }}\na:\n  {{- toYaml .y | nindent 2 }}\n  b: "{{ .n }}-known"\n{{- end }}\n'
    (document,) = documents(text)
    assert isinstance(document, Document)
    assert document.language == "Helm template"
    value = document.root
    for key in ("a", "b"):
        assert isinstance(value, Mapping)
        entry = value.entry(key)
        assert entry is not None
        value = entry.value
    assert isinstance(value, Scalar)
    assert [text[span.start : span.end] for span in value.places] == ["{{ .n }}", "-known"]


def test_what_is_made_on_a_condition_is_said() -> None:
    text = "a: 1\n{{- if .x }}\nb: 2\n{{- with .y }}\nc: 3\n{{- end }}\n{{- else }}\nd: 4\n{{- end }}\ne: 5\n"
    (document,) = documents(text)
    assert isinstance(document, Document)
    assert [(span.line, span.end_line) for span in document.possible] == [(2, 9), (4, 6)]
    (whole,) = documents("{{- if .x }}\na: {{ .y }}\n{{- end }}\n")
    assert isinstance(whole, Document)
    assert whole.possible == ()


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Secret\n{{- if .x }}\n a: [\n{{- end }}\n",
        "apiVersion: v1\nkind: Secret\n{{ .x }}\n" + "{{ \" /* ' } " * 50_000,
        "apiVersion: v1\nkind: Secret\n{{ .x }}\n" + "{{/* ' } " * 50_000,
        "apiVersion: v1\nkind: Secret\n" + "{{ if x }}\na: [\n" * 20_000,
        "apiVersion: v1\nkind: Secret\na: {b: ${x}\n" + "${" * 100_000,
    ],
    ids=range(5),
)
def test_a_template_that_cannot_be_read_is_counted(text: str) -> None:
    (said,) = documents(text)
    assert isinstance(said, Unevaluated)


@pytest.mark.parametrize(
    "unit",
    ["{{- if .x }}\n", "{{ .x | nindent 4 }}\n", "- a: |\n    {{ .x }}\n", "{{- end }}\n", "b: {{ .x }}{{ .y }} "],
)
def test_many_expressions_take_no_more_than_their_number(unit: str) -> None:
    for said in documents(f"a:\n{unit * 20_000}"):
        assert isinstance(said, Document)


def test_a_huge_template_is_not_read() -> None:
    assert template_text.masked("{{ .x }}\n" * 300_000) is None
    (said,) = documents("apiVersion: v1\nkind: Secret\n" + "{{ if .x }}\na: 1\n{{ end }}\n" * 3_000)
    assert isinstance(said, Unevaluated)


def test_what_a_comment_takes_away_says_nothing() -> None:
    assert documents("{{- /*\napiVersion: v1\nkind: Secret\n*/}}\n") == []


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ('{{ include "shop.fullname" . }}', '{{ include "shop.fullname" . }}'),
        ('{{- template  "a"   $ -}}', '{{ template "a" $ }}'),
        ("{{ .Release.Name | quote }}", "{{ .Release.Name | quote }}"),
        ("{{ $.Values.a.b }}", "{{ $.Values.a.b }}"),
        ("{{.Cluster.LocalID}}", "{{ .Cluster.LocalID }}"),
        ("${NAME}", "${NAME}"),
        ('{{ "AKIAQ2W3E4R5T6Y7U2I3" }}', "${a template expression}"),
        ('{{ .Values.a | default "x" }}', "${a template expression}"),
        ("{{ .x }}", "${a template expression}"),
        ("${NAME:-x}", "${an environment substitution}"),
        (f"{{{{ .Values.{'a' * 80} }}}}", "${a template expression}"),
    ],
)
@pytest.mark.parametrize("around", ["a: {}\n", "a: '{}'\n", "{{{{- if .x }}}}\na: x-{}\n{{{{- end }}}}\n"])
def test_an_expression_that_only_names_something_is_shown_as_it_is_written(
    expression: str, shown: str, around: str
) -> None:
    (document,) = documents(around.format(expression))
    assert isinstance(document, Document)
    assert isinstance(document.root, Mapping)
    value = document.root.get("a")
    assert isinstance(value, Scalar)
    assert value.display.removeprefix("x-") == shown
    assert value.known is None
