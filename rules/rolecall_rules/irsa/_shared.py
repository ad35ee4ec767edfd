"""What the rules about role annotations have in common: the annotation's name, and how the webhook was started."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.graph.service_accounts import ROLE_ARN
from rolecall.model import Workload

PREFIX, _, NAME = ROLE_ARN.partition("/")

# Text that a tool replaces before the API server sees it: shell and Terraform, Helm and Go, Argo CD's plug-in, sed.
_TEMPLATE = regex.compile(r"\$\{|\{\{|\$\(|\$[A-Za-z_]|%\{|#\{|<[^<>]*>|@@?\w+@|__\w+__|\[\[|%\w+%")


def is_template(text: str) -> bool:
    """Whether a text is still to be filled in by some tool."""
    return _TEMPLATE.search(text) is not None


def prefixes(graph: Graph) -> frozenset[str]:
    """The annotation prefixes, other than EKS' own, that a self-hosted webhook in this world is told to use."""
    return graph.keep(_prefixes)


def composes_arns(graph: Graph) -> bool:
    """Whether a self-hosted webhook in this world makes ARNs of bare role names (`--compose-role-arn`)."""
    return graph.keep(_composes)


def _prefixes(graph: Graph) -> frozenset[str]:
    return frozenset(value for value in _values(graph, "--annotation-prefix") if value and value != PREFIX)


def _composes(graph: Graph) -> bool:
    return any(value.lower() not in ("false", "f", "0") for value in _values(graph, "--compose-role-arn"))


def _values(graph: Graph, flag: str) -> Iterator[str]:
    """The values that any container of the world gives a flag: after `=`, or as the next word."""
    for words in graph.keep(_commands):
        for word, following in zip(words, (*words[1:], ""), strict=True):
            name, equals, value = word.partition("=")
            if name.lstrip("-") == flag.lstrip("-") and name.startswith("-"):
                yield value if equals else ("" if following.startswith("-") else following)


def _commands(graph: Graph) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(part for word in container.command for part in word.display.split())
        for workload in graph.all(Workload)
        for pod in workload.pods
        for container in pod.containers
        if any(word.display.find("-prefix") >= 0 or word.display.find("-role-arn") >= 0 for word in container.command)
    )
