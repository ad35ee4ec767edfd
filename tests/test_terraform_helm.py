"""Helm releases in Terraform, and the names and values of settings as Helm reads them."""

from __future__ import annotations

import pytest

from rolecall.adapt.helm_names import keys_of, value_of
from rolecall.model import HelmRelease, ServiceAccount
from rolecall.tree import Scalar
from tests.terraform_worlds import every, only, read

ARN = "arn:aws:iam::111122223333:role/app"
ROLE_ARN = "eks.amazonaws.com/role-arn"
ANNOTATIONS = f"annotations: {{{ROLE_ARN}: {ARN}}}"


def release(body: str) -> str:
    return f'resource "helm_release" "app" {{\nname = "app"\nnamespace = "pay"\nchart = "repo/app"\n{body}\n}}\n'


def accounts(body: str) -> list[tuple[str, list[tuple[str | None, str]]]]:
    found = every(read(release(body)), ServiceAccount)
    return [
        (
            one.display,
            [
                (entry.key.known, entry.value.display if isinstance(entry.value, Scalar) else "…")
                for entry in one.annotations
            ],
        )
        for one in found
    ]


def test_a_release_with_its_settings() -> None:
    found = only(
        read(
            release(
                'set {\n name = "a.b"\n value = "1"\n}\n'
                'set_list {\n name = "c"\n value = ["x"]\n}\n'
                'set_sensitive {\n name = "auth.password"\n value = "hunter2hunter2hunter2"\n}\n'
            )
        ),
        HelmRelease,
    )
    assert found.display == "Helm release pay/app"
    assert found.chart is not None
    assert found.chart.known == "repo/app"
    assert [(one.path, one.sensitive) for one in found.settings] == [
        (("a", "b"), False),
        (("c",), False),
        (("auth", "password"), True),
    ]
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            f'values = [jsonencode({{ serviceAccount = {{ annotations = {{ "{ROLE_ARN}" = "{ARN}" }} }} }})]',
            [("ServiceAccount pay/${a name that the chart makes up}", [(ROLE_ARN, ARN)])],
        ),
        (
            f'values = [<<-E\n  a:\n    serviceAccount:\n      name: ${{"a"}}\n      {ANNOTATIONS}\n  E\n]',
            [("ServiceAccount pay/a", [(ROLE_ARN, ARN)])],
        ),
        (
            f'values = ["serviceAccounts: {{a: {{name: s, {ANNOTATIONS}}}, b: {{create: false}}}}"]',
            [("ServiceAccount pay/s", [(ROLE_ARN, ARN)])],
        ),
        ('values = ["serviceAccount: {create: false, name: s}"]', []),
        ('values = ["serviceAccount: {create: true}"]', []),
        ('values = ["serviceAccount: {create: true, name: s}"]', [("ServiceAccount pay/s", [])]),
        ('values = ["serviceAccount: {name: s}", "serviceAccount: {name: t}"]', [("ServiceAccount pay/t", [])]),
        (
            'values = ["serviceAccount: {name: s}"]\nset = [{ name = "serviceAccount.name", value = "t" }]',
            [("ServiceAccount pay/t", [])],
        ),
        ('values = ["serviceAccount: {name: s}"]\nset = [{ name = "serviceAccount.create", value = "false" }]', []),
        (
            f'set {{\n name = "serviceAccount.annotations.eks\\\\.amazonaws\\\\.com/role-arn"\n value = "{ARN}"\n}}',
            [("ServiceAccount pay/${a name that the chart makes up}", [(ROLE_ARN, ARN)])],
        ),
        ('values = ["serviceAccount: s"]', []),
        ('values = ["- a", "", null]', []),
        ('values = ["serviceAccount: {name: s}", var.more]', []),
        ('values = ["serviceAccount: {name: s}"]\nset = var.more', []),
        ('values = ["serviceAccount: {name: s}"]\nset = [{ name = var.name, value = "x" }]', []),
        ("values = var.more", []),
    ],
)
def test_the_service_accounts_for_which_values_ask(body: str, expected: list[object]) -> None:
    assert accounts(body) == expected


def test_an_account_that_something_unseen_may_change_is_said() -> None:
    facts = read(release('values = ["serviceAccount: {name: s}", var.more]'))
    assert [one.what for one in facts.unevaluated] == ["service account of helm_release.app (serviceAccount)"]


def test_a_release_without_a_namespace_goes_where_the_provider_says() -> None:
    facts = read('resource "helm_release" "app" {\n  values = ["serviceAccount: {name: s}"]\n}\n')
    namespace = only(facts, ServiceAccount).namespace
    assert namespace is not None
    assert namespace.known is None


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        (r"a.eks\.amazonaws\.com/role-arn", ("a", "eks.amazonaws.com/role-arn")),
        ("a.eks.amazonaws.com/role-arn", ("a", "eks", "amazonaws", "com/role-arn")),
        ("a[0]", ("a", 0)),
        ("a[0][12].b", ("a", 0, 12, "b")),
        (r"a\[0\]", ("a[0]",)),
        (r"a\\.b", ("a\\", "b")),
        ("a\\", ("a",)),
        ("a=b.c", ("a",)),
        ("a,b", ("a",)),
        (r"a\,b", ("a,b",)),
        ("a{b}", ("a{b}",)),
        ("", None),
        (".", None),
        ("a.", None),
        ("a[", None),
        ("a[x]", None),
        ("a[-1]", None),
        ("a[0]b", None),
        ("a[65537]", None),
        ("a[" + "9" * 10_000 + "]", None),
        (".".join("a" * 40), None),
    ],
)
def test_names_of_values_are_read_as_helm_reads_them(name: str, keys: tuple[str | int, ...] | None) -> None:
    assert keys_of(name) == keys


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", "a"),
        ("", ""),
        ("a,b=c", "a"),
        (r"a\,b", "a,b"),
        ("{a,b}", ("a", "b")),
        ("{a", ("a",)),
        (r"\{a\}", "{a}"),
    ],
)
def test_values_of_settings_are_read_as_helm_reads_them(text: str, value: object) -> None:
    assert value_of(text) == value
