"""Which documents of which files a world needs: those about AWS, and those that can be joined to them.

Most documents of a real tree say nothing about AWS, and composing them takes nearly all of the time. As a linker takes
from an archive only the members that something refers to, a document is read if

1. its text holds a word of the domain (`words.WORDS`, or the base64 of one in a Secret), or
2. it refers to a service account, Secret or ConfigMap that a document of the first kind declares (or that Terraform or
   a policy names; where Terraform declares such objects itself, their names are computed and may be any), or
3. it is a service account, Secret or ConfigMap to which one of the first two kinds refers, or a service account whose
   name is nearly that of one which an association of EKS Pod Identity names and no document declares, or
4. it is a role of Kubernetes that may read Secrets or make tokens, or a binding of it or of one that every cluster has,
   where a Secret or a service account is among these files, or
5. it installs what these files do not show (a Helm release, an Argo CD application), where Terraform or a policy names
   service accounts: those may be among it, or
6. it describes pods for a document of the first two kinds, or has its pods from one (a template of Argo Workflows, a
   task of Tekton, the Deployment of a Rollout), or
7. it runs an image that is built from a Dockerfile about AWS, as its directory's name or a declaration has it, or
8. it is no YAML (then somebody must be told).

Every finding rests on a document of the first kind, and joins go through the names of these three kinds only; names
are searched generously, so that what is left out can change no finding. Documents that are left out are still checked
for syntax.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.discover.names import ANY, ASSOCIATION, IMAGE, NAME, NAMESPACE, VALUE, image_name
from rolecall.discover.words import concerns_aws, holds
from rolecall.kinds import is_manifest, is_policy
from rolecall.model import BUILT_IN_ROLES, Mentions
from rolecall.near import is_near
from rolecall.records import dataclass
from rolecall.syntax import templates

if TYPE_CHECKING:
    from collections.abc import Iterable

_KIND = regex.compile(r"kind:(?<=^kind:)[ \t]*[\"']?(\w+)", re.MULTILINE)
_ANY_KIND = regex.compile(
    r"[\"']?kind[\"']?\s*:\s*[\"']?(?:ServiceAccount|Secret|ConfigMap|\w*List|HelmRelease|HelmChart|Application(?:Set)?)\b"
)
# Groups of custom resources for which an operator makes a service account, and what it adds to the resource's name.
_OPERATED = ("postgresql.cnpg.io/", "kafka.strimzi.io/", "pkg.crossplane.io/")
_SUFFIXES = ("-kafka", "-bridge", "-connect", "-mirrormaker2")
_DECLARING = frozenset({"ServiceAccount", "Secret", "ConfigMap"})
INSTALLING = frozenset({"HelmRelease", "HelmChart", "Application", "ApplicationSet"})
"""Kinds of Flux, K3s and Argo CD whose charts may make any object."""

_OF_ARGO_CD = frozenset({"Application", "ApplicationSet", "AppProject"})
# What describes pods for others, and how these refer to it.
_TEMPLATES = frozenset(
    {
        *("WorkflowTemplate", "ClusterWorkflowTemplate", "Task", "ClusterTask", "Pipeline"),
        *("Deployment", "ReplicaSet", "PodTemplate"),
    }
)
_BY_TEMPLATE = ("emplateRef", "taskRef", "pipelineRef", "workloadRef")
# `containers`, `initContainers`, `ephemeralContainers`: a patch may have one list alone.
_CONTAINERS = "ontainers"
# Groups whose pods may be written without a list of containers.
_WITHOUT_LISTS = (
    "argoproj.io/",
    "tekton.dev/",
    "flink.apache.org/",
    "sparkoperator.k8s.io/",
    "actions.summerwind.dev/",
)
_REFERRING = (
    "serviceAccount",
    "secretRef",
    "configMapRef",
    "KeyRef",
    "secretName",
    "configMap",
    "secret",
    "workloadRef",
    "roleRef",
    # What makes service accounts refers to them, too.
    *_OPERATED,
)
_ACCOUNT = regex.compile(r"serviceAccount" + VALUE)
_INSTANCE = regex.compile(r"app\.kubernetes\.io/(?:name|instance)" + VALUE)
_METADATA = regex.compile(r"^metadata:[ \t]*\n((?:[ \t][^\n]*\n)*)", re.MULTILINE)
_OWN = regex.compile(r"^[ \t]+name:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_SECRETS = regex.compile(r"\bsecrets\b|[\"']\*(?:/token)?[\"']|aggregationRule")
_NEVER = frozenset({"CustomResourceDefinition"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """One document of a file, before it is parsed: what it declares and refers to, as far as names tell.

    `open`: a name is written in a way that is not searched (an alias, a block scalar), so it may be any. `installs`:
    it stands for objects that are not seen. `accounts`: service accounts are among what it declares. `associates`:
    what it names is associated with a role. `keeps`: it may be a Secret with keys or have a service account; `reads`
    are the names of a role of Kubernetes that may read Secrets or make tokens. `mentions` is what it refers to that
    is not its own name, `inhabits` the namespace of the pods that it makes. `templates`: others may refer to it by
    these to have its pods; `uses`: the names of what it has its pods from are among these.
    """

    start: int
    end: int
    wanted: bool
    declares: frozenset[str] = frozenset()
    refers: frozenset[str] = frozenset()
    open: bool = False
    installs: bool = False
    accounts: bool = False
    associates: bool = False
    keeps: bool = False
    reads: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    inhabits: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()


def examine(text: str, *, everything: bool = False) -> tuple[Stretch, ...]:
    """The documents of a YAML file that may be needed."""
    from rolecall.syntax.yaml import stretches  # noqa: PLC0415 - only where there is YAML
    from rolecall.syntax.yaml_tree import check  # noqa: PLC0415 - likewise

    concerned = everything or concerns_aws(text)
    joinable = concerned or holds(text, _REFERRING) or _CONTAINERS in text or "rules:" in text
    joinable = joinable or holds(text, _WITHOUT_LISTS) or _ANY_KIND.search(text) is not None
    valid = check(text)
    if valid and not joinable:
        return ()
    several = "\n---" in text or "\n..." in text
    found: list[Stretch] = []
    for start, end in stretches(text):
        part = text[start:end] if several else text
        wanted = everything or (concerned and (not several or concerns_aws(part)))
        stretch = _stretch(part, start, end, wanted=wanted, valid=valid)
        if stretch is not None:
            found.append(stretch)
    return tuple(found)


def _stretch(text: str, start: int, end: int, *, wanted: bool, valid: bool) -> Stretch | None:
    if not is_manifest(text):
        return Stretch(start, end, wanted=True) if is_policy(text) else None
    kinds = set(_KIND.findall(text))
    if kinds and kinds <= _NEVER:
        return None
    if not wanted and not valid:
        from rolecall.syntax.yaml_tree import check  # noqa: PLC0415 - likewise

        wanted = not check(text) and not templates.language(text)
    declaring = bool(kinds & _DECLARING) if len(kinds) == 1 else _ANY_KIND.search(text) is not None
    if wanted and not kinds & _DECLARING:
        # A custom resource may make a Secret or a service account of its own name.
        declaring = declaring or _CONTAINERS not in text
    names = frozenset(NAME.findall(text))
    if holds(text, _OPERATED):
        declaring = True
        names |= {name + suffix for name in names for suffix in _SUFFIXES}
    if "serviceAccount" in text:
        names = names.union(_ACCOUNT.findall(text))
    refers = names if holds(text, _REFERRING) else frozenset()
    running = _CONTAINERS in text or (holds(text, _WITHOUT_LISTS) and kinds.isdisjoint(_OF_ARGO_CD))
    if running and "serviceAccount" not in text:
        # It may have been meant to run as the service account that has its own name.
        refers |= {"default", *names, *_INSTANCE.findall(text)}
    if running:
        refers |= {image_name(image) for image in IMAGE.findall(text)}
    associates = ASSOCIATION in text
    if associates:
        # Namespace and name may have been swapped.
        refers |= names.union(NAMESPACE.findall(text))
    return Stretch(
        start,
        end,
        wanted,
        declares=names if declaring else frozenset(),
        refers=refers,
        open=any(name[0] in "*>|" for name in names),
        installs=bool(kinds & INSTALLING),
        accounts=declaring and "ServiceAccount" in text,
        associates=associates,
        keeps=wanted and ("Secret" in text or "erviceAccount" in text),
        # What only declares an object names itself.
        mentions=refers.difference(_own(text)) if kinds and kinds <= _DECLARING else refers,
        inhabits=frozenset(NAMESPACE.findall(text)) if _CONTAINERS in text else frozenset(),
        reads=names if "rbac.authorization" in text and _SECRETS.search(text) is not None else frozenset(),
        templates=names if not kinds.isdisjoint(_TEMPLATES) else frozenset(),
        uses=names if holds(text, _BY_TEMPLATE) else frozenset(),
    )


def _own(text: str) -> list[str]:
    """The name of the object that a document declares, and what else its metadata calls so."""
    found = _METADATA.search(text)
    return _OWN.findall(found[1]) if found is not None else []


def select(files: Iterable[tuple[Stretch, ...]], named: frozenset[str]) -> tuple[tuple[Stretch, ...], ...]:
    """Of each file the documents that are needed, given the names that other formats use."""
    known = list(files)
    anything = bool(named) or any(stretch.wanted for stretches_ in known for stretch in stretches_)
    if not anything:
        return tuple(() for _ in known)
    if ANY in named:
        return tuple(tuple(filter(_joinable, stretches_)) for stretches_ in known)
    declared = set(named)
    for stretches_ in known:
        for stretch in stretches_:
            if stretch.wanted:
                declared |= stretch.declares
    kept = bool(named) or any(stretch.keeps for stretches_ in known for stretch in stretches_)
    if kept:
        declared.update(BUILT_IN_ROLES)
        declared.update(name for stretches_ in known for stretch in stretches_ for name in stretch.reads)
    chosen = [
        [
            _joins(stretch, declared) or (bool(named) and stretch.installs) or (kept and bool(stretch.reads))
            for stretch in stretches_
        ]
        for stretches_ in known
    ]
    if any(stretch.uses for stretches_ in known for stretch in stretches_):
        _follow(known, chosen)
    referred = {
        name
        for stretches_, marks in zip(known, chosen, strict=True)
        for stretch, mark in zip(stretches_, marks, strict=True)
        if mark
        for name in stretch.refers
    }
    referred |= named
    referred |= _nearly(known, named)
    return tuple(
        tuple(
            stretch
            for stretch, mark in zip(stretches_, marks, strict=True)
            if mark or not stretch.declares.isdisjoint(referred)
        )
        for stretches_, marks in zip(known, chosen, strict=True)
    )


def mentions(files: Iterable[tuple[Stretch, ...]], named: frozenset[str], *, anything: bool) -> Mentions:
    """What all documents refer to, given the names that charts' values use."""
    every = [stretch for stretches_ in files for stretch in stretches_]
    return Mentions(
        named.union(*(stretch.mentions for stretch in every)),
        frozenset().union(*(stretch.inhabits for stretch in every)),
        anything=anything or any(stretch.open for stretch in every),
    )


def _follow(files: list[tuple[Stretch, ...]], chosen: list[list[bool]]) -> None:
    """Choose what describes pods for what is chosen, and what has its pods from what is chosen, step by step."""
    users: dict[str, list[tuple[int, int]]] = defaultdict(list)
    described: dict[str, list[tuple[int, int]]] = defaultdict(list)
    open_ = []
    for file, stretches_ in enumerate(files):
        for at, stretch in enumerate(stretches_):
            for name in stretch.uses:
                users[name].append((file, at))
            for name in stretch.templates:
                described[name].append((file, at))
            if chosen[file][at] and (stretch.uses or stretch.templates):
                open_.append((file, at))
    while open_:
        file, at = open_.pop()
        stretch = files[file][at]
        near = [place for name in stretch.uses for place in described.pop(name, ())]
        near += [place for name in stretch.templates for place in users.pop(name, ())]
        for other, there in near:
            if not chosen[other][there]:
                chosen[other][there] = True
                open_.append((other, there))


def _nearly(files: list[tuple[Stretch, ...]], named: frozenset[str]) -> set[str]:
    """The service accounts whose names are nearly one that is named outside or associated, and not declared."""
    every = [stretch for stretches_ in files for stretch in stretches_]
    accounts = {name for stretch in every if stretch.accounts for name in stretch.declares}
    sought = named.union(*(stretch.refers for stretch in every if stretch.associates)) - accounts
    return {name for name in accounts if any(is_near(word, name) for word in sought)} if sought else set()


def _joinable(stretch: Stretch) -> bool:
    return (
        stretch.wanted
        or stretch.open
        or stretch.installs
        or bool(stretch.declares or stretch.refers or stretch.reads or stretch.templates or stretch.uses)
    )


def _joins(stretch: Stretch, declared: set[str]) -> bool:
    return stretch.wanted or stretch.open or not stretch.refers.isdisjoint(declared)
