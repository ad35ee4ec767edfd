"""The rule `irsa-role-ecr-pull-only`."""

from collections.abc import Iterator

from rolecall.graph.views import WorkloadRole
from rolecall.iam.catalogue import expand
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.workload_roles._bindings import is_for
from rolecall_rules.workload_roles._labels import why

# What AmazonEC2ContainerRegistryReadOnly and AmazonEC2ContainerRegistryPullOnly allow.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam-awsmanpol.html
_PULL = frozenset(
    f"ecr:{name}"
    for name in (
        "BatchCheckLayerAvailability",
        "BatchGetImage",
        "BatchImportUpstreamImage",
        "DescribeImageScanFindings",
        "DescribeImages",
        "DescribeRepositories",
        "GetAuthorizationToken",
        "GetDownloadUrlForLayer",
        "GetImageCopyStatus",
        "GetLifecyclePolicy",
        "GetLifecyclePolicyPreview",
        "GetRepositoryPolicy",
        "ListImages",
        "ListTagsForResource",
    )
)
# What talks to registries itself: updaters, builders, scanners, verifiers of signatures, makers of pull secrets.
_REGISTRY_TOOLS = frozenset(
    {
        *("flux", "image-reflector", "image-automation", "source-controller", "image-updater", "keel", "renovate"),
        *("kaniko", "buildkit", "buildah", "builder", "runner", "jenkins", "tekton", "skopeo", "crane", "mirror"),
        *("trivy", "grype", "clair", "scan", "inspector", "kyverno", "cosign", "ratify", "connaisseur", "portieris"),
        *(
            "ecr",
            "registry",
            "image",
            "helm",
            "argocd",
            "argo-cd",
            "gitops",
            "external-secrets",
            "harbor",
            "crossplane",
        ),
    }
)


@rule(
    "irsa-role-ecr-pull-only",
    summary="a pod's role is for nothing but pulling images, which the kubelet does",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON, Platform.CLOUDFORMATION),
    tags=("irsa", "pod-identity"),
)
def irsa_role_ecr_pull_only(workload: WorkloadRole) -> Iterator[Finding]:
    """Finds roles of pods that allow pulling from ECR, and nothing else.

    Tools that talk to a registry themselves (Flux, Argo CD Image Updater, Kaniko, Trivy, Renovate) are passed over,
    and roles of which no service account is seen.

    ## Why it matters
    The kubelet pulls a pod's images before the pod runs, with the node's role, or the Fargate profile's. The role of
    the service account takes no part in it, so if images are not pulled now, this role will not help.

    ## How to fix it
    Give `AmazonEC2ContainerRegistryPullOnly` to the node role and remove this role.
    """
    may = workload.may
    if workload.is_node_role or not workload.bindings or workload.unseen or is_for(workload, _REGISTRY_TOOLS):
        return
    actions = [action for clause in may.clauses for action in clause.statement.actions]
    if not actions or any(clause.excludes for clause in may.clauses):
        return
    names = [found.name for action in actions for found in expand(action.known or "*")]
    if not _PULL.issuperset(names) or "ecr:BatchGetImage" not in names:
        return
    at = may.clauses[0].place(actions[0])
    yield Finding(
        f"{workload.role.display} allows nothing but pulling images, which the kubelet does with the node's role: the"
        " pod itself has no use for it",
        at=Label(at, "pulls images"),
        related=why(workload, beside=at),
        help="Give AmazonEC2ContainerRegistryPullOnly to the node role and remove this role.",
        subject=workload.role.origin.address,
    )
