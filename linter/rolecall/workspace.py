"""Reading files, safely: inside the tree, within bounds, decoded."""

# Paths here are text that users wrote; os.path keeps `..` and errors as they are, and is faster.
# ruff: noqa: PTH113, PTH118, PTH208

from __future__ import annotations

import codecs
import errno
import functools
import os
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass
from rolecall.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

_HCL = (".tf", ".tofu", ".tfvars")
_COMMENT = regex.compile(rb"#|//")
STDIN = "-"
"""What stands for standard input among paths, and the shown path of its text."""

MAX_BYTES = 20 * 1024 * 1024
"""Files above this size are not read: no manifest, module or policy is nearly as large."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The tree that may be read: everything below `root` after symlinks are resolved, and what the user named.

    `stdin` is the text or bytes of standard input, read by whoever starts the job.
    """

    root: Path
    stdin: str | bytes | None = None
    named: tuple[Path, ...] = ()

    def naming(self, paths: Iterable[str]) -> Workspace:
        """The same workspace in which these paths, which the user wrote, may be read too."""
        real = (Path(os.path.realpath(self.root / path)) for path in paths if path != STDIN)
        return replace(self, named=(*self.named, *real))

    def shown(self, path: str | Path) -> str:
        """A path as it is shown: POSIX, relative to the root if it is below it, `.` for the root."""
        absolute = os.path.normpath(os.path.join(self.root, path))
        root = os.path.normpath(self.root)
        if absolute == root:
            return "."
        prefix = root if root.endswith(os.sep) else root + os.sep
        return PurePath(absolute.removeprefix(prefix)).as_posix()

    def read(self, path: str) -> Source | Problem:
        """The decoded text of a file given by its shown path, or why it cannot be read."""
        data = self.read_bytes(path)
        if isinstance(data, Problem):
            return data
        text = decoded(data, path)
        if text is None:
            return self._problem(path, _undecodable(data))
        return Source(path if path == STDIN else self.shown(path), text)

    def read_bytes(self, path: str) -> bytes | Problem:
        """The bytes of a file given by its shown path, or why it cannot be read."""
        if path == STDIN:
            if self.stdin is None:
                return Problem(ProblemKind.UNREADABLE, "standard input was not given", STDIN)
            return self.stdin.encode("utf-8", "surrogatepass") if isinstance(self.stdin, str) else self.stdin
        real = self.resolve(path)
        return real if isinstance(real, Problem) else self.load(real, path)

    def resolve(self, path: str) -> str | Problem:
        """The real path of a file or directory, if it may be read."""
        try:
            real = os.path.realpath(os.path.join(self.root, path), strict=True)
        except (OSError, ValueError) as error:
            return self._problem(path, _reason(error))
        if not self._inside(real):
            return self._problem(path, "a symbolic link that leads out of the tree; it is not followed")
        return real

    def load(self, real: str, path: str) -> bytes | Problem:
        """The bytes of a file that is known to be inside."""
        try:
            # Not to wait for a pipe's writer.
            descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except (OSError, ValueError) as error:
            return self._problem(path, _reason(error))
        try:
            size = os.fstat(descriptor).st_size
            if size > MAX_BYTES:
                return self._problem(path, f"larger than {MAX_BYTES // 1024 // 1024} MB; it is not read")
            data = os.read(descriptor, size + 1)
            # A regular file of the size it had; else one that grows, or a pipe.
            while len(data) != size and 0 < len(data) <= MAX_BYTES and (more := os.read(descriptor, 1 << 20)):
                data += more
        except (OSError, ValueError) as error:
            return self._problem(path, _reason(error))
        finally:
            os.close(descriptor)
        return data

    def exists(self, path: str) -> bool:
        """Whether there is such a file or directory that may be read."""
        try:
            return self._inside(os.path.realpath(os.path.join(self.root, path), strict=True))
        except (OSError, ValueError):
            return False

    def is_file(self, path: str) -> bool:
        """Whether there is such a regular file that may be read."""
        return self.exists(path) and os.path.isfile(os.path.join(self.root, path))

    def listing(self, path: str) -> tuple[str, ...]:
        """The names in a directory, sorted; none where it cannot be read."""
        real = self.resolve(path)
        if isinstance(real, Problem):
            return ()
        try:
            return tuple(sorted(os.listdir(real)))
        except OSError:
            return ()

    def _inside(self, real: str) -> bool:
        tops = (_real(self.root) if self.root.is_absolute() else os.path.realpath(self.root), *map(str, self.named))
        return any(real == top or real.startswith(top if top.endswith(os.sep) else top + os.sep) for top in tops)

    def _problem(self, path: str, message: str) -> Problem:
        return Problem(ProblemKind.UNREADABLE, message, self.shown(path))


@functools.lru_cache(maxsize=8)
def _real(root: Path) -> str:
    """The real path of a root, which is asked for with every file; one that is not absolute may come to be another."""
    return os.path.realpath(root)


def decoded(data: bytes, path: str = "") -> str | None:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 with a byte-order mark; None where it is not that.

    Terraform does not mind what is in comments: bytes there that are no UTF-8 become U+FFFD.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data:
        return None
    else:
        encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if not path.endswith(_HCL) or any(_is_code(line) for line in data.splitlines()):
            return None
        text = data.decode(encoding, "replace")
    return None if "\0" in text else text


def _is_code(line: bytes) -> bool:
    """Whether something in a line of HCL that is no UTF-8 is outside of a comment at its end."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        before = line[: error.start]
        return not any(before[: mark.start()].count(b'"') % 2 == 0 for mark in _COMMENT.finditer(before))
    return False


def _undecodable(data: bytes) -> str:
    if b"\0" in data:
        return "a binary file, not text"
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        return f"not text in UTF-8, from line {line} on"
    return "not text in UTF-8"


def _reason(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return "not a path"
    if error.errno == errno.ELOOP:
        return "a symbolic link that leads to itself"
    known = {
        errno.ENOENT: "no such file or directory",
        errno.EACCES: "no permission to read it",
        errno.EPERM: "no permission to read it",
        errno.EISDIR: "a directory where a file is expected",
        errno.ENOTDIR: "no such file or directory",
        errno.ENAMETOOLONG: "a path that is too long",
    }
    return known.get(error.errno or 0, f"cannot be read ({errno.errorcode.get(error.errno or 0, 'unknown error')})")
