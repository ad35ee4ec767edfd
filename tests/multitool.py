"""Microsoft's SARIF validator, where the environment names one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

VARIABLE = "ROLECALL_SARIF_MULTITOOL"
needs_multitool = pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no validator")


def complaints(log: Path) -> list[str]:
    """The errors and warnings of its SARIF and GitHub rules about a log.

    The binary is run itself: the package's wrapper passes its arguments through a shell.
    """
    wrapper = Path(os.environ[VARIABLE])
    binary = next(wrapper.parent.parent.glob("@microsoft/sarif-multitool-*/Sarif.Multitool"))
    binary.chmod(0o755)
    rules = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--kind", "Fail")
    done = subprocess.run([str(binary), "validate", str(log), *rules], capture_output=True, text=True, check=False)
    assert "1 files scanned" in done.stdout
    return [line for line in done.stdout.splitlines() if ": error " in line or ": warning " in line]
