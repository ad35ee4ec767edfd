"""What a block is to the expressions that refer to it: attributes that it sets, and those that the provider does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rolecall.tree import Mapping
from tests.test_terraform_eval import module, plain, value

if TYPE_CHECKING:
    from pathlib import Path

@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # A splat reaches to the end, further splats included.
        ("[{a = [{b = 1}]}, {a = [{b = 2}, {b = 3}]}][*].a[*].b", [[1], [2, 3]]),
        ("[[1, 2], [3]][*][0]", [1, 3]),
        ("([{a = [1, 2]}][*].a)[0]", [1, 2]),
        # The old one takes attributes only.
        ("[{a = [1, 2]}].*.a[0]", [1, 2]),
        ("[{a = [1, 2]}].*.a.0", [1]),
        ("[{a = {b = [1]}}].*.a.b[0][0]", 1),
    ],
)
def test_the_reach_of_splats(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression)) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('try("ex-${replace(basename(path.cwd), "_", "-")}", "y")', "ex-${path.cwd}"),
        ('"${try(regex("a", path.cwd), "y")}-x"', "${path.cwd}-x"),
        ('try("x-${jsondecode(data.a.b.c).d}", "y")', "${data.a.b.c}"),
    ],
)
def test_known_parts_survive_a_try_that_cannot_fail(tmp_path: Path, expression: str, expected: object) -> None:
    assert plain(value(tmp_path, expression)) == expected


def test_very_many_splats_end(tmp_path: Path) -> None:
    found = module(tmp_path, 'output "x" {\n  value = [1]' + "[*]" * 5000 + "\n}\n")
    assert isinstance(found.blocks("output")[0].body(), Mapping)
