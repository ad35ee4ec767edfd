variable "name" {}
variable "path" {}
variable "subject" {}
variable "issuer" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/${var.issuer}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.issuer}:sub"
      values   = [var.subject]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  path               = var.path
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags = {
    Where = basename(path.module)
  }
}

output "name" {
  value = aws_iam_role.this.name
}
