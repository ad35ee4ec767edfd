"""Actions by what they mean for an application: reading secrets and data, changing data, harmless on everything.

Names are of the Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from typing import Final

SECRET_READS: Final = (
    "secretsmanager:GetSecretValue",
    *(f"ssm:{name}" for name in ("GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory")),
    "kms:Decrypt",
)
"""Reading secrets. `secretsmanager:BatchGetSecretValue` gives none without `GetSecretValue`, and has no resources."""

_DATA_READS = (
    *("s3:GetObject", "s3:GetObjectVersion"),
    *(f"dynamodb:{name}" for name in ("GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect", "GetRecords")),
    *("sqs:ReceiveMessage", "kinesis:GetRecords"),
)
_DATA_CHANGES = (
    *("s3:PutObject", "s3:DeleteObject"),
    *(f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")),
    *(f"sqs:{name}" for name in ("SendMessage", "DeleteMessage", "PurgeQueue")),
    "sns:Publish",
    *("secretsmanager:PutSecretValue", "ssm:PutParameter"),
    *("ecr:PutImage", "lambda:InvokeFunction"),
)
DATA_ACTIONS: Final = tuple(dict.fromkeys((*_DATA_READS, *_DATA_CHANGES, *SECRET_READS)))
"""Reading or changing an application's data or secrets."""

# Besides those: actions that hand out credentials, and reads of code and logs are not among them: see `escalation`.
SENSITIVE_READS: Final = frozenset(
    {
        *_DATA_READS,
        *SECRET_READS,
        # A session with a directory bucket, which reads and writes its objects.
        "s3express:CreateSession",
        # Credentials of a database or a cache; of AWS, for whoever asks.
        "rds-db:connect",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "redshift-serverless:GetCredentials",
        "elasticache:Connect",
        "codeartifact:ReadFromRepository",
        "codecommit:GitPull",
        "athena:GetQueryResults",
    }
)
"""Reads that are a breach when they hold on everything."""

HARMLESS_CHANGES: Final = frozenset(
    {
        # Telemetry of workloads whose log groups are not known in advance.
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "cloudwatch:PutMetricData",
        "aps:RemoteWrite",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        # What a node and the Pod Identity agent do for themselves; `*` in AmazonEKSWorkerNodePolicy.
        "eks-auth:AssumeRoleForPodIdentity",
        "ssm:UpdateInstanceInformation",
        # Pulling through a cache; `*` in AmazonEC2ContainerRegistryPullOnly.
        "ecr:BatchImportUpstreamImage",
        "sts:TagSession",
    }
)
"""Changes that stay silent on everything: commonly so, and without reach into what others own."""
