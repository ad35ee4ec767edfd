"""Dockerfiles into the model: stages, what they set, run and copy, and what reaches the final image."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.adapt.dockerfile_copies import copies
from rolecall.adapt.dockerfile_stages import StageReader
from rolecall.model import ImageBuild, Origin
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.syntax.dockerfile import Mistake, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.facts import Said
    from rolecall.source import Source
    from rolecall.syntax.dockerfile import Dockerfile
    from rolecall.workspace import Workspace

_NAME = regex.compile(
    r"dockerfile|(?:Dockerfile|Containerfile)(?:[._-](?P<suffix>.+))?|.+\.(?:[Dd]ockerfile|[Cc]ontainerfile)"
)
# What is about Dockerfiles without being one.
_OTHER_SUFFIX = regex.compile(
    r"(?:.*\.)?(?:dockerignore|md|rst|adoc|txt|go|py|js|ts|rb|sh|ya?ml|json|toml|snap|golden|log|patch|diff|orig|bak)"
)
_TEMPLATE_SUFFIX = regex.compile(r".*\.?(?:j2|jinja2?|tmpl|template|tpl|erb|mustache|hbs|in|m4|ejs|gotmpl)")
_TEMPLATE = regex.compile(r"\{\{|\{%|%%|<%|@@|@[A-Za-z_]+@|\$\{\{|^\s*\{|^#\w|^\s*include\(")


def names_dockerfile(path: str) -> bool:
    """Whether a file's name says that it is a Dockerfile: `Dockerfile`, `Dockerfile.x`, `x.Dockerfile`."""
    match = _NAME.fullmatch(posixpath.basename(path))
    return match is not None and not (match["suffix"] and _OTHER_SUFFIX.fullmatch(match["suffix"].lower()))


def adapt(source: Source, workspace: Workspace) -> Iterator[Said]:
    """The image build that a Dockerfile describes; nothing for a file that turns out to be something else."""
    parsed = parse(source)
    named = names_dockerfile(source.path)
    has_stage = any(instruction.keyword == "FROM" for instruction in parsed.instructions)
    if not has_stage and not named:
        return
    if parsed.instructions:
        yield _build(source, parsed, workspace)
    yield from _trouble(source, parsed, has_stage=has_stage)


def _build(source: Source, parsed: Dockerfile, workspace: Workspace) -> ImageBuild:
    reader = StageReader(source, parsed, copies(source, workspace))
    stages = reader.read()
    first = stages[0].span if stages else parsed.instructions[0].span
    origin = Origin(source.path, source.path, first, source.whole(), group=source.path)
    return ImageBuild(origin, stages, reader.global_arguments())


def _trouble(source: Source, parsed: Dockerfile, *, has_stage: bool) -> Iterator[Said]:
    """What could not be read. The builder stops at the first line that it does not know, so the first is enough."""
    suffix = posixpath.basename(source.path).lower().rpartition(".")[2]
    mistake = parsed.mistakes[0] if parsed.mistakes else None
    if not has_stage and (mistake is None or not parsed.instructions):
        where = source.span(0, 0) if not parsed.instructions else parsed.instructions[0].span
        mistake = Mistake("there is no FROM instruction, so nothing can be built", where)
    if mistake is None:
        return
    row = source.line(mistake.span.line)
    if _TEMPLATE_SUFFIX.fullmatch(suffix) or _TEMPLATE.search(row) or _is_template(source.text, has_stage=has_stage):
        yield Unevaluated(f"Dockerfile {source.path}", "a template", mistake.span, source.path)
    elif parsed.syntax and not re.match(r"docker(?:\.io/docker)?/dockerfile(?:-upstream)?(?::|@|$)", parsed.syntax):
        yield Unevaluated(f"Dockerfile {source.path}", "a frontend of its own", mistake.span, source.path)
    else:
        yield Problem(ProblemKind.SYNTAX, mistake.message, source.path, mistake.span)


def _is_template(text: str, *, has_stage: bool) -> bool:
    """Whether a file without a FROM is made from a template that brings it."""
    return not has_stage and re.search(r"\{\{|\{%|%%|<%", text) is not None
