"""The user's settings: from `rolecall.toml` or `[tool.rolecall]` in `pyproject.toml`, and from the command line."""

from __future__ import annotations

from dataclasses import field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from rolecall.problem import Problem, ProblemKind
from rolecall.records import dataclass
from rolecall.rule import Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rolecall.rule import Rule
    from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class PathIgnore:
    """Rules (patterns) whose findings are accepted in the files that a glob matches."""

    glob: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What to look for and what to show. Rules are named by name or by a pattern such as `irsa-*`.

    `select` empty: every rule. `var_files`: files with values of Terraform's variables, a later one over those before.
    `images`: names of images (`*` stands for any text), each with its Dockerfile. `source`: the file that the settings
    come from, for messages.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    persona: Persona = Persona.REGULAR
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_path_ignores: tuple[PathIgnore, ...] = ()
    exclude: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    fail_on_unresolved: bool = False
    honour_ignores: bool = True
    source: str = ""

    def enabled(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Those of the rules that are to run."""
        return tuple(
            rule
            for rule in rules
            if (not self.select or matches(rule.name, self.select)) and not matches(rule.name, self.ignore)
        )


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a rule's name is one of, or fits one of, the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def unknown_rules(
    patterns: Iterable[str], names: Sequence[str], where: Span | None, said_by: str, *, exact: bool = False
) -> list[Problem]:
    """A problem for each pattern (`exact`: name) that is no rule's, with what was probably meant."""
    return [
        Problem(
            ProblemKind.CONFIGURATION,
            f"{said_by}: there is no rule {pattern!r}{meant(pattern, names)}",
            path=where.path if where else "",
            span=where,
            help="`rolecall rules` lists all rules",
        )
        for pattern in patterns
        if not (pattern in names if exact else any(fnmatchcase(name, pattern) for name in names))
    ]


def meant(word: str, words: Iterable[str]) -> str:
    """`; did you mean …?` when one of the words is near, else nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where a word is wrong

    near = get_close_matches(word.lower(), tuple(words), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
