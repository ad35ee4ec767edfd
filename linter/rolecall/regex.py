"""`compile` for the patterns of a module: each is compiled when it is first used. Most runs use few of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # What type checkers know about the standard one holds for this one.
    from re import compile as compile  # noqa: A004, PLC0414 - exported
else:

    class compile:  # noqa: A001, N801 - in place of the function
        """What `re.compile` makes of the same arguments, once something is asked of it."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self.pattern = pattern
            self._flags = flags

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as on the compiled pattern
            made = re.compile(self.pattern, self._flags)
            # From now on they are found at once.
            for method in ("findall", "finditer", "fullmatch", "match", "search", "split", "sub"):
                setattr(self, method, getattr(made, method))
            return getattr(made, name)
