"""One sentence that says who a container becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer
from rolecall.chain.sdks import SDKS, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolecall.chain.steps import Chain, Outcome, Step

_VERBS = {
    Source.KEYS: "uses",
    Source.WEB_IDENTITY: "becomes",
    Source.PROFILE_ROLE: "becomes",
    Source.PROFILE: "uses",
    Source.RELATIVE_URI: "uses",
    Source.FULL_URI: "becomes",
    Source.METADATA: "becomes",
}


def sentence(chain: Chain) -> str:
    """Who the container becomes, in which SDKs, and what may change that."""
    groups: dict[object, list[Outcome]] = {}
    for outcome in chain.outcomes:
        groups.setdefault(_fate(outcome), []).append(outcome)
    first, *others = sorted(groups.values(), key=lambda group: -len(group))
    clause, tail = _happens(first[0])
    if not others:
        return f"{chain.container.display} {clause}{tail}{_without(first[0])}"
    parts = [f"{chain.container.display} {clause} in {_sdks(first, others)}{tail}"]
    for group in others:
        clause, tail = _happens(group[0])
        parts.append(f"with {_and(one.sdk.name for one in group)} it {clause}{tail}")
    return "; ".join(parts)


def _without(outcome: Outcome) -> str:
    """What remains if the winner goes."""
    after = outcome.after
    if after is None or outcome.fails or after.flaw is not None:
        return ""
    may = "it would be" if after.present is Answer.YES else "it may be"
    return f"; without that, {may} {_who(after)}"


def _fate(outcome: Outcome) -> object:
    """What an outcome comes to: outcomes of one fate are told together."""
    winner = outcome.winner
    stopped = (winner,) if winner is not None and outcome.fails else ()
    if (winner is None or outcome.fails) and not outcome.maybe:
        # It is the same to have stopped at the last source there is, and to have gone on to nothing.
        return frozenset(step.trouble for step in (*outcome.passed, *stopped))
    who = (winner.source, _who(winner)) if winner is not None else None
    return (
        who,
        outcome.fails,
        frozenset(_reasons(outcome)),
        frozenset(step.source for step in outcome.passed),
    )


def _sdks(group: list[Outcome], others: list[list[Outcome]]) -> str:
    """The SDKs of the largest group: named, or all but the others."""
    left = [one.sdk.name for other in others for one in other]
    if len(left) <= len(SDKS) // 2:
        return f"every SDK but {_and(left)}"
    return _and(one.sdk.name for one in group)


def _happens(outcome: Outcome) -> tuple[str, str]:
    """What happens in a few words, and what is to be said after the SDKs."""
    winner, reasons = outcome.winner, _reasons(outcome)
    troubles = _and(step.trouble for step in outcome.passed) if outcome.passed else ""
    went_on = f", going on where {troubles}" if troubles else ""
    if winner is None:
        if reasons:
            return "has no credentials that are certain", f"{went_on}: {'; '.join(reasons)}"
        return "gets no credentials", f", because {troubles}" if troubles else ""
    unless = f", unless something comes first: {'; '.join(reasons)}" if reasons else ""
    if outcome.fails:
        return "gets no credentials", f", because {winner.trouble}{unless}"
    return f"{_VERBS[winner.source]} {_who(winner)}", f"{went_on}{unless}"


def _who(step: Step) -> str:
    if step.identity is not None:
        return step.identity.words
    return "what its own AWS_CONTAINER_CREDENTIALS_FULL_URI answers" if step.source is Source.FULL_URI else step.why


def _reasons(outcome: Outcome) -> tuple[str, ...]:
    """What is not seen, each once: one thing may stand behind several sources."""
    return tuple(dict.fromkeys(_possible(step) for step in outcome.maybe))


def _possible(step: Step) -> str:
    if step.source is Source.METADATA:
        return f"it may become {_who(step)} ({step.why})"
    if step.identity is None:
        return step.trouble or step.why
    return f"{step.why} and make it {step.identity.words}"


def _and(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
