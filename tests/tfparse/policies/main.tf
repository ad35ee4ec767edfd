locals {
  provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1"
  issuer   = replace(local.provider, "/^(.*provider/)/", "")
}

data "aws_iam_policy_document" "base" {
  source_policy_documents   = [jsonencode({ Version = "2012-10-17", Statement = [] })]
  override_policy_documents = []
  policy_id                 = "base"
  version                   = "2008-10-17"

  statement {
    sid         = "NotAll"
    effect      = "Deny"
    not_actions = ["s3:*"]
    not_resources = [
      "arn:aws:s3:::*",
    ]

    not_principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider]
    }

    principals {
      type        = "Service"
      identifiers = formatlist("%s.amazonaws.com", ["ec2", "pods.eks"])
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:a:b"]
    }

    condition {
      test     = "StringLike"
      variable = "${local.issuer}:aud"
      values   = ["sts.*"]
    }
  }
}

resource "aws_iam_role" "trusted" {
  name               = "trusted"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  inline_policy {
    name   = "a"
    policy = jsonencode({ Version = "2012-10-17" })
  }

  inline_policy {
    name = "b"
    policy = jsonencode({
      "Statement" : [{ Effect = "Allow", Action = ["a:b"], (local.issuer) : true }]
    })
  }
}

resource "aws_iam_role_policy" "made" {
  role   = aws_iam_role.trusted.name
  name   = "${aws_iam_role.trusted.name}-made"
  policy = jsonencode({ Statement = [{ Resource = "arn:aws:iam::1:role/${aws_iam_role.trusted.name}" }] })
}

resource "aws_iam_openid_connect_provider" "issuer" {
  url             = "https://${local.issuer}"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = []
}

resource "aws_eks_pod_identity_association" "made" {
  for_each        = toset(["x", "y"])
  cluster_name    = aws_eks_cluster.main.name
  namespace       = "ns"
  service_account = each.key
  role_arn        = aws_iam_role.trusted.arn
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = aws_iam_role.trusted.arn

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = "arn:aws:kms:eu-west-1:1:key/1"
    }
  }
}

output "subject" {
  value = data.aws_iam_policy_document.trust.statement[0].condition[0].values
}
