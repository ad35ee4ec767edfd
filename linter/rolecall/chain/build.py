"""From a container to its chain: the webhook's variables laid over its own, then each source looked at."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rolecall.answer import Answer, all_of
from rolecall.chain.fargate import on_fargate
from rolecall.chain.keys import keys_step
from rolecall.chain.metadata import METADATA_DISABLED, metadata_is_off, reached
from rolecall.chain.profiles import PROFILE_NAMES, profile_steps
from rolecall.chain.resolve import resolve
from rolecall.chain.roles import node_identity, of_arn, refusal
from rolecall.chain.sdks import SDKS, Flaw, Source
from rolecall.chain.steps import Chain, Step
from rolecall.chain.variables import text_of, unseen_words
from rolecall.chain.webhook import IRSA_PAIR, POD_IDENTITY_PAIR, Mechanism, injection
from rolecall.graph.service_accounts import declared_as, role_annotation
from rolecall.model import MaterialKind
from rolecall.tree import Scalar

if TYPE_CHECKING:
    from rolecall.chain.sdks import Sdk
    from rolecall.chain.webhook import Injection
    from rolecall.graph import Graph
    from rolecall.graph.views import PodContainer, Variable
    from rolecall.model import PodIdentityAssociation

_RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"


def chain_of(subject: PodContainer, graph: Graph) -> Chain:
    """The credential chain of a container. It is worked out once a graph."""
    kept: dict[int, Chain] = graph.keep(_chains)
    found = kept.get(id(subject))
    if found is None:
        found = kept[id(subject)] = _made(subject, graph)
    return found


def _chains(_: Graph) -> dict[int, Chain]:
    return {}


def _made(subject: PodContainer, graph: Graph) -> Chain:
    injected = injection(subject, graph)
    role, profile = profile_steps(subject, graph)
    steps = (
        keys_step(subject),
        _web_identity(subject, injected, graph),
        role,
        profile,
        _relative(subject),
        _full(subject, injected, graph),
        _metadata(subject, graph),
    )
    by_source = {step.source: step for step in steps}
    outcomes = tuple(resolve(sdk, partial(_as_seen, subject, by_source)) for sdk in SDKS)
    return Chain(subject, injected, steps, outcomes)


def _as_seen(subject: PodContainer, steps: dict[Source, Step], source: Source, sdk: Sdk) -> Step | None:
    """The step of a source as an SDK sees it, which may read other names, or none with a profile set."""
    if source is Source.METADATA and sdk.any_word_disables:
        text = text_of(subject.environment.get(METADATA_DISABLED))
        return None if text and text != "false" else steps[source]
    if source is not Source.KEYS:
        return steps[source]
    if sdk.profile_hides_keys and text_of(subject.environment.get(PROFILE_NAMES[0])):
        return None
    return keys_step(subject, sdk) if sdk.key_ids or sdk.secrets else steps[source]


def _web_identity(subject: PodContainer, injected: Injection, graph: Graph) -> Step:
    """The pair of variables: the webhook's, which lie over `envFrom`, or the container's own."""
    if injected.mechanism is Mechanism.IRSA:
        place = injected.place
        refused = refusal(subject, injected, graph)
        return Step(
            Source.WEB_IDENTITY,
            injected.certain,
            injected.why
            or f"the webhook injects the role of the service account{_elsewhere(subject, injected, graph)}",
            of_arn(graph, injected.arn, "IRSA"),
            ((place, "the service account's role"),) if place is not None else (),
            Flaw.REFUSED if refused else None,
            refused,
        )
    return _own_web_identity(subject, injected, graph)


def _elsewhere(subject: PodContainer, injected: Injection, graph: Graph) -> str:
    """The other roles that the service account has: a tree may declare it once for each environment."""
    account = subject.runs_as.service_account
    if account is None:
        return ""
    own = of_arn(graph, injected.arn, "IRSA")
    annotations = (role_annotation(one) for one in declared_as(graph, account))
    values = (one.value for one in annotations if one is not None)
    found = (of_arn(graph, value, "IRSA") for value in values if isinstance(value, Scalar))
    words = dict.fromkeys(one.words for one in found if one is not None and (own is None or one.words != own.words))
    if not words:
        return ""
    first = next(iter(words))
    return f"; elsewhere it is declared with {first}" + (f" and {len(words) - 1} more" if len(words) > 1 else "")


def _own_web_identity(subject: PodContainer, injected: Injection, graph: Graph) -> Step:
    role, token = (_not_empty(subject, name) for name in IRSA_PAIR)
    if token is None:
        possible = injected.mechanism is Mechanism.NONE and injected.certain is Answer.UNKNOWN
        unseen = injected.why if possible else unseen_words(subject)
        alone = "AWS_ROLE_ARN is set without AWS_WEB_IDENTITY_TOKEN_FILE, so no SDK tries it"
        kept_off = injected.why if injected.mechanism is Mechanism.NONE and injected.at is not None else ""
        why = unseen or (alone if role is not None else kept_off)
        return Step(Source.WEB_IDENTITY, Answer.UNKNOWN if unseen else Answer.NO, why)
    evidence = tuple((one.at, f"sets {one.name}") for one in (role, token) if one is not None)
    if role is None:
        trouble = "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"
        present = Answer.UNKNOWN if subject.environment.open else token.certain
        return Step(Source.WEB_IDENTITY, present, trouble, None, evidence, Flaw.TOKEN_ALONE, trouble)
    present = all_of((role.certain, token.certain))
    identity = of_arn(graph, role.value, "AWS_ROLE_ARN")
    return Step(Source.WEB_IDENTITY, present, "set in the container's own environment", identity, evidence)


def _not_empty(subject: PodContainer, name: str) -> Variable | None:
    """A variable that is, or may be, set to something; SDKs take an empty one as not set."""
    variable = subject.environment.get(name)
    return None if variable is None or variable.material.kind is MaterialKind.EMPTY else variable


def _relative(subject: PodContainer) -> Step:
    """A variable of ECS: nothing on EKS sets it, so an unseen `envFrom` is not suspected of it."""
    variable = _not_empty(subject, _RELATIVE)
    if variable is None:
        return Step(Source.RELATIVE_URI, Answer.NO)
    why = f"{_RELATIVE} is ECS', and nobody answers at its address on EKS"
    evidence = ((variable.at, f"sets {_RELATIVE}"),)
    return Step(Source.RELATIVE_URI, variable.certain, why, None, evidence, Flaw.REFUSED, "nobody answers there on EKS")


def _full(subject: PodContainer, injected: Injection, graph: Graph) -> Step:
    """The address of the Pod Identity agent, which the webhook injects; or another that the container sets."""
    if injected.mechanism is Mechanism.POD_IDENTITY:
        return _pod_identity(subject, injected, graph)
    name = POD_IDENTITY_PAIR[0]
    variable = _not_empty(subject, name)
    if variable is not None:
        at = ((variable.at, "set here"),)
        return Step(Source.FULL_URI, variable.certain, f"the container sets {name} itself", None, at)
    possible = injected.certain is Answer.UNKNOWN
    return Step(Source.FULL_URI, *((Answer.UNKNOWN, injected.why) if possible else (Answer.NO, "")))


def _pod_identity(subject: PodContainer, injected: Injection, graph: Graph) -> Step:
    # A template of an association for anybody says nothing of this pod.
    vague = injected.association is not None and not _names_somebody(injected.association)
    place = injected.place if not vague else None
    fargate = on_fargate(subject, graph) is Answer.YES
    nobody = "the pod runs on Fargate, where there is no Pod Identity agent"
    trouble = nobody if fargate else refusal(subject, injected, graph)
    return Step(
        Source.FULL_URI,
        injected.certain,
        injected.why or "an association gives the service account a role",
        replace(of_arn(graph, injected.arn, "Pod Identity"), association=injected.association) if not vague else None,
        ((place, "the association"),) if place is not None else (),
        Flaw.REFUSED if trouble else None,
        trouble,
    )


def _names_somebody(association: PodIdentityAssociation) -> bool:
    """Whether anything is known of the service account that an association is for."""
    name = association.service_account
    return name is not None and any(isinstance(part, str) and part for part in name.parts)


def _metadata(subject: PodContainer, graph: Graph) -> Step:
    off, fargate = metadata_is_off(subject), on_fargate(subject, graph)
    variable = subject.environment.get(METADATA_DISABLED)
    if off is Answer.YES and variable is not None:
        why = f"{METADATA_DISABLED} is true"
        return Step(Source.METADATA, Answer.NO, why, None, ((variable.at, "turns it off"),))
    if fargate is Answer.YES:
        return Step(Source.METADATA, Answer.NO, "a pod on Fargate has no instance metadata")
    found = reached(subject, graph)
    unsure = found.answer is Answer.YES and Answer.UNKNOWN in (off, fargate)
    present = Answer.UNKNOWN if unsure else found.answer
    return Step(Source.METADATA, present, found.why, node_identity(found.roles), found.evidence)
