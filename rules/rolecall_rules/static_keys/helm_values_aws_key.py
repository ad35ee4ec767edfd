"""The rule `helm-values-aws-key`."""

from collections.abc import Iterator

from rolecall.model import ChartKeys, Material, MaterialKind
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar

_KINDS = (MaterialKind.KEY_ID, MaterialKind.SECRET_KEY)


@rule(
    "helm-values-aws-key",
    summary="the values of a Helm chart hold an AWS access key",
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://helm.sh/docs/chart_template_guide/values_files/",
        "https://helm.sh/docs/topics/advanced/#storage-backends",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    yields_to=("static-key-in-credentials-file",),
    tags=("static-keys", "helm"),
)
def helm_values_aws_key(subject: ChartKeys) -> Iterator[Finding]:
    """Finds AWS access keys among the values of a chart, under whatever name the chart has for them.

    Looked at are files of values, `values` and `set` of a `helm_release` in Terraform, and the values in releases of
    Flux, Argo CD and K3s. A value counts if it has the shape of a key id, or of a secret where the names or what stands
    beside them (a provider, a region) say AWS. A pair of another shape beside such words is of low confidence. Empty
    values, placeholders, expressions, names of existing Secrets and the keys of other stores that speak S3's protocol
    are not reported; a whole credentials file is `static-key-in-credentials-file`.

    ## Why it matters
    The key lies in the repository with the values. Helm keeps the values of each revision in a Secret of the release,
    and prints them with `helm get values`; a chart puts them into a Secret or straight into a pod's environment, where
    they win over a role of the service account. The key works from anywhere until somebody revokes it.

    ## How to fix it
    Revoke the key in IAM and remove it here. Most charts take annotations for their service account: give it a role by
    IRSA or Pod Identity and leave the keys out. If a key cannot be avoided, keep it in a Secret that is fetched from a
    secret store, and give the chart its name (`existingSecret`).
    """
    if subject.elsewhere:
        return
    given = [one for one in (subject.key_id, subject.secret) if one is not None]
    sure = [one for one in given if _is_sure(one, subject)]
    pair = len(given) == 2 and subject.names_aws
    if not sure and not pair:
        return
    first = (sure or given)[0]
    yield Finding(
        f"the values of {subject.display} hold {_what(first)} as {first[0].display}: it is in the repository and, once"
        " installed, in the Secret of every revision of the release, and works from anywhere until it is revoked",
        at=Label(first[2], "a long-term credential", secret=True),
        related=tuple(Label(span, "goes with it", secret=True) for span in _rest(given, first)),
        help="Revoke the key in IAM, give the chart's service account a role, and leave the keys out.",
        subject=f"{subject.display} {subject.origin.address}",
        confidence=None if sure else Confidence.LOW,
    )


def _is_sure(one: tuple[Scalar, Material, Span], subject: ChartKeys) -> bool:
    _, material, _ = one
    return material.kind is MaterialKind.KEY_ID or (material.kind is MaterialKind.SECRET_KEY and subject.names_aws)


def _rest(given: list[tuple[Scalar, Material, Span]], first: tuple[Scalar, Material, Span]) -> Iterator[Span]:
    return (one[2] for one in given if one is not first)


def _what(one: tuple[Scalar, Material, Span]) -> str:
    material = one[1]
    if material.kind is MaterialKind.KEY_ID:
        owner = f" of account {material.account}" if material.account else ""
        return f"the long-term access key {material.shown}{owner}"
    return "the secret of an AWS access key" if material.kind is MaterialKind.SECRET_KEY else "what seems to be a key"
