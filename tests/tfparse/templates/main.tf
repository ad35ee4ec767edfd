locals {
  namespace = "prod"
  accounts  = ["api", "jobs"]
  heredoc   = <<EOT
{
  "sub": "system:serviceaccount:${local.namespace}:${local.accounts[0]}"
}
EOT
  indented  = <<-EOT
    %{for account in local.accounts~}
    - ${account}
    %{endfor~}
    %{if local.namespace == "prod"}live%{else}test%{endif}
      deeper
  EOT
  escaped   = "$${aws:username} %%{x} \"q\" \\ \t \u00e9"
  trimmed   = "a ${~"b"~} c"
}

resource "aws_iam_role" "file" {
  name               = "file"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_iam_role" "template" {
  name = "template"
  assume_role_policy = templatefile("${path.module}/trust.json.tpl", {
    issuer   = "oidc.example"
    subjects = [for account in local.accounts : "system:serviceaccount:${local.namespace}:${account}"]
  })
}

resource "aws_iam_policy" "heredoc" {
  name   = "heredoc"
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": ${jsonencode([for account in local.accounts : "s3:Get${title(account)}"])},
          "Resource": "arn:aws:s3:::${local.namespace}/$${aws:username}"
        }
      ]
    }
  POLICY
}

resource "aws_iam_policy" "decoded" {
  name        = jsondecode(file("trust.json")).Statement[0].Sid
  description = base64decode(filebase64("${path.module}/trust.json"))
}

output "files" {
  value = fileset(path.module, "*.json")
}

output "exists" {
  value = [fileexists("trust.json"), fileexists("none")]
}

output "hash" {
  value = filemd5("trust.json")
}
