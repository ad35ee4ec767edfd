"""The rule `static-key-in-configmap`."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.containers_endpoint import held_endpoint
from rolecall.model import ConfigObject, Datum, KeyLiteral, MaterialKind
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar
from rolecall_rules.static_keys._shared import is_replaced, named


@rule(
    "static-key-in-configmap",
    summary="a ConfigMap holds an AWS secret access key",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://kubernetes.io/docs/concepts/configuration/configmap/",
        "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    yields_to=("static-key-in-credentials-file",),
    tags=("static-keys",),
)
def static_key_in_configmap(subject: ConfigObject, graph: Graph) -> Iterator[Finding]:
    """Finds ConfigMaps with an AWS secret access key, under its usual names or inside a file.

    An access key id alone is not reported: without its secret it opens nothing. Neither are dummies, values to be
    filled in, keys beside an endpoint of another store than AWS, and a base whose content a Kustomization replaces.
    A whole credentials file is reported by `static-key-in-credentials-file`.

    ## Why it matters
    A ConfigMap is for what is not confidential: Kubernetes' own role `view`, which hides Secrets, shows it to everybody
    who may look into the namespace, and it is copied into logs, dashboards and diffs. The key works from anywhere until
    it is rotated.

    ## How to fix it
    Delete the key in IAM, since it has to be taken as known. Give the pods' service account a role instead. If a key
    cannot be avoided, keep it in a Secret that is fetched from a secret store.
    """
    if subject.is_secret or held_endpoint(subject) is not None or is_replaced(graph, subject):
        return
    key_id = next((datum for datum in subject.data if named(datum, KEY_ID_NAMES)), None)
    beside = (Label(key_id.span, "the key id beside it", secret=key_id.material.is_key),) if key_id else ()
    for span, key, sure in _secrets(subject, graph):
        yield Finding(
            f"{subject.display} holds an AWS secret access key as {key.display} in the clear: everybody who may"
            " read ConfigMaps in the namespace can use it, from anywhere, until it is rotated",
            at=Label(span, "a secret, in the clear", secret=True),
            related=beside,
            help="Delete the key in IAM, give the service account a role, and remove both values from the ConfigMap.",
            subject=f"{subject.display} {key.display}",
            confidence=None if sure else Confidence.MEDIUM,
        )


def _secrets(subject: ConfigObject, graph: Graph) -> Iterator[tuple[Span, Scalar, bool]]:
    """The places of secrets with the key that holds them, and whether they have the shape of an AWS secret."""
    data = sorted(subject.data, key=lambda datum: datum.key.span.start)
    starts = [datum.key.span.start for datum in data]
    done = set()
    for index, datum in enumerate(data):
        if _is_secret_key(datum):
            done.add(index)
            yield datum.span, datum.key, datum.material.is_key
    for span in _literals_in(subject, graph):
        index = bisect_right(starts, span.start) - 1
        if index >= 0 and index not in done:
            done.add(index)
            yield span, data[index].key, True


def _is_secret_key(datum: Datum) -> bool:
    if named(datum, SECRET_KEY_NAMES):
        return datum.material.is_key or datum.material.kind is MaterialKind.OTHER
    return datum.material.kind in (MaterialKind.SECRET_KEY, MaterialKind.CREDENTIALS_FILE)


def _literals_in(subject: ConfigObject, graph: Graph) -> Iterator[Span]:
    """Secret keys written inside of the object, in a file of whatever format that it holds."""
    whole = subject.origin.whole
    spans = graph.keep(_literals).get(whole.path, [])
    for index in range(bisect_left(spans, whole.start, key=lambda span: span.start), len(spans)):
        if spans[index].start >= whole.end:
            return
        yield spans[index]


def _literals(graph: Graph) -> dict[str, list[Span]]:
    found = defaultdict(list)
    for literal in graph.all(KeyLiteral):
        if literal.material.kind is MaterialKind.SECRET_KEY:
            found[literal.span.path].append(literal.span)
    return {path: sorted(spans) for path, spans in found.items()}
