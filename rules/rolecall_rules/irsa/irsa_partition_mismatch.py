"""The rule `irsa-partition-mismatch`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph.views import IrsaBinding
from rolecall.iam.trust import effect_of
from rolecall.model import Role, TrustPolicy
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar

_ARN = regex.compile(r"arn:(?P<partition>aws[a-z-]*):")
_ISSUER = regex.compile(r":oidc-provider/oidc[.-]eks\.(?P<region>[a-z0-9-]+)\.")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-iso-", "aws-iso"), ("us-isob-", "aws-iso-b"))


@rule(
    "irsa-partition-mismatch",
    summary="a role and what belongs to it are of different partitions of AWS",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM, Platform.IAM_JSON),
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",),
    yields_to=("irsa-role-arn-malformed", "trust-principal-malformed"),
    tags=("irsa", "trust"),
)
def irsa_partition_mismatch(subject: IrsaBinding | Role) -> Iterator[Finding]:
    """Finds roles whose OIDC provider, annotation, managed policies or cluster's region are of another partition.

    The partitions are `aws`, `aws-cn` and `aws-us-gov`, and those of the isolated regions. ARNs that are not known so
    far are passed over.

    ## Why it matters
    Nothing of one partition can be named in another: IAM refuses a policy with such an ARN, and STS of the one does not
    know a role of the other. It is mostly a manifest that was copied from the commercial regions.

    ## How to fix it
    Write the partition of the cluster's region in every ARN.
    """
    if isinstance(subject, Role):
        yield from _of_role(subject)
        return
    role = subject.role
    own = _partition(subject.arn)
    for provider in _providers(role.trust) if role is not None and role.trust is not None else ():
        other = _partition(provider)
        if own is not None and other is not None and own != other:
            account = subject.service_account.display
            yield _found(
                f"{account} is annotated with a role of partition {own} that trusts a provider of {other}",
                subject.arn.span,
                f"of partition {own}",
                (provider.span, f"of partition {other}"),
                account,
            )
            return


def _of_role(role: Role) -> Iterator[Finding]:
    if role.trust is None:
        return
    for provider in _providers(role.trust):
        partition, region = _partition(provider), _ISSUER.search(provider.known or "")
        wanted = _of_region(region["region"]) if region is not None else None
        if partition is not None and wanted is not None and partition != wanted:
            yield _found(
                f"{role.display} trusts a provider of partition {partition} whose issuer is in a region of {wanted}",
                provider.span,
                f"of partition {partition}",
                None,
                role.display,
            )
            return
        for arn in role.managed:
            other = _partition(arn)
            if partition is not None and other is not None and other != partition:
                yield _found(
                    f"{role.display} of partition {partition} has a managed policy of {other}",
                    arn.span,
                    f"of partition {other}",
                    (provider.span, f"of partition {partition}"),
                    role.display,
                )
                return


def _found(message: str, at: Span, words: str, other: tuple[Span, str] | None, subject: str) -> Finding:
    return Finding(
        f"{message}: AWS knows nothing of one partition in another, so this role cannot be had",
        at=Label(at, words),
        related=(Label(*other),) if other is not None else (),
        help="Write the partition of the cluster's region in every ARN.",
        subject=subject,
    )


def _providers(trust: TrustPolicy) -> Iterator[Scalar]:
    for statement in trust.document.statements:
        if effect_of(statement) == "Allow":
            yield from (one.value for one in statement.principals if one.type.known == "Federated")


def _partition(arn: Scalar) -> str | None:
    first = arn.parts[0] if arn.parts else None
    found = _ARN.match(first) if isinstance(first, str) else None
    return found["partition"] if found is not None else None


def _of_region(region: str) -> str:
    return next((partition for start, partition in _PARTITIONS if region.startswith(start)), "aws")
