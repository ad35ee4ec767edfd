"""Credential chains for people: sources top first, the winner marked, the shadowed ones struck; and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.answer import Answer
from rolecall.chain.sdks import Source
from rolecall.chain.sentences import sentence
from rolecall.report.cells import clean, columns, wrap
from rolecall.report.json import place
from rolecall.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.chain.steps import Chain, Outcome, Step
    from rolecall.report.style import Style
    from rolecall.span import Span

_HEADS = {
    Source.KEYS: "keys in the environment",
    Source.WEB_IDENTITY: "web identity (IRSA)",
    Source.PROFILE_ROLE: "role of a profile",
    Source.PROFILE: "shared files (~/.aws)",
    Source.RELATIVE_URI: "container credentials (ECS)",
    Source.FULL_URI: "container credentials (Pod Identity)",
    Source.METADATA: "instance metadata (node role)",
}
# What is not there is not worth a line where nearly nobody has it.
_RARE = (Source.PROFILE_ROLE, Source.RELATIVE_URI)
_COLOURS = {"wins": "green", "wins in some": "green", "stops here": "red", "shadowed": "dim", "possible": "yellow"}
_LEFT = 15
_MOST_FOLDED = 12


def is_remarkable(chain: Chain) -> bool:
    """Whether there is more to say of a container than that its node may give it credentials."""
    return any(
        step.present is Answer.YES or step.evidence or step.flaw is not None
        for step in chain.steps
        if step.source is not Source.METADATA
    )


def text(chains: Iterable[Chain], style: Style) -> Iterator[str]:
    """Each chain, a blank line between them."""
    for number, chain in enumerate(chains):
        if number:
            yield ""
        yield from _chain(chain, style)


def folded(chains: tuple[Chain, ...], style: Style) -> Iterator[str]:
    """What is said of unremarkable containers together."""
    if not chains:
        return
    workloads = list(dict.fromkeys(chain.container.workload.display for chain in chains))
    shown = ", ".join(workloads[:_MOST_FOLDED])
    more = f" and {len(workloads) - _MOST_FOLDED} more" if len(workloads) > _MOST_FOLDED else ""
    many = "1 container has" if len(chains) == 1 else f"{len(chains)} containers have"
    yield from _wrapped(
        f"{many} nothing that gives AWS credentials, but for what is not among the files and, perhaps, the node:"
        f" {shown}{more}. Name a workload to see its chain.",
        style,
    )


def _wrapped(words: str, style: Style, indent: int = 0, colour: str = "") -> Iterator[str]:
    for line in wrap(mask(words), style.width - indent):
        yield " " * indent + style.paint(line, colour)


def _chain(chain: Chain, style: Style) -> Iterator[str]:
    yield from _wrapped(sentence(chain), style, 0, "bold")
    name = chain.container.container.name
    yield f" {style.paint('-->', 'blue')} {clean(str(name.span))}"
    for step in chain.steps:
        if step.present is not Answer.NO or step.why:
            yield from _step(step, state(chain, step), style)
    absent = [_HEADS[step.source] for step in chain.steps if _is_plainly_absent(step)]
    if absent:
        for line in wrap(f"{'absent':<{_LEFT}}{', '.join(absent)}", style.width - 4):
            yield style.paint(f"  {line}" if line.startswith("absent") else f"{'':{_LEFT + 4}}{line}", "dim")


def _is_plainly_absent(step: Step) -> bool:
    """Whether there is nothing to say of a source, but that it is not there; of rare ones not even that."""
    return step.present is Answer.NO and not step.why and step.source not in _RARE


def _step(step: Step, word: str, style: Style) -> Iterator[str]:
    head = _HEADS[step.source]
    said = f": {mask(_said(step))}" if _said(step) else ""
    first, *rest = wrap(f"{head}{said}", style.width - _LEFT - 2)
    if word == "shadowed":
        first = style.strike(first[: len(head)]) + first[len(head) :]
    yield f"  {style.paint(f'{word:<{_LEFT}}', _COLOURS.get(word, 'dim'))}{first}"
    yield from (f"{'':{_LEFT + 4}}{line}" for line in rest)
    for span, words in step.evidence:
        yield from _evidence(span, words, style)


def _said(step: Step) -> str:
    """Who the source makes the container, what makes it so, and what is wrong with it."""
    who = step.identity.words if step.identity is not None and step.present is not Answer.NO else ""
    return "; ".join(dict.fromkeys(words for words in (who, step.why, step.trouble) if words))


def _evidence(span: Span, words: str, style: Style) -> Iterator[str]:
    where = clean(str(span))
    line = f"{'':{_LEFT + 4}}{where}"
    room = style.width - columns(line) - 2
    note = clean(mask(words))
    yield f"{line}  {style.paint(note, 'dim')}" if columns(note) <= room else line


def state(chain: Chain, step: Step) -> str:
    """What becomes of a source, in a word."""
    if step.present is Answer.NO:
        return "absent"
    won = [outcome for outcome in chain.outcomes if outcome.winner is step or _same(outcome, step)]
    if won:
        if all(outcome.fails for outcome in won) and len(won) == len(chain.outcomes):
            return "stops here"
        return "wins" if len(won) == len(chain.outcomes) else "wins in some"
    if step.present is Answer.UNKNOWN:
        return "possible" if any(step in outcome.maybe for outcome in chain.outcomes) else "behind"
    return "refused" if step.flaw is not None else "shadowed"


def _same(outcome: Outcome, step: Step) -> bool:
    """SDKs that read other names have a step of their own for the same source."""
    return outcome.winner is not None and outcome.winner.source is step.source


def markdown(chains: Iterable[Chain]) -> Iterator[str]:
    """A table a container, for a pull request or a wiki."""
    for number, chain in enumerate(chains):
        if number:
            yield ""
        subject = chain.container
        yield f"### {_cell(subject.workload.display)}: {_cell(subject.container.name.display)}"
        yield ""
        yield f"{_cell(sentence(chain))}."
        yield ""
        yield "| source | | who | where |"
        yield "|---|---|---|---|"
        for step in chain.steps:
            if step.source in _RARE and step.present is Answer.NO:
                continue
            word = state(chain, step)
            head = _HEADS[step.source]
            mark = {"wins": f"**{head}**", "wins in some": f"**{head}**", "shadowed": f"~~{head}~~"}.get(word, head)
            where = "<br>".join(f"`{clean(str(span))}`" for span, _ in step.evidence)
            yield f"| {mark} | {word} | {_cell(_said(step))} | {where} |"


def _cell(words: str) -> str:
    """A text inside of a table, or a heading, of Markdown."""
    return clean(mask(words)).replace("|", "\\|").replace("<", "&lt;")


def data(chain: Chain) -> dict[str, Any]:
    """A chain as plain data."""
    subject = chain.container
    workload = subject.workload
    webhook = chain.webhook
    return {
        "workload": {
            "kind": workload.kind,
            "name": workload.name.display,
            "namespace": workload.namespace.display if workload.namespace is not None else None,
            "service_account": subject.runs_as.name.display if subject.runs_as.name is not None else None,
        },
        "container": subject.container.name.display,
        "role": subject.container.role,
        "at": place(subject.container.name.span),
        "sentence": mask(sentence(chain)),
        "webhook": {
            "injects": webhook.mechanism.value,
            "certain": webhook.certain.value,
            "why": webhook.why,
        },
        "steps": [_step_data(step, state(chain, step)) for step in chain.steps],
        "sdks": [_outcome_data(outcome) for outcome in chain.outcomes],
    }


def _step_data(step: Step, word: str) -> dict[str, Any]:
    identity = step.identity if step.present is not Answer.NO else None
    return {
        "source": step.source.name.lower(),
        "present": step.present.value,
        "state": word,
        "why": mask(step.why),
        "identity": mask(identity.words) if identity is not None else None,
        "role": identity.role.origin.address if identity is not None and identity.role is not None else None,
        "account": identity.account or None if identity is not None else None,
        "trouble": mask(step.trouble) or None,
        "evidence": [{"text": mask(words), **place(span)} for span, words in step.evidence],
    }


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "sdk": outcome.sdk.name,
        "winner": outcome.winner.source.name.lower() if outcome.winner is not None else None,
        "fails": outcome.fails,
        "possible": [step.source.name.lower() for step in outcome.maybe],
        "passed": [step.source.name.lower() for step in outcome.passed],
    }
