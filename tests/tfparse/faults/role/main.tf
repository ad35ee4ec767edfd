variable "create" {
  type     = bool
  default  = true
  nullable = false
}

variable "path" {
  type    = string
  default = "/unused/"
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0
  name  = "role"
  path  = coalesce(var.path, "/null/")
}

locals {
  create = var.create && true
}
