"""Argo Workflows, Tekton and Rollouts: pods that are described in an object, or in another one that it refers to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall.adapt.kubernetes_pods import account, container, pod
from rolecall.adapt.kubernetes_values import flag, name_of
from rolecall.model import Pod, TemplateReference
from rolecall.tree import Entry, Hole, Mapping, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.model import Container
    from rolecall.tree import Node

_ARGO = "argoproj.io"
_TEKTON = "tekton.dev"
KINDS = frozenset(
    {
        *((_ARGO, kind) for kind in ("Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate")),
        *((_TEKTON, kind) for kind in ("Task", "ClusterTask", "TaskRun", "Pipeline", "PipelineRun", "StepAction")),
    }
)
"""API group and kind of what is read here."""

_FETCHED = Hole("a resolver fetches it")
_RUN = Hole("whoever runs the template decides")
_ARGO_LISTS = (("initContainers", "initContainer"), ("sidecars", "container"))
_MOST_SHARED = 200  # volumes and variables that each template or step gets: more would multiply
_CHANGING = ("container", "script", "containerSet", "initContainers", "sidecars", "podSpecPatch")
_MERGED = ("env", "volumeMounts")
_DEFAULTS = ("serviceAccountName", "serviceAccount")


def pods(root: Mapping, kind: str, group: str) -> Iterator[Pod]:
    """The pods of a workflow, or of a template for some."""
    if group == _ARGO:
        spec = root.at("spec", "workflowSpec") or root.mapping("spec")
        if isinstance(spec, Mapping):
            yield from _argo(spec, fixed=kind in ("Workflow", "CronWorkflow"))
    else:
        yield from _tekton(root, fixed=kind.endswith("Run"))


def rollout(root: Mapping) -> Iterator[Pod]:
    """A Rollout without a template: https://argo-rollouts.readthedocs.io/en/stable/migrating/."""
    workload = root.at("spec", "workloadRef")
    name = name_of(workload.get("name")) if isinstance(workload, Mapping) else None
    kind = workload.text("kind") if isinstance(workload, Mapping) else None
    if name is not None and kind is not None:
        yield _elsewhere(
            TemplateReference(kind, name), unknown(Hole("the workload that it refers to decides"), name.span)
        )


def _elsewhere(reference: TemplateReference, service_account: Scalar | None, template: Scalar | None = None) -> Pod:
    """A pod that another object describes."""
    span = reference.name.span
    return Pod((), (), service_account, (), (), span, template=template, reference=reference)


def _argo(spec: Mapping, *, fixed: bool) -> Iterator[Pod]:
    """Argo Workflows: each template that runs something is a pod; without an account, `default` of the namespace.

    A template's own account comes first, then the workflow's (workflow/controller/workflowpod.go, setupServiceAccount).
    That of `executor` is used for the API of Kubernetes by Argo's own container, and for nothing else.
    """
    named = account(spec)
    # What is said here comes before what the template says (JoinWorkflowSpec of workflow/util/merge.go).
    reference = _reference(spec.get("workflowTemplateRef"), "name")
    if reference is not None:
        given = named or (None if fixed else unknown(_RUN, reference.name.span))
        yield _elsewhere(replace(reference, inherits=True), given)
    defaults = spec.mapping("templateDefaults")
    metadata = _metadata(defaults.mapping("metadata") if defaults is not None else None, spec.mapping("podMetadata"))
    for template in _templates(spec):
        whole = _over(template, defaults)
        shared = any(defaults.get(key) is not None for key in _CHANGING) if defaults is not None else False
        shared = shared or any(one.get("podSpecPatch") is not None for one in (spec, template))
        containers = tuple(_argo_containers(whole, partial=shared))
        if not containers:
            yield from _referred(template, named, fixed=fixed)
            continue
        name = name_of(template.get("name"))
        span = name.span if name else containers[0].span
        fallback = named or (None if fixed else unknown(_RUN, span))
        made = pod(
            _with_volumes(whole, spec), _metadata(template.mapping("metadata"), metadata), span, fallback, containers
        )
        yield replace(made, template=name, keeps_account=account(whole) is not None)


def _templates(spec: Mapping) -> Iterator[Mapping]:
    """The templates of a workflow, those that are written within others included."""
    for template in spec.mappings("templates"):
        yield template
        for step in _steps(template):
            inline = step.mapping("inline")
            if inline is not None:
                yield inline


def _steps(template: Mapping) -> Iterator[Mapping]:
    """The steps of a template, whether in lists of lists or as a graph."""
    for group in template.items("steps"):
        for step in group.items if isinstance(group, Sequence) else (group,):
            if isinstance(step, Mapping):
                yield step
    graph = template.mapping("dag")
    yield from graph.mappings("tasks") if graph is not None else ()


def _referred(template: Mapping, named: Scalar | None, *, fixed: bool) -> Iterator[Pod]:
    """The pods of other objects' templates that the steps of a template run, under this workflow's service account."""
    for step in _steps(template):
        reference = _reference(step.get("templateRef"), "name", "template")
        if reference is not None:
            yield _elsewhere(reference, named or (None if fixed else unknown(_RUN, reference.name.span)))


def _reference(node: Node | None, key: str, template: str = "") -> TemplateReference | None:
    """https://argo-workflows.readthedocs.io/en/latest/workflow-templates/."""
    name = name_of(node.get(key)) if isinstance(node, Mapping) else None
    if name is None or not isinstance(node, Mapping):
        return None
    everywhere = flag(node.get("clusterScope")) is True
    kind = "ClusterWorkflowTemplate" if everywhere else "WorkflowTemplate"
    return TemplateReference(kind, name, name_of(node.get(template)) if template else None, everywhere=everywhere)


def _over(template: Mapping, defaults: Mapping | None) -> Mapping:
    """A template with what the workflow says of all of them where it says nothing itself."""
    if defaults is None:
        return template
    own = {entry.key.known for entry in template.entries}
    more = tuple(entry for entry in defaults.entries if entry.key.known in _DEFAULTS and entry.key.known not in own)
    return replace(template, entries=(*template.entries, *more))


def _argo_containers(template: Mapping, *, partial: bool) -> Iterator[Container]:
    for key in ("container", "script"):
        item = template.mapping(key)
        if item:
            found = container(item, "container", partial=partial)
            # Argo names it so where nobody else does.
            yield found if item.get("name") is not None else replace(found, name=known("main", found.name.span))
    group = template.mapping("containerSet")
    for item in group.mappings("containers") if group else ():
        yield container(item, "container", partial=partial)
    for key, role in _ARGO_LISTS:
        for item in template.mappings(key):
            yield container(item, role, partial=partial)


def _with_volumes(template: Mapping, spec: Mapping) -> Mapping:
    """The template with the workflow's volumes beside its own."""
    own, shared = template.items("volumes"), spec.entry("volumes")
    if shared is None or not isinstance(shared.value, Sequence):
        return template
    volumes = Sequence((*own, *shared.value.items[:_MOST_SHARED]), shared.value.span)
    return Mapping((*template.entries, Entry(shared.key, volumes)), template.span)


def _metadata(own: Mapping | None, shared: Mapping | None) -> Mapping | None:
    """A template's metadata over those of all templates, as Argo merges them (workflowpod.go, addMetadata)."""
    if own is None or shared is None:
        return own or shared
    entries = []
    for key in ("annotations", "labels"):
        above, below = own.entry(key), shared.entry(key)
        entry = above or below
        over, under = (one.value if one is not None else None for one in (above, below))
        if above is not None and isinstance(over, Mapping) and isinstance(under, Mapping):
            both = (*under.entries[:_MOST_SHARED], *over.entries)
            entry = Entry(above.key, replace(over, entries=both, rest=over.rest or under.rest))
        if entry is not None:
            entries.append(entry)
    return replace(own, entries=tuple(entries))


def _tekton(root: Mapping, *, fixed: bool) -> Iterator[Pod]:
    """Tekton: the steps of a task are the containers of one pod; a run names the account, or `default` holds.

    A run of a pipeline may name others for some of its tasks (https://tekton.dev/docs/pipelines/pipelineruns/).
    """
    spec = root.mapping("spec")
    if spec is None:
        return
    run = spec.mapping("taskRunTemplate")
    named = account(spec) or (account(run) if run else None)
    others = tuple(_for_tasks(spec))
    for key, kind in (("pipelineRef", "Pipeline"), ("taskRef", "Task")):
        reference = _of_tekton(spec.get(key), kind)
        if reference is not None:
            given = named or (None if fixed else unknown(_RUN, reference.name.span))
            yield _elsewhere(replace(reference, accounts=others), given)
    pipeline = spec.mapping("pipelineSpec") or spec
    tasks: list[tuple[Mapping, Mapping | None]] = [(spec, spec), (spec, spec.mapping("taskSpec"))]
    parts = [task for key in ("tasks", "finally") for task in pipeline.mappings(key)]
    tasks += [(task, task.mapping("taskSpec")) for task in parts]
    for task, described in tasks:
        name = name_of(task.get("name")) if task is not spec else None
        own = next((other for called, other in others if name is not None and called == name.known), named)
        steps = tuple(_tekton_containers(described)) if described else ()
        reference = _of_tekton(task.get("taskRef"), "Task") if task is not spec else None
        if described and steps:
            span = steps[0].span
            made = pod(described, None, span, own or (None if fixed else unknown(_RUN, span)), steps)
            yield replace(made, template=name)
        elif reference is not None:
            yield _elsewhere(reference, own or (None if fixed else unknown(_RUN, reference.name.span)), name)


def _for_tasks(spec: Mapping) -> Iterator[tuple[str, Scalar]]:
    """The service accounts that a run of a pipeline gives to single tasks."""
    for one in spec.mappings("taskRunSpecs"):
        task = one.text("pipelineTaskName")
        # `taskServiceAccountName` is what v1beta1 calls it.
        given = account(one) or name_of(one.get("taskServiceAccountName"))
        if task is not None and given is not None:
            yield task, given


def _of_tekton(node: Node | None, kind: str) -> TemplateReference | None:
    """A task or pipeline by its name; what a resolver fetches from elsewhere is not seen."""
    if not isinstance(node, Mapping):
        return None
    kind = node.text("kind") or kind
    if node.get("resolver") is not None or node.get("bundle") is not None:
        return TemplateReference(kind, unknown(_FETCHED, node.span))
    name = name_of(node.get("name"))
    return TemplateReference(kind, name, everywhere=kind == "ClusterTask") if name is not None else None


def _tekton_containers(task: Mapping) -> Iterator[Container]:
    shared = task.mapping("stepTemplate")
    for item in task.mappings("steps"):
        step = _with_template(item, shared) if shared is not None else item
        # What is not seen here is in a StepAction.
        partial = item.get("ref") is not None or (shared is not None and _is_long(shared))
        yield container(step, "container", partial=partial)
    for item in task.mappings("sidecars"):
        yield container(item, "container")


def _with_template(step: Mapping, shared: Mapping) -> Mapping:
    """A step with what the task says of all steps, merged as Kubernetes merges containers.

    Variables are merged by name, where the step has the last word (https://tekton.dev/docs/pipelines/tasks/).
    """
    entries = [entry for entry in step.entries if entry.key.known not in _MERGED]
    for key in (*_MERGED, "envFrom", "image"):
        above, below = step.entry(key), shared.entry(key)
        if above is None or below is None or key not in _MERGED:
            if above is None and below is not None:
                entries.append(below)
            elif above is not None and key in _MERGED:
                entries.append(above)
            continue
        value = above.value
        if isinstance(value, Sequence) and isinstance(below.value, Sequence):
            shown = below.value.items[:_MOST_SHARED]
            value = Sequence((*shown, *value.items), value.span, value.rest or below.value.rest)
        entries.append(Entry(above.key, value))
    return replace(step, entries=tuple(entries))


def _is_long(shared: Mapping) -> bool:
    """Whether more is said of all steps than each is given here."""
    return any(len(shared.items(key)) > _MOST_SHARED for key in (*_MERGED, "envFrom"))
