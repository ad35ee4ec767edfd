"""Values of a `sub` condition that are the subject of no service account, whatever is filled in for its unknowns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.conditions import Family, operator_of
from rolecall.iam.issuers import is_eks
from rolecall.iam.patterns import Pattern, glob, pattern
from rolecall.iam.patterns_automaton import ANY
from rolecall.iam.patterns_unions import Union, common
from rolecall.iam.placeholders import is_placeholder
from rolecall.iam.trust_subjects import PREFIX
from rolecall.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.iam.trust import WebIdentityGrant
    from rolecall.model import Condition
    from rolecall.tree import Scalar

SUBJECTS: Final = glob(f"{PREFIX}?*:?*")
"""The subjects of service accounts, and some texts with more colons in them."""
_MORE_COLONS = Union((glob("*:*:*:*:*"),))
# A namespace is a label (RFC 1123), a service account's name a subdomain:
# kubernetes.io/docs/concepts/overview/working-with-objects/names
_SUBJECT = regex.compile(rf"{PREFIX}[a-z0-9]([-a-z0-9]{{0,61}}[a-z0-9])?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_FORM = regex.compile(rf"{PREFIX}[^:]+:[^:]+", re.DOTALL)
_IN_NAMES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.:")


@dataclass(frozen=True, slots=True)
class MalformedSubject:
    """A value that no service account's subject is, with the words that say why.

    `spelling`: it has the form of one, but a letter that no name has: the right one may differ in that alone.
    """

    value: Scalar
    condition: Condition
    words: str
    spelling: bool = False


def malformed_subjects(grant: WebIdentityGrant) -> Iterator[MalformedSubject]:
    """The values, of a grant whose issuer is a cluster's, that are the subject of no service account.

    Where the issuer is not known, those that are certainly meant to be one.
    """
    eks = is_eks(grant.issuer)
    if eks is Answer.NO:
        return
    for condition in grant.subject.positive:
        for value in condition.values:
            if eks is Answer.UNKNOWN and "serviceaccount" not in value.display.lower():
                continue
            found = _judged(condition, value)
            if found is not None:
                yield found


def _judged(condition: Condition, value: Scalar) -> MalformedSubject | None:
    operator = operator_of(condition.operator)
    if operator is None or operator.family is not Family.STRING or is_placeholder(value):
        return None
    if not operator.like and pattern(value, like=True).wild:
        # A wildcard under an exact operator is a mistake of its own.
        return None
    found = pattern(value, like=operator.like, ignore_case=operator.ignore_case)
    if not _may_be_subject(found):
        text = value.display.lower() if operator.ignore_case else value.display
        return MalformedSubject(value, condition, _form(text))
    letter = next((token for token in found.tokens if isinstance(token, str) and token not in _IN_NAMES), None)
    if letter is not None:
        return MalformedSubject(value, condition, _letter(letter), spelling=True)
    if found.text is not None and not _SUBJECT.fullmatch(found.text):
        return MalformedSubject(value, condition, "has a name that Kubernetes does not allow", spelling=True)
    return None


def _letter(letter: str) -> str:
    what = (
        "white space"
        if letter.isspace()
        else f"the upper-case letter `{letter}`"
        if letter.isupper()
        else f"`{letter}`"
    )
    return f"has {what} in it, which no name has"


def _form(text: str) -> str:
    """What is wrong with a text that has not the form of a subject."""
    rest = text.removeprefix(PREFIX)
    if rest.startswith(PREFIX):
        return f"has the prefix {PREFIX} twice"
    if text.strip() != text:
        return "has white space around it"
    if rest != text:
        segments = rest.split(":")
        if len(segments) > 2:
            return "has more parts than a namespace and a name"
        return (
            "lacks the name of the service account" if len(segments) == 1 or not segments[1] else "lacks the namespace"
        )
    return f"does not begin with {PREFIX}"


def _may_be_subject(found: Pattern) -> bool:
    """Whether some text of a pattern, whatever its unknowns stand for, may have the form of a subject."""
    # Nearly every value shows it by an example; only the others are worth a search.
    if any(_FORM.fullmatch(_filled(found, filling)) for filling in ("x", "", "x:x")):
        return True
    return common([Union((found,)), Union((SUBJECTS,))], [_MORE_COLONS]).answer is not Answer.NO


def _filled(found: Pattern, filling: str) -> str:
    """A text of a pattern: the same for each star and each unknown."""
    if found.text is not None:
        return found.text
    return "".join(token if isinstance(token, str) else "x" if token is ANY else filling for token in found.tokens)


__all__ = ["SUBJECTS", "MalformedSubject", "malformed_subjects"]
