"""The JavaScript SDK's own chain on the environments of our worlds, where npm has brought it: it agrees with ours."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from rolecall.chain import Source
from tests.chain_worlds import CASES, KEY_ID, environment

VARIABLE = "ROLECALL_JAVASCRIPT_SDK"
_SCRIPT = Path(__file__).with_suffix("").parent / "chain_javascript.mjs"
_SDK = "JavaScript v3"
_OF_FILES = "AKIAZZZZZZZZZZZZZZZZ"
_FOUND = {
    Source.KEYS: KEY_ID,
    Source.WEB_IDENTITY: "WEB_IDENTITY",
    Source.PROFILE_ROLE: "PROFILE_ROLE",
    Source.PROFILE: _OF_FILES,
    Source.FULL_URI: "CONTAINER",
    Source.METADATA: "METADATA",
}


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no directory with the SDK's packages")
def test_the_javascript_sdk_takes_what_the_chain_says(tmp_path: Path) -> None:
    asked = [
        {
            "environment": environment(case.chain),
            "files": case.files.replace(KEY_ID, _OF_FILES),
            "home": str(tmp_path / str(number)),
        }
        for number, case in enumerate(CASES)
    ]
    for one in asked:
        Path(str(one["home"])).mkdir()
    done = subprocess.run(
        ["node", str(_SCRIPT), os.environ[VARIABLE]],
        input="".join(f"{json.dumps(one)}\n" for one in asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    expected = []
    for case in CASES:
        outcome = next(one for one in case.chain.outcomes if one.sdk.name == _SDK)
        expected.append((case.name, _FOUND[outcome.winner.source] if outcome.winner is not None else None))
    found = [(case.name, answer.get("found")) for case, answer in zip(CASES, answers, strict=True)]
    assert found == expected
