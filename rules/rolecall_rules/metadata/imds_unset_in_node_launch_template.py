"""The rule `imds-unset-in-node-launch-template`."""

from collections.abc import Iterator

from rolecall.chain.metadata import is_disabled
from rolecall.graph import Graph
from rolecall.graph.views import NodeMetadata
from rolecall.model import LaunchTemplate, MetadataDefaults, MetadataOptions
from rolecall.rule import Confidence, Finding, Label, Persona, Platform, Severity, rule
from rolecall_rules.metadata._shared import places


@rule(
    "imds-unset-in-node-launch-template",
    summary="a launch template of nodes leaves open whether the metadata service asks for tokens",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html",
        "https://docs.aws.amazon.com/eks/latest/userguide/al2023.html",
    ),
    formats=(Platform.TERRAFORM,),
    yields_to=("imds-hop-limit-gt-1", "imds-endpoint-disabled"),
    tags=("imds", "node-role"),
)
def imds_unset_in_node_launch_template(metadata: NodeMetadata, graph: Graph) -> Iterator[Finding]:
    """Finds launch templates of nodes that say nothing of `http_tokens`, or have no `metadata_options` at all.

    Silent where nodes start from AL2023 or Bottlerocket images, which ask for tokens by themselves, for Windows, and
    where the account's defaults (`aws_ec2_instance_metadata_defaults`) require them. Where EKS chooses the image and
    the cluster's version is not known, pedantic: from Kubernetes 1.30 on it chooses AL2023.

    ## Why it matters
    EC2 then goes by the AMI and the account. With an AMI that does not ask for tokens, such as Amazon Linux 2, the
    first version of the metadata service answers, and every pod gets the node role's credentials with one request.

    ## How to fix it
    Write `metadata_options` with `http_tokens = "required"` and `http_put_response_hop_limit = 1`.
    """
    template, options = metadata.template, metadata.options
    if template is None or metadata.windows or metadata.family in ("AL2023", "BOTTLEROCKET", "WINDOWS"):
        return
    if options is not None and (options.tokens is not None or is_disabled(options) or _reaches_pods(options)):
        return
    if any(_decides(defaults) for defaults in graph.all(MetadataDefaults)):
        return
    old = metadata.family == "AL2"
    how = "Amazon Linux 2 asks for none" if old else "the AMI and the account decide whether any are needed"
    role = f" ({metadata.node_role.role.display})" if metadata.node_role else ""
    at = options.at if options is not None else template.origin.span
    yield Finding(
        f"{metadata.owner} does not say that metadata requests need tokens, and {how}: without them any pod on these"
        f" nodes gets the node role's credentials{role} with one request",
        at=Label(at, "no http_tokens" if options is not None else "no metadata_options"),
        related=places(metadata, at),
        help="Make metadata tokens required and the hop limit 1 in its metadata options.",
        subject=f"{metadata.owner} http_tokens",
        persona=Persona.PEDANTIC if _is_chosen_by_eks(metadata, template) else None,
    )


def _reaches_pods(options: MetadataOptions) -> bool:
    """Whether the hop limit is known to reach pods, or is not known: the rule about it speaks."""
    limit = options.hop_limit
    return limit is not None and (limit.number is None or limit.number > 1)


def _decides(defaults: MetadataDefaults) -> bool:
    tokens = defaults.metadata.tokens
    return tokens is not None and tokens.known not in ("optional", "no-preference")


def _is_chosen_by_eks(metadata: NodeMetadata, template: LaunchTemplate) -> bool:
    """Whether EKS takes the image of its own choice, and which is not known."""
    group = metadata.group
    managed = group is not None and group.role is not None
    return (
        managed and metadata.family is None and template.image is None and group is not None and group.ami_type is None
    )
