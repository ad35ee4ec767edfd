"""From a unit to its facts: parse, then adapt, each failure kept beside what could be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rolecall import charts
from rolecall.facts import Facts, collect
from rolecall.kinds import UnitKind, is_dockerfile, is_plan
from rolecall.problem import Problem, Unevaluated, crash
from rolecall.tree import Entry, Kind, Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rolecall.facts import Said
    from rolecall.kinds import Unit
    from rolecall.kustomize.files import Files
    from rolecall.source import Source
    from rolecall.syntax.document import Document
    from rolecall.terraform.library import Library
    from rolecall.workspace import Workspace


class Reader:
    """Reads the units of one world. It remembers directories that several root modules call.

    `values` are files with values of Terraform's variables that the user named; `excluded` says which files the user
    does not want to hear of; `sources` are files that have been read, by path.
    """

    def __init__(
        self,
        workspace: Workspace,
        values: tuple[Source, ...] = (),
        excluded: Callable[[str], bool] = lambda _: False,
        sources: dict[str, Source] | None = None,
    ) -> None:
        self.workspace = workspace
        self._values = values
        self._excluded = excluded
        self._sources = sources
        self._library: Library | None = None
        self._kustomizations: Files | None = None

    def read(self, unit: Unit) -> Facts:
        """What a unit says. It depends on nothing but files, and never raises."""
        return collect(unit.name, _guarded(unit.name, _unit(unit, self)), unit.paths)

    @property
    def library(self) -> Library:
        """The Terraform directories that are read."""
        if self._library is None:
            from rolecall.terraform.library import Library  # noqa: PLC0415 - only where there is Terraform

            self._library = Library(self.workspace, self._values, self._excluded, self._sources)
        return self._library

    @property
    def kustomizations(self) -> Files:
        """The files of kustomizations that are read."""
        if self._kustomizations is None:
            from rolecall.kustomize.files import Files  # noqa: PLC0415 - only where there are some

            self._kustomizations = Files(self.workspace)
        return self._kustomizations


def read_unit(unit: Unit, workspace: Workspace) -> Facts:
    """What a single unit says."""
    return Reader(workspace).read(unit)


def _guarded(path: str, said: Iterator[Said]) -> Iterator[Said]:
    """What a generator says up to its end or its crash, which becomes a problem."""
    try:
        yield from said
    except Exception as error:  # noqa: BLE001 - nothing is swallowed: it becomes a problem
        yield crash("reading", error, "this is a mistake in rolecall, not in your files; the rest was read", path)


def _unit(unit: Unit, reader: Reader) -> Iterator[Said]:
    workspace = reader.workspace
    if unit.kind is UnitKind.KUSTOMIZE:
        from rolecall.kustomize import unit as kustomize  # noqa: PLC0415 - only where there is one

        yield from _guarded(unit.name, kustomize.adapt(unit.name, reader.kustomizations))
        for path in unit.paths:
            source = reader.kustomizations.source(path)
            if not isinstance(source, Problem):
                yield from _guarded(path, _remarks(source))
        return
    read = reader.library.read if unit.kind is UnitKind.TERRAFORM else workspace.read
    sources: list[Source] = []
    for path in unit.paths:
        source = read(path)
        if isinstance(source, Problem):
            yield source
        else:
            sources.append(source)
    if unit.kind is UnitKind.TERRAFORM and not unit.called:
        from rolecall.terraform import unit as terraform  # noqa: PLC0415 - imports hcl2

        yield from _guarded(unit.name, terraform.adapt(unit.name, tuple(sources), reader.library))
    for source in sources:
        if unit.kind not in (UnitKind.TERRAFORM, UnitKind.TEXT):
            yield from _guarded(source.path, _file(unit, source, workspace))
        yield from _guarded(source.path, _remarks(source))


def _remarks(source: Source) -> Iterator[Said]:
    from rolecall.adapt import literals  # noqa: PLC0415

    yield from literals.adapt(source)
    if "rolecall:" in source.text:
        from rolecall import suppression  # noqa: PLC0415

        yield from suppression.comments(source)


def _file(unit: Unit, source: Source, workspace: Workspace) -> Iterator[Said]:
    kind = _kind(unit, source)
    if kind is UnitKind.PLAN:
        from rolecall.terraform import unit as terraform  # noqa: PLC0415

        yield from terraform.adapt_plan(source)
        return
    if kind is UnitKind.TERRAGRUNT:
        from rolecall.terraform import terragrunt  # noqa: PLC0415 - few trees have it

        yield from terragrunt.adapt(source)
        return
    if kind is UnitKind.DOCKERFILE:
        from rolecall.adapt import dockerfile  # noqa: PLC0415

        yield from dockerfile.adapt(source, workspace)
        return
    if kind is UnitKind.JSON:
        found = _json(source)
    else:
        from rolecall.syntax import yaml  # noqa: PLC0415

        found = yaml.documents(source, unit.documents, ours=kind is UnitKind.VALUES)
    chart = _chart(kind, source.path, workspace)
    for document in found:
        if isinstance(document, (Problem, Unevaluated)):
            yield document
        else:
            for one in _objects(document if chart is None else replace(document, chart=chart)):
                yield from _guarded(source.path, _document(one, source, unit, workspace))


def _kind(unit: Unit, source: Source) -> UnitKind:
    """What a file is; of standard input its content tells."""
    kind = unit.kind
    if kind is UnitKind.STREAM:
        kind = UnitKind.DOCKERFILE if is_dockerfile(source.text) else UnitKind.YAML
        if source.text.lstrip()[:1] in ("{", "["):
            kind = UnitKind.JSON
    return UnitKind.PLAN if kind is UnitKind.JSON and is_plan(source.text) else kind


def _chart(kind: UnitKind, path: str, workspace: Workspace) -> str | None:
    """The directory of the chart that a file is a template of, or has values of."""
    if kind is UnitKind.VALUES:
        return charts.of_values(path, workspace)
    return charts.of_template(path, workspace) if kind is UnitKind.YAML else None


def _json(source: Source) -> Iterator[Document | Problem | Unevaluated]:
    """The documents of a JSON file; of an account's details, which are large, what concerns us."""
    from rolecall.adapt import iam_account  # noqa: PLC0415
    from rolecall.syntax import json  # noqa: PLC0415

    account = iam_account.document(source)
    if account is not None:
        yield account
        return
    for one in json.documents(source):
        yield _or_template(one, source)


def _or_template(said: Document | Problem, source: Source) -> Document | Problem | Unevaluated:
    """A text that is no JSON because it is a template of it is not evaluated; any other is a problem."""
    if not isinstance(said, Problem):
        return said
    from rolecall.syntax import templates  # noqa: PLC0415

    place = templates.expression_in_json(source.text)
    if place is None:
        return said
    reason = "it is a template, and its values are not known; read what it renders to instead"
    return Unevaluated(templates.language(source.text, source.path), reason, source.span(*place), source.path)


def _document(document: Document, source: Source, unit: Unit, workspace: Workspace) -> Iterator[Said]:
    root = document.root
    if not isinstance(root, Mapping):
        return
    version = root.text("apiVersion") or ""
    if document.functions:
        from rolecall.adapt import cloudformation  # noqa: PLC0415

        yield from cloudformation.adapt(document, source)
    elif unit.kind is UnitKind.VALUES:
        yield from _values(document, source, unit)
    elif not version and root.mapping("services") is not None:
        from rolecall.adapt import compose  # noqa: PLC0415

        yield from compose.adapt(root, source, workspace)
    elif version.startswith("skaffold/"):
        from rolecall.adapt import skaffold  # noqa: PLC0415

        yield from skaffold.adapt(root, source.path)
    elif _is_eksctl(root):
        from rolecall.adapt import eksctl  # noqa: PLC0415

        yield from eksctl.adapt(document, source, group(document, source, unit))
    else:
        yield from _object_or_policy(document, root, source, unit)


def _values(document: Document, source: Source, unit: Unit) -> Iterator[Said]:
    from rolecall.adapt import helm_values_file  # noqa: PLC0415

    silent = True
    for said in helm_values_file.adapt(document, source, group(document, source, unit)):
        silent = False
        yield said
    part = source.text[document.span.start : document.span.end]
    if silent and charts.may_be_values(part) and not charts.is_values(source.path, source.text):
        reason = "its annotations are not those of an object, perhaps a chart's values; read what it renders to"
        yield Unevaluated("YAML that is no manifest", reason, document.span, source.path)


def _object_or_policy(document: Document, root: Mapping, source: Source, unit: Unit) -> Iterator[Said]:
    other = _other_format(root)
    if other:
        yield Unevaluated(other, "this format is not evaluated", root.entries[0].key.span, source.path)
    elif root.get("apiVersion") is not None and root.get("kind") is not None:
        from rolecall.adapt import kubernetes  # noqa: PLC0415

        yield from kubernetes.adapt(document, source, group(document, source, unit))
        return
    from rolecall.adapt import iam_json  # noqa: PLC0415

    if iam_json.recognises(root):
        yield from iam_json.adapt(document, source)


def _other_format(root: Mapping) -> str:
    """The name of a format that may declare identity and is not read."""
    version = root.text("apiVersion") or ""
    if version.startswith("eksctl.io/") and not _is_eksctl(root):
        return f"eksctl {root.text('kind') or 'configuration'}"
    return ""


def _is_eksctl(root: Mapping) -> bool:
    """Whether a tree is an eksctl configuration of the version that is read."""
    return root.text("apiVersion") == "eksctl.io/v1alpha5" and root.text("kind") == "ClusterConfig"


def group(document: Document, source: Source, unit: Unit) -> str:
    """What a document is applied together with: a chart, its render in a file or stream, else a directory."""
    if document.chart:
        return document.chart
    if document.template:
        return f"{source.path}#{document.template.partition('/')[0]}"
    if unit.kind is UnitKind.STREAM:
        return source.path
    directory, slash, _ = source.path.rpartition("/")
    return directory if slash else "."


def _objects(document: Document) -> Iterator[Document]:
    """The objects of a document one by one: the items of a List (or ServiceAccountList, …), else the document."""
    pending = [document]
    while pending:
        one = pending.pop()
        root = one.root
        kind = root.text("kind") if isinstance(root, Mapping) else None
        items = root.get("items") if isinstance(root, Mapping) else None
        if isinstance(root, Sequence):
            items = root
        if not isinstance(items, Sequence) or not (kind is None or kind.endswith("List")):
            yield one
            continue
        member = kind.removesuffix("List") if kind else ""
        version = root.get("apiVersion") if isinstance(root, Mapping) else None
        for item in reversed(items.items):
            if isinstance(item, Mapping):
                whole = item
                if member and version is not None and item.get("kind") is None:
                    # A typed list's items need not repeat what they are.
                    named = Scalar((member,), Kind.STRING, item.span)
                    version_key = Scalar(("apiVersion",), Kind.STRING, item.span)
                    kind_key = Scalar(("kind",), Kind.STRING, item.span)
                    whole = Mapping((Entry(version_key, version), Entry(kind_key, named), *item.entries), item.span)
                pending.append(replace(one, root=whole, span=item.span))
