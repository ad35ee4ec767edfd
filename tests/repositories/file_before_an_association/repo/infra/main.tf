resource "aws_eks_cluster" "live" {
  name     = "live"
  role_arn = "arn:aws:iam::111122223333:role/live-cluster"
  version  = "1.31"
  vpc_config { subnet_ids = ["subnet-1", "subnet-2"] }
}

resource "aws_eks_addon" "agent" {
  cluster_name = aws_eks_cluster.live.name
  addon_name   = "eks-pod-identity-agent"
}

resource "aws_iam_role" "legacy" {
  name = "legacy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}

resource "aws_iam_role_policy" "legacy" {
  role   = aws_iam_role.legacy.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:ReceiveMessage"], Resource = "arn:aws:sqs:eu-west-1:111122223333:legacy" }]
  })
}

resource "aws_eks_pod_identity_association" "legacy" {
  cluster_name    = aws_eks_cluster.live.name
  namespace       = "old"
  service_account = "legacy"
  role_arn        = aws_iam_role.legacy.arn
}
