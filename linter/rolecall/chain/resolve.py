"""From the sources of one container to what one SDK takes: it looks in its order, and stops at the first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.sdks import Flaw, Source
from rolecall.chain.steps import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.chain.sdks import Sdk
    from rolecall.chain.steps import Step

    StepOf = Callable[[Source, Sdk], Step | None]

_URIS = (Source.RELATIVE_URI, Source.FULL_URI)


def resolve(sdk: Sdk, step_of: StepOf) -> Outcome:
    """What an SDK ends up with. `step_of` gives the step of a source as this SDK sees it, None where it does not."""
    steps = list(_asked(sdk, step_of))
    outcome = _walk(sdk, steps)
    if outcome.winner is None:
        return outcome
    rest = _walk(sdk, [step for step in steps if step.source is not outcome.winner.source])
    return replace(outcome, after=rest.winner if rest.winner is not None else next(iter(rest.maybe), None))


def _asked(sdk: Sdk, step_of: StepOf) -> Iterator[Step]:
    """The steps that are, or may be, there, in the order of the SDK."""
    if sdk.loads_profile:
        profile = step_of(Source.PROFILE, sdk)
        if profile is not None and profile.flaw is Flaw.NO_PROFILE and profile.present is not Answer.NO:
            yield profile
    for source in sdk.order:
        step = step_of(source, sdk)
        if step is not None and step.present is not Answer.NO:
            yield step


def _walk(sdk: Sdk, steps: list[Step]) -> Outcome:
    maybe: list[Step] = []
    passed: list[Step] = []
    for step in steps:
        asked = any(one.source in _URIS for one in passed)
        if asked and (step.source in _URIS or (step.source is Source.METADATA and sdk.one_remote)):
            # One provider reads both variables, and asks at one address.
            continue
        if step.present is Answer.UNKNOWN:
            maybe += [] if step in maybe else [step]
        elif step.flaw is None or step.flaw in sdk.stops_at:
            fails = step.flaw is not None
            return Outcome(sdk, step, fails=fails, maybe=tuple(maybe), passed=tuple(passed))
        else:
            passed.append(step)
    return Outcome(sdk, None, maybe=tuple(maybe), passed=tuple(passed))
