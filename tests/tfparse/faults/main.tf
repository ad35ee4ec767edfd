# What tfparse gets wrong; see EXPLAINED in tests/test_tfparse.py.

variable "roles" {
  type = map(object({ create = optional(bool), path = optional(string) }))
  default = {
    a = {}
    b = { path = "/b/" }
  }
}

module "role" {
  source   = "./role"
  for_each = var.roles

  create = each.value.create
  path   = each.value.path
}

module "registry" {
  source  = "example/unknown/aws"
  version = "1.0.0"

  given = "input"
}

data "aws_caller_identity" "current" {}

resource "aws_launch_template" "nodes" {
  dynamic "tag_specifications" {
    for_each = ["instance", "volume"]
    content {
      resource_type = tag_specifications.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_cluster" "main" {
  name = "main"

  dynamic "kubernetes_network_config" {
    for_each = [1]
    content {
      ip_family = "ipv6"
    }
  }
}

output "family" {
  value = try(aws_eks_cluster.main.kubernetes_network_config[0].ip_family, "none")
}

output "account" {
  value = try(data.aws_caller_identity.current.account_id, "none")
}

output "given" {
  value = try(module.registry.given, "none")
}
