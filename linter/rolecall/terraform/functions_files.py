"""Terraform's functions over paths and over files, of which only those in the tree are read."""

from __future__ import annotations

import base64
import posixpath
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.terraform.functions_call import takes
from rolecall.terraform.functions_hashes import of_file
from rolecall.terraform.values import OutOfBounds, is_known, truth
from rolecall.terraform.values_types import Set, in_order
from rolecall.tree import Hole, Node, known, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Mapping as Table

    from rolecall.terraform.functions_call import Call, Files, Function

_MOST_DIRECTORIES = 300
_MOST_FILES = 3_000
_DEEPEST = 20
_LONGEST_PATTERN = 200
_MOST_STARS = 5
# Two stars mean any directories only where they are all that stands between slashes.
_GLOB = regex.compile(r"(?<![^/])\*\*(?:/|\Z)|\*+|.", re.DOTALL)
_NOT_READ = regex.compile(r"[\[\\]|(?<![^/])\.{1,2}(?:/|\Z)")
_MARKS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}


def _by_path(change: Callable[[str], str]) -> Function:
    def function(call: Call) -> Node:
        text = call.text(0)
        return call.opaque(plain=True) if text is None else known(change(text), call.span)

    return function


def _basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def _dirname(path: str) -> str:
    # Go's `filepath.Dir`: all up to the last separator, cleaned.
    return re.sub(r"\A//", "/", posixpath.normpath(path[: path.rfind("/") + 1] or "."))


def _file(call: Call) -> Node:
    path = call.text(0)
    if path is None:
        return call.opaque(plain=True)
    text, hole = call.files.read(path, call.span)
    return text.passed(call.span) if text is not None else unknown(hole or Hole("an unreadable file"), call.span)


def _fileexists(call: Call) -> Node:
    path = call.text(0)
    if path is None:
        return call.opaque(plain=True)
    text, hole = call.files.read(path, call.span)
    return truth(value=True, span=call.span) if text is not None else unknown(hole or Hole("a file"), call.span)


def _templatefile(call: Call) -> Node:
    path = call.text(0)
    mapping = call.mapping(1)
    if path is None or mapping is None:
        return call.opaque()
    # Named in the template but not given, a variable may come from what is not known of the arguments.
    scope = {entry.key.known: entry.value for entry in mapping.entries if entry.key.known is not None}
    if mapping.rest is not None or (len(scope) < len(mapping.entries) and not is_known(mapping)):
        return call.opaque()
    return call.files.render(path, scope, call.span)


def _fileset(call: Call) -> Node:
    directory, pattern = call.text(0), call.text(1)
    if directory is None or pattern is None:
        return Set((), call.span, call.opaque().hole)
    matcher = _matcher(pattern)
    if matcher is None:
        return Set((), call.span, Hole("a pattern of files that is not understood"))
    found: list[str] = []
    for path in _walk(call.files, directory, deep="**" in pattern, levels=pattern.count("/")):
        if isinstance(path, Hole):
            return Set((), call.span, path)
        if matcher.fullmatch(path):
            found.append(path)
    return Set(tuple(in_order(known(path, call.span) for path in found)), call.span)


def _walk(files: Files, top: str, *, deep: bool, levels: int) -> Iterator[str | Hole]:
    """The files below a directory, by their paths from there."""
    stack = [""]
    directories = count = 0
    while stack:
        at = stack.pop()
        directories += 1
        names = files.listing(posixpath.join(top, at) if at else top)
        if isinstance(names, Hole):
            yield names
            return
        count += len(names)
        if directories > _MOST_DIRECTORIES or count > _MOST_FILES:
            raise OutOfBounds("more files than are looked at")
        for name, is_directory in names:
            path = f"{at}/{name}" if at else name
            if not is_directory:
                yield path
            elif path.count("/") < (_DEEPEST if deep else levels):
                stack.append(path)


def _matcher(pattern: str) -> re.Pattern[str] | None:
    """The expression for a pattern of files, as the library doublestar reads it, which Terraform uses."""
    if len(pattern) > _LONGEST_PATTERN or pattern.count("*") > _MOST_STARS or _NOT_READ.search(pattern):
        return None
    done: list[str] = []
    depth = 0
    for match in _GLOB.finditer(pattern):
        mark = match[0]
        depth += (mark == "{") - (mark == "}")
        if mark == "," and depth:
            done.append("|")
        else:
            done.append(_MARKS.get(mark) or ("[^/]*" if mark[0] == "*" else re.escape(mark)))
    try:
        return re.compile("".join(done))
    except re.error:
        return None


FILES: Table[str, Function] = {
    "basename": takes(_by_path(_basename), 1),
    "dirname": takes(_by_path(_dirname), 1),
    "file": takes(_file, 1),
    "filebase64": takes(of_file(lambda data: base64.b64encode(data).decode()), 1),
    "fileexists": takes(_fileexists, 1),
    "fileset": takes(_fileset, 2),
    "templatefile": takes(_templatefile, 2),
}
