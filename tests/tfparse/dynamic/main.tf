variable "hops" {
  default = 2
}

locals {
  statements = {
    read  = { actions = ["s3:GetObject"], buckets = ["a", "b"], tags = { team = ["x", "y"] } }
    write = { actions = ["s3:PutObject"], buckets = ["a"], tags = {} }
  }
}

data "aws_iam_policy_document" "made" {
  dynamic "statement" {
    for_each = local.statements
    content {
      sid       = title(statement.key)
      actions   = statement.value.actions
      resources = [for bucket in statement.value.buckets : "arn:aws:s3:::${bucket}/*"]

      dynamic "condition" {
        for_each = statement.value.tags
        iterator = tag
        content {
          test     = "StringEquals"
          variable = "aws:PrincipalTag/${tag.key}"
          values   = tag.value
        }
      }
    }
  }
}

data "aws_iam_policy_document" "mixed" {
  statement {
    sid = "First"
  }

  dynamic "statement" {
    for_each = ["a", "b"]
    content {
      sid = "Made${statement.key}${statement.value}"
    }
  }
}

resource "aws_launch_template" "nodes" {
  name = "nodes"

  dynamic "metadata_options" {
    for_each = var.hops > 1 ? [{ hops = var.hops }] : []
    content {
      http_tokens                 = "required"
      http_put_response_hop_limit = metadata_options.value.hops
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["volume", "instance"])
    content {
      resource_type = tag_specifications.key
      tags          = { Name = "node-${tag_specifications.value}" }
    }
  }
}

resource "aws_eks_node_group" "one" {
  cluster_name = "c"

  scaling_config {
    max_size     = 2
    min_size     = 1
    desired_size = 1
  }

  dynamic "taint" {
    for_each = []
    content {
      key = "x"
    }
  }
}
