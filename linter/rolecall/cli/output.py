"""Writing to where the user wants it: whole or not at all, and quiet when nobody listens any more."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn


def write(text: str, *, encoding: str | None = None) -> None:
    """Write to standard output. A reader that went away (`| head`) is no error."""
    data = text.encode(encoding or sys.stdout.encoding or "utf-8", "replace")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more when it exits, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Write a line to standard error."""
    from rolecall.report.cells import clean  # noqa: PLC0415 - only when something is wrong

    line = f"{clean(text)}\n"
    try:
        sys.stderr.buffer.write(line.encode(sys.stderr.encoding or "utf-8", "replace"))
        sys.stderr.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def leave(code: int) -> NoReturn:
    """End the program. What it has made is not taken apart piece by piece first, which takes a twentieth of a run."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    if sys.gettrace() is None and sys.getprofile() is None:
        os._exit(code)
    sys.exit(code)


def save(text: str, target: str) -> None:
    """Write a file whole: beside its place first, then over it. A device or pipe is written to as it is.

    Raises:
        OSError: the file cannot be written.
    """
    data = text.encode("utf-8", "replace")
    path = Path(target).resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            device.write(data)
        return
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - only for --output

    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(data)
            file.flush()
            beside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def _umask() -> int:
    """The process's mask for new files, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
