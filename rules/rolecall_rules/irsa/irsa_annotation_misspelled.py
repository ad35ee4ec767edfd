"""The rule `irsa-annotation-misspelled`."""

import re
from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.service_accounts import ROLE_ARN, role_annotation
from rolecall.model import ServiceAccount
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Mapping, Node, Scalar
from rolecall_rules.irsa._shared import NAME, PREFIX, prefixes

# Names that people write after the right prefix, without case and separators.
_NAMES = frozenset({"role", "arn", "rolearn", "rolearns", "iamrole", "iamrolearn", "arnrole", "rolename", "roleid"})
# Prefixes that people write before the right name.
_PREFIXES = frozenset(
    {
        "amazonaws.com",
        "aws.amazon.com",
        "eks.amazon.com",
        "eks.amazonaw.com",
        "eks.amazonaws.com.cn",
        "eks.amazonaws",
        "eks.aws.amazon.com",
        "eks.aws.com",
        "eks.amazonaws.io",
    }
)
# AWS services whose names are a letter away from eks.
_SERVICES = frozenset({"ebs", "ecs", "efs", "es"})
# Keys that EKS or the webhook does read, on whatever object (webhook: pkg/constants.go; EKS: node and pod labels).
_OTHERS = frozenset({"audience", "sts-regional-endpoints", "token-expiration", "skip-containers", "pod-identity"})
_DEEPEST = 6


@rule(
    "irsa-annotation-misspelled",
    summary="an annotation of a service account is meant to be eks.amazonaws.com/role-arn and is not",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook#eks-walkthrough",
    ),
    yields_to=("helm-set-unescaped-annotation",),
    tags=("irsa",),
)
def irsa_annotation_misspelled(subject: ServiceAccount, graph: Graph) -> Iterator[Finding]:
    """Finds service accounts with an annotation that is almost `eks.amazonaws.com/role-arn`.

    Found are the usual slips (`role_arn`, `roleArn`, `role`, `eks.aws.amazon.com`, `amazonaws.com`), whatever differs
    by a letter or two, and keys that YAML has split into nested mappings. Keys of other tools and clouds are left
    alone, as are the webhook's other annotations and the prefix that a self-hosted webhook among the files is started
    with (`--annotation-prefix`). Beside the right annotation a misspelt one is harmless, and low.

    ## Why it matters
    The webhook looks for one exact key and ignores all others. Nothing is reported: the pod starts without
    `AWS_ROLE_ARN` and the token file, and its SDK goes on to whatever comes next, mostly the node's role.

    ## How to fix it
    Rename the annotation to `eks.amazonaws.com/role-arn` and restart the pods: the webhook acts only when a pod is
    created.
    """
    right = role_annotation(subject)
    for key, text, value in _keys(subject):
        if not _is_meant(text, value) or text.partition("/")[0] in prefixes(graph):
            continue
        nested = text == ROLE_ARN
        wrong = "as nested mappings" if nested else f"as {text}"
        then = "and no pod of it gets a role" if right is None else "and only the right annotation beside it counts"
        yield Finding(
            f"{subject.display} has its role annotation {wrong}: the webhook looks only for {ROLE_ARN}, {then}",
            at=Label(key.span, "write the whole key as one string" if nested else f"should be {ROLE_ARN}"),
            related=(Label(right.key.span, "the right one"),) if right else (),
            help="Remove the misspelt annotation."
            if right
            else f'Write it as "{ROLE_ARN}" and restart the pods, since the webhook acts only when a pod is created.',
            subject=subject.display,
            severity=Severity.LOW if right else None,
        )


def _keys(subject: ServiceAccount) -> Iterator[tuple[Scalar, str, Node]]:
    """Each annotation with its text; keys of nested mappings are joined with dots, at the outermost key."""
    for entry in subject.annotations:
        if entry.key.known is None:
            continue
        if not isinstance(entry.value, Mapping):
            if entry.key.known != ROLE_ARN:
                yield entry.key, entry.key.known, entry.value
            continue
        stack = [(entry.key.known, entry.value)]
        while stack:
            prefix, mapping = stack.pop()
            for below in mapping.entries:
                text = f"{prefix}.{below.key.known}"
                if isinstance(below.value, Mapping) and prefix.count(".") < _DEEPEST:
                    stack.append((text, below.value))
                elif isinstance(below.value, Scalar):
                    yield entry.key, text, below.value


def _is_meant(key: str, value: Node) -> bool:
    """Whether the key can only be a slip for the role annotation; `value` breaks the tie where a key is a stretch."""
    if isinstance(value, Scalar) and value.is_empty:
        return False
    if key == ROLE_ARN:
        return True
    prefix, slash, name = key.strip().lower().rpartition("/")
    if not slash:
        return len(key) < 60 and _distance(_plain(key), _plain(ROLE_ARN)) <= 1
    if prefix == PREFIX:
        return name not in _OTHERS and (_plain(name) in _NAMES or _close(name, NAME))
    right_name = _plain(name) == _plain(NAME) or (_close(name, NAME) and _is_arn(value))
    return right_name and (prefix in _PREFIXES or _is_near_prefix(prefix))


def _is_near_prefix(prefix: str) -> bool:
    """Whether a prefix is a slip for EKS' own: other services' (sts., iam.) and other clouds' are not."""
    service, _, domain = prefix.partition(".")
    own_service, _, own_domain = PREFIX.partition(".")
    if len(prefix) > 2 * len(PREFIX):
        return False
    if _plain(prefix) == _plain(PREFIX):
        return True
    slips = _distance(service, own_service)
    return slips <= 1 and service not in _SERVICES and slips + _distance(domain, own_domain) <= 2


def _close(name: str, right: str) -> bool:
    return len(name) < 20 and _distance(_plain(name), _plain(right)) <= 2


def _is_arn(value: Node) -> bool:
    text = value.display if isinstance(value, Scalar) else ""
    return text.startswith("arn:") or ":role/" in text


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _distance(first: str, second: str) -> int:
    """The number of letters that differ (added, left out, changed, or two neighbours swapped)."""
    older: list[int] = []
    previous = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        current = [i]
        for j, b in enumerate(second, start=1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            current.append(cost)
        older, previous = previous, current
    return previous[-1]
