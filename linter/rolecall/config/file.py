"""The configuration file: found, parsed, validated by its JSON Schema, each mistake with its place."""

# ruff: noqa: PLC0415 - only a run with a configuration pays for validating it
from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rolecall import regex
from rolecall.config import PathIgnore, Settings, meant, unknown_rules
from rolecall.config.place import place
from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass
from rolecall.rule import Persona, Severity
from rolecall.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema.exceptions import ValidationError

    from rolecall.span import Span

SCHEMA = Path(__file__).parent.parent / "schemas" / "config.json"
NAME = "rolecall.toml"
TABLE = "tool.rolecall"
_AT_LINE = regex.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LARGEST = 1 << 20
_MOST_MISTAKES = 50


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings of a file, its mistakes left out. `settings` None: it could not be read as TOML at all."""

    settings: Settings | None
    problems: tuple[Problem, ...] = ()


def find(directory: Path) -> Path | None:
    """The configuration file that holds for a directory: the nearest at or above it."""
    for folder in (directory, *directory.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        project = folder / "pyproject.toml"
        if project.is_file() and TABLE in _text(project):
            return project
    return None


def load(path: Path, names: Sequence[str]) -> Loaded:
    """Read a configuration file; `names` are those of all rules."""
    shown = _shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return Loaded(None, (_problem("the configuration is larger than a megabyte", path=shown),))
        text = data.decode("utf-8-sig")
    except OSError as error:
        return Loaded(None, (_problem(f"cannot be read: {error.strerror or type(error).__name__}", path=shown),))
    except UnicodeDecodeError:
        return Loaded(None, (_problem("is not UTF-8", path=shown),))
    return parse(Source(shown, text), names)


def parse(source: Source, names: Sequence[str]) -> Loaded:
    """The settings that a text says."""
    import tomllib

    try:
        document: Any = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return Loaded(None, (_syntax(source, str(error)),))
    except RecursionError:
        return Loaded(None, (_problem("is nested too deeply", path=source.path),))
    prefix: tuple[str, ...] = ()
    if Path(source.path).name == "pyproject.toml":
        prefix = ("tool", "rolecall")
        tool = document.get("tool")
        document = tool.get("rolecall", {}) if isinstance(tool, dict) else {}
    problems = []
    for mistake in islice(_mistakes(document), _MOST_MISTAKES):
        problems.append(_problem(mistake.message, span=place(source, (*prefix, *mistake.path))))
        document = _without(document, mistake.path)
    settings = _settings(document, source.path)
    problems += islice(_unknown(document, names, source, prefix), _MOST_MISTAKES)
    return Loaded(settings, tuple(problems))


@dataclass(frozen=True, slots=True)
class _Mistake:
    message: str
    path: tuple[str | int, ...]


def _mistakes(document: object) -> Iterator[_Mistake]:
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for error in sorted(
        Draft202012Validator(schema).iter_errors(document), key=lambda error: list(map(str, error.path))
    ):
        yield from _explained(error)


def _explained(error: ValidationError) -> Iterator[_Mistake]:
    path = tuple(error.absolute_path)
    name = ".".join(str(part) for part in path if isinstance(part, str)) or "the configuration"
    limit: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        schema: Any = error.schema
        known = tuple(schema.get("properties", ()))
        for key in error.instance:
            if key not in known:
                yield _Mistake(f"there is no setting {key!r}{meant(key, known)}", (*path, key))
    elif error.validator == "enum":
        said = str(error.instance)
        yield _Mistake(f"{name}: {said!r} is none of {', '.join(limit)}{meant(said, limit)}", path)
    elif error.validator == "type":
        kinds = {"array": "a list", "object": "a table", "string": "a text", "boolean": "true or false"}
        yield _Mistake(f"{name} must be {kinds.get(limit, limit)}", path)
    else:
        yield _Mistake(f"{name}: {error.message}", path)


def _without(document: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - parsed TOML
    """The document without what is wrong: the entry at a path; inside of a list, None, so that places stay right."""
    if not path:
        return {}
    head, *rest = path
    if isinstance(document, dict):
        left = {key: value for key, value in document.items() if key != head}
        return {**left, head: _without(document[head], tuple(rest))} if rest and head in document else left
    if isinstance(document, list) and isinstance(head, int):
        return [None if index == head else item for index, item in enumerate(document)]
    return document


def _settings(document: dict[str, Any], path: str) -> Settings:
    default = Settings()
    return Settings(
        select=_texts(document.get("select", ())),
        ignore=_texts(document.get("ignore", ())),
        min_severity=Severity[document.get("min-severity", default.min_severity.word).upper()],
        persona=Persona[document.get("persona", default.persona.word).upper()],
        severity={name: Severity[word.upper()] for name, word in document.get("severity", {}).items()},
        per_path_ignores=tuple(
            PathIgnore(glob, _texts(rules)) for glob, rules in document.get("per-path-ignores", {}).items()
        ),
        exclude=_texts(document.get("exclude", ())),
        var_files=tuple(_beside(path, name) for name in _texts(document.get("var-files", ()))),
        images=tuple((name, _beside(path, where)) for name, where in document.get("images", {}).items()),
        fail_on_unresolved=document.get("fail-on-unresolved", False),
        source=path,
    )


def _beside(configuration: str, name: str) -> str:
    """A path that a configuration file names: relative to its folder."""
    return (Path(configuration).parent / name).as_posix()


def _texts(items: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(item for item in items if item is not None)


def _unknown(
    document: dict[str, Any], names: Sequence[str], source: Source, prefix: tuple[str, ...]
) -> Iterator[Problem]:
    for key in ("select", "ignore"):
        for index, name in enumerate(document.get(key, ())):
            if name is None:
                continue
            yield from unknown_rules((name,), names, place(source, (*prefix, key, index), name), key)
    for name in document.get("severity", {}):
        yield from unknown_rules((name,), names, place(source, (*prefix, "severity", name)), "severity", exact=True)
    for glob, rules in document.get("per-path-ignores", {}).items():
        for index, name in enumerate(rules):
            if name is None:
                continue
            where = place(source, (*prefix, "per-path-ignores", glob, index), name)
            yield from unknown_rules((name,), names, where, "per-path-ignores")


def _syntax(source: Source, message: str) -> Problem:
    """What tomllib says, its words for the place taken as one."""
    found = _AT_LINE.search(message)
    offset = len(source.text)
    if found and found["line"]:
        line = min(int(found["line"]), len(source.starts))
        offset = min(source.starts[line - 1] + int(found["column"]) - 1, len(source.text))
    sentence = _AT_LINE.sub("", message).rstrip(".")
    return _problem(f"is not valid TOML: {sentence}", span=source.span(offset, offset))


def _problem(message: str, path: str = "", span: Span | None = None) -> Problem:
    return Problem(
        ProblemKind.CONFIGURATION,
        message,
        path=span.path if span else path,
        span=span,
        help="`rolecall config --schema` prints what a configuration may say",
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()
