"""Where the program starts: what is to be done before anything of size is imported."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """The entry point of the command."""
    # Nearly everything that is made lives until the end and has no cycles: looking for garbage is lost time.
    gc.disable()
    from rolecall.cli import main as run  # noqa: PLC0415 - see above

    run()
