"""botocore's own resolver on the environments of our worlds: it picks what the chain says that it picks.

Nothing is contacted: what fetches from an address answers from here, and the role of web identity is not assumed before
the first call to AWS.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from botocore.credentials import ContainerProvider, create_credential_resolver
from botocore.exceptions import BotoCoreError
from botocore.session import Session
from botocore.utils import InstanceMetadataFetcher

from rolecall.chain import Chain, Source
from tests.chain_worlds import ANNOTATED, ASSOCIATION, CASES, PLAIN, RELATIVE, Case, chain, environment, pod

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PYTHON = "Python and the AWS CLI"
_METHODS = {
    "env": Source.KEYS,
    "assume-role": Source.PROFILE_ROLE,
    "assume-role-with-web-identity": Source.WEB_IDENTITY,
    "shared-credentials-file": Source.PROFILE,
    "config-file": Source.PROFILE,
    "custom-process": Source.PROFILE,
    "iam-role": Source.METADATA,
}
_STOPPED = {
    "PartialCredentialsError": Source.KEYS,
    "InvalidConfigError": Source.WEB_IDENTITY,
    "ProfileNotFound": Source.PROFILE,
}
ANSWERED = {
    "access_key": "A",
    "secret_key": "B",
    "token": "C",
    "role_name": "node",
    "account_id": "",
    "expiry_time": "2999-01-01T00:00:00Z",
}


def picked(found: Chain, files: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Source | None, bool]:
    """What botocore takes, and whether it stops with an error."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "BOTO")):
            monkeypatch.delenv(name)
    aws = home / ".aws"
    aws.mkdir(parents=True)
    if files:
        (aws / "credentials").write_text(files, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    for name, value in environment(found).items():
        monkeypatch.setenv(name, value)
    asked: list[str] = []

    def fetcher(_: ContainerProvider, full_uri: str) -> Callable[[], dict[str, str]]:
        asked.append(full_uri)
        return lambda: ANSWERED

    monkeypatch.setattr(ContainerProvider, "_create_fetcher", fetcher)
    monkeypatch.setattr(InstanceMetadataFetcher, "retrieve_iam_role_credentials", _of_node)
    try:
        session = Session()
        credentials = create_credential_resolver(session).load_credentials()
    except BotoCoreError as error:
        return _STOPPED[type(error).__name__], True
    if credentials is None:
        return None, False
    if credentials.method == "container-role":
        return (Source.RELATIVE_URI if "169.254.170.2/" in asked[0] else Source.FULL_URI), False
    return _METHODS[credentials.method], False


def _of_node(fetcher: InstanceMetadataFetcher) -> dict[str, str]:
    """What the fetcher gives, after it has looked whether it is turned off."""
    return {} if fetcher._disabled else ANSWERED  # noqa: SLF001 - what the real one looks at first


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_botocore_takes_what_the_chain_says(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = case.chain
    outcome = next(one for one in found.outcomes if one.sdk.name == _PYTHON)
    expected = (outcome.winner.source if outcome.winner is not None else None, outcome.fails)
    assert picked(found, case.files, tmp_path / "home", monkeypatch) == expected


@pytest.mark.parametrize("profile", ["prod", "default"])
def test_a_profile_that_is_nowhere_stops_it(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = chain(ANNOTATED, pod({"AWS_PROFILE": profile}))
    outcome = next(one for one in found.outcomes if one.sdk.name == _PYTHON)
    assert [step.source for step in outcome.maybe] == [Source.PROFILE]
    assert picked(found, "", tmp_path / "home", monkeypatch) == (Source.PROFILE, True)


def test_a_variable_of_ecs_comes_before_pod_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain says besides that nobody answers there; here somebody does."""
    found = chain(PLAIN, pod(RELATIVE), terraform=ASSOCIATION)
    outcome = next(one for one in found.outcomes if one.sdk.name == _PYTHON)
    assert outcome.winner is found.step(Source.RELATIVE_URI)
    assert picked(found, "", tmp_path / "home", monkeypatch) == (Source.RELATIVE_URI, False)
