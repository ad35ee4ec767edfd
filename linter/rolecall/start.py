"""Where the program starts: what is to be done before anything of size is imported, and how it ends."""

# ruff: noqa: PLC0415 - what is not needed is not imported
from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """The entry point of the command. No exception gets out of it as a traceback."""
    # Nearly everything that is made lives until the end and has no cycles: looking for garbage is lost time.
    gc.disable()
    from rolecall.cli.output import complain, leave

    try:
        code = _run(sys.argv[1:])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # noqa: BLE001 - the last resort
        # The exception's text may quote the input, so only its type is shown.
        complain(f"rolecall failed with {type(error).__name__}: a mistake in rolecall, not in your files")
        code = 2
    leave(code)


def _run(arguments: list[str]) -> int:
    """Do what the command line says, and give the exit code.

    A check without options, which is what a commit waits for, needs no parser of options: importing one takes longer
    than checking a small tree. See docs/decisions/0010-start-up.md.
    """
    if arguments[:1] == ["check"] and not any(argument.startswith("-") for argument in arguments):
        from rolecall.cli.check import Request, perform

        paths = tuple(arguments[1:])
        return perform(Request(paths) if paths else Request())
    from rolecall.cli.app import run

    return run(arguments)
