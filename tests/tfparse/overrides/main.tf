variable "name" {
  default = "base"
}

locals {
  kept     = "kept"
  replaced = "base"
}

resource "aws_iam_role" "app" {
  name        = var.name
  description = "base ${local.replaced} ${local.kept}"

  inline_policy {
    name = "base"
  }
}

output "name" {
  value = "base"
}
