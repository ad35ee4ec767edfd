"""Which modelled module a call means, and whether each model is sound."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import as_file, files
from itertools import pairwise

import pytest

from rolecall.source import Source
from rolecall.terraform.blocks import index
from rolecall.terraform.parser import parse_body
from rolecall.terraform.registry_modules import MODULES, RegistryModule, find
from rolecall.terraform.registry_versions import NEWEST, Versions, allowed
from rolecall.terraform.unit import _RESOURCES

EKS = "terraform-aws-modules/eks/aws"
IRSA = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks"
FILES = {module.file: module for module in MODULES}
TERRAFORM = shutil.which("terraform")


def file_of(source: str, version: str | None = None) -> str | None:
    module = find(source, version)
    return module.file.rpartition("/")[2] if module else None


@pytest.mark.parametrize(
    ("constraint", "file"),
    [
        (None, "eks.v21.tf"),
        ("", "eks.v21.tf"),
        ("not a constraint", "eks.v21.tf"),
        ("~> 20.0, sometimes", "eks.v21.tf"),
        ("20.8.4", "eks.v20.tf"),
        ("= 20.8.4", "eks.v20.tf"),
        ("v20.8.4", "eks.v20.tf"),
        ("20.8.4-rc1", "eks.v20.tf"),
        ("~> 20", "eks.v21.tf"),
        ("~> 20.8", "eks.v20.tf"),
        ("~> 20.8.4", "eks.v20.tf"),
        ("~> 19.0", "eks.v18.tf"),
        ("~>18.26.0", "eks.v18.tf"),
        (">= 18.0", "eks.v21.tf"),
        (">= 18.0, < 21.0", "eks.v20.tf"),
        ("< 21", "eks.v20.tf"),
        ("<= 20.37.2", "eks.v20.tf"),
        ("<= 21.0.0", "eks.v21.tf"),
        ("> 20.0.0, < 20.0.2", "eks.v20.tf"),
        ("!= 21.0.0", "eks.v21.tf"),
        (">= 20.0.0, != 21.0.0, < 21.0.1", "eks.v20.tf"),
        ("~> 17.0", None),
        ("17.24.0", None),
        ("~> 22.0", None),
        (">= 21, < 20", None),
        ("20.0.0, 20.0.1", None),
    ],
)
def test_the_newest_version_that_a_constraint_allows_is_meant(constraint: str | None, file: str | None) -> None:
    assert file_of(EKS, constraint) == file


def test_the_pessimistic_operator_lets_the_last_number_grow() -> None:
    assert allowed("~> 5.0").high == (6, 0, 0)
    assert allowed("~> 5.0.1").high == (5, 1, 0)
    assert allowed("~> 5.0.1").low == (5, 0, 1)
    assert allowed("~> 5").high is None
    assert allowed("~> 5").low == (5, 0, 0)


def test_exclusions_leave_nothing_only_where_nothing_is_left() -> None:
    three = Versions((5, 0, 0), (5, 0, 3))
    assert allowed("!= 5.0.0, != 5.0.2").meets(three)
    assert not allowed("!= 5.0.0, != 5.0.1, != 5.0.2").meets(three)
    assert NEWEST.meets(three)


@pytest.mark.parametrize(
    "source",
    [
        IRSA,
        f"registry.terraform.io/{IRSA}",
        f"registry.opentofu.org/{IRSA}",
        "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks/",
        "terraform-aws-modules/iam/aws//./modules/iam-role-for-service-accounts-eks",
        *(
            f"{prefix}terraform-aws-modules/terraform-aws-iam{suffix}//modules/iam-role-for-service-accounts-eks{query}"
            for prefix, suffix, query in (
                ("git::https://github.com/", ".git", "?ref=v5.30.0"),
                ("git::https://github.com/", "", "?depth=1&ref=v5.30.0"),
                ("git::ssh://git@github.com/", ".git", "?ref=tags/v5.30.0"),
                ("git@github.com:", ".git", "?ref=refs/tags/5.30.0"),
                ("github.com/", "", "?ref=master"),
                ("github.com/", "", "?ref=3f0c1d2"),
                ("github.com/", "", "?ref=1234567"),
                ("github.com/", "", ""),
            )
        ),
    ],
)
def test_a_source_is_known_however_it_is_written(source: str) -> None:
    module = find(source, None)
    assert module is not None
    assert module.name == IRSA


@pytest.mark.parametrize(
    "source",
    [
        "./modules/eks",
        "app.terraform.io/acme/eks/aws",
        "acme/eks/aws",
        "terraform-aws-modules/eks/azurerm",
        "terraform-aws-modules/eks/aws//modules/_user_data",
        "terraform-aws-modules/eks/aws//modules/aws-auth",
        "git::https://github.com/acme/terraform-aws-eks.git?ref=v20.0.0",
        "git::https://gitlab.com/terraform-aws-modules/terraform-aws-eks.git",
        "git::https://github.com/terraform-aws-modules/terraform-aws-eks.git?ref=v17.24.0",
        "terraform-aws-modules/iam/aws",
        "s3::https://s3.amazonaws.com/modules/eks.zip",
        "",
    ],
)
def test_other_sources_are_not_known(source: str) -> None:
    assert find(source, None) is None


def test_a_git_reference_is_the_version() -> None:
    assert file_of("github.com/cloudposse/terraform-aws-eks-iam-role?ref=0.10.3") == "eks-iam-role.v2.tf"
    assert file_of("github.com/cloudposse/terraform-aws-eks-iam-role?ref=1.2.0") is None
    assert file_of("github.com/terraform-aws-modules/terraform-aws-eks?ref=v19.21.0") == "eks.v18.tf"


def test_modules_that_do_nothing_until_asked_and_those_without_an_audience_on_purpose_say_so() -> None:
    assert {module.name.rpartition("/")[2] for module in MODULES if module.switch} == {
        "iam-assumable-role",
        "iam-assumable-role-with-oidc",
    }
    assert [module.name.rpartition("/")[2] for module in MODULES if module.no_audience] == ["iam-eks-role"]


def test_the_ranges_of_a_module_do_not_overlap() -> None:
    for name in {module.name for module in MODULES}:
        ranges = sorted((module.versions.low, module.versions.high) for module in MODULES if module.name == name)
        assert all(low < high for low, high in ranges)
        assert all(before[1] <= after[0] for before, after in pairwise(ranges)), name


def test_every_file_is_in_the_table() -> None:
    with as_file(files("rolecall.terraform").joinpath("registry")) as folder:
        assert {str(path.relative_to(folder)) for path in folder.rglob("*.tf")} == set(FILES)


def parsed(module: RegistryModule) -> dict[tuple[str, ...], object]:
    source = Source(module.path, module.text())
    blocks, problems = index(source)
    assert not problems
    return {(raw.kind, *raw.labels): parse_body(source, raw.inside, raw.inside_end) for raw in blocks}


@pytest.mark.parametrize("file", FILES)
def test_each_model_is_valid_and_says_what_it_stands_for(file: str) -> None:
    module = FILES[file]
    blocks = parsed(module)
    heading = module.text().partition("\n\n")[0]
    assert f"# {module.name}, versions " in heading
    assert "Checked against " in heading
    assert {labels[1] for labels in blocks if labels[0] == "resource"} - {"helm_release"} <= set(_RESOURCES)
    assert {labels[0] for labels in blocks} <= {"variable", "locals", "data", "resource", "module", "output"}


@pytest.mark.parametrize("file", FILES)
def test_modules_that_a_model_calls_are_modelled(file: str) -> None:
    module = FILES[file]
    source = Source(module.path, module.text())
    for raw in index(source)[0]:
        if raw.kind == "module":
            text = source.text[raw.start : raw.end]
            called, version = (text.split(f"{name} ", 1)[1].split('"')[1] for name in ("source", "version"))
            found = find(called, version)
            assert found is not None
            # A model of one version calls models for the same.
            if found.name.startswith(module.name):
                assert found.versions.low < module.versions.high
                assert module.versions.low < found.versions.high


@pytest.mark.skipif(TERRAFORM is None, reason="no terraform here")
def test_the_models_are_formatted_as_terraform_does() -> None:
    assert TERRAFORM is not None
    with as_file(files("rolecall.terraform").joinpath("registry")) as folder:
        done = subprocess.run(
            [TERRAFORM, "fmt", "-check", "-recursive", "-list=true", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
