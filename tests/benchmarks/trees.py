"""Generated trees for the benchmarks: the same bytes for the same arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"

SERVICE_ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app-{n}
  namespace: team-{team}
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::{account}:role/app-{n}
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
  namespace: team-{team}
  labels:
    app: app-{n}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: app-{n}
  template:
    metadata:
      labels:
        app: app-{n}
    spec:
      serviceAccountName: app-{n}
      containers:
        - name: app
          image: registry.example/app-{n}:1.0.{n}
          ports:
            - containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
{environment}          resources:
            requests:
              cpu: 100m
              memory: 128Mi
"""

KEYS = """\
apiVersion: v1
kind: Secret
metadata:
  name: keys-{n}
  namespace: team-{team}
stringData:
  AWS_ACCESS_KEY_ID: AKIAQ2W3E4R5T6Y7{tail}
  AWS_SECRET_ACCESS_KEY: q8Zr4TnVb2Xw7Lk3Pd9Sf5Hg1Jy6Mc0Ea4R{tail}u
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: app-{n}
  namespace: team-{team}
spec:
  selector:
    app: app-{n}
  ports:
    - port: 80
      targetPort: 8080
"""

PLAIN = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{n}
  namespace: team-{team}
data:
  level: info
  features: "a,b,c"
  limits.yaml: |
    requests: {n}
    burst: 10
"""

WRONG = (
    "            - name: AWS_ROLE_ARN\n              value: arn:aws:iam::{account}:role/app-{n}\n",
    (
        "            - name: AWS_ACCESS_KEY_ID\n              valueFrom:\n                secretKeyRef:\n"
        "                  name: keys-{n}\n                  key: AWS_ACCESS_KEY_ID\n"
        "            - name: AWS_SECRET_ACCESS_KEY\n              valueFrom:\n                secretKeyRef:\n"
        "                  name: keys-{n}\n                  key: AWS_SECRET_ACCESS_KEY\n"
    ),
)


def _tail(number: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(alphabet[number >> shift & 31] for shift in (15, 10, 5, 0))


def identity_documents(root: Path, documents: int) -> None:
    """`documents` Kubernetes documents in files of four; a tenth of the applications is wrong."""
    for n in range(documents // 4):
        team = n % 40
        environment = ""
        extra = SERVICE
        if n % 10 == 0:
            environment = WRONG[n // 10 % len(WRONG)].format(n=n, account=ACCOUNT)
            extra = KEYS
        parts = (SERVICE_ACCOUNT, DEPLOYMENT, extra, PLAIN)
        text = "---\n".join(
            part.format(n=n, team=team, account=ACCOUNT, environment=environment, tail=_tail(n)) for part in parts
        )
        path = root / f"team-{team}" / f"app-{n}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def production_tree(root: Path, files: int, relevant: int) -> None:
    """`files` small manifests, of which `relevant` concern AWS."""
    step = files // relevant
    kinds = (SERVICE, PLAIN, DEPLOYMENT.replace("      serviceAccountName: app-{n}\n", ""))
    for n in range(files):
        team = n % 200
        text = kinds[n % len(kinds)].format(n=n, team=team, environment="")
        if n % step == 0:
            environment = WRONG[0].format(n=n, account=ACCOUNT) if n // step % 10 == 0 else ""
            text = "---\n".join(
                part.format(n=n, team=team, account=ACCOUNT, environment=environment)
                for part in (SERVICE_ACCOUNT, DEPLOYMENT)
            )
        path = root / f"ns-{team}" / f"object-{n}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


TERRAFORM_ROOT = """\
terraform {
  required_version = ">= 1.5"
}

provider "aws" {
  region = var.region
}

variable "region" {
  type    = string
  default = "eu-central-1"
}
"""

TERRAFORM_CALL = """\
module "{kind}_{n}" {{
  source = "../../modules/{kind}-{n}"

  name   = "app-{n}"
  region = var.region
  tags   = {{ team = "team-{n}", stage = "live" }}
}}
"""

# With what is about the size of a file in published configurations: 2 to 3 kB.
TERRAFORM_PLAIN = """\
variable "size_{part}" {{
  description = "How large the queue for part {part} may become, in messages of 256 kB each"
  type        = number
  default     = {n}

  validation {{
    condition     = var.size_{part} >= 0 && var.size_{part} < 100000
    error_message = "A queue holds between 0 and 100,000 messages."
  }}
}}

locals {{
  ports_{part} = [for port in [80, 443, 8080] : port if port != {n}]
  queue_{part} = format("%s-%s-{part}", var.name, var.region)
}}

resource "aws_sqs_queue" "dead_{part}" {{
  count = var.size_{part} > 0 ? 1 : 0

  name                      = "${{local.queue_{part}}}-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = merge(var.tags, {{ Name = "${{var.name}}-{part}-dead" }})
}}

resource "aws_sqs_queue" "part_{part}" {{
  count = var.size_{part} > 0 ? 1 : 0

  name                       = local.queue_{part}
  visibility_timeout_seconds = 30 * {n}
  sqs_managed_sse_enabled    = true
  tags                       = merge(var.tags, {{ Name = "${{var.name}}-{part}" }})

  redrive_policy = jsonencode({{
    deadLetterTargetArn = aws_sqs_queue.dead_{part}[0].arn
    maxReceiveCount     = 5
  }})
}}

resource "aws_security_group" "part_{part}" {{
  name_prefix = "${{var.name}}-{part}-"
  description = "What may call part {part}"

  dynamic "ingress" {{
    for_each = toset([for port in local.ports_{part} : tostring(port)])
    content {{
      description = "From the load balancers"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.{octet}.0.0/16"]
    }}
  }}

  lifecycle {{
    create_before_destroy = true
  }}
}}

resource "aws_cloudwatch_metric_alarm" "part_{part}" {{
  alarm_name          = "${{local.queue_{part}}}-old"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  metric_name         = "ApproximateAgeOfOldestMessage"
  namespace           = "AWS/SQS"
  period              = 60
  statistic           = "Maximum"
  threshold           = var.size_{part} > 100 ? 900 : 300

  dimensions = {{
    QueueName = try(aws_sqs_queue.part_{part}[0].name, "")
  }}
}}

resource "aws_cloudwatch_log_group" "part_{part}" {{
  name              = "/${{var.name}}/{part}"
  retention_in_days = 30
  tags              = var.tags
}}

output "queue_{part}" {{
  description = "The queue of part {part}"
  value       = try(aws_sqs_queue.part_{part}[0].arn, null)
}}
"""

TERRAFORM_INPUTS = """\
variable "name" {
  type = string
}

variable "region" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
"""

TERRAFORM_AUDIENCE = """\

    condition {{
      test     = "StringEquals"
      variable = "${{local.issuer_{part}}}:aud"
      values   = ["sts.amazonaws.com"]
    }}
"""

TERRAFORM_IDENTITY = """\
data "aws_iam_policy_document" "trust_{part}" {{
  statement {{
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {{
      type        = "Federated"
      identifiers = ["arn:aws:iam::{account}:oidc-provider/${{local.issuer_{part}}}"]
    }}

    condition {{
      test     = "StringEquals"
      variable = "${{local.issuer_{part}}}:sub"
      values   = ["system:serviceaccount:team-{n}:${{var.name}}-{part}"]
    }}
{audience}  }}
}}

locals {{
  issuer_{part} = "oidc.eks.${{var.region}}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
}}

resource "aws_iam_role" "part_{part}" {{
  name               = "${{var.name}}-{part}"
  assume_role_policy = data.aws_iam_policy_document.trust_{part}.json
}}

resource "aws_iam_role_policy" "part_{part}" {{
  name = "{part}"
  role = aws_iam_role.part_{part}.name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = [for suffix in ["", "/*"] : "arn:aws:s3:::${{var.name}}${{suffix}}"]
    }}]
  }})
}}
"""


def terraform_tree(root: Path, files: int = 600, modules: int = 60) -> None:
    """`files` Terraform files in `modules` directories, 1 in 6 a root that calls 5 others; 1 file in 10 is identity."""
    roots = modules // 6
    each = files // modules
    called = modules - roots
    written = 0
    for n in range(called):
        directory = root / "modules" / f"app-{n}"
        directory.mkdir(parents=True)
        (directory / "variables.tf").write_text(TERRAFORM_INPUTS, encoding="utf-8")
        for part in range(each - 1):
            identity = written * 10 < files and (part == 0 or (part == 1 and n % 5 == 0))
            # A tenth of the roles is wrong.
            audience = TERRAFORM_AUDIENCE.format(part=part) if n % 10 else ""
            template = TERRAFORM_IDENTITY if identity else TERRAFORM_PLAIN
            text = template.format(n=n, part=part, account=ACCOUNT, audience=audience, octet=n % 250)
            written += identity
            (directory / f"part_{part}.tf").write_text(text, encoding="utf-8")
    for number in range(roots):
        directory = root / "live" / f"stack-{number}"
        directory.mkdir(parents=True)
        (directory / "main.tf").write_text(TERRAFORM_ROOT, encoding="utf-8")
        share = range(number * called // roots, (number + 1) * called // roots)
        inputs = [TERRAFORM_CALL.format(n=n, kind="app") for n in share]
        for part in range(each - 1):
            text = inputs[part] if part < len(inputs) else f'locals {{\n  part_{part} = "part-{part}"\n}}\n'
            (directory / f"part_{part}.tf").write_text(text, encoding="utf-8")
