"""Image builds: what a Dockerfile bakes into an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model.origin import Origin
    from rolecall.model.secrets import Material
    from rolecall.span import Span
    from rolecall.tree import Scalar


@dataclass(frozen=True, slots=True)
class BuildVariable:
    """An `ENV` or `ARG` (also under `ONBUILD`). `value` is None for an ARG without a default; masked if a key.

    `argument` is the ARG that an ENV's value is made of, where it is one without a default. `credential`: SDKs read
    a key, its secret or its session token under this name.
    """

    instruction: str
    name: Scalar
    value: Scalar | None
    material: Material
    span: Span
    argument: Scalar | None = None
    credential: bool = False


@dataclass(frozen=True, slots=True)
class CommandSetting:
    """A credential that a shell command sets. `manner`: `export`, `aws configure set` or `file`.

    `argument` is the ARG without a default that the value comes from; `mounted`: it comes from a build secret only.
    """

    name: Scalar
    value: Scalar
    material: Material
    manner: str
    argument: Scalar | None = None
    mounted: bool = False


@dataclass(frozen=True, slots=True)
class RunCommand:
    """One shell command of a `RUN` (heredocs and exec form included), key material in it masked.

    `text` is the command's words with single spaces; `secret_variables` the names that come from
    `--mount=type=secret,env=`.
    """

    text: str
    span: Span
    secret_variables: tuple[str, ...] = ()
    settings: tuple[CommandSetting, ...] = ()


@dataclass(frozen=True, slots=True)
class CopiedPath:
    """One source of a `COPY` or `ADD` with its destination. `from_stage` is the `--from` value.

    `excluded`: `.dockerignore` keeps it, or what it `brings`, out of the build. `brings` is a credentials file that a
    copy of a whole folder takes along. `content` is what the copied file holds, where it is seen. `known_stage`:
    `from_stage` is a stage of this file.
    """

    instruction: str
    source: Scalar
    destination: Scalar
    span: Span
    from_stage: Scalar | None = None
    excluded: bool = False
    brings: str = ""
    content: Material | None = None
    known_stage: bool = False


@dataclass(frozen=True, slots=True)
class BuildStage:
    """One stage. `reaches_final`: it is the final stage, or one that the final stage is built from (`FROM x`)."""

    name: str
    base: Scalar
    span: Span
    variables: tuple[BuildVariable, ...]
    commands: tuple[RunCommand, ...]
    copies: tuple[CopiedPath, ...]
    reaches_final: bool
    copied_from: bool = False


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """A Dockerfile. `arguments` are the ARGs before the first FROM."""

    origin: Origin
    stages: tuple[BuildStage, ...]
    arguments: tuple[BuildVariable, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageSource:
    """A declaration that an image is built from a Dockerfile: its name without a tag, in which `*` is any text."""

    origin: Origin
    image: str
    dockerfile: str
