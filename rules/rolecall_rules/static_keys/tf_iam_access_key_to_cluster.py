"""The rule `tf-iam-access-key-to-cluster`."""

from collections.abc import Iterator

from rolecall.model import AccessKey, KeyFlow, KeyUse
from rolecall.problem import Unevaluated
from rolecall.records import dataclass
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule


@dataclass(frozen=True, slots=True)
class _Case:
    """What is said of a key that ends up in a place of some kind."""

    severity: Severity
    message: str
    confidence: Confidence | None = None


# Behind the name of a place stands a word: `…/secret-access-key: word` would be masked as a key and its value.
_CASES = {
    KeyUse.CLUSTER: _Case(
        Severity.HIGH,
        "the access key of {user} lands in {target} where whoever reads it is that user, from anywhere and until"
        " somebody rotates the key",
    ),
    KeyUse.USER_DATA: _Case(
        Severity.HIGH,
        "the access key of {user} lands in {target} where every process on the instance, every pod that reaches its"
        " metadata service and whoever may describe it in EC2 reads it",
    ),
    KeyUse.FILE: _Case(
        Severity.HIGH,
        "the access key of {user} lands in {target} on the machine that runs Terraform, in the clear, and works for"
        " whoever finds it until somebody rotates it",
    ),
    KeyUse.PARAMETER: _Case(
        Severity.HIGH,
        "the access key of {user} lands in {target} in the clear: whoever may read parameters is that user until"
        " somebody rotates the key",
    ),
    KeyUse.OUTPUT: _Case(
        Severity.MEDIUM,
        "the access key of {user} is in {target} without being marked sensitive: where Terraform accepts that, it"
        " prints the secret into the log of every run",
    ),
    KeyUse.STORE: _Case(
        Severity.LOW,
        "the access key of {user} is kept in {target} for whatever reads it there, and works until somebody rotates it",
        Confidence.MEDIUM,
    ),
}
_ID_ONLY = _Case(
    Severity.MEDIUM,
    "the id of an access key of {user} lands in {target} and its secret by a way that is not seen: what runs there has"
    " a credential that works from anywhere until somebody rotates it",
)
_UNSEEN = _Case(
    Severity.LOW,
    "Terraform makes a long-lived access key for {user} and keeps its secret in the state; what uses it is not seen"
    " here, and nothing ends it but a rotation by hand",
    Confidence.MEDIUM,
)
_WORST_FIRST = tuple(_CASES)
# CloudFormation has no state of its own, and shows its outputs: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide,
# "Outputs section": everybody who may describe the stack reads them.
_OUTPUT_OF_A_STACK = _Case(
    Severity.MEDIUM,
    "the access key of {user} is in {target} of the stack: whoever may describe the stack is that user, until somebody"
    " rotates the key",
)
_UNSEEN_OF_A_STACK = _Case(
    Severity.LOW,
    "CloudFormation makes a long-lived access key for {user}; what uses it is not seen here, and nothing ends it but a"
    " rotation by hand",
    Confidence.MEDIUM,
)


_HELP = "Give the workload a role by IRSA or EKS Pod Identity with the user's policies, then delete key and user."


@rule(
    "tf-iam-access-key-to-cluster",
    summary="an IAM user's access key is made by Terraform or CloudFormation to be handed to a workload",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM, Platform.CLOUDFORMATION),
    references=(
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_access_key",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
        "https://developer.hashicorp.com/terraform/language/values/outputs",
    ),
    yields_to=("legacy-iam-user-for-workload",),
    tags=("static-keys",),
)
def tf_iam_access_key_to_cluster(key: AccessKey) -> Iterator[Finding | Unevaluated]:
    """Finds access keys that a configuration makes, whose secret goes to a cluster, to user data, or in the clear.

    In Terraform they are `aws_iam_access_key`, in CloudFormation `AWS::IAM::AccessKey`, of which `Fn::GetAtt` gives the
    secret.

    The key is followed through locals, functions, templates and modules into `kubernetes_*` and `kubectl_manifest`
    resources, `helm_release`, `local_file`, SSM parameters, Secrets Manager, user data and outputs. It is high in a
    cluster, in user data, a file or a parameter of type String; medium in an output that is not sensitive, or where
    only the id is seen to go to a cluster; low in a store of secrets, or, for the pedantic, where nothing shows what
    the key is for. Not reported are keys that are inactive, whose secret is encrypted for the owner of a PGP key, or of
    which only the password for SES' SMTP is used.

    ## Why it matters
    The key never expires. It is in Terraform's state, in the Secret, in every backup of both, and in the environment of
    the pods; it works from everywhere, and CloudTrail cannot tell which of them it was. It also keeps the pod from the
    role that IRSA or EKS Pod Identity gives it, since SDKs take keys from the environment first.

    ## How to fix it
    Attach the user's policies to a role, give that to the workload's service account by IRSA or EKS Pod Identity, take
    the key out of the Secret, and delete the user. For a consumer outside of AWS, IAM Roles Anywhere or an OIDC
    provider does without a key; where one must remain, encrypt it (`pgp_key`) and rotate it.
    """
    if key.status is not None and key.status.known == "Inactive":
        return
    of_a_stack = key.made_by == "CloudFormation"
    encrypted = key.pgp_key is not None and bool(key.pgp_key.known)
    secrets = [flow for flow in key.flows if flow.carries_secret and not encrypted]
    ids = [flow for flow in key.flows if flow.attribute == "id" and flow.use is KeyUse.CLUSTER and not key.sends_mail]
    worst = min(secrets, key=lambda flow: _WORST_FIRST.index(flow.use), default=None)
    if worst is not None and (_CASES[worst.use].severity > Severity.MEDIUM or not ids):
        case = _OUTPUT_OF_A_STACK if of_a_stack and worst.use is KeyUse.OUTPUT else _CASES[worst.use]
        yield _finding(key, case, worst.target, secrets)
    elif ids:
        yield _finding(key, _ID_ONLY, ids[0].target, [*ids, *secrets])
    elif key.sends_mail or encrypted:
        return
    elif key.pgp_key is not None and key.pgp_key.holes:
        what = f"the secret of {key.origin.address}"
        yield Unevaluated(what, f"whether it is encrypted depends on {key.pgp_key.hole}", key.pgp_key.span)
    else:
        yield _finding(key, _UNSEEN_OF_A_STACK if of_a_stack else _UNSEEN, "", [])


def _finding(key: AccessKey, case: _Case, target: str, flows: list[KeyFlow]) -> Finding:
    places: dict[str, Label] = {}
    for flow in flows:
        part = "its secret" if flow.carries_secret else "its id"
        places.setdefault(flow.target, Label(flow.span, f"{part} goes to {flow.target}"))
    return Finding(
        case.message.format(user=_user(key), target=target),
        at=Label(key.origin.span, "a long-lived key"),
        related=tuple(places.values()),
        help=_HELP if places else f"If a pod uses it: {_HELP[0].lower()}{_HELP[1:]}",
        subject=key.origin.address,
        severity=case.severity,
        confidence=case.confidence,
        persona=None if flows else Persona.PEDANTIC,
    )


def _user(key: AccessKey) -> str:
    """The user, by name where at least a part of it is known."""
    if key.user is None or not any(isinstance(part, str) and part for part in key.user.parts):
        return f"the user of {key.origin.address}"
    return f"IAM user {key.user.display}"
