"""The rule `imds-hop-limit-gt-1`."""

from collections.abc import Iterator

from rolecall.chain.metadata import is_disabled
from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.metadata._shared import EKSCTL, is_broad, not_seen, places, uses_workload_identity

_BY_INPUT = (
    "Give the module's node groups metadata options with http_put_response_hop_limit = 1 and http_tokens ="
    ' "required", or take a version of the module that does so by itself.'
)
_BY_EKSCTL = (
    "Set disablePodIMDS: true on the node group. It excludes iam.withAddonPolicies, whose permissions belong to the"
    " service accounts of the add-ons."
)
_HELP = {"eksctl's": _BY_EKSCTL, "the module's": _BY_INPUT, "": "Set the hop limit to 1."}


@rule(
    "imds-hop-limit-gt-1",
    summary="pods can get the node role's credentials from the metadata service",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html",
    ),
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    yields_to=("imds-tokens-optional",),
    tags=("imds", "node-role"),
)
def imds_hop_limit_gt_1(metadata: NodeMetadata, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds nodes whose metadata service lets its tokens travel two hops or more, which is as far as a pod.

    Also where eksctl sets two, which it does unless `disablePodIMDS` is true, and where EKS itself does: a managed node
    group with an Amazon Linux 2 AMI and no launch template. Silent where nothing uses IAM roles for service accounts or
    Pod Identity, since pods then have no identity but the node's, and where tokens are optional, since the hop limit
    then holds nothing back. High where the node role is broad.

    ## Why it matters
    Workloads here have roles of their own. With a hop limit of two each of them can still ask the metadata service
    for the node role's credentials, so the node role is what a compromised pod really holds.

    ## How to fix it
    Set `http_put_response_hop_limit = 1`. Agents that need the metadata service run with `hostNetwork`, which the hop
    limit does not touch; the AWS Load Balancer Controller needs `region` and `vpcId` as values then.
    """
    if metadata.windows or not uses_workload_identity(graph):
        return
    options = metadata.options
    severity = Severity.HIGH if is_broad(metadata.node_role) else Severity.MEDIUM
    role = f" ({metadata.node_role.role.display})" if metadata.node_role else ""
    if options is not None:
        limit = options.hop_limit
        if limit is None or is_disabled(options) or (options.tokens is not None and options.tokens.known == "optional"):
            return
        if limit.number is None:
            if limit.holes:
                yield not_seen(metadata, limit)
        elif limit.number >= 2:
            by_eksctl = metadata.group is not None and metadata.group.kind == EKSCTL
            by = "eksctl's" if by_eksctl else "the module's" if limit.span in metadata.calls else ""
            yield Finding(
                f"{metadata.owner} lets metadata tokens travel {limit.number} hops, so pods on these nodes can take the"
                f" node role's credentials{role} instead of their own",
                at=Label(limit.span, f"two hops by {by} default" if by else "reaches into pods"),
                related=places(metadata, limit.span),
                help=_HELP[by],
                subject=f"{metadata.owner} hop limit",
                severity=severity,
            )
        return
    group = metadata.group
    if group is None or group.launch_template is not None or group.ami_type is None:
        return
    if (group.ami_type.known or "").startswith("AL2_"):
        # EKS sets a hop limit of 2 on such groups: docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
        yield Finding(
            f"{metadata.owner} runs Amazon Linux 2 without a launch template, for which EKS sets a hop limit of 2, so"
            f" pods on these nodes can take the node role's credentials{role} instead of their own",
            at=Label(group.ami_type.span, "comes with a hop limit of 2"),
            related=places(metadata, group.ami_type.span),
            help="Use an AL2023 AMI, or a launch template with a hop limit of 1 and tokens required.",
            subject=f"{metadata.owner} hop limit",
            severity=severity,
            confidence=Confidence.MEDIUM,
        )
