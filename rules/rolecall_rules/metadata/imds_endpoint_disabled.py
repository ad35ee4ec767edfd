"""The rule `imds-endpoint-disabled`."""

from collections.abc import Iterator

from rolecall.chain.metadata import is_disabled
from rolecall.graph.views import NodeMetadata
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.metadata._shared import not_seen, places


@rule(
    "imds-endpoint-disabled",
    summary="nodes have no metadata service at all",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
    ),
    formats=(Platform.TERRAFORM, Platform.KUBERNETES, Platform.CLOUDFORMATION),
    tags=("imds",),
)
def imds_endpoint_disabled(metadata: NodeMetadata) -> Iterator[Finding | Unevaluated]:
    """Finds nodes whose metadata options switch the metadata service off.

    ## Why it matters
    It keeps pods from the node's credentials, and the node too: bootstrapping, the VPC network plugin, the EBS CSI
    node plugin and the node termination handler ask the metadata service which instance they are on, and the kubelet
    gets its credentials there.

    ## How to fix it
    Leave the endpoint enabled, and keep pods out with `http_tokens = "required"` and a hop limit of 1.
    """
    options = metadata.options
    if options is None or options.endpoint is None:
        return
    if options.endpoint.holes:
        yield not_seen(metadata, options.endpoint)
    elif is_disabled(options):
        yield Finding(
            f"{metadata.owner} switches the metadata service off, so the kubelet and the agents of these nodes get"
            " neither credentials nor the instance's identity",
            at=Label(options.endpoint.span, "also for the node itself"),
            related=places(metadata, options.endpoint.span),
            help="Enable the endpoint, require tokens, and set the hop limit to 1.",
            subject=f"{metadata.owner} http_endpoint",
        )
