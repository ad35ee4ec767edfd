"""What IRSA and Pod Identity replaced: kube2iam and kiam."""
