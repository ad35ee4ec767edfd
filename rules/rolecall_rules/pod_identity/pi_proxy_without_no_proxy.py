"""The rule `pi-proxy-without-no-proxy`."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from rolecall import regex
from rolecall.answer import Answer
from rolecall.chain.webhook import is_skipped
from rolecall.graph.views import PodContainer, Variable
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule

_AGENT = IPv4Address("169.254.170.23")
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_ONLY_TLS = ("HTTPS_PROXY", "https_proxy")
_EXCEPT = ("NO_PROXY", "no_proxy")
_SEPARATOR = regex.compile(r"[,\s]+")


@rule(
    "pi-proxy-without-no-proxy",
    summary="a container sends requests for its Pod Identity credentials to a proxy",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=("https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",),
    tags=("pod-identity",),
)
def pi_proxy_without_no_proxy(subject: PodContainer) -> Iterator[Finding | Unevaluated]:
    """Finds containers of an associated service account with a proxy and no exception for the Pod Identity agent.

    The agent answers on `http://169.254.170.23`. Upper- and lower-case spellings of both variables are looked at; an
    exception is the address, a network that holds it, or `*`. A proxy for HTTPS alone is low: few SDKs take it for the
    agent.

    ## Why it matters
    The SDK asks the agent through the proxy, which is on another host and cannot reach a link-local address of this
    node. The container gets no credentials, or a proxy's error page in their place.

    ## How to fix it
    Add `169.254.170.23` and `[fd00:ec2::23]` to `NO_PROXY` and `no_proxy`.
    """
    associations = subject.runs_as.associations
    if not associations or is_skipped(subject):
        return
    proxy = _first(subject, _PROXIES)
    tls = _first(subject, _ONLY_TLS) if proxy is None else None
    found = proxy or tls
    if found is None:
        return
    exceptions = [one for name in _EXCEPT if (one := subject.environment.get(name)) is not None]
    texts = [one.value.known if one.value is not None else None for one in exceptions]
    if any(text is not None and _excepts(text) for text in texts):
        return
    if None in texts or (not texts and (subject.environment.unseen or subject.environment.open)):
        yield Unevaluated(f"NO_PROXY in {subject.display}", "its value is not among the files", found.at)
        return
    account = associations[0].service_account
    at = (
        Label(exceptions[0].at, f"without {_AGENT}") if exceptions else Label(found.at, f"and no NO_PROXY for {_AGENT}")
    )
    related = [Label(found.at, "the proxy")] if exceptions else []
    if account is not None:
        related.append(Label(account.span, "its credentials come from the agent on the node"))
    yield Finding(
        f"{subject.display} reaches the Pod Identity agent ({_AGENT}) through {found.name}: the proxy cannot reach a"
        " link-local address of the node, so the container gets no credentials",
        at=at,
        related=tuple(related),
        help="Add 169.254.170.23 and [fd00:ec2::23] to NO_PROXY and no_proxy.",
        subject=subject.display,
        severity=Severity.LOW if proxy is None else None,
    )


def _first(subject: PodContainer, names: tuple[str, ...]) -> Variable | None:
    """The first of these variables that is certainly set to something."""
    for name in names:
        variable = subject.environment.get(name)
        if variable is None or variable.certain is not Answer.YES:
            continue
        if variable.value is None or not variable.value.is_empty:
            return variable
    return None


def _excepts(text: str) -> bool:
    """Whether a list of hosts that are not proxied has the agent's address."""
    return any(_holds(host) for host in _SEPARATOR.split(text))


def _holds(host: str) -> bool:
    if host == "*" or host.partition(":")[0] == str(_AGENT):
        return True
    # Some programs take a beginning of an address.
    if host.rstrip("*").endswith(".") and host[:1].isdigit():
        return str(_AGENT).startswith(host.rstrip("*"))
    try:
        return _AGENT in IPv4Network(host, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        return False
