"""python-hcl2's grammar as tables of plain data: what lark makes of it, once, and where that is kept."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

from rolecall.records import dataclass

_MADE_FROM = (
    ("hcl2", "hcl2.lark"),
    ("hcl2", "postlexer.py"),
    ("lark", "__init__.py"),
    ("rolecall.terraform", "parser_lark.py"),
)
"""The files, beside a package's own, whose contents decide what the tables are; lark's has its version in it."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """A rule of the grammar, applied: `size` values become one, of the symbol `origin`.

    `name` is that of the tree it makes. `plan` chooses the children, each with whether its own children stand in its
    place; None takes all as they are. `passes`: its only value stays as it is. `single`: so does an only child.
    """

    size: int
    origin: str
    name: str
    passes: bool
    single: bool
    plan: tuple[tuple[int, bool], ...] | None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What can be read in some states: one pattern with a group for each token, and the words that are no `NAME`."""

    pattern: str
    words: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """An LALR parser as data.

    `rows` says for each state what a symbol does: the state that follows, or the complement of a reduction's number.
    `lexicon_of` is the number of each state's lexicon. `ignored` tokens are never seen by the parser, and a line end
    before one of `operators` is not either.
    """

    start: int
    end: int
    rows: tuple[dict[str, int], ...]
    reductions: tuple[Reduction, ...]
    lexicons: tuple[Lexicon, ...]
    lexicon_of: tuple[int, ...]
    ignored: frozenset[str]
    operators: frozenset[str]


@functools.lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables for the installed python-hcl2: from the user's cache, else made, which takes a second or two."""
    cache = _cache_file()
    text = _kept(cache) if cache else None
    if text is not None:
        with contextlib.suppress(IndexError, KeyError, TypeError, ValueError):
            return _from_json(json.loads(text))
    from rolecall.terraform.parser_lark import make_tables  # noqa: PLC0415 - only where nothing is kept

    made = make_tables()
    if cache:
        _keep(cache, json.dumps(made, separators=(",", ":")))
    return _from_json(made)


def _from_json(made: dict[str, Any]) -> Tables:
    names: list[str] = [sys.intern(name) for name in made["names"]]
    accepted = [tuple(names[number] for number in numbers) for numbers in made["accepted"]]
    rows: list[dict[str, int]] = []
    for which, actions, gotos in made["rows"]:
        # Most states do the same whatever follows.
        row = (
            dict.fromkeys(accepted[which], actions)
            if isinstance(actions, int)
            else dict(zip(accepted[which], actions, strict=True))
        )
        row.update((names[number], state) for number, state in gotos)
        rows.append(row)
    reductions = tuple(
        Reduction(size, names[origin], name, passes, single, plan and tuple((at, expands) for at, expands in plan))
        for size, origin, name, passes, single, plan in made["reductions"]
    )
    return Tables(
        made["start"],
        made["end"],
        tuple(rows),
        reductions,
        tuple(Lexicon(pattern, words) for pattern, words in made["lexicons"]),
        tuple(which for which, _, _ in made["rows"]),
        frozenset(made["ignored"]),
        frozenset(made["operators"]),
    )


def _kept(cache: Path) -> str | None:
    """The text of a cache file that is whole."""
    try:
        checksum, _, text = cache.read_text(encoding="ascii").partition("\n")
    except (OSError, ValueError):
        return None
    return text if checksum == _checksum(text) else None


def _keep(cache: Path, text: str) -> None:
    """Writes the cache file, whole or not at all: several runs may do so at once."""
    import tempfile  # noqa: PLC0415 - once an installation

    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(dir=cache.parent, prefix=cache.name)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
                file.write(f"{_checksum(text)}\n{text}")
            Path(name).replace(cache)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _checksum(text: str) -> str:
    """Against damage; nobody but the user can write the file. A digest would load OpenSSL at every start."""
    return f"{crc32(text.encode('ascii')):08x}"


def _cache_file() -> Path | None:
    """Where the tables are kept: in a directory that only the user can write; None where there is no such.

    The name says what they are made from, so that another python-hcl2, lark or Python makes its own.
    """
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        directory = (Path(base) if base else Path.home() / ".cache") / "rolecall"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = directory.stat()
        made_from = _made_from()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
        return None
    return directory / f"hcl2-{made_from}.json"


def _made_from() -> str:
    """A name for what the tables are made from. Neither package is imported for it: that takes long."""
    content = [sys.version.encode()]
    for package, file in _MADE_FROM:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise FileNotFoundError(package)
        content.append(Path(spec.origin).with_name(file).read_bytes())
    whole = b"\0".join(content)
    return f"{crc32(whole):08x}-{len(whole)}"
