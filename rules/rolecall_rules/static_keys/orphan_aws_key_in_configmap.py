"""The rule `orphan-aws-key-in-configmap`."""

from collections.abc import Iterator

from rolecall.graph import Graph
from rolecall.graph.mentions import is_unused
from rolecall.model import ConfigObject
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import aws_key

_HOOK = "helm.sh/hook"


@rule(
    "orphan-aws-key-in-configmap",
    summary="a Secret or ConfigMap has AWS keys, and nothing uses it",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES,),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#remove-credentials",),
    yields_to=("static-key-literal", "temporary-key-committed", "static-key-in-configmap"),
    tags=("static-keys",),
)
def orphan_aws_key_in_configmap(thing: ConfigObject, graph: Graph) -> Iterator[Finding]:
    """Finds Secrets and ConfigMaps with AWS keys that no document of the tree names, beside pods of their namespace.

    The keys may be sealed, encrypted or fetched by External Secrets; where they are written in the file, the rules
    about that speak. Silent where the tree has no pods of the namespace, in overlays of Kustomize, for Helm's hooks,
    and where templates or Helm releases of Terraform may name anything.

    ## Why it matters
    The key still works, and whoever may read the Secret has it. Nobody would notice if it were gone.

    ## How to fix it
    Delete the object, and the key in IAM.
    """
    key = aws_key(thing)
    if key is None or thing.annotation(_HOOK) is not None or not is_unused(thing, graph):
        return
    yield Finding(
        f"{thing.display} holds an AWS key, and nothing here names it: the key works for whoever may read it",
        at=Label(key.span, "is used by nothing"),
        help="Delete it, and the key in IAM.",
        subject=thing.display,
    )
