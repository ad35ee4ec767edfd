"""Settings of all tests: the same examples every time, so that a run fails for the change and not by chance.

`ROLECALL_EXPLORE=1` lets hypothesis look for new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
if not os.environ.get("ROLECALL_EXPLORE"):
    settings.load_profile("steady")
