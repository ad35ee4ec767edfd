"""Who can become a role, and what a container can do: for people, and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.answer import Answer
from rolecall.chain.sentences import sentence
from rolecall.report.cells import clean, columns, wrap
from rolecall.report.json import place
from rolecall.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rolecall.chain.able import Able, Allowed
    from rolecall.chain.becoming import Becoming, Way
    from rolecall.chain.steps import Chain
    from rolecall.iam.breadth import Permission
    from rolecall.report.style import Style
    from rolecall.span import Span

_MOST_LINES = 40


def who(display: str, at: Span | None, found: tuple[Becoming, ...], style: Style) -> Iterator[str]:
    """Everybody who can become a role, by how."""
    yield style.paint(clean(mask(f"{display}: {_counted(found)}")), "bold")
    if at is not None:
        yield f" {style.paint('-->', 'blue')} {clean(str(at))}"
    ways: dict[Way, list[Becoming]] = {}
    for one in found:
        ways.setdefault(one.way, []).append(one)
    for way, several in ways.items():
        yield f"  {style.paint(way.value, 'bold')}"
        for one in several[:_MOST_LINES]:
            yield from _line(one, style)
        if len(several) > _MOST_LINES:
            yield f"    and {len(several) - _MOST_LINES} more (--format json lists them all)"


def _counted(found: tuple[Becoming, ...]) -> str:
    if not found:
        return "nobody that these files show"
    sure = sum(one.certain is Answer.YES for one in found)
    return f"{sure} that can become it" + (f", {len(found) - sure} that may, or do not" if len(found) > sure else "")


def _line(one: Becoming, style: Style) -> Iterator[str]:
    mark = {Answer.YES: "+", Answer.UNKNOWN: "?", Answer.NO: "-"}[one.certain]
    colour = {Answer.YES: "green", Answer.UNKNOWN: "yellow", Answer.NO: "dim"}[one.certain]
    witness = f", for example {one.witness}" if one.witness else ""
    first, *rest = wrap(mask(f"{one.who}: {one.how}{witness}"), style.width - 6)
    yield f"    {style.paint(mark, colour)} {first}"
    yield from (f"      {line}" for line in rest)
    yield style.paint(f"      {clean(str(one.at))}", "dim")


def who_data(display: str, at: Span | None, found: tuple[Becoming, ...]) -> dict[str, Any]:
    """The like as plain data."""
    return {
        "version": 1,
        "role": mask(display),
        "at": place(at) if at is not None else None,
        "who": [
            {
                "way": one.way.name.lower(),
                "who": mask(one.who),
                "how": mask(one.how),
                "certain": one.certain.value,
                "witness": one.witness or None,
                "at": place(one.at),
            }
            for one in found
        ],
    }


def able(chain: Chain, found: Iterable[Able], style: Style) -> Iterator[str]:
    """What a container can do, by who it is."""
    for line in wrap(mask(sentence(chain)), style.width):
        yield style.paint(line, "bold")
    yield f" {style.paint('-->', 'blue')} {clean(str(chain.container.container.name.span))}"
    for one in found:
        yield from _able(one, style)


def _able(one: Able, style: Style) -> Iterator[str]:
    words = one.step.identity.words if one.step.identity is not None else one.step.why
    yield f"  {style.paint(clean(mask(f'as {words}')), 'bold')}"
    if one.role is None:
        yield "    what that may do is not in these files"
        return
    for wide in one.wide:
        yield from _placed(_broad(wide), wide.at, style, "yellow")
    yield from _statements(one.allowed[:_MOST_LINES], style)
    if len(one.allowed) > _MOST_LINES:
        yield f"    and {len(one.allowed) - _MOST_LINES} more statements (--format json lists them all)"
    if not one.allowed:
        yield "    no permissions that these files show"
    yield from _statements(one.denied, style, "but not ")
    if one.session is not None:
        yield "    of this only what the session policy of its association allows as well:"
    yield from _statements(one.session or (), style, "  ")
    for role in one.further:
        verb = "can assume" if role.certain is Answer.YES else "may assume"
        yield from _placed(f"{verb} {role.who}", role.at, style, "cyan")
    for reason in one.unseen:
        yield from (f"    {line}" for line in wrap(f"not seen: {mask(reason)}", style.width - 4))


def _statements(found: Iterable[Allowed], style: Style, before: str = "") -> Iterator[str]:
    for each in found:
        what = f"{each.actions} on {each.resources}" if each.resources else each.actions
        yield from _placed(f"{before}{what}", each.at, style)


def _broad(wide: Permission) -> str:
    return f"broad: {wide.what} ({wide.breadth.name.lower()})"


def _placed(words: str, at: Span, style: Style, colour: str = "") -> Iterator[str]:
    where = clean(str(at))
    lines = wrap(mask(words), style.width - 4)
    if colour:
        lines = [style.paint(line, colour) for line in lines]
    plain = wrap(mask(words), style.width - 4)
    yield from (f"    {line}" for line in lines[:-1])
    if columns(plain[-1]) + columns(where) + 6 <= style.width:
        yield f"    {lines[-1]}  {style.paint(where, 'dim')}"
    else:
        yield f"    {lines[-1]}"
        yield style.paint(f"      {where}", "dim")


def able_data(chain: Chain, found: Iterable[Able]) -> dict[str, Any]:
    """The like as plain data."""
    subject = chain.container
    return {
        "workload": subject.workload.display,
        "container": subject.container.name.display,
        "sentence": mask(sentence(chain)),
        "identities": [
            {
                "source": one.step.source.name.lower(),
                "identity": mask(one.step.identity.words) if one.step.identity is not None else None,
                "role": one.role.origin.address if one.role is not None else None,
                "broad": [
                    {"what": wide.what, "breadth": wide.breadth.name.lower(), **place(wide.at)} for wide in one.wide
                ],
                "allowed": _plain(one.allowed),
                "denied": _plain(one.denied),
                "session": _plain(one.session) if one.session is not None else None,
                "assumes": [
                    {"role": mask(role.who), "certain": role.certain.value, **place(role.at)} for role in one.further
                ],
                "unseen": [mask(reason) for reason in one.unseen],
            }
            for one in found
        ],
    }


def _plain(found: Iterable[Allowed]) -> list[dict[str, Any]]:
    return [{"actions": each.actions, "resources": each.resources, **place(each.at)} for each in found]
