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
    parts = sorted(groups.values(), key=lambda group: -len(group))
    first, *others = parts
    text = _happens(first[0])
    if others:
        text += f" in {_sdks(first, others)}"
        for group in others:
            text += f"; {_and(one.sdk.name for one in group)} {_happens(group[0])}"
        return f"{chain.container.display} {text}"
    return f"{chain.container.display} {text}{_without(first[0])}"


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


def _happens(outcome: Outcome) -> str:
    winner = outcome.winner
    passed = f", after {_and(step.trouble for step in outcome.passed)}," if outcome.passed else ""
    maybe = _maybe(outcome)
    if winner is None:
        reasons = _reasons(outcome)
        if reasons:
            return f"has no credentials that are certain{passed or ':'} {'; '.join(reasons)}"
        return f"gets no credentials{passed.rstrip(',')}"
    if outcome.fails:
        text = f"gets no credentials, because {winner.trouble}"
    else:
        text = f"{_VERBS[winner.source]} {_who(winner)}{passed.rstrip(',')}"
    return f"{text}, {maybe}" if maybe else text


def _who(step: Step) -> str:
    if step.identity is not None:
        return step.identity.words
    return "what its own AWS_CONTAINER_CREDENTIALS_FULL_URI answers" if step.source is Source.FULL_URI else step.why


def _maybe(outcome: Outcome) -> str:
    """What may come before the winner."""
    reasons = _reasons(outcome)
    return f"unless something comes first: {'; '.join(reasons)}" if reasons else ""


def _reasons(outcome: Outcome) -> tuple[str, ...]:
    """What is not seen, each once: one thing may stand behind several sources."""
    return tuple(dict.fromkeys(_possible(step) for step in outcome.maybe))


def _possible(step: Step) -> str:
    if step.source is Source.METADATA:
        return f"its node may let it be {_who(step)} ({step.why})"
    if step.identity is None:
        return step.trouble or step.why
    return f"{step.why} and make it {step.identity.words}"


def _and(words: Iterable[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
