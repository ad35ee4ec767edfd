"""Keys in the environment: whether an SDK finds a pair, by the names that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of
from rolecall.chain.sdks import Flaw, Source
from rolecall.chain.steps import Identity, Step
from rolecall.chain.variables import is_set, origin_of, unseen_words
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.chain.sdks import Sdk
    from rolecall.graph.views import PodContainer, Variable
    from rolecall.span import Span


def keys_step(subject: PodContainer, sdk: Sdk | None = None) -> Step:
    """The keys that an SDK finds in a container's environment; by the names that all of them read where None."""
    key_id = _first(subject, (KEY_ID_NAMES[0], *(sdk.key_ids if sdk is not None else ())))
    secret = _first(subject, (SECRET_KEY_NAMES[0], *(sdk.secrets if sdk is not None else ())))
    if key_id is None:
        # A secret alone is passed over by all of them.
        unseen = unseen_words(subject)
        return Step(Source.KEYS, Answer.UNKNOWN if unseen else Answer.NO, unseen)
    variable, present = key_id
    material = variable.material
    named = f" {material.shown}" if material.shown and material.is_key else ""
    account = f" of account {material.account}" if material.account else ""
    identity = Identity(f"the static key{named}{account}", account=material.account)
    why = f"from {origin_of(subject, variable)}"
    evidence = tuple(_places(variable, secret[0] if secret is not None else None))
    if secret is None:
        trouble = f"{variable.name} is set without {SECRET_KEY_NAMES[0]}"
        present = Answer.UNKNOWN if subject.environment.open else present
        return Step(Source.KEYS, present, why, identity, evidence, Flaw.HALF_KEY, trouble)
    return Step(Source.KEYS, all_of((present, secret[1])), why, identity, evidence)


def _first(subject: PodContainer, names: tuple[str, ...]) -> tuple[Variable, Answer] | None:
    """The first of these variables that is, or may be, set to something that is not empty."""
    for name in names:
        variable = subject.environment.get(name)
        if variable is not None:
            answer = is_set(subject, variable)
            if answer is not Answer.NO:
                return variable, answer
    return None


def _places(key_id: Variable, secret: Variable | None) -> Iterator[tuple[Span, str]]:
    """From the object that holds the key to the container's entry."""
    yield from (place for place in key_id.trail if not place[0].overlaps(key_id.at))
    yield key_id.at, f"sets {key_id.name}"
    if secret is not None and secret.at != key_id.at:
        yield secret.at, f"sets {secret.name}"
