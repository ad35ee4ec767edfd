"""Many questions, one JSON object a line: each is answered on its own, whatever is wrong with the others."""

from __future__ import annotations

import sys
from itertools import count
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rolecall.adapt.policy import policy_document
from rolecall.answer import Answer
from rolecall.cli.output import complain, write
from rolecall.cli.questions import Fields, QuestionError, asked, of_role
from rolecall.cli.trusts import Found
from rolecall.config import meant
from rolecall.iam.questions import ask
from rolecall.iam.trust_prepared import Prepared
from rolecall.model import Origin, TrustPolicy
from rolecall.records import dataclass
from rolecall.report.answer import data
from rolecall.secrets import mask
from rolecall.source import Source
from rolecall.span import Span
from rolecall.syntax.json import JsonError, parse
from rolecall.tree import Mapping, Scalar, Sequence
from rolecall.workspace import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.cli.trusts import Trusts
    from rolecall.tree import Node

MAX_LINE = 1_000_000
"""How many bytes a line may have; IAM takes trust policies of 8,192 characters at most."""

_WHO = ("issuer", "subject", "audience", "principal", "service")
_KEYS = ("policy", "file", "role", *_WHO, "expect", "comment")
_MOST_KEPT = 1000


def answer_all(batch: str, paths: tuple[str, ...], trusts: Trusts) -> int:
    """Answer every line of a file (`-`: of standard input); the exit code."""
    if batch == STDIN:
        return _Batch(STDIN, paths, trusts).run(sys.stdin.buffer)
    try:
        with Path(batch).open("rb") as stream:
            return _Batch(trusts.workspace.shown(batch), paths, trusts).run(stream)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        complain(f"rolecall admits: {batch} cannot be read: {reason or type(error).__name__}")
        return 2


@dataclass(frozen=True, slots=True)
class _Policy:
    """A policy that is asked, read once."""

    found: Found
    prepared: Prepared


class _Batch:
    """One run over the lines."""

    def __init__(self, path: str, paths: tuple[str, ...], trusts: Trusts) -> None:
        self._path = path
        self._paths = paths
        self._trusts = trusts
        self._kept: dict[tuple[str | None, str | None], _Policy] = {}

    def run(self, stream: BinaryIO) -> int:
        """Answer all lines; 2 if one could not be put as a question, 1 if an answer is not the expected one, else 0."""
        code = 0
        for number, line in _lines(stream):
            try:
                answer = self._answer(number, line)
            except QuestionError as error:
                answer = {"line": number, "error": mask(str(error))}
            except Exception as error:  # noqa: BLE001 - the other lines are answered still
                answer = {"line": number, "error": f"a mistake in rolecall: {type(error).__name__}"}
            if "error" in answer:
                code = 2
                complain(f"{self._path}:{number}: {answer['error']}")
            elif answer.get("expected", answer["answer"]) != answer["answer"]:
                code = max(code, 1)
                complain(f"{self._path}:{number}: the answer is {answer['answer']}, expected was {answer['expected']}")
            write(dumps(answer, ensure_ascii=False) + "\n", encoding="utf-8")
        return code

    def _answer(self, number: int, line: bytes | None) -> dict[str, Any]:
        root = self._read(number, line)
        expected = _field(root, "expect")
        if expected is not None and expected not in {answer.value for answer in Answer}:
            raise QuestionError("expect is none of yes, no, unknown")
        question = asked(Fields(**{name: _field(root, name) for name in _WHO}))
        policy = self._policy(root)
        answered = ask(policy.prepared, of_role(question, policy.found.trust), policy.found.providers)
        tree = {"line": number, **data(answered)}
        return {**tree, "expected": expected} if expected is not None else tree

    def _read(self, number: int, line: bytes | None) -> Mapping:
        """The object on a line, with its places in the batch."""
        if line is None:
            raise QuestionError(f"a line of more than {MAX_LINE} bytes")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise QuestionError("not text in UTF-8") from None
        source = Source(self._path, text.rstrip("\r\n"))
        try:
            root = parse(source.text, lambda start, end: _moved(source.span(start, end), number))
        except JsonError as error:
            raise QuestionError(f"not valid JSON: {error.message} (column {error.offset + 1})") from None
        if not isinstance(root, Mapping):
            raise QuestionError("not a JSON object")
        for entry in root.entries:
            if entry.key.known not in _KEYS:
                near = meant(entry.key.known or "", _KEYS)
                raise QuestionError(f"a key that is none of {', '.join(_KEYS)}{near}")
        return root

    def _policy(self, root: Mapping) -> _Policy:
        """The policy that a line asks: its own, a file's, or that of a role in the tree."""
        written, file, role = root.get("policy"), _field(root, "file"), _field(root, "role")
        if written is not None:
            if file is not None or role is not None:
                raise QuestionError("a policy of its own, and a file or a role: which is meant?")
            found = Found(_trust(written, self._path))
            return _Policy(found, Prepared(found.trust.document))
        if file is None and role is None:
            raise QuestionError("say which role is asked: policy, file or role")
        if (file, role) not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._found(file, role)
            self._kept[file, role] = _Policy(found, Prepared(found.trust.document))
        return self._kept[file, role]

    def _found(self, file: str | None, role: str | None) -> Found:
        if file is None:
            return self._trusts.of_role(role or "", self._paths)
        if not self._trusts.workspace.is_file(file):
            raise QuestionError("there is no such file below the current directory")
        return self._trusts.of_file(file) if role is None else self._trusts.of_role(role, (file,))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers; None for one that is too long."""
    for number in count(1):
        line = stream.readline(MAX_LINE + 1)
        if not line:
            return
        if len(line) <= MAX_LINE:
            if line.strip():
                yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield number, None


def _moved(span: Span, line: int) -> Span:
    """A place of a line that was read alone, in its file; offsets stay those in the line."""
    return Span(span.path, span.start, span.end, line, span.column, line, span.end_column)


def _field(root: Mapping, name: str) -> str | None:
    value = root.get(name)
    if value is None or (isinstance(value, Scalar) and value.is_null):
        return None
    if not isinstance(value, Scalar):
        raise QuestionError(f"{name} is not a text")
    if value.known is None:
        raise QuestionError(f"{name} holds a placeholder, which nobody has filled in")
    return value.known


def _trust(node: Node, path: str) -> TrustPolicy:
    document = policy_document(node)
    if isinstance(node, Sequence) or (isinstance(node, Mapping) and node.get("Statement") is None):
        raise QuestionError("the policy has no Statement")
    if document.rest is not None and not document.statements:
        raise QuestionError(f"the policy cannot be read: {document.rest.reason}")
    return TrustPolicy(document, Origin(path, "the policy", node.span, node.span, path))
