"""Our evaluation of Terraform against an independent one: tfparse, which is Trivy's."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolecall.source import Source
from rolecall.tree import Entry, Hole, Kind, Mapping, Node, Scalar, Sequence, known, unknown
from tests.fixtures import ROOT
from tests.tfparse_compare import Difference, Report, compare, main
from tests.tfparse_oracle import CWD, OracleError, ask
from tests.tfparse_values import Verdict, compared

CASES = Path(__file__).parent / "tfparse"

# Where tfparse is wrong, or knows what nobody can know. Each was put to Terraform 1.11 (`console`, or `apply` with
# `terraform_data` in place of the resource), or to its documentation, which is named.
EXPLAINED = {
    ("expressions", "local.numbers"): "Terraform's numbers have 512 bits, tfparse's JSON 64",
    (
        "faults",
        'module.role["a"].local.create',
    ): "null for a variable with nullable = false is its default, for tfparse",
    (
        "faults",
        'module.role["b"].local.create',
    ): "it is false: https://developer.hashicorp.com/terraform/language/values",
    ("faults", "aws_launch_template.nodes.tag_specifications[1]"): (
        "tfparse loses the last block of a dynamic one before a plain one"
    ),
    ("faults", "output.family.value"): "tfparse does not know the blocks of a dynamic one by reference",
    ("faults", "output.account.value"): "an attribute that only AWS knows is not missing: try takes it",
    ("faults", "output.given.value"): "tfparse takes the arguments of a module that it does not have for its outputs",
    ("functions", "local.logarithm"): "the last digits of a logarithm are the machine's, so we do not say",
    ("overrides", "aws_iam_role.app.inline_policy[0].name"): "override files replace nested blocks by type, …",
    ("overrides", "aws_iam_role.app.path"): "… the last file counts, …",
    ("overrides", "local.replaced"): "… and locals and outputs are merged too: language/files/override",
    ("overrides", "output.name.value"): "likewise",
    ("templates", "output.exists.value"): "what is not in the tree may be there when Terraform runs, so we do not say",
}


@pytest.fixture(scope="module")
def cases() -> Report:
    return compare(CASES)


def differences(report: Report) -> set[tuple[str, str]]:
    return {(difference.directory, difference.argument) for difference in report.differences}


def test_what_tfparse_resolves_in_configurations_written_for_it_we_resolve_to_the_same(cases: Report) -> None:
    assert cases.failures == []
    assert differences(cases) == EXPLAINED.keys()


def test_the_comparison_is_of_very_many_values(cases: Report) -> None:
    assert cases.counts[Verdict.AGREED] > 350


def is_scheme_of_a_provider(difference: Difference) -> bool:
    """Whether we differ in a scheme only: AWS' provider reads an OIDC provider's URL back without it."""
    theirs, _, ours = difference.why.partition(", ours ")
    return bool(ours) and theirs != ours and theirs.replace("https://", "") == ours


def test_what_tfparse_resolves_in_the_fixtures_we_resolve_to_the_same() -> None:
    report = compare(ROOT / "fixtures")
    assert report.failures == []
    assert [str(one) for one in report.differences if not one.guessed and not is_scheme_of_a_provider(one)] == []
    assert report.counts[Verdict.AGREED] > 1500


def test_the_script_fails_below_the_share_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    faults = str(CASES / "faults")
    assert main(["--at-least", "0.5", faults]) == 0
    assert main([faults]) == 1
    output = capsys.readouterr().out
    assert 'role/main.tf:19: module.role["a"].local.create: different: false, ours true' in output
    assert "tfparse guesses: 2" in output


def test_a_directory_that_ends_tfparse_does_not_end_the_others(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    for directory in (good, bad):
        directory.mkdir()
        (directory / "main.tf").write_text('output "x" {\n  value = "y"\n}\n', encoding="utf-8")
    (bad / "terraform.tfvars").write_text("x = = 1\n", encoding="utf-8")
    first, error, last = ask([good, bad, good])
    assert isinstance(error, OracleError)
    assert "failed to load tfvars" in str(error)
    for answer in (first, last):
        assert isinstance(answer, tuple)
        assert [(block.address, block.arguments["value"]) for block in answer] == [("output.x", "y")]


SPAN = Source("main.tf", "x").whole()
HOLE = Hole("a reason")


def text(*parts: str | Hole) -> Scalar:
    return Scalar(parts, Kind.STRING, SPAN)


def items(*nodes: Node, rest: Hole | None = None) -> Sequence:
    return Sequence(nodes, SPAN, rest)


def entries(rest: Hole | None = None, **nodes: Node) -> Mapping:
    return Mapping(tuple(Entry(text(name), node) for name, node in nodes.items()), SPAN, rest)


UUID = "01234567-89ab-cdef-0123-456789abcdef"
ONE = known("1", SPAN, Kind.NUMBER)


@pytest.mark.parametrize(
    ("theirs", "ours", "verdict"),
    [
        ("a", text("a"), Verdict.AGREED),
        ("a", text("b"), Verdict.DIFFERENT),
        ("a", unknown(HOLE, SPAN), Verdict.LESS),
        ("abc", text("a", HOLE, "c"), Verdict.LESS),
        ("abd", text("a", HOLE, "c"), Verdict.DIFFERENT),
        ("a", None, Verdict.DIFFERENT),
        (1, ONE, Verdict.AGREED),
        (1, text("1"), Verdict.DIFFERENT),
        (True, ONE, Verdict.DIFFERENT),
        (1.5, known("1.5", SPAN, Kind.NUMBER), Verdict.AGREED),
        (None, text("a"), Verdict.MORE),
        (None, unknown(HOLE, SPAN), Verdict.NEITHER),
        (None, None, Verdict.NEITHER),
        ({"__attribute__": "var.x", "__name__": "x"}, text("a"), Verdict.MORE),
        # An id that Trivy makes up, alone and within a text; the directory that it runs in.
        (UUID, unknown(HOLE, SPAN), Verdict.NEITHER),
        (UUID, text("a"), Verdict.MORE),
        (f"a-{UUID}-c", text("a-", HOLE, "-c"), Verdict.AGREED),
        (f"a-{UUID}-c", text("a-b-c"), Verdict.MORE),
        (f"a-{UUID}-c", text("a-b-d"), Verdict.DIFFERENT),
        (f"a-{UUID}-c", text("x-", HOLE), Verdict.DIFFERENT),
        (f"ex-{CWD}", text("ex-", HOLE), Verdict.AGREED),
        # Templates that it leaves as they are.
        ("a-${var.x}", text("a-b"), Verdict.MORE),
        ("a-${var.x}", text("a-", HOLE), Verdict.NEITHER),
        ("${aws:username}", text("${aws:username}"), Verdict.AGREED),
        # JSON in a text.
        ('{"a": 1, "b": [2]}', text('{"b":[2],"a":1}'), Verdict.AGREED),
        ('{"a": 1}', text('{"a":2}'), Verdict.DIFFERENT),
        ('{"a": 1}', text('{"a":', HOLE, "}"), Verdict.LESS),
        ('{"a": "x-1"}', text('{"a":"x-', HOLE, '"}'), Verdict.LESS),
        ('{"a": "y-1"}', text('{"a":"x-', HOLE, '"}'), Verdict.DIFFERENT),
        ('{"a": null, "b": 1}', text('{"a":[', HOLE, '],"b":1}'), Verdict.AGREED),
        ('{"a": null, "b": 1}', text('{"a":[1],"b":1}'), Verdict.MORE),
        (f'{{"a": "{UUID}"}}', text('{"a":"', HOLE, '"}'), Verdict.AGREED),
        (f'{{"{UUID}:sub": "x"}}', text('{"', HOLE, ':sub":"x"}'), Verdict.AGREED),
        (f'{{"{UUID}:sub": "x"}}', text('{"', HOLE, ':aud":"x"}'), Verdict.DIFFERENT),
        ('{"a": 1}', text('{"a":1,"b":2}'), Verdict.DIFFERENT),
        # Lists and objects.
        (["a"], items(text("a")), Verdict.AGREED),
        (["a", "b"], items(text("b"), text("a")), Verdict.DIFFERENT),
        (["a", "b"], items(text("a")), Verdict.DIFFERENT),
        (["a"], items(text("a"), text("b")), Verdict.DIFFERENT),
        (["a", "b"], items(text("a"), rest=HOLE), Verdict.LESS),
        (["a", None], items(text("a"), rest=HOLE), Verdict.AGREED),
        (["a"], unknown(HOLE, SPAN), Verdict.LESS),
        ([UUID], unknown(HOLE, SPAN), Verdict.NEITHER),
        (["a"], text("a"), Verdict.DIFFERENT),
        ({"a": "b"}, entries(a=text("b")), Verdict.AGREED),
        ({"a": "b"}, entries(), Verdict.DIFFERENT),
        ({"a": None}, entries(), Verdict.AGREED),
        ({}, entries(a=text("b")), Verdict.DIFFERENT),
        ({"a": "b"}, entries(HOLE), Verdict.LESS),
        ({"a": "b"}, text("b"), Verdict.DIFFERENT),
        ("a", entries(), Verdict.DIFFERENT),
    ],
)
def test_verdicts(theirs: object, ours: Node | None, verdict: Verdict) -> None:
    assert compared(theirs, ours).verdict is verdict
