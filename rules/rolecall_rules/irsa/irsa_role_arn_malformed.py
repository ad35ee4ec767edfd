"""The rule `irsa-role-arn-malformed`."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.graph import Graph
from rolecall.graph.views import IrsaBinding
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall.span import Span
from rolecall.tree import Scalar
from rolecall_rules.irsa._shared import composes_arns, is_template

# The webhook's own pattern (amazon-eks-pod-identity-webhook, pkg/cache/cache.go); \w is ASCII there.
_ARN = regex.compile(r"arn:aws[a-z0-9-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_NAME = regex.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# What people write where each reader is to put an account or an ARN of their own.
_ACCOUNT = regex.compile(r"(?<=:iam::)(?!aws:)(?:[^:0-9]+|\w*x{3}\w*)(?=:)", re.IGNORECASE)
_TO_BE_FILLED_IN = regex.compile(r"your[-_ ]|replace|change[-_]?me|placeholder|^todo|x{4}|role[-_]?arn", re.IGNORECASE)

# `role/app`, `111122223333:role/app`, `iam::111122223333:role/app`.
_TAIL = regex.compile(r"(?!arn:)(?:[a-z0-9:-]*:)?role/")


@rule(
    "irsa-role-arn-malformed",
    summary="the role annotation is not the ARN of an IAM role",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        "https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/cache/cache.go",
    ),
    tags=("irsa",),
)
def irsa_role_arn_malformed(binding: IrsaBinding, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds service accounts whose `eks.amazonaws.com/role-arn` cannot be a role's ARN.

    An ARN looks like `arn:aws:iam::111122223333:role/path/name`: a partition, twelve digits of account, `role/`, the
    path and the name. The finding says which part is wrong. A value that a tool has yet to fill in is counted as not
    evaluated, unless what is written of it is wrong already. A bare role name is right where a self-hosted webhook
    runs with `--compose-role-arn`.

    ## Why it matters
    The webhook only logs a warning and injects the value as it is. The pod starts, the SDK finds web identity
    configured, and STS rejects the request at the first call. Go, boto3 and JavaScript v3 then have no credentials;
    Java v2, C++, PHP and Kotlin go on to the next source, which is often the node's role.

    ## How to fix it
    Copy the role's ARN from IAM (`aws iam get-role`) or from the output of what creates the role.
    """
    text = binding.arn.known
    part = _known_defect(binding.arn) if text is None else None
    if part is not None:
        yield _finding(binding, binding.arn.span, *part)
        return
    if text is None or is_template(text) or _is_placeholder(text):
        if binding.role is None and not any(hole.references for hole in binding.arn.holes):
            what = f"the role of {binding.service_account.display}"
            yield Unevaluated(what, "the ARN is still to be filled in", binding.arn.span)
        return
    if text == "" or _ARN.fullmatch(text):
        return
    if _NAME.fullmatch(text) and composes_arns(graph):
        return
    defect, hint = _defect(text)
    # What is no ARN at all may be right where it is written, as a role's name; its use here is what is wrong.
    yield _finding(binding, binding.arn.span if text.startswith("arn:") else binding.arn.used, defect, hint)


def _finding(binding: IrsaBinding, at: Span, defect: str, hint: str) -> Finding:
    written = binding.arn.span
    return Finding(
        f"{binding.service_account.display} names no role: {defect}; the webhook injects it all the same, and STS"
        " rejects the pod's first request",
        at=Label(at, defect),
        related=(Label(written, "the value"),) if not written.overlaps(at) else (),
        help=hint,
        subject=binding.service_account.display,
    )


def _known_defect(arn: Scalar) -> tuple[str, str] | None:
    """What is wrong with the beginning of an ARN whose end is not known."""
    first = arn.parts[0] if arn.parts else None
    parts = first.split(":", 5) if isinstance(first, str) and first.startswith("arn:") else []
    if len(parts) < 6 or not isinstance(first, str) or _ACCOUNT.search(first) or is_template(first):
        return None
    _, partition, service, region, account, resource = parts
    resource = f"{resource}x" if "/" in resource else "role/x"
    if _ARN.fullmatch(":".join((*parts[:5], resource))):
        return None
    return _in_parts(partition, service, region, account, resource)


def _is_placeholder(text: str) -> bool:
    """Whether a text would be an ARN if somebody filled in the account, or stands for a whole one."""
    if text.startswith("arn:"):
        return _ARN.fullmatch(_ACCOUNT.sub("111122223333", text)) is not None and _ARN.fullmatch(text) is None
    return _TO_BE_FILLED_IN.search(text) is not None


def _defect(text: str) -> tuple[str, str]:
    """What is wrong with the text, and what to do about it."""
    bare = "A bare name works only with a self-hosted webhook's --compose-role-arn."
    copy = "Write the role's ARN: arn:aws:iam::111122223333:role/name, with the twelve digits of its account."
    if text.strip() != text:
        where = "ends in a line break" if text.endswith("\n") and text.strip() == text[:-1] else "has blanks around it"
        return f"the value {where}", "Remove it: write the ARN on one line, without a block scalar (`|` or `>`)."
    if any(quote in text for quote in "\"'`"):
        return "the value has quotes inside", "Quote the value once; the inner quotes are part of the annotation."
    if any(character.isspace() for character in text):
        return "the value has a blank inside", "Remove the blank."
    if not text.startswith("arn:"):
        tail = _TAIL.match(text) is not None
        return "the value is the end of an ARN, without its beginning" if tail else "the value is not an ARN", (
            copy if tail else f"{copy} {bare}"
        )
    parts = text.split(":", 5)
    if len(parts) < 6:
        return "parts of the ARN are missing", copy
    _, partition, service, region, account, resource = parts
    return _in_parts(partition, service, region, account, resource) or ("the ARN is not that of a role", copy)


def _in_parts(partition: str, service: str, region: str, account: str, resource: str) -> tuple[str, str] | None:
    if service == "sts" or resource.startswith("assumed-role/"):
        return (
            "it is the ARN of a session (assumed-role), not of a role",
            "Write the role's own ARN: arn:aws:iam::<account>:role/<name>, without the session's name.",
        )
    if not re.fullmatch(r"aws[a-z0-9-]*", partition):
        return f"{partition or 'nothing'} is no partition", "Write aws, aws-cn or aws-us-gov after arn:."
    if service != "iam":
        return f"{service or 'nothing'} is not the service iam", "Write the ARN of the IAM role."
    if region:
        return "an IAM ARN has no region", "Leave the fourth part empty: arn:aws:iam::<account>:role/<name>."
    if not re.fullmatch(r"[0-9]{12}", account):
        return _account(account)
    return _resource(resource)


def _account(account: str) -> tuple[str, str]:
    hint = "Write all twelve digits of the account, zeros in front included."
    if account.isdecimal() and account.isascii():
        return f"the account has {len(account)} {'digit' if len(account) == 1 else 'digits'}, not 12", hint
    if "-" in account and account.replace("-", "").isdecimal():
        return "the account is written with dashes", "Write the twelve digits without dashes."
    return ("the account is missing" if not account else "the account is not a number"), hint


def _resource(resource: str) -> tuple[str, str] | None:
    kind, slash, name = resource.partition("/")
    if kind == "role" and slash:
        wrong = sorted(set(re.sub(r"[\w+=,.@/-]", "", name, flags=re.ASCII)))
        shown = " ".join(wrong)
        return (
            ("the role's name is missing" if not name else f"a role's name cannot hold {shown}"),
            "Write the role's path and name after role/.",
        )
    if kind == "instance-profile":
        return "it is an instance profile, not a role", "Write the ARN of the role that is in the instance profile."
    if kind in ("policy", "user", "group", "oidc-provider", "saml-provider", "root", "server-certificate"):
        return f"it is the ARN of a {kind}, not of a role", "Write the ARN of the role that the pod should become."
    if slash and kind.lower() in ("roles", "role"):
        return f"{kind}/ should be role/", "Write role/ before the name."
    if resource.startswith("role:"):
        return "role is followed by a colon", "Write role/ before the name."
    return "role/ is missing before the name", "Write role/ before the name: arn:aws:iam::<account>:role/<name>."
