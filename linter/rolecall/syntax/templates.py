"""Expressions of template languages in text: what they leave unknown, and which language a text is written in."""

from __future__ import annotations

import re

from rolecall.tree import Hole

EXPRESSION = Hole("a template expression")
SUBSTITUTION = Hole("an environment substitution")

# IAM's own variables hold a colon (`${aws:username}`, `${saml:sub}`) or are an escaped `*`, `?` or `$`
# (IAM user guide, "IAM policy elements: Variables and tags"); `${NAME:-default}` is a shell's.
_DOLLAR = re.compile(r"\$\{(?![*?$]\})(?![\w.-]{1,64}:[A-Za-z])[^{}\r\n]{1,300}\}")
_HELM = re.compile(
    r"\.(?:Values|Release|Chart|Capabilities|Files)\b|\{\{-? *(?:include|template|define|toYaml|with|end)\b"
)


def split(text: str) -> tuple[str | Hole, ...]:
    """The known and unknown parts of a string: `{{ … }}` and `${NAME}` are unknown; `$${` and `$(X)` are text."""
    if "{{" not in text and "${" not in text:
        return (text,)
    parts: list[str | Hole] = []
    known = at = 0
    while True:
        start, end, hole = _next(text, at)
        if hole is None:
            break
        if start > known:
            parts.append(text[known:start])
        parts.append(hole)
        known = at = end
    if known < len(text) or not parts:
        parts.append(text[known:])
    return tuple(parts)


def pieces(text: str) -> tuple[tuple[int, int], ...]:
    """Where in the text each part that `split` gives stands."""
    found: list[tuple[int, int]] = []
    known = at = 0
    while True:
        start, end, hole = _next(text, at)
        if hole is None:
            break
        if start > known:
            found.append((known, start))
        found.append((start, end))
        known = at = end
    if known < len(text) or not found:
        found.append((known, len(text)))
    return tuple(found)


def language(text: str, path: str = "") -> str:
    """The name of the template language that a text is written in; empty where it shows no sign of one."""
    if "{{" in text and "}}" in text:
        if _HELM.search(text) or "/templates/" in f"/{path}":
            return "Helm template"
        return "Jinja template" if "{%" in text else "template"
    if "{%" in text and "%}" in text:
        return "Jinja template"
    if "%{" in text:
        return "Terraform template"
    if "${" in text:
        return "template"
    return ""


def _next(text: str, at: int) -> tuple[int, int, Hole | None]:
    while True:
        curly, dollar = text.find("{{", at), text.find("${", at)
        if curly == -1 and dollar == -1:
            return 0, 0, None
        if dollar == -1 or -1 < curly < dollar:
            end = text.find("}}", curly + 2)
            if end == -1:
                if dollar == -1:
                    return 0, 0, None
                at = dollar
                continue
            return curly, end + 2, EXPRESSION
        match = _DOLLAR.match(text, dollar)
        if match is None or text[dollar - 1 : dollar] == "$":
            at = dollar + 2
            continue
        # GitHub's and Azure's `${{ x }}` is one expression.
        return match.start(), match.end(), SUBSTITUTION
