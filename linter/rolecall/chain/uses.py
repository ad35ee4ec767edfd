"""Whether a container evidently calls AWS, as its manifest shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.model import MaterialKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.graph.views import PodContainer
    from rolecall.span import Span

# A region alone is set by habit; with one of these beside it the SDK is used.
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_NAMES = regex.compile(
    r"(?:^|_)(?:S3|SQS|SNS|DYNAMODB|DYNAMO|KINESIS|KMS|SES|SECRETSMANAGER|SSM|ATHENA|FIREHOSE|CLOUDWATCH|EVENTBRIDGE"
    r"|STEPFUNCTIONS|LAMBDA|BEDROCK)(?:_|$)"
)
_VALUES = regex.compile(
    r"arn:aws[a-z-]*:(?!iam:)[a-z0-9-]+:|s3a?://[a-z0-9]|https://(?:sqs|sns|dynamodb|kinesis|s3|secretsmanager)"
    r"[.-][a-z0-9-]+\.amazonaws\.com"
)
_IMAGES = regex.compile(r"(?:^|/)(?:amazon/aws-cli|aws-cli/aws-cli)(?:[:@]|$)")
_COMMAND = regex.compile(
    r"(?:^|[\s;&|(\"'])aws\s+(?:--\S+\s+)*(?:s3|s3api|sqs|sns|dynamodb|ecr|sts|ssm|secretsmanager|kms|ec2|eks|rds"
    r"|route53|cloudformation|lambda)\s"
)
# Controllers that do nothing without AWS, by an argument that says so.
_ARGUMENTS = regex.compile(
    r"--provider=aws(?:$|\s)|--cloud-provider=aws(?:$|\s)|--aws-(?:region|vpc-id|zone-type)=\S|--store\.s3"
)


def evidence_of_aws(subject: PodContainer) -> tuple[Span, str] | None:
    """The text that shows that a container calls AWS, with a few words; None where nothing does."""
    return next(_evidence(subject), None)


def _evidence(subject: PodContainer) -> Iterator[tuple[Span, str]]:
    container = subject.container
    for word in container.command:
        if _ARGUMENTS.search(word.display):
            yield word.span, "makes it call AWS"
    text = " ".join(word.display for word in container.command) + " "
    if container.command and _COMMAND.search(text):
        yield container.command[0].span, "calls the AWS CLI"
    if container.image is not None and container.command and _IMAGES.search(container.image.display):
        yield container.image.span, "is the AWS CLI"
    yield from _variables(subject)


def _variables(subject: PodContainer) -> Iterator[tuple[Span, str]]:
    """A region with a variable beside it that names a service of AWS, or with a value that is AWS' own."""
    environment = subject.environment
    if all(environment.get(name) is None for name in _REGIONS):
        return
    for variable in environment.variables:
        value = variable.value.known if variable.value is not None else None
        if variable.material.kind is MaterialKind.EMPTY or variable.material.is_key:
            continue
        if (value is not None and _VALUES.search(value)) or _NAMES.search(variable.name):
            yield variable.at, "is for AWS"
