"""The rule `helm-set-unescaped-annotation`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import HelmRelease, HelmSetting
from rolecall.records import dataclass
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

# Annotations that the webhook, or kube2iam and kiam before it, read. Those of load balancers and the like are no
# matter of identity.
_KEY = regex.compile(r"(?:eks|iam|sts)\.amazonaws\.com/.")
_BEFORE = regex.compile(r"(?:eks|iam|sts)\\?\.amazonaws\\?\.com/.*")
_QUOTES = "\"'"
_DOT = "\\\\."


@rule(
    "helm-set-unescaped-annotation",
    summary="a Helm value's name has unescaped dots or quotes, so that Helm does not make the annotation of it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.CLOUDFORMATION, Platform.KUBERNETES),
    references=(
        "https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set",
        "https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release",
        "https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-parameters",
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
    ),
    tags=("irsa", "helm"),
)
def helm_set_unescaped_annotation(subject: HelmRelease) -> Iterator[Finding]:
    r"""Finds Helm settings whose name holds `eks.amazonaws.com/role-arn` with dots that are not escaped.

    Found are `set`, `set_list`, `set_sensitive` and `set_wo` of Terraform's `helm_release`, as blocks and as lists, the
    `parameters` of an Argo CD application and the `set` of a HelmChart of K3s, which hand their names to `--set` as
    they are; the other annotations of `eks.amazonaws.com/` and `iam.amazonaws.com/` too. Annotations in `values` need
    no escapes and are left alone. With `type = "literal"` a name cannot be escaped at all: the provider takes the whole
    of it as one key of the top level.

    Quotes around the annotation do not help: a shell would take them away, here they become a part of it.

    ## Why it matters
    Helm ends a key at every dot. It makes `eks: {amazonaws: {com/role-arn: …}}` of the name, which is no annotation:
    depending on the chart the API server refuses the service account, since an annotation's value must be a string,
    or the service account is made with an annotation `eks` that nobody reads. The webhook finds no role, and the
    pods go on with the node's.

    ## How to fix it
    Escape the dots of the annotation with a backslash, which HCL and double quotes of YAML want written twice:
    `"serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"`. Or give the annotation in
    `values = [yamlencode({…})]`, where nothing needs to be escaped.
    """
    for setting in subject.settings:
        found = _taken_apart(setting) or _quoted(setting) or _taken_whole(setting)
        if found is not None:
            yield Finding(
                f"{subject.display} sets {setting.name.display}: {found.then}, so nothing gets the {found.what}"
                f" {found.key}",
                at=Label(setting.name.span, found.label),
                help=f'{found.do} "{found.before}{found.key.replace(".", _DOT)}", or give the {found.what} in values.',
                subject=f"{subject.display} {setting.name.display}",
            )


@dataclass(frozen=True, slots=True)
class _Found:
    """An annotation or label that Helm does not see as one key: what is before it, and what happens instead."""

    key: str
    before: str
    what: str
    then: str
    label: str
    do: str


def _taken_apart(setting: HelmSetting) -> _Found | None:
    path = setting.path or ()
    for at in range(len(path) - 1):
        rest = tuple(str(key) for key in path[at:])
        key = ".".join(rest).strip(_QUOTES)
        if _KEY.match(key):
            opened = "".join(f"{part}: {{" for part in rest[:-1])
            then = f"Helm writes `{opened}{rest[-1]}: …{'}' * (len(rest) - 1)}`"
            return _Found(key, _written(path[:at]), _what(path[at - 1] if at else ""), then, "dots end keys", "Write")
    return None


def _quoted(setting: HelmSetting) -> _Found | None:
    """A key in quotes, as it is written for a shell, which would take them away."""
    path = setting.path or ()
    last = path[-1] if path else ""
    key = last.strip(_QUOTES) if isinstance(last, str) else ""
    if key == last or not _KEY.match(key):
        return None
    then = "there is no shell to take the quotes away, and the API server refuses an annotation with them"
    before = path[:-1]
    return _Found(key, _written(before), _what(before[-1] if before else ""), then, "quotes and all", "Write")


def _taken_whole(setting: HelmSetting) -> _Found | None:
    """A literal's name: the provider takes it as one key, dots, backslashes and all (getValue, "literal")."""
    only = str(setting.path[0]) if setting.path and len(setting.path) == 1 else ""
    before, key = _BEFORE.sub("", only), only[len(_BEFORE.sub("", only)) :].replace("\\", "")
    if not before or not _KEY.match(key):
        return None
    then = "the provider takes the name of a literal as one key of the top level, which no chart reads"
    return _Found(key, before, _what(before), then, "one key, dots and all", 'Set type to "string" and write')


def _what(before: str | int) -> str:
    return "label" if "label" in str(before).lower() else "annotation"


def _written(before: tuple[str | int, ...]) -> str:
    """The keys as they are written in a name, with the dot after them."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key.replace('.', _DOT)}" for key in before)
    return f"{text.removeprefix('.')}." if text else ""
