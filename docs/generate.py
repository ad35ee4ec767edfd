"""Write the generated documentation: docs/architecture.md, docs/rules/, and the command output shown in README.md.

`--check` writes nothing and fails when something is out of date.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rolecall.registry import BUILTIN, Pack, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolecall.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules"
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".tf": "hcl", ".toml": "toml", ".ini": "ini"}
MARK = re.compile(r"[ \t]*(?:#|//)\s*expect: .*$")
BLOCK = re.compile(r"(<!-- output: (?P<arguments>.*?) -->\n```text\n).*?(```\n)", re.DOTALL)


def output_of(arguments: str, directory: Path = ROOT) -> str:
    """What a command prints, without colour, 80 columns wide."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "rolecall", *shlex.split(arguments)],
        cwd=directory,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1, 3):  # 3: `admits` answers unknown
        raise SystemExit(f"rolecall {arguments} (in {directory}) failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def family_of(rule: Rule) -> str:
    """The family's title: the docstring of the package that the rule's module is in."""
    package = rule.check.__module__.rpartition(".")[0]
    return (sys.modules[package].__doc__ or package).strip().splitlines()[0].rstrip(".")


def page(rule: Rule) -> str:
    """A rule's page."""
    formats = ", ".join(platform.value for platform in rule.formats) or "every format"
    parts = [
        f"# {rule.name}",
        f"{rule.summary[0].upper()}{rule.summary[1:]}.",
        (
            f"| severity | confidence | persona | formats |\n| --- | --- | --- | --- |\n"
            f"| {rule.severity.word} | {rule.confidence.word} | {rule.persona.word} | {formats} |"
        ),
        rule.documentation,
    ]
    with TemporaryDirectory() as directory:
        wrong = example(rule, "fail", Path(directory))
        right = example(rule, "pass", Path(directory))
        said = output_of(f"check --select {rule.name} --persona auditor .", wrong).partition("\n\nsummary")[0]
        parts += ["## Example", *files(wrong), "rolecall says:", f"```text\n{said.strip()}\n```"]
        parts += ["## What is right", *files(right)]
    if rule.references:
        parts += ["## References", "\n".join(f"- <{reference}>" for reference in rule.references)]
    return "\n\n".join(parts) + "\n"


def example(rule: Rule, verdict: str, directory: Path) -> Path:
    """A copy of a rule's example without the tests' marks: what a user would write, and what rolecall is run on."""
    source = ROOT / "fixtures" / rule.name / verdict / "example"
    for path in source.rglob("*"):
        if path.is_file() and path.name != "expected.txt":
            lines = path.read_text(encoding="utf-8").rstrip().splitlines()
            copy = directory / verdict / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            kept = (MARK.sub("", line) for line in lines if MARK.sub("", line) or not line.strip())
            copy.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return directory / verdict


def files(directory: Path) -> Iterator[str]:
    """The files of an example as fenced blocks."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            language = LANGUAGES.get(path.suffix, "dockerfile" if "Dockerfile" in path.name else "text")
            body = path.read_text(encoding="utf-8").rstrip()
            yield f"`{path.relative_to(directory).as_posix()}`\n\n```{language}\n{body}\n```"


def index(rules: tuple[Rule, ...]) -> str:
    """The list of all rules by family."""
    parts = ["# Rules", "Generated from the rules and their fixtures; `rolecall rule NAME` prints a page."]
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(family_of(rule), []).append(rule)
    for family, members in sorted(families.items()):
        rows = "\n".join(
            f"| [{rule.name}]({rule.name}.md) | {rule.severity.word} | {rule.summary} |" for rule in members
        )
        parts += [f"## {family}", f"| rule | severity | what it says |\n| --- | --- | --- |\n{rows}"]
    return "\n\n".join(parts) + "\n"


def architecture() -> str:
    """A line for every module, from its docstring."""
    introduction = (ROOT / "docs" / "architecture.intro.md").read_text(encoding="utf-8").rstrip()
    parts = [introduction, "## The modules"]
    for package in ("linter/rolecall", "rules/rolecall_rules"):
        rows = []
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT / package).as_posix()
            # A rule has a page of its own; of the rule pack only the families are listed.
            if package.startswith("rules") and path.name != "__init__.py":
                continue
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            if not text:
                raise SystemExit(f"{path} has no docstring")
            sentence = " ".join(text.split("\n\n")[0].split())
            rows.append(f"| `{name}` | {sentence} |")
        parts += [f"### {package}", "| module | what it is |\n| --- | --- |\n" + "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def readme() -> str:
    """README.md with the output of the commands that it shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return BLOCK.sub(lambda found: found[1] + output_of(found["arguments"]).rstrip() + "\n" + found[3], text)


def main() -> int:
    """Write, or compare."""
    registry = load([Pack("builtin", BUILTIN)])
    if registry.problems:
        raise SystemExit("\n".join(problem.message for problem in registry.problems))
    wanted = {RULES / f"{rule.name}.md": page(rule) for rule in registry.rules}
    wanted[RULES / "README.md"] = index(registry.rules)
    wanted[ROOT / "docs" / "architecture.md"] = architecture()
    wanted[ROOT / "README.md"] = readme()
    stale = [path for path in RULES.glob("*.md") if path not in wanted]
    different = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in (*stale, *different):
            print(f"{path.relative_to(ROOT)} is out of date: run docs/generate.py")
        return 1 if stale or different else 0
    for path in stale:
        path.unlink()
    for path in different:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
