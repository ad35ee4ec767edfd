"""Fargate: which pods a profile selects. Pods there have neither instance metadata nor the Pod Identity agent.

https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.answer import Answer, any_of
from rolecall.iam.globs import matcher
from rolecall.model import FargateProfile
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer
    from rolecall.model import FargateSelector, Pod


def on_fargate(subject: PodContainer, graph: Graph) -> Answer:
    """Whether a pod runs on Fargate, if it is for the cluster of a profile of this world that selects it."""
    namespace = subject.workload.namespace.known if subject.workload.namespace is not None else None
    return any_of(
        _takes(selector, namespace, subject.pod)
        for profile in graph.all(FargateProfile)
        for selector in profile.selectors
    )


def _takes(selector: FargateSelector, namespace: str | None, pod: Pod) -> Answer:
    pattern = selector.namespace.known if selector.namespace is not None else None
    if pattern is None or namespace is None:
        return Answer.UNKNOWN
    return selects(selector, (pod,)) if matcher(pattern)(namespace) else Answer.NO


def selects(selector: FargateSelector, pods: tuple[Pod, ...]) -> Answer:
    """Whether a selector, whose namespace fits, selects one of these pods; unknown where there are none."""
    if not selector.labels and selector.labels_rest is None:
        return Answer.YES
    if selecting(selector, pods) is not None:
        return Answer.UNKNOWN if selector.labels_rest is not None else Answer.YES
    return Answer.NO if pods else Answer.UNKNOWN


def selecting(selector: FargateSelector, pods: tuple[Pod, ...]) -> Pod | None:
    """The first of these pods that has all labels of a selector."""
    return next((pod for pod in pods if all(_has(pod, one.key.known, one.value) for one in selector.labels)), None)


def _has(pod: Pod, key: str | None, value: object) -> bool:
    """Whether a pod has a label that a selector asks for; both its key and its value may have wildcards."""
    wanted = value.known if isinstance(value, Scalar) else None
    if key is None or wanted is None:
        return False
    keys, values = matcher(key), matcher(wanted)
    return any(
        keys(label.key.known or "") and isinstance(label.value, Scalar) and values(label.value.known or "")
        for label in pod.labels
    )
