"""The rule `helm-set-unescaped-annotation`."""

import re
from collections.abc import Iterator

from rolecall.model import HelmRelease, HelmSetting
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

# Annotations that the webhook, or kube2iam and kiam before it, read. Those of load balancers and the like are no
# matter of identity.
_KEY = re.compile(r"(?:eks|iam|sts)\.amazonaws\.com/.")


@rule(
    "helm-set-unescaped-annotation",
    summary="a Helm value's name has unescaped dots, so that Helm takes the annotation apart",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM,),
    references=(
        "https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set",
        "https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    tags=("irsa", "helm"),
)
def helm_set_unescaped_annotation(subject: HelmRelease) -> Iterator[Finding]:
    r"""Finds `helm_release` settings whose name holds `eks.amazonaws.com/role-arn` with dots that are not escaped.

    Found are `set`, `set_list`, `set_sensitive` and `set_wo`, as blocks and as lists, and the other annotations of
    `eks.amazonaws.com/` and `iam.amazonaws.com/` too. Annotations in `values` need no escapes and are left alone. With
    `type = "literal"` a name cannot be escaped at all: the provider takes the whole of it as one key of the top level.

    ## Why it matters
    Helm ends a key at every dot. It makes `eks: {amazonaws: {com/role-arn: …}}` of the name, which is no annotation:
    depending on the chart the API server refuses the service account, since an annotation's value must be a string,
    or the service account is made with an annotation `eks` that nobody reads. The webhook finds no role, and the
    pods go on with the node's.

    ## How to fix it
    Escape the dots of the annotation with a backslash, which HCL wants written twice:
    `serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn`. Or give the annotation in
    `values = [yamlencode({…})]`, where nothing needs to be escaped.
    """
    for setting in subject.settings:
        found = _taken_apart(setting)
        if found is not None:
            before, key, nested = found
            what = "label" if before and "label" in str(before[-1]).lower() else "annotation"
            yield Finding(
                f"{subject.display} sets {setting.name.display}: Helm writes `{nested}`, so nothing gets the {what}"
                f" {key}",
                at=Label(setting.name.span, "dots end keys"),
                help=f'Write "{_written(before)}{_escaped(key)}", or give the annotation in values.',
                subject=f"{subject.display} {setting.name.display}",
            )


def _taken_apart(setting: HelmSetting) -> tuple[tuple[str | int, ...], str, str] | None:
    """The keys before an annotation that Helm does not see as one, the annotation, and what Helm writes instead."""
    path = setting.path or ()
    for at in range(len(path) - 1):
        rest = tuple(str(key).rstrip("\\") for key in path[at:])
        key = ".".join(rest)
        if len(rest) > 1 and _KEY.match(key):
            return (
                path[:at],
                key,
                "".join(f"{part}: {{" for part in rest[:-1]) + f"{rest[-1]}: …" + "}" * (len(rest) - 1),
            )
    only = str(path[0]) if len(path) == 1 else ""
    literal = re.search(r"(?:^|\.)((?:eks|iam|sts)\\?\.amazonaws\\?\.com/.+)", only)
    if literal is not None:
        return (only[: literal.start(1)].rstrip("."),), literal[1].replace("\\", ""), f"{only}: …"
    return None


def _written(before: tuple[str | int, ...]) -> str:
    """The keys as they are written in a name, with the dot after them."""
    text = ""
    for key in before:
        text += f"[{key}]" if isinstance(key, int) else f".{_escaped(key)}"
    return f"{text.removeprefix('.')}." if text else ""


def _escaped(key: str) -> str:
    return key.replace(".", "\\\\.")
