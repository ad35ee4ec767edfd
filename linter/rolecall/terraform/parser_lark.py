"""python-hcl2's parser, built once and cached also where site-packages cannot be written."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lark import Lark, Tree


def parse_tree(text: str) -> Tree[object]:
    """The parse tree of HCL text. Raises what lark raises."""
    # The grammar has no end of file: its comments and heredocs end with a newline.
    return cast("Tree[object]", _parser().parse(text + "\n"))


@functools.lru_cache(maxsize=1)
def _parser() -> Lark:
    import hcl2.parser  # noqa: PLC0415 - heavy or rare: only when it is needed
    from hcl2.postlexer import PostLexer  # noqa: PLC0415 - heavy or rare: only when it is needed
    from lark import Lark  # noqa: PLC0415 - heavy or rare: only when it is needed

    own = Path(hcl2.parser.PARSER_FILE)
    if own.exists() or os.access(own.parent, os.W_OK):
        built: Lark = hcl2.parser.parser()
        return built
    # Building takes 1.5 to 2 seconds, which python-hcl2 would pay on every run of a read-only install.
    cache = _cache_file()
    return Lark.open(
        "hcl2.lark",
        parser="lalr",
        cache=str(cache) if cache else False,
        rel_to=hcl2.parser.__file__,
        propagate_positions=True,
        postlex=PostLexer(),
    )


def _cache_file() -> Path | None:
    """A file in a directory that only the user can write, because lark unpickles it; None where there is no such."""
    import hcl2.version  # noqa: PLC0415 - heavy or rare: only when it is needed

    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        directory = (Path(base) if base else Path.home() / ".cache") / "rolecall"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = directory.stat()
    except (OSError, RuntimeError):
        return None
    if not os.access(directory, os.W_OK):
        return None
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
        return None
    python = "".join(str(number) for number in sys.version_info[:2])
    return directory / f"hcl2-{hcl2.version.__version__}-py{python}.bin"
