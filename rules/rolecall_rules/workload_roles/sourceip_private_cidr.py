"""The rule `sourceip-private-cidr`."""

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network

from rolecall.graph import Graph
from rolecall.model import Condition, Policy, PolicyAttachment, ResourcePolicy, Role, Statement, TrustPolicy
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.workload_roles._documents import Held, allows, documents

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))  # RFC 1918


@rule(
    "sourceip-private-cidr",
    summary="a policy compares `aws:SourceIp` with private addresses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpcsourceip",
    ),
    formats=(Platform.TERRAFORM, Platform.IAM_JSON),
    tags=("least-privilege",),
)
def sourceip_private_cidr(
    holder: Policy | PolicyAttachment | ResourcePolicy | Role | TrustPolicy, graph: Graph
) -> Iterator[Finding | Unevaluated]:
    """Finds Allow statements that compare `aws:SourceIp` with a range of RFC 1918, such as the VPC's own.

    Beside public ranges that do match, the private one is merely idle: low. `aws:VpcSourceIp`, Deny statements and
    operators that end in `IfExists` are passed over.

    ## Why it matters
    Through a NAT gateway a request comes from a public address, and through a VPC endpoint it has no `aws:SourceIp` at
    all. `IpAddress` with a private range is never met, and the pod gets `AccessDenied`; `NotIpAddress` with one is
    always met, and keeps nobody out.

    ## How to fix it
    Compare `aws:VpcSourceIp` together with `aws:SourceVpc` for requests through a VPC endpoint, or the public addresses
    of the NAT gateways.
    """
    for held in documents(holder, graph):
        for statement in allows(held.document):
            for condition in statement.conditions:
                yield from _of(condition, statement, held)


def _of(condition: Condition, statement: Statement, held: Held) -> Iterator[Finding | Unevaluated]:
    operator = (condition.operator.known or "").lower()
    if (condition.key.known or "").lower() != "aws:sourceip" or operator not in ("ipaddress", "notipaddress"):
        return
    private = [value for value in condition.values if _is_private(value)]
    unknown = next((value for value in condition.values if value.holes), None)
    if not private:
        if unknown is not None:
            yield Unevaluated(f"aws:SourceIp in {held.display}", unknown.hole.why, unknown.used)
        return
    value = private[0]
    # The range of a VPC is right where it is written; it is wrong here.
    at = value.used if statement.span.covers(value.used) else condition.key.span
    idle = len(private) < len(condition.values) or condition.rest is not None
    if operator == "notipaddress":
        consequence = "this condition keeps nobody out" if not idle else "this range keeps nobody out"
    else:
        consequence = "this range admits nobody" if idle else "it never allows anything"
    yield Finding(
        f"{held.display} compares aws:SourceIp with the private range {value.display}, but a request reaches AWS from a"
        f" public address, or through a VPC endpoint without this key, so {consequence}",
        at=Label(at, "no request comes from here"),
        related=() if condition.key.span.overlaps(at) else (Label(condition.key.span, "the public address"),),
        help="For requests through a VPC endpoint compare aws:VpcSourceIp and aws:SourceVpc; else name the public"
        " addresses of the NAT gateways.",
        subject=f"{held.subject} {value.display}",
        severity=Severity.LOW if idle else Severity.MEDIUM,
    )


def _is_private(value: Scalar) -> bool:
    try:
        network = ip_network(value.known or "", strict=False)
    except ValueError:
        return False
    return isinstance(network, IPv4Network) and any(network.subnet_of(range_) for range_ in _PRIVATE)
