resource "aws_iam_role" "hcl" {
  name = aws_iam_role.each["a"].name
}
