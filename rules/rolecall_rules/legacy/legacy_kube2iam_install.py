"""The rule `legacy-kube2iam-install`."""

from collections.abc import Iterator

from rolecall import regex
from rolecall.model import Container, HelmRelease, HelmSetting, Workload
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.tree import Scalar
from rolecall_rules.legacy._shared import agent_of, released_agent

_CHART = regex.compile(r"(kube2iam|kiam)-\d")
_ABANDONED = "it stands between the pods and the metadata service and hands out their roles, and is abandoned"
_HELP = (
    "Move the roles to service accounts (Pod Identity or IRSA), then remove the agent and the node's sts:AssumeRole."
)
_DANGEROUS = {
    "--default-role": "every pod that asks for no role gets this one",
    "--auto-discover-default-role": "every pod that asks for no role gets the node's own",
    "--auto-discover-base-arn": "every role of the node's account can be asked for by its bare name",
}


@rule(
    "legacy-kube2iam-install",
    summary="kube2iam or kiam is installed",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://github.com/jtblin/kube2iam#options",
        "https://github.com/uswitch/kiam#readme",
        "https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html",
    ),
    tags=("legacy",),
)
def legacy_kube2iam_install(subject: Workload | HelmRelease) -> Iterator[Finding]:
    """Finds workloads that run kube2iam or kiam, from whatever registry, and the charts of both, rendered or released.

    High where an argument hands out roles to pods that did not ask: `--default-role` and
    `--auto-discover-default-role` give every pod a role, `--auto-discover-base-arn` lets a pod ask for any role of the
    account by name.

    ## Why it matters
    Both agents run with the host's network, redirect the pods' metadata requests, and have a node role that may assume
    the roles of all workloads: who gets hold of the node gets them all. While an agent is down or late, pods reach the
    node's role. kiam has been archived and kube2iam has had no release for years.

    ## How to fix it
    Give each service account its role by Pod Identity or IRSA, remove the annotations, then the agent, and take
    `sts:AssumeRole` from the node role. Block the pods' way to the metadata service (IMDSv2 required, hop limit 1).
    """
    if isinstance(subject, HelmRelease):
        yield from _released(subject)
        return
    found = [
        (container, *agent)
        for pod in subject.pods
        for container in pod.containers
        if (agent := agent_of(container)) is not None
    ]
    if found:
        # One agent, also where a second container of its image sets up the network.
        first = next((one for one in found if _dangerous(one[0])), found[0])
        others = tuple(Label(image.span, "runs it too") for container, _, image in found if container is not first[0])
        yield _finding(subject, *first, others)
    chart = subject.label("helm.sh/chart")
    name = _CHART.match(chart.value.display) if chart and isinstance(chart.value, Scalar) else None
    if chart is not None and name is not None and not found:
        yield Finding(
            f"{subject.display} comes from the chart of {name[1]}: {_ABANDONED}",
            at=Label(chart.value.span, "abandoned"),
            help=_HELP,
            subject=subject.display,
        )


def _released(subject: HelmRelease) -> Iterator[Finding]:
    """A release of one of the charts; their values keep the agent's arguments under `extraArgs` or as names of them."""
    released = released_agent(subject)
    if released is None or subject.chart is None:
        return
    arguments = ((setting, _argument(setting)) for setting in subject.settings)
    setting, argument = next(((one, name) for one, name in arguments if name in _DANGEROUS), (None, ""))
    chart = Label(subject.chart.span, f"the chart of {released}" if setting else "abandoned")
    then = _DANGEROUS.get(argument, _ABANDONED)
    yield Finding(
        f"{subject.display} installs {released}{f' with {argument}' if argument else ''}: {then}",
        at=Label(setting.name.span, then) if setting is not None else chart,
        related=(chart,) if setting is not None else (),
        help=_HELP,
        subject=subject.display,
        severity=Severity.HIGH if argument else None,
    )


def _argument(setting: HelmSetting) -> str:
    """The flag that a setting gives the agent (`extraArgs.default-role`); empty where it is switched off."""
    last = str(setting.path[-1]) if setting.path and "extraArgs" in setting.path else ""
    value = setting.value.display.lower() if setting.value is not None else ""
    return f"--{last}" if last and value not in ("false", "0", "", "null") else ""


def _finding(subject: Workload, container: Container, agent: str, image: Scalar, others: tuple[Label, ...]) -> Finding:
    word = _dangerous(container)
    argument = _flag(word) if word is not None else ""
    then = _DANGEROUS.get(argument, _ABANDONED)
    return Finding(
        f"{subject.display} runs {agent}{f' with {argument}' if argument else ''}: {then}",
        at=Label(word.span, then) if word is not None else Label(image.span, "abandoned"),
        related=((Label(image.span, agent),) if word is not None else ()) + others,
        help=_HELP,
        subject=f"{subject.display} {container.name.display}",
        severity=Severity.HIGH if argument else None,
    )


def _dangerous(container: Container) -> Scalar | None:
    """The first argument that hands out roles to pods that did not ask."""
    return next((word for word in container.command if _flag(word) in _DANGEROUS), None)


def _flag(word: Scalar) -> str:
    """The name of a flag; empty where it is switched off."""
    name, _, value = word.display.partition("=")
    return "" if value.lower() in ("false", "0") else name
