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

from rolecall.chain import Chain, Mechanism, Source
from rolecall.chain.webhook import IRSA_PAIR, POD_IDENTITY_PAIR
from tests.chain_worlds import (
    ANNOTATED,
    ASSOCIATION,
    CHAINED,
    CREDENTIALS,
    FULL,
    KEY_ID,
    KEYS,
    OPEN_NODES,
    PLAIN,
    RELATIVE,
    ROLE,
    SECRET,
    WEB,
    chain,
    pod,
)

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
_INJECTED = {
    Mechanism.NONE: (),
    Mechanism.IRSA: tuple(zip(IRSA_PAIR, (ROLE, "/var/run/token"), strict=True)),
    Mechanism.POD_IDENTITY: tuple(
        zip(POD_IDENTITY_PAIR, ("http://169.254.170.23/v1/credentials", "/var/run/token"), strict=True)
    ),
}


def environment(found: Chain) -> dict[str, str]:
    """What the container's processes see: its own variables, the webhook's over them."""
    seen = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ACCESS_KEY": KEY_ID}
    made = {}
    for variable in found.container.environment.variables:
        text = variable.value.known if variable.value is not None else None
        made[variable.name] = text if text is not None and "…" not in text and "*" not in text else seen[variable.name]
    return made | dict(_INJECTED[found.webhook.mechanism])


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


_HALF = {"AWS_ACCESS_KEY_ID": KEY_ID}
_TOKEN = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}


@pytest.mark.parametrize(
    ("_name", "found", "files"),
    [
        ("all", chain(ANNOTATED, pod({**KEYS, **FULL}, CREDENTIALS)), CREDENTIALS),
        ("role", chain(ANNOTATED, pod()), ""),
        ("file", chain(ANNOTATED, pod(None, CREDENTIALS)), CREDENTIALS),
        ("chained", chain(ANNOTATED, pod(None, CHAINED)), CHAINED),
        ("association", chain(PLAIN, pod(), terraform=ASSOCIATION), ""),
        ("association and file", chain(PLAIN, pod(None, CREDENTIALS), terraform=ASSOCIATION), CREDENTIALS),
        ("association and keys", chain(PLAIN, pod(KEYS), terraform=ASSOCIATION), ""),
        ("association and web identity", chain(PLAIN, pod(WEB), terraform=ASSOCIATION), ""),
        ("both", chain(ANNOTATED, pod(), terraform=ASSOCIATION), ""),
        ("own address", chain(PLAIN, pod(FULL)), ""),
        ("empty key", chain(ANNOTATED, pod({**KEYS, "AWS_ACCESS_KEY_ID": ""})), ""),
        ("half a key", chain(ANNOTATED, pod(_HALF)), ""),
        ("token alone", chain(PLAIN, pod(_TOKEN)), ""),
        ("role alone", chain(ANNOTATED, pod({"AWS_ROLE_ARN": ROLE}), terraform=OPEN_NODES), ""),
        ("metadata", chain(PLAIN, pod(), terraform=OPEN_NODES), ""),
        ("no metadata", chain(PLAIN, pod({"AWS_EC2_METADATA_DISABLED": "TRUE"}), terraform=OPEN_NODES), ""),
        ("metadata all the same", chain(PLAIN, pod({"AWS_EC2_METADATA_DISABLED": "1"}), terraform=OPEN_NODES), ""),
        ("other names", chain(PLAIN, pod({"AWS_ACCESS_KEY": KEY_ID}), terraform=OPEN_NODES), ""),
        ("profile", chain(PLAIN, pod({"AWS_PROFILE": "default", **KEYS}, CREDENTIALS)), CREDENTIALS),
    ],
)
def test_botocore_takes_what_the_chain_says(
    _name: str, found: Chain, files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = next(one for one in found.outcomes if one.sdk.name == _PYTHON)
    expected = (outcome.winner.source if outcome.winner is not None else None, outcome.fails)
    assert picked(found, files, tmp_path / "home", monkeypatch) == expected


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
