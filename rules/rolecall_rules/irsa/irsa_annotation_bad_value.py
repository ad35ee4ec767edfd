"""The rule `irsa-annotation-bad-value`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import ServiceAccount
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Kind, Scalar
from rolecall_rules.irsa._shared import is_template

_REGIONAL = "eks.amazonaws.com/sts-regional-endpoints"
_EXPIRATION = "eks.amazonaws.com/token-expiration"
# The words of Go's strconv.ParseBool.
_BOOLEANS = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_INTEGER = regex.compile(r"[+-]?[0-9]+")
_WORDS = {Kind.NUMBER: "a number", Kind.BOOLEAN: "a boolean"}


@rule(
    "irsa-annotation-bad-value",
    summary="an annotation for the webhook has a value that it does not understand",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/cache/cache.go",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
    ),
    tags=("irsa",),
)
def irsa_annotation_bad_value(account: ServiceAccount) -> Iterator[Finding]:
    """Finds values of `eks.amazonaws.com/sts-regional-endpoints` and `…/token-expiration` that cannot be read.

    The first takes the words of Go's `strconv.ParseBool`, the second a whole number. Written without quotes, both are
    no text for YAML, and the API server refuses the whole service account.

    ## Why it matters
    The webhook ignores what it cannot read, without a word: the default holds, and not what the manifest says. An
    annotation that is no string is an error of `kubectl apply`.

    ## How to fix it
    Write `"true"` or `"false"`, and a number of seconds in quotes: `"3600"`.
    """
    for key, what in ((_REGIONAL, "true or false"), (_EXPIRATION, "a whole number of seconds")):
        entry = account.annotation(key)
        value = entry.value if entry is not None and isinstance(entry.value, Scalar) else None
        text = value.known if value is not None else None
        if entry is None or value is None or text is None or is_template(text):
            continue
        # In Terraform's own types a number becomes a string on its way.
        unquoted = _WORDS.get(value.kind) if account.origin.address.startswith("ServiceAccount") else None
        right = text in _BOOLEANS if key == _REGIONAL else _INTEGER.fullmatch(text) is not None
        if unquoted is None and right:
            continue
        yield Finding(
            f"{account.display} has {key} as {unquoted}: the API server takes strings only and refuses the object"
            if unquoted
            else f"{account.display} has {key} `{text}`, which is not {what}: the webhook passes over it, and the"
            " default holds",
            at=Label(value.span, "not a string" if unquoted else f"not {what}"),
            help=f'Write "{text}", in quotes.' if unquoted and right else f"Write {what}, in quotes.",
            subject=f"{account.display} {key}",
        )
