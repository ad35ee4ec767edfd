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

resource "aws_iam_role" "batch" {
  name = "batch"
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

resource "aws_iam_role_policy" "batch" {
  role   = aws_iam_role.batch.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:ReceiveMessage"], Resource = "arn:aws:sqs:eu-west-1:111122223333:batch" }]
  })
}

resource "aws_eks_pod_identity_association" "batch" {
  cluster_name    = aws_eks_cluster.live.name
  namespace       = "jobs"
  service_account = "batch"
  role_arn        = aws_iam_role.batch.arn
}

resource "aws_eks_fargate_profile" "jobs" {
  cluster_name           = aws_eks_cluster.live.name
  pod_execution_role_arn = "arn:aws:iam::111122223333:role/fargate-pods"
  subnet_ids             = ["subnet-1"]
  selector { namespace = "jobs" }
}
