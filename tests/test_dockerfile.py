from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.adapt.dockerfile import adapt, names_dockerfile
from rolecall.model import BuildVariable, ImageBuild, MaterialKind
from rolecall.problem import Problem, ProblemKind, Unevaluated
from rolecall.source import Source
from rolecall.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.facts import Said
    from rolecall.span import Span

KEY = "AKIAQ2W3E4R5T6Y7U2I3"
SECRET = "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"  # noqa: S105 - invented


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def said(text: str, workspace: Workspace, path: str = "Dockerfile") -> list[Said]:
    return list(adapt(Source(path, text), workspace))


def build(text: str, workspace: Workspace, path: str = "Dockerfile") -> ImageBuild:
    [found] = [one for one in said(text, workspace, path) if isinstance(one, ImageBuild)]
    return found


def at(text: str, span: Span) -> str:
    return text[span.start : span.end]


def variables(text: str, workspace: Workspace) -> dict[str, str | None]:
    """The values of the last stage's variables, `${…}` for what is unknown."""
    stage = build(text, workspace).stages[-1]
    return {one.name.display: one.value.display if one.value else None for one in stage.variables}


def variable(text: str, name: str, workspace: Workspace) -> BuildVariable:
    return next(one for stage in build(text, workspace).stages for one in stage.variables if one.name.known == name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$A", "one"),
        ("${A}", "one"),
        ("x$A.y", "xone.y"),
        ('"$A two"', "one two"),
        ("'$A'", "$A"),
        ("\\$A", "$A"),
        ("${A:-d}", "one"),
        ("${B:-d}", "d"),
        ("${B-d}", ""),
        ("${C:-d}", "d"),
        ("${C-d}", "d"),
        ("${A:+p}", "p"),
        ("${B:+p}", ""),
        ("${C:+p}", ""),
        ("${C:-${A}x}", "onex"),
        ("${C:-${B:-$A}}", "one"),
        ("$D", "${D}"),
        ("${D:-d}", "d"),
        ("${D:+p}", "${D}"),
        ("$C", "${C}"),
        ("${A#o}", "${A}"),
        ("$", "$"),
        ("$$", "$$"),
        ("${", "${"),
        ("a\\ b", "a b"),
        ('"a\\"b"', 'a"b'),
        ('"a\\nb"', "a\\nb"),
        ("''", ""),
    ],
)
def test_variables_are_put_in(value: str, expected: str, workspace: Workspace) -> None:
    text = f"FROM x\nENV A=one B=\nARG D\nENV V={value}\n"
    assert variables(text, workspace)["V"] == expected


def test_env_overrides_arg_and_one_instruction_sees_what_was_before(workspace: Workspace) -> None:
    text = "FROM x\nARG A=arg\nENV A=env\nARG A=again\nENV A=new B=$A\nENV C=$A\n"
    found = variables(text, workspace)
    assert (found["B"], found["C"]) == ("env", "new")


def test_a_default_before_from_counts_in_stages_that_ask_for_it(workspace: Workspace) -> None:
    text = "ARG A=top\nFROM image:$A\nENV B=$A\nARG A\nENV C=$A\n"
    found = variables(text, workspace)
    assert (found["B"], found["C"]) == ("${A}", "top")
    assert build(text, workspace).stages[0].base.known == "image:top"
    assert [one.name.known for one in build(text, workspace).arguments] == ["A"]


def test_stages_inherit_env_and_not_arg(workspace: Workspace) -> None:
    text = "FROM x AS Base\nENV A=env\nARG B=arg\nFROM base\nENV C=$A D=$B\n"
    found = variables(text, workspace)
    assert (found["C"], found["D"]) == ("env", "${B}")


def test_which_stages_reach_the_image(workspace: Workspace) -> None:
    text = (
        "FROM x AS base\nRUN a\nFROM base AS tools\nFROM x AS lonely\nFROM x\nFROM base\n"
        "COPY --from=tools /a /a\nRUN --mount=type=bind,from=3,target=/x b\n"
    )
    stages = build(text, workspace).stages
    assert [stage.reaches_final for stage in stages] == [True, False, False, False, True]
    assert [stage.copied_from for stage in stages] == [False, True, False, True, False]


def test_the_argument_behind_an_env_is_named(workspace: Workspace) -> None:
    text = "FROM x\nARG KEY\nENV TEMP=$KEY\nENV AWS_ACCESS_KEY_ID=${TEMP}\n"
    found = variable(text, "AWS_ACCESS_KEY_ID", workspace)
    assert found.argument is not None
    assert found.argument.span.line == 2
    assert found.credential
    assert found.material.kind is MaterialKind.UNKNOWN


def test_places_are_exact(workspace: Workspace) -> None:
    text = (
        f"FROM x\nENV A=1 \\\n  # why\n\n  AWS_SECRET_ACCESS_KEY=\"{SECRET}\" B='2'\nENV  AWS_ACCESS_KEY_ID   {KEY}  \n"
    )
    secret = variable(text, "AWS_SECRET_ACCESS_KEY", workspace)
    assert secret.value is not None
    assert at(text, secret.span) == f'AWS_SECRET_ACCESS_KEY="{SECRET}"'
    assert at(text, secret.name.span) == "AWS_SECRET_ACCESS_KEY"
    assert at(text, secret.value.span) == SECRET
    assert (secret.span.line, secret.span.column) == (5, 3)
    identifier = variable(text, "AWS_ACCESS_KEY_ID", workspace)
    assert identifier.value is not None
    assert at(text, identifier.value.span) == KEY


def test_no_key_material_reaches_the_model(workspace: Workspace) -> None:
    text = (
        f"ARG A={KEY}\nFROM x\nARG A\nENV AWS_SECRET_ACCESS_KEY={SECRET} B={SECRET} C='{KEY} {SECRET}' D={KEY}$Z\n"
        f"RUN export AWS_SECRET_ACCESS_KEY={SECRET} && echo {SECRET} {KEY} | upload\n"
        f"RUN <<EOF\ncat <<X > /root/.aws/credentials\naws_secret_access_key={SECRET}\nX\nEOF\n"
        f'RUN ["aws", "configure", "set", "aws_secret_access_key", "{SECRET}"]\n'
        f"COPY <<EOF /root/.aws/credentials\naws_secret_access_key={SECRET}\nEOF\n{SECRET}\n"
    )
    found = repr(said(text, workspace))
    assert SECRET not in found
    assert KEY not in found


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("export AWS_SECRET_ACCESS_KEY=a1b2", [("export", "AWS_SECRET_ACCESS_KEY", "a1b2")]),
        ("a && AWS_SECRET_ACCESS_KEY='a1b2' b", [("export", "AWS_SECRET_ACCESS_KEY", "a1b2")]),
        ("if x; then export AWS_SECRET_KEY=a1b2; fi", [("export", "AWS_SECRET_KEY", "a1b2")]),
        ("(export AWS_SECRET_KEY=a1b2)", [("export", "AWS_SECRET_KEY", "a1b2")]),
        (
            "aws --profile p configure set aws_access_key_id a1b2 --region x",
            [("aws configure set", "aws_access_key_id", "a1b2")],
        ),
        (
            "/usr/bin/aws configure set default.aws_secret_access_key a1b2",
            [("aws configure set", "aws_secret_access_key", "a1b2")],
        ),
        ("aws configure set region x", []),
        ("aws configure list", []),
        ("echo aws_secret_access_key=a1b2 >> /x", [("file", "aws_secret_access_key", "a1b2")]),
        ("echo aws_secret_access_key=a1b2>>/x", [("file", "aws_secret_access_key", "a1b2")]),
        ("echo aws_secret_access_key=a1b2 | sudo tee /x", [("file", "aws_secret_access_key", "a1b2")]),
        ("echo aws_secret_access_key=a1b2", []),
        ("echo aws_secret_access_key=a1b2 2>&1", []),
        ("printf 'aws_secret_access_key=%s' a1b2 > /x", [("file", "aws_secret_access_key", "a1b2")]),
        ("# export AWS_SECRET_ACCESS_KEY=a1b2", []),
        ("echo 'export AWS_SECRET_ACCESS_KEY=a1b2'", []),
    ],
)
def test_credentials_that_commands_set(run: str, expected: list[tuple[str, str, str]], workspace: Workspace) -> None:
    text = f"FROM x\nRUN {run}\n"
    found = [one for command in build(text, workspace).stages[0].commands for one in command.settings]
    assert [(one.manner, one.name.known, at(text, one.value.span)) for one in found] == expected


def test_commands_are_told_apart(workspace: Workspace) -> None:
    text = "FROM x\nRUN a 'b && c' && \\\n d | e; f \"$(g; h)\" || i\n"
    assert [command.text for command in build(text, workspace).stages[0].commands] == [
        "a b && c",
        "d",
        "e",
        "f $(g; h)",
        "i",
    ]


def test_a_here_document_is_a_script(workspace: Workspace) -> None:
    script = "RUN <<-EOF\n\ta b\n\tcat <<X > y\n\tnot a command\nX\n\tc\n\tEOF\n"
    text = f"FROM x\n{script}RUN <<E\n#!/usr/bin/env python3\nx\nE\n"
    assert [command.text for command in build(text, workspace).stages[0].commands] == ["a b", "cat <<X > y", "c"]


def test_variables_of_build_secrets(workspace: Workspace) -> None:
    text = (
        "FROM x\nRUN --mount=type=secret,id=a,env=AK --mount=type=secret,id=b,target=/s"
        " export AWS_SECRET_ACCESS_KEY=$AK && export AWS_SECRET_KEY=$(cat /s) && export AWS_SESSION_TOKEN=$OTHER\n"
    )
    commands = build(text, workspace).stages[0].commands
    assert [one.mounted for command in commands for one in command.settings] == [True, True, False]
    assert commands[0].secret_variables == ("AK",)


@pytest.mark.parametrize(
    ("ignore", "excluded"),
    [
        (".aws\n", True),
        ("**/.aws", True),
        ("/.aws/*", True),
        ("*\n!src", True),
        (".aws\n!.aws/credentials\n", False),
        ("# .aws", False),
        ("aws", False),
        ("", False),
    ],
)
def test_a_whole_folder_and_what_is_ignored(ignore: str, excluded: bool, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(f"[default]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n")
    (tmp_path / ".dockerignore").write_text(ignore)
    [copied] = build("FROM x\nCOPY . /app\n", Workspace(tmp_path)).stages[0].copies
    assert copied.brings == ".aws/credentials"
    assert copied.excluded is excluded


def test_copies_in_every_form(workspace: Workspace) -> None:
    text = 'FROM x\nCOPY --chown=a:b --from=y "a b" c\\\n d\nADD ["e f", "g"]\nCOPY <<A <<B h\n1\nA\n2\nB\nENV X=1\n'
    stage = build(text, workspace).stages[0]
    assert [(one.instruction, one.source.known, one.destination.known) for one in stage.copies] == [
        ("COPY", "a b", "d"),
        ("COPY", "c", "d"),
        ("ADD", "e f", "g"),
        ("COPY", "<<A", "h"),
        ("COPY", "<<B", "h"),
    ]
    assert at(text, stage.copies[2].source.span) == "e f"
    assert [one.name.known for one in stage.variables] == ["X"]


def test_one_bad_line_is_a_problem_and_the_rest_counts(workspace: Workspace) -> None:
    found = said(f"FROM x\nENV AWS_ACCESS_KEY_ID={KEY}\nWHAT {SECRET}\nENV A=1\nNOR this\n", workspace)
    [image, problem] = found
    assert isinstance(image, ImageBuild)
    assert [one.name.known for one in image.stages[0].variables] == ["AWS_ACCESS_KEY_ID", "A"]
    assert isinstance(problem, Problem)
    assert problem.kind is ProblemKind.SYNTAX
    assert problem.span is not None
    assert problem.span.line == 3


@pytest.mark.parametrize(
    ("path", "text", "kinds"),
    [
        ("Dockerfile", "", [Problem]),
        ("Dockerfile", "just words\n", [Problem]),
        ("Dockerfile.mine", "RUN x\n", [ImageBuild, Problem]),
        ("notes", "just words\n", []),
        ("notes", "RUN x\n", []),
        ("x.Dockerfile", "from x\n", [ImageBuild]),
        ("Dockerfile", "FROM x\n{{ if .A }}\nRUN a\n{{ end }}\n", [ImageBuild, Unevaluated]),
        ("Dockerfile.j2", "{% include 'base' %}\nRUN a\n", [ImageBuild, Unevaluated]),
        ("Dockerfile", "FROM x\n%%VERSION%%\n", [ImageBuild, Unevaluated]),
        ("Dockerfile", "# syntax=acme/other:1\nFROM x\nINCLUDE y\n", [ImageBuild, Unevaluated]),
        ("Dockerfile", "# syntax=docker/dockerfile:1\nFROM x\nINCLUDE y\n", [ImageBuild, Problem]),
        ("Dockerfile", "FROM x\nRUN <<EOF\nno end\n", [ImageBuild, Problem]),
        ("Dockerfile", "\ufeffFROM x\n", [Problem]),
    ],
)
def test_what_is_said_about_a_file(path: str, text: str, kinds: list[type], workspace: Workspace) -> None:
    assert [type(one) for one in said(text, workspace, path)] == kinds


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", True),
        ("a/b/Dockerfile.mine", True),
        ("x.Dockerfile", True),
        ("x.dockerfile", True),
        ("Containerfile", True),
        ("Dockerfile-dev", True),
        ("dockerfile.py", False),
        ("Dockerfile.md", False),
        ("Dockerfile.dockerignore", False),
        ("Dockerfiles", False),
    ],
)
def test_names(path: str, expected: bool) -> None:
    assert names_dockerfile(path) is expected


def test_values_that_grow_without_bound_become_unknown(workspace: Workspace) -> None:
    text = "FROM x\nENV A=aaaaaaaaaa\n" + "ENV A=$A$A\n" * 60
    stage = build(text, workspace).stages[0]
    assert stage.variables[-1].value is not None
    assert stage.variables[-1].value.known is None


@pytest.mark.parametrize(
    "unit",
    [
        "ENV A{0}=$A{0}\n",
        "ARG A{0}\n",
        "FROM x AS s{0}\n",
        "COPY .aws{0} /root/.aws\n",
        "RUN a{0} && \\\n",
        "ENV A={0} \\\n # c\n\n",
        "RUN <<E\na{0}\nE\n",
        "WHAT {0}\n",
        "# {0}\n",
    ],
)
def test_long_files_are_read_in_time(unit: str, workspace: Workspace) -> None:
    said("FROM x AS s\n" + "".join(unit.format(number) for number in range(5_000)), workspace)


PIECES = st.sampled_from(
    [
        "FROM x",
        "ENV ",
        "ARG ",
        "RUN ",
        "COPY ",
        "ONBUILD ",
        "--from=0 ",
        "--mount=type=secret,env=A ",
        "# escape=`",
        "$A",
        "${A:-",
        "}",
        "${",
        '"',
        "'",
        "`",
        '["a", "b"]',
        "[",
        "]",
        "<<EOF",
        "<<-'X'",
        "EOF",
        "X",
        "=",
        "A=b ",
        "AWS_SECRET_ACCESS_KEY=",
        "aws configure set aws_secret_access_key ",
        " && ",
        " ; ",
        "$(",
        ")",
        ">> f",
        "#",
        " ",
        "é",
        "😀",
        "%s",
        "\\",
        "\\u0041",
        "\n",
        "\r\n",
        "\\\n",
        "\nEOF\n",
        "|",
        "\t",
        "\0",
        "\u2028",
        "\ud800",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read(text: str) -> None:
    text = "FROM x\n" + text
    for one in adapt(Source("Dockerfile", text), _NOTHING):
        if isinstance(one, ImageBuild):
            for stage in one.stages:
                spans = [found.span for found in stage.variables]
                spans += [found.span for found in stage.commands]
                spans += [found.span for found in stage.copies]
                assert all(0 <= span.start <= span.end <= len(text) for span in spans)
                for command in stage.commands:
                    for setting in command.settings:
                        assert setting.name.span.end <= len(text)
                        assert setting.value.span.end <= len(text)


class _Nothing(Workspace):
    """A tree without files."""

    def read(self, path: str) -> Source | Problem:
        return Problem(ProblemKind.UNREADABLE, "there is no such file", path)


_NOTHING = _Nothing.__new__(_Nothing)
