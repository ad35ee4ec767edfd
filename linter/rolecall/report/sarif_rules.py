"""Rules as SARIF describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sarif_om as om

from rolecall.rule import Confidence, Severity

if TYPE_CHECKING:
    from rolecall.rule import Rule

PAGES = "https://github.com/rolecall/rolecall/blob/main/docs/rules"

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub shows over 9.0 as critical, from 7.0 as high, from 4.0 as medium, from 0.1 as low.
# https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
_SECURITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def descriptor(rule: Rule) -> om.ReportingDescriptor:
    """A rule with its documentation."""
    level = LEVELS[rule.severity]
    first, _, rest = rule.documentation.partition("\n## ")
    page = f"## {rest}" if rest else first
    references = "\n".join(f"- <{reference}>" for reference in rule.references)
    markdown = page + (f"\n\n## References\n\n{references}" if references else "")
    tags = dict.fromkeys(("security", "aws", "identity", *map(str.lower, rule.tags)))
    return om.ReportingDescriptor(
        id=rule.name,
        name="".join(word.capitalize() for word in rule.name.replace("/", "-").split("-")),
        short_description=_text(_sentence(rule.summary)),
        full_description=_text(_sentence(" ".join(first.split())) or _sentence(rule.summary)),
        help=om.MultiformatMessageString(text=page or rule.summary, markdown=markdown or rule.summary),
        help_uri=_page(rule),
        default_configuration=om.ReportingConfiguration(level=level),
        properties={
            "tags": list(tags),
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEM[level],
            "security-severity": _SECURITY[rule.severity],
        },
    )


def _page(rule: Rule) -> str | None:
    """Our own rules have a page; for a third party's the first of its references stands in."""
    if "/" in rule.name:
        return rule.references[0] if rule.references else None
    return f"{PAGES}/{rule.name}.md"


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text[0].upper()}{text[1:]}."
