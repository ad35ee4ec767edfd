"""The rule `static-key-env-in-workload`."""

from collections.abc import Iterator

from rolecall.graph.views import PodContainer, Variable
from rolecall.model import MaterialKind
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import beside, entry, readers, shown, static_keys, trail


@rule(
    "static-key-env-in-workload",
    summary="a container gets static AWS keys through its environment",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    ),
    yields_to=("static-env-shadows-identity", "static-key-partial"),
    tags=("static-keys",),
)
def static_key_env_in_workload(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers whose final environment holds a static AWS access key.

    The environment is computed as the kubelet does it: later `envFrom` sources override earlier ones, `env` overrides
    both, prefixes are applied, Secrets and ConfigMaps are followed into the files that declare them. The variables
    that only some SDKs read (`AWS_ACCESS_KEY`, `AMAZON_ACCESS_KEY_ID`) count too. An `envFrom` of an object that is
    not among the files is counted as not evaluated. Beside an endpoint that is not AWS the keys most likely belong to
    a store that speaks S3, and the finding is informational. Where the pod has a role as well, see
    `static-env-shadows-identity`.

    ## Why it matters
    A static key works from anywhere, for whoever has read the Secret, the manifest, a crash dump or `/proc`, until
    somebody rotates it, and CloudTrail shows one IAM user for all that use it. It stands first in the credential chain
    of the SDKs, so a role that the pod is given later is not used until the key is gone.

    ## How to fix it
    Give the pod's service account a role, by a Pod Identity association or by the annotation
    `eks.amazonaws.com/role-arn`; then remove the variables and delete the key in IAM. Every AWS SDK finds the role's
    credentials by itself.
    """
    keys = static_keys(subject)
    if isinstance(keys, Unevaluated):
        yield keys
    if keys is None or isinstance(keys, Unevaluated):
        return
    variable = keys.key_id
    related = (*trail(variable), *beside(keys))
    if subject.endpoint is not None:
        yield Finding(
            f"{subject.display} gets {variable.name} from {keys.origin} and talks to an endpoint that is not AWS:"
            " calls that go to AWS instead would send the same keys",
            at=entry(variable, "keys, most likely of another store"),
            related=(*related, Label(subject.endpoint, "the endpoint")),
            help="If the keys are the store's own, give them to its client in its own configuration, not in variables"
            " that every AWS SDK reads.",
            subject=subject.display,
            severity=Severity.INFO,
        )
        return
    yield Finding(
        f"{subject.display} gets static AWS keys{shown(variable.material)} from {keys.origin}: {readers(subject, keys)}"
        f" them before a Pod Identity or node role, and they work outside of the cluster until {_end(variable)}",
        at=entry(variable, f"sets {variable.name}"),
        related=related,
        help="Give the service account a role (Pod Identity or IRSA), remove the variables, and delete the key in IAM.",
        subject=subject.display,
        confidence=Confidence.MEDIUM if variable.material.kind is MaterialKind.OTHER else None,
    )


def _end(variable: Variable) -> str:
    temporary = variable.material.kind is MaterialKind.TEMPORARY_KEY_ID
    return "they expire" if temporary else "somebody rotates them"
