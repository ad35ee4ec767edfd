"""The rule `legacy-kube2iam-annotation`."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.model import Pod, Workload
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Entry, Scalar
from rolecall_rules.legacy._shared import ROLE

_PREFIX = "iam.amazonaws.com/"
_KEYS = (ROLE, f"{_PREFIX}external-id", f"{_PREFIX}session-name")
# A role's name, its path and name, or its ARN (IAM API reference, CreateRole: RoleName and Path). A name may hold a
# comma, but whoever writes one here means a list.
_ONE_ROLE = regex.compile(r"(?:arn:aws[a-z0-9-]*:iam::\d{12}:role)?/?[\w+=.@/-]+", re.ASCII)
_TEMPLATE = regex.compile(r"\$\{|\{\{|\$\(|<[^<>]*>")


@rule(
    "legacy-kube2iam-annotation",
    summary="a pod asks kube2iam or kiam for its role",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/jtblin/kube2iam#kubernetes-annotation",
        "https://github.com/uswitch/kiam#readme",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    tags=("legacy",),
)
def legacy_kube2iam_annotation(subject: Workload) -> Iterator[Finding | Unevaluated]:
    """Finds pods and pod templates with `iam.amazonaws.com/role`, `…/external-id` or `…/session-name`.

    High where the value is not one role: a list or a pattern is taken literally or, by a fork, as a grant of many.
    Annotations of namespaces, which say what may be asked for, are another matter.

    ## Why it matters
    kube2iam and kiam answer the metadata requests of pods on their node with credentials of the role that the
    annotation names. Whoever may create pods chooses the role, unless namespaces are restricted; while a pod starts or
    its address is used anew, requests can be answered for another pod; where the agent is not running, the request
    reaches the node's own role. Both projects are abandoned. Where neither is installed any more the annotation does
    nothing, and the pod has no role.

    ## How to fix it
    Bind the role to the pod's service account, by a Pod Identity association or `eks.amazonaws.com/role-arn`, change
    the role's trust policy to match, and remove the annotation.
    """
    for pod in subject.pods:
        entries = [entry for key in _KEYS if (entry := pod.annotation(key)) is not None]
        if entries and _is_offered(subject, pod, entries[0]):
            what = f"{entries[0].key.display} on pods of {subject.display}"
            yield Unevaluated(what, "a template decides whether it is set", entries[0].key.span)
        elif entries:
            yield _finding(subject, pod, entries)


def _is_offered(subject: Workload, pod: Pod, entry: Entry) -> bool:
    """Whether a chart only lets its users ask for a role of their own."""
    known = isinstance(entry.value, Scalar) and entry.value.known
    return not known and subject.origin.is_possible(entry.key.span, pod.span)


def _finding(subject: Workload, pod: Pod, entries: list[Entry]) -> Finding:
    first = entries[0]
    value = first.value if isinstance(first.value, Scalar) else None
    several = first.key.known == _KEYS[0] and value is not None and not _is_one_role(value)
    of = subject.display if subject.kind == "Pod" else f"a pod of {subject.display}"
    asks = f"for {value.display} by" if value is not None and not value.is_null and value.display else "by"
    then = (
        "the value is not one role, so what it gets is up to the agent's version"
        if several
        else "an agent that intercepts instance metadata, and is abandoned, decides whether it gets it"
    )
    account = pod.service_account
    related = [Label(entry.key.span, "goes with it") for entry in entries[1:]]
    if account is not None:
        related.append(Label(account.span, "the service account that should have the role"))
    return Finding(
        f"{of} asks {asks} {first.key.display} (kube2iam, kiam): {then}",
        at=Label(
            value.span if several and value else first.key.span, "not one role" if several else "read by kube2iam"
        ),
        related=tuple(related),
        help="Bind the role to the pod's service account (Pod Identity or IRSA) and remove the annotation.",
        subject=subject.display,
        severity=Severity.HIGH if several else None,
    )


def _is_one_role(value: Scalar) -> bool:
    text = value.known
    return text is None or _TEMPLATE.search(text) is not None or _ONE_ROLE.fullmatch(text) is not None
