"""How kube2iam and kiam are told: by their image and by their chart."""

from rolecall import regex
from rolecall.graph import Graph
from rolecall.model import Container, HelmRelease, Workload
from rolecall.span import Span
from rolecall.tree import Scalar

ROLE = "iam.amazonaws.com/role"
"""The annotation of a pod by which it asks for a role."""

# The repository's last part, with any registry before and a tag or digest after: jtblin/kube2iam:0.11,
# quay.io/uswitch/kiam:v4, mirror.example/library/kube2iam@sha256:….
_IMAGE = regex.compile(r"(?:^|/)(kube2iam|kiam)(?:[:@]|$)")
# What a release installs: the chart's name, in a repository or not, or the address of its archive.
_RELEASED = regex.compile(r"(?:^|/)(kube2iam|kiam)(?:-\d[^/]*)?/?$")


def agent_of(container: Container) -> tuple[str, Scalar] | None:
    """The agent that a container runs, and its image."""
    if container.image is None:
        return None
    match = _IMAGE.search(container.image.display)
    return (match[1], container.image) if match else None


def released_agent(release: HelmRelease) -> str | None:
    """The agent that a Helm release installs."""
    match = _RELEASED.search(release.chart.display) if release.chart is not None else None
    return match[1] if match else None


def agents(graph: Graph) -> tuple[tuple[str, Span], ...]:
    """The agents in this world, each with the place that installs it."""
    return graph.keep(_agents)


def _agents(graph: Graph) -> tuple[tuple[str, Span], ...]:
    containers = (each for load in graph.all(Workload) for pod in load.pods for each in pod.containers)
    run = tuple((found[0], found[1].span) for each in containers if (found := agent_of(each)) is not None)
    released = tuple(
        (name, release.chart.span)
        for release in graph.all(HelmRelease)
        if release.chart is not None and (name := released_agent(release)) is not None
    )
    return (*run, *released)
