resource "aws_iam_role" "app" {
  path = "/last/"
}

output "name" {
  value = "last"
}
