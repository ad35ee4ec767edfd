"""Shared files: what the profile of a container holds, as far as the mounted files show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.files import profiles, shared_files
from rolecall.chain.sdks import Flaw, Source
from rolecall.chain.steps import Identity, Step
from rolecall.chain.variables import text_of
from rolecall.model import MaterialKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.chain.files import Profile, SharedFile
    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer
    from rolecall.model import ConfigObject
    from rolecall.span import Span

PROFILE_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_DEFAULT = "default"
# Settings of a profile that bring credentials.
_KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key"})
_SOURCES = ("source_profile", "credential_source")
_OTHERS = ("credential_process", "sso_session", "sso_start_url", "web_identity_token_file")


def profile_steps(subject: PodContainer, graph: Graph) -> tuple[Step, Step]:
    """Two steps: the role that the profile assumes with other credentials, and everything else in shared files."""
    role, profile = Step(Source.PROFILE_ROLE, Answer.NO), _without_files(subject)
    for file in shared_files(subject, graph):
        found = _of_file(subject, file)
        if found is not None and found.present is Answer.YES and file.is_possible(subject):
            found = replace(found, present=Answer.UNKNOWN, why=f"a template decides whether it is there: {found.why}")
        if found is not None and found.source is Source.PROFILE_ROLE:
            role = found
        elif found is not None and (profile.present is not Answer.YES or profile.flaw is not None):
            profile = found
    return role, profile


def _without_files(subject: PodContainer) -> Step:
    """What a profile's name alone does: the image may bring the file, else there is no such profile.

    Both botocore and Go ask for the file even where the name is `default`, if it is given.
    """
    variable = subject.environment.get(*PROFILE_NAMES)
    name = text_of(variable)
    if (variable is None or not name) and subject.container.mounts_rest:
        return Step(Source.PROFILE, Answer.UNKNOWN, "a part of its mounts is not seen")
    if variable is None or not name:
        return Step(Source.PROFILE, Answer.NO)
    why = f"{variable.name} names profile {name}, and no file that holds it is mounted"
    at = ((variable.at, f"names profile {name}"),)
    return Step(Source.PROFILE, Answer.UNKNOWN, why, None, at, Flaw.NO_PROFILE, f"profile {name} is in no mounted file")


def _of_file(subject: PodContainer, file: SharedFile) -> Step | None:
    evidence = ((file.at, "SDKs read shared files here"),)
    if file.on_host:
        why = f"the node's {file.volume.host_path.display}" if file.volume.host_path else "a directory of the node"
        return Step(Source.PROFILE, Answer.UNKNOWN, f"{why} is mounted there", Identity(why), evidence)
    name = text_of(subject.environment.get(*PROFILE_NAMES)) or _DEFAULT
    for thing, datum in file.contents:
        here = ((datum.span, f"{thing.display} holds it"), *evidence)
        if datum.material.kind is MaterialKind.UNKNOWN:
            unseen = Identity(f"what {thing.display} holds")
            return Step(Source.PROFILE, Answer.UNKNOWN, f"{thing.display} is mounted there", unseen, here)
        for profile in profiles(datum):
            found = next(_of_profile(profile, thing, here), None) if profile.name == name else None
            if found is not None:
                return found
    if not file.unseen:
        return None
    return Step(Source.PROFILE, Answer.UNKNOWN, "what is mounted there is not among the files", None, evidence)


def _of_profile(profile: Profile, thing: ConfigObject, evidence: tuple[tuple[Span, str], ...]) -> Iterator[Step]:
    settings = profile.settings
    role = settings.get("role_arn", "")
    named = Identity(f"role {role.rpartition(':role/')[2]}" if role else f"profile {profile.name}")
    for key in _SOURCES:
        if key in settings and role:
            why = f"profile {profile.name} assumes it with {key} = {settings[key]}"
            yield Step(Source.PROFILE_ROLE, Answer.YES, why, named, evidence)
    if settings.keys() >= _KEYS:
        keys = Identity(f"the keys in {thing.display}")
        yield Step(Source.PROFILE, Answer.YES, f"profile {profile.name} has keys", keys, evidence)
    for key in _OTHERS:
        if key in settings:
            yield Step(Source.PROFILE, Answer.YES, f"profile {profile.name} has {key}", named, evidence)
