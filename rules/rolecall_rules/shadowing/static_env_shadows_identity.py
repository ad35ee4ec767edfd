"""The rule `static-env-shadows-identity`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.chain.variables import is_set
from rolecall.chain.webhook import Injection, is_skipped
from rolecall.graph import Graph
from rolecall.graph.views import PodContainer
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.shadowing._shared import identity_of, labels, who
from rolecall_rules.static_keys._shared import StaticKeys, beside, entry, readers, shown, static_keys, trail


@rule(
    "static-env-shadows-identity",
    summary="static keys in a container's environment hide the role that its service account was given",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook",
        "https://docs.aws.amazon.com/sdk-for-net/v3/developer-guide/creds-assign.html",
    ),
    tags=("static-keys", "precedence"),
)
def static_env_shadows_identity(subject: PodContainer, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds containers that have static AWS keys in their environment although their service account has a role.

    The service account has a role by the annotation `eks.amazonaws.com/role-arn` or by a Pod Identity association, in
    whatever file either is declared. Containers that the webhook skips are left to `static-key-env-in-workload`, as
    are the other containers of the pod. Beside an endpoint that is not AWS the finding is low: the keys are most
    likely the store's, and it is calls to AWS that miss the role.

    ## Why it matters
    The SDKs take the first credentials they find and stop looking. Keys in the environment stand before web identity
    in every SDK but .NET v3, and before Pod Identity in all of them; JavaScript v3 passes over them only while
    `AWS_PROFILE` is set. The container therefore acts as the IAM user behind the keys: the role's permissions
    and its audit trail are never used, and nothing in the pod says so. Once somebody disables the key, the calls fail
    although the role is there.

    ## How to fix it
    Remove the variables, or the keys from the Secret or ConfigMap that an `envFrom` brings in. An entry with an empty
    value in `env` neutralises a key that comes from elsewhere. Then delete the key in IAM.
    """
    keys = static_keys(subject)
    if not isinstance(keys, StaticKeys) or not _complete(subject, keys):
        return
    identity = identity_of(subject, graph)
    if identity is None:
        possible = subject.runs_as.possible_associations
        if possible and not is_skipped(subject):
            reason = "it is not known whether the workload is in the namespace of the Pod Identity association"
            yield Unevaluated(f"the identity of {subject.display}", reason, possible[0].origin.span)
        return
    variable = keys.key_id
    places = [*trail(variable), *beside(keys), *labels(identity)]
    store = subject.endpoint is not None
    if subject.endpoint is not None:
        places.insert(0, Label(subject.endpoint, "an endpoint that is not AWS"))
    yield Finding(
        _message(subject, keys, identity, store=store),
        at=entry(variable, f"sets {variable.name}"),
        related=tuple(places),
        help="Give the store's keys to its client in its own configuration instead of in variables that every AWS SDK"
        " reads."
        if store
        else "Remove the keys from the container's environment, then delete them in IAM.",
        subject=subject.display,
        severity=Severity.LOW if store else None,
    )


def _complete(subject: PodContainer, keys: StaticKeys) -> bool:
    """Whether the SDKs get a pair: half of one hides nothing in most of them (static-key-partial)."""
    return keys.secret is not None and is_set(subject, keys.secret) is not Answer.NO


def _message(subject: PodContainer, keys: StaticKeys, identity: Injection, *, store: bool) -> str:
    account = subject.runs_as.name.display if subject.runs_as.name else "default"
    role, how = who(identity), identity.mechanism.value
    if store:
        return (
            f"{subject.display} gets keys{shown(keys.key_id.material)} from {keys.origin} beside an endpoint that is"
            f" not AWS; service account {account} has {role} by {how}, and calls to AWS send those keys"
            " instead of using it"
        )
    users = readers(subject, keys, "" if identity.association else ".NET v3")
    return (
        f"{subject.display} never becomes {role}, which service account {account} has by {how}: {users}"
        f" the static keys{shown(keys.key_id.material)} from {keys.origin} instead"
    )
