variable "name" {
  default = "overridden"
}

locals {
  replaced = "overridden"
}

resource "aws_iam_role" "app" {
  path = "/overridden/"

  inline_policy {
    name = "overridden"
  }
}
