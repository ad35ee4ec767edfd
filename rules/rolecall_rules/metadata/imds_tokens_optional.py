"""The rule `imds-tokens-optional`."""

from collections.abc import Iterator

from rolecall.chain.metadata import is_disabled
from rolecall.graph.views import NodeMetadata
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.metadata._shared import EKSCTL, not_seen, places

_BY_EKSCTL = "Take disableIMDSv1: false away, and set disablePodIMDS: true."


@rule(
    "imds-tokens-optional",
    summary="nodes answer metadata requests without a token",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",
    ),
    formats=(Platform.TERRAFORM, Platform.EKSCTL, Platform.CLOUDFORMATION),
    tags=("imds", "node-role"),
)
def imds_tokens_optional(metadata: NodeMetadata) -> Iterator[Finding | Unevaluated]:
    """Finds nodes on which `http_tokens` is `optional`, so that version 1 of the metadata service answers.

    In eksctl's configuration that is `disableIMDSv1: false` without `disablePodIMDS: true`. Only where
    the options say so; what an AMI or the account sets by default is not seen here.

    ## Why it matters
    The hop limit holds back only the answer to a request for a token. Where no token is needed, every pod gets the
    node role's credentials with one plain GET, at any hop limit, and so does whoever makes an application fetch a URL
    for him.

    ## How to fix it
    Set `http_tokens = "required"` and `http_put_response_hop_limit = 1` in the launch template's `metadata_options`, in
    CloudFormation `HttpTokens: required` and `HttpPutResponseHopLimit: 1` in its `MetadataOptions`.
    """
    options = metadata.options
    if options is None or options.tokens is None or is_disabled(options):
        return
    if options.tokens.holes:
        yield not_seen(metadata, options.tokens)
    elif options.tokens.known == "optional":
        by_eksctl = metadata.group is not None and metadata.group.kind == EKSCTL
        role = f" ({metadata.node_role.role.display})" if metadata.node_role else ""
        yield Finding(
            f"{metadata.owner} leaves metadata tokens optional, so any pod on these nodes gets the node role's"
            f" credentials{role} with one request, whatever the hop limit",
            at=Label(options.tokens.span, "IMDSv1 answers every pod"),
            related=places(metadata, options.tokens.span),
            help=_BY_EKSCTL if by_eksctl else "Make metadata tokens required, and the hop limit 1.",
            subject=f"{metadata.owner} http_tokens",
        )
