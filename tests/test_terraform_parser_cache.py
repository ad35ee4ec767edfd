"""The parser's tables: the same trees as lark's; made once, kept for the user, made again when they are not whole."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

import hcl2.parser
import pytest
from lark import Token
from lark.exceptions import UnexpectedInput

from rolecall.source import Source
from rolecall.terraform import parser_lark, parser_tables
from rolecall.terraform.blocks import index
from rolecall.terraform.parser_repair import repaired
from rolecall.terraform.parser_run import Node, Unread, parse_tree
from tests.fixtures import FIXTURES

if TYPE_CHECKING:
    from pathlib import Path

    from lark import Tree

SNIPPETS = (
    "",
    "# only a comment",
    "a = 1 + 2 * -3 - b\nb = !c || d && e == f\n  != g\nc = 1.5e3 < 2 ? x : y\n",
    'a = "x${b.c[0].d}%{ if e }y%{ else }z%{ endif }$${f}%%{g}"\n',
    "a = [for k, v in b : k => v if v]\n",
    "a = { for k, v in b : k => v... if v != null }\nb = [for v in c : v]\n",
    "a = b.*.c[0]\nb = c[*].d.e\nc = d.0.e\n",
    "a = f(b, c...)\nb = provider::aws::arn(x)\nc = f(\n  a, # why\n  b,\n)\n",
    "a = <<E\nx ${y}\n\n\nE\nb = <<-E\n  z\n  E\n",
    'a {\n  in = 1\n  b "c" d {\n  }\n}\n',
    'a = { in = 1, for = 2\n if = 3\n (b) = 4, "c" : 5 }\n',
    "a = (\n b\n)\n/* c\n */\nd = [\n 1, 2 // e\n]\n",
    # What neither can read.
    "a = ",
    "a = [1, 2",
    "a = 1 b = 2\n",
    "a = }\n",
    "a = 'b'\n",
)

ANSWER = "from rolecall.terraform.parser_run import parse_tree\nprint(len(parse_tree('a = 1').children))\n"


def texts() -> list[str]:
    """The text of every block of every Terraform fixture, and some that have what the fixtures have not."""
    found = dict.fromkeys(SNIPPETS)
    for path in sorted(FIXTURES.rglob("*.tf")):
        source = Source(path.name, path.read_text(encoding="utf-8"))
        found.update((source.text[block.inside : block.inside_end], None) for block in index(source)[0])
    return [repaired(text) for text in found]


def ours(text: str) -> object:
    def shape(node: Node) -> object:
        if not node.data:
            return node.text, node.start, node.end
        return node.data, node.start, node.end, [shape(child) for child in node.children]

    try:
        return shape(parse_tree(text))
    except Unread as error:
        return error.offset


def lark_s(text: str) -> object:
    def shape(node: Tree[Token] | Token) -> object:
        if isinstance(node, Token):
            # The line end before an operator is in the token's text, but not where it says it is.
            start, end = node.start_pos or 0, node.end_pos or 0
            return str(node)[start - end :], start, end
        if node.data == "expr_term" and len(node.children) == 1:
            return shape(node.children[0])
        place = (-1, -1) if node.meta.empty else (node.meta.start_pos, node.meta.end_pos)
        return node.data, *place, [shape(child) for child in node.children]

    try:
        return shape(hcl2.parser.parser().parse(text + "\n"))
    except UnexpectedInput as error:
        return error.pos_in_stream


def test_every_text_has_the_tree_and_the_error_that_lark_finds() -> None:
    for text in texts():
        assert ours(text) == lark_s(text), text


@pytest.mark.parametrize(
    ("number", "before", "characters"),
    [
        (0, "", "/*#\n a"),
        (1, "", 'a"\\${%}\n$%'),
        (2, "", "01-.eE+5"),
        (3, "<<E\n", "E<- \n\r\tx"),
        (4, "<<-E\n", "E<- \n\r\tx"),
    ],
)
def test_the_patterns_in_place_of_lark_s_match_the_same_text(number: int, before: str, characters: str) -> None:
    written, ours_instead = list(parser_lark._SAME.items())[number]  # noqa: SLF001 - they show only in what is slow
    assert written in {terminal.pattern.to_regexp() for terminal in hcl2.parser.parser().terminals}
    random = Random(number)  # noqa: S311 - the same texts every time
    for _ in range(20_000):
        text = before + "".join(random.choices(characters, k=random.randint(0, 12)))
        theirs, found = re.match(written, text), re.match(ours_instead, text)
        assert (theirs and theirs[0]) == (found and found[0]), text


def kept(directory: Path) -> list[Path]:
    return sorted((directory / "rolecall").glob("*"))


def run(environment: dict[str, str], code: str = ANSWER) -> str:
    """A fresh process, so that nothing is remembered."""
    whole = {"PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path), **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True, env=whole
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What lark makes, made once for all tests: it takes seconds."""
    return parser_lark.make_tables()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: dict[str, Any]) -> Path:
    """A cache directory of the user's own, nothing in it, and nothing remembered in this process."""
    monkeypatch.setattr(parser_lark, "make_tables", lambda: made)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fresh() -> parser_tables.Tables:
    """The tables as a new process gets them."""
    parser_tables.tables.cache_clear()
    return parser_tables.tables()


def test_the_second_run_needs_neither_lark_nor_python_hcl2(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    code = ANSWER + "import sys; print('hcl2' in sys.modules, 'lark' in sys.modules)"
    assert run(environment, code).split() == ["1", "True", "True"]
    (file,) = kept(tmp_path)
    before = file.read_bytes()
    assert run(environment, code).split() == ["1", "False", "False"]
    assert file.read_bytes() == before


def test_nothing_is_read_until_a_body_is_asked_for(cache: Path) -> None:
    fresh()
    code = (
        "import sys; from pathlib import Path\n"
        "from rolecall.terraform.module import load; from rolecall.source import Source\n"
        "from rolecall.workspace import Workspace\n"
        "m = load('m', (Source('m/a.tf', 'output \"x\" {\\n a = 1\\n}'),), Workspace(Path()))\n"
        "m.blocks('output'); print('rolecall.terraform.parser_run' in sys.modules)\n"
        "m.blocks('output')[0].body(); print('rolecall.terraform.parser_run' in sys.modules)\n"
    )
    assert run({"XDG_CACHE_HOME": str(cache)}, code).split() == ["False", "True"]


def test_without_a_directory_to_keep_them_in_they_are_made(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cache = fresh()
    (cache / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
    assert fresh() == with_cache
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(cache / "file"))
    assert fresh() == with_cache
    monkeypatch.setattr(tempfile, "mkstemp", refuses)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "other"))
    assert fresh() == with_cache
    assert kept(cache / "other") == []


def refuses(**_: object) -> NoReturn:
    raise PermissionError(errno.EROFS, "Read-only file system")


def test_a_process_without_a_home_directory_reads_terraform() -> None:
    assert run({"HOME": "/proc/nowhere"}) == "1"


def test_without_xdg_cache_home_they_are_kept_below_the_home_directory(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for unset in ("", None):
        monkeypatch.setenv("HOME", str(cache / f"home{unset}"))
        if unset is None:
            monkeypatch.delenv("XDG_CACHE_HOME")
        else:
            monkeypatch.setenv("XDG_CACHE_HOME", unset)
        fresh()
        assert len(kept(cache / f"home{unset}" / ".cache")) == 1


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "binary", "other"])
def test_a_damaged_file_is_made_again(cache: Path, damage: str) -> None:
    tables = fresh()
    (file,) = kept(cache)
    whole = file.read_bytes()
    file.write_bytes(
        {
            "empty": b"",
            "cut": whole[: len(whole) // 2],
            "changed": whole.replace(b'"start":1', b'"start":2').replace(b'"start":', b'"stort":'),
            "binary": b"\xff\xfe" * 100,
            # Whole, but not what is expected.
            "other": f"{parser_tables._checksum('[]')}\n[]".encode(),  # noqa: SLF001 - what another version might write
        }[damage]
    )
    assert fresh() == tables
    assert [path.read_bytes() for path in kept(cache)] == [whole]


def test_a_directory_that_others_can_write_is_not_trusted(cache: Path) -> None:
    fresh()
    (file,) = kept(cache)
    file.write_text("nonsense", encoding="ascii")
    file.parent.chmod(0o777)
    fresh()
    assert file.read_text(encoding="ascii") == "nonsense"


def test_runs_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, [{"XDG_CACHE_HOME": str(tmp_path)}] * 2))
    assert answers == ["1"] * 2
    (file,) = kept(tmp_path)
    checksum, _, text = file.read_text(encoding="ascii").partition("\n")
    assert checksum == parser_tables._checksum(text)  # noqa: SLF001 - that the file is whole


def test_what_the_tables_are_made_from_is_in_the_name(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh()
    monkeypatch.setattr(sys, "version", "4.0")
    fresh()
    monkeypatch.setattr(parser_tables, "_MADE_FROM", (("hcl2", "version.py"),))
    fresh()
    assert len(kept(cache)) == 3
