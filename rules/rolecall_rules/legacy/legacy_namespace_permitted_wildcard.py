"""The rule `legacy-namespace-permitted-wildcard`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import KubernetesObject
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Entry, Scalar

_PERMITTED = "iam.amazonaws.com/permitted"
_ALLOWED = "iam.amazonaws.com/allowed-roles"
# kiam matches a regular expression; kube2iam has a JSON list of globs, or of regular expressions where it is told so.
_ANY = regex.compile(r"\^?\(?\.[*+]\)?\$?")
_LISTED = regex.compile(r'"(\*|\^?\.[*+]\$?)"')


@rule(
    "legacy-namespace-permitted-wildcard",
    summary="a namespace lets its pods ask kube2iam or kiam for any role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/uswitch/kiam#overview",
        "https://github.com/jtblin/kube2iam#namespace-restrictions",
    ),
    tags=("legacy",),
)
def legacy_namespace_permitted_wildcard(subject: KubernetesObject) -> Iterator[Finding]:
    """Finds namespaces whose `iam.amazonaws.com/permitted` or `…/allowed-roles` matches every role.

    ## Why it matters
    The annotation is what keeps a namespace's pods from taking the roles of others. With `.*`, or `["*"]`, whoever may
    create a pod there names any role that the agent's node may assume, those of other teams included, and gets its
    credentials.

    ## How to fix it
    List the roles of this namespace, or write an anchored expression for their common path. Better, give each service
    account its role by Pod Identity or IRSA and remove the agent.
    """
    if subject.kind != "Namespace":
        return
    for entry, what in ((subject.annotation(_PERMITTED), "kiam"), (subject.annotation(_ALLOWED), "kube2iam")):
        wide = _wide(entry)
        if entry is not None and wide is not None:
            yield Finding(
                f"{subject.display} lets its pods ask {what} for any role (`{wide}`): whoever may create a pod in it"
                " gets the credentials of every role that the agent can assume",
                at=Label(entry.value.span, "matches every role"),
                help="Name the roles of this namespace.",
                subject=f"{subject.display} {what}",
            )


def _wide(entry: Entry | None) -> str | None:
    """The expression that matches everything."""
    text = entry.value.known if entry is not None and isinstance(entry.value, Scalar) else None
    if entry is None or text is None:
        return None
    if entry.key.known == _PERMITTED:
        return text if _ANY.fullmatch(text.strip()) else None
    match = _LISTED.search(text)
    return match[1] if match else None
