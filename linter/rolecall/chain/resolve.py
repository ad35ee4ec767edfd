"""From the sources of one container to what one SDK takes: it looks in its order, and stops at the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.sdks import Flaw, Source
from rolecall.chain.steps import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolecall.chain.sdks import Sdk
    from rolecall.chain.steps import Step

_URIS = (Source.RELATIVE_URI, Source.FULL_URI)


def resolve(sdk: Sdk, step_of: Callable[[Source, Sdk], Step | None]) -> Outcome:
    """What an SDK ends up with. `step_of` gives the step of a source as this SDK sees it, None where it does not."""
    maybe: list[Step] = []
    passed: list[Step] = []
    if sdk.loads_profile:
        profile = step_of(Source.PROFILE, sdk)
        if profile is not None and profile.flaw is Flaw.NO_PROFILE:
            if profile.present is Answer.YES:
                return Outcome(sdk, profile, fails=True)
            maybe.append(profile)
    for source in sdk.order:
        step = step_of(source, sdk)
        if step is None or step.present is Answer.NO or step in maybe:
            continue
        if source is Source.METADATA and sdk.one_remote and any(one.source in _URIS for one in passed):
            continue
        if step.present is Answer.UNKNOWN:
            maybe.append(step)
        elif step.flaw is None:
            return Outcome(sdk, step, maybe=tuple(maybe), passed=tuple(passed))
        elif step.flaw in sdk.stops_at:
            return Outcome(sdk, step, fails=True, maybe=tuple(maybe), passed=tuple(passed))
        else:
            passed.append(step)
    return Outcome(sdk, None, maybe=tuple(maybe), passed=tuple(passed))
