"""Principals that IAM would not take, or that name nobody: what is wrong with them, in words.

Forms: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rolecall import regex
from rolecall.iam.declared import is_issuer, is_provider
from rolecall.iam.placeholders import is_placeholder
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.model import Principal
    from rolecall.tree import Scalar

# Stands for unknown text where the rest is looked at.
_UNKNOWN = "\ufffc"
_TYPES = ("aws", "service", "federated", "canonicaluser", "*")
_BUILT_IN = ("cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com")
_ACCOUNT = regex.compile(rf"[0-9]{{12}}|[^:]*{_UNKNOWN}[^:]*")
_PROVIDER = regex.compile(rf"(oidc|saml)-provider[/:]|[^/]*{_UNKNOWN}")
_FIELDS = 6

# The suffixes of AWS's partitions; `.amazon.com` is Alexa's alone.
_SERVICE = regex.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\."
    r"(amazonaws\.(com(\.cn)?|eu)|aws\.internal|api\.aws|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk)"
    r"|alexa-[a-z-]+\.amazon\.com"
)
_POD_IDENTITY = "pods.eks"
_LIKE_POD_IDENTITY = regex.compile(
    r"(pods?[.-]?eks|eks[.-]?pods?|pods?-?identity[.-]eks|eks[.-]pods?-?identity|eks\.pods?-?identity)"
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a principal. `words` complete the text; `why` says what follows; `help` what to write.

    `nobody`: no token and no caller can be it, however it is read. `pod_identity`: EKS Pod Identity is meant.
    `of_type`: the type is wrong, not the value.
    """

    words: str
    why: str
    help: str
    pod_identity: bool = False
    nobody: bool = True
    of_type: bool = False


_SOUND = regex.compile(r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:(oidc|saml)-provider/[^:]*[^/:]")


def is_nobody(federated: Principal) -> bool:
    """Whether no identity provider can be what a `Federated` principal names."""
    parts = federated.value.parts
    if len(parts) == 1 and isinstance(parts[0], str) and _SOUND.fullmatch(parts[0]):
        return False
    flaw = flaw_of(federated)
    return flaw is not None and flaw.nobody


def flaw_of(principal: Principal) -> Flaw | None:
    """What is certainly wrong with a principal's form; None for a right one, a placeholder and what is not known."""
    kind, value = principal.type.known, principal.value
    if kind is None or is_placeholder(value):
        return None
    if kind.lower() not in _TYPES:
        return _type_flaw(principal)
    text = "".join(part if isinstance(part, str) else _UNKNOWN for part in value.parts)
    if text == "*" or kind == "*":
        return None
    check = {"federated": _federated, "service": _service, "aws": _aws}.get(kind.lower())
    return check(value, text) if check is not None else None


def _type_flaw(principal: Principal) -> Flaw | None:
    if principal.type is principal.value:
        return Flaw(
            "has no type",
            "IAM refuses a principal that is a bare string other than `*`",
            'Write it as {"AWS": …}, {"Service": …} or {"Federated": …}.',
        )
    return Flaw(
        f"stands under `{principal.type.display}`, no type of principal",
        _REFUSED,
        "The types are AWS, Service, Federated and CanonicalUser.",
        of_type=True,
    )


_REFUSED = "IAM refuses the policy"
# Owners of some principals of AWS's own, such as CloudFront's origin access identities.
_OF_AWS = ("aws", "cloudfront")
_ARN_HELP = "Write arn:aws:iam::<account id>:oidc-provider/<issuer without https://>."
_NO_PROVIDER = "no OIDC provider has such an ARN, so no token is accepted"


def _federated(value: Scalar, text: str) -> Flaw | None:
    if text == _UNKNOWN:
        return _url_of_provider(value)
    if not text.startswith("arn:"):
        return _bare(text)
    fields = text.split(":", _FIELDS - 1)
    if any(_UNKNOWN in field for field in fields[:3]) or (len(fields) < _FIELDS and _UNKNOWN in text):
        # There may be colons in what is not known.
        return None
    words = _not_a_provider(fields)
    if words is not None:
        return Flaw(words, _NO_PROVIDER, _ARN_HELP)
    kind, slash, issuer = fields[5].partition("/")
    return _issuer(value, issuer) if slash and _UNKNOWN not in kind else None


def _not_a_provider(fields: list[str]) -> str | None:
    """Why the fields of an ARN are not those of an identity provider."""
    if len(fields) < _FIELDS or fields[2] != "iam" or not _PROVIDER.match(fields[5]):
        return "is no ARN of an identity provider"
    if not _ACCOUNT.fullmatch(fields[4]):
        return f"has {f'`{fields[4]}`, not 12 digits,' if fields[4] else 'nothing'} where the account id stands"
    if fields[5].startswith(("oidc-provider:", "saml-provider:")):
        return "has a colon after oidc-provider instead of a slash"
    return None


def _issuer(value: Scalar, issuer: str) -> Flaw | None:
    if any(map(is_issuer, value.holes)):
        # An expression whose value has the scheme in it is spoken of where the expression is.
        return None
    if not issuer:
        return Flaw("names no issuer", _NO_PROVIDER, _ARN_HELP)
    if "://" in issuer:
        return Flaw("has https:// in it", _NO_PROVIDER, "Take https:// away.")
    if issuer.endswith("/") and not issuer.endswith(".auth0.com/"):
        # The issuers of Auth0 end in a slash, and so do the ARNs of their providers.
        return Flaw("ends in a slash", _NO_PROVIDER, "Take the slash at the end away.")
    return None


def _url_of_provider(value: Scalar) -> Flaw | None:
    reference = value.holes[0].unchanged
    if is_issuer(value.holes[0]):
        what = "is the cluster's issuer, a URL, not the ARN of an identity provider"
    elif reference is not None and is_provider(reference) and reference.attribute == "url":
        what = "is the provider's URL, not its ARN"
    else:
        return None
    return Flaw(what, "IAM takes only the provider's ARN", "Use the ARN of the OIDC provider.", nobody=False)


def _bare(text: str) -> Flaw | None:
    if text.startswith(_UNKNOWN) or text.lower() in _BUILT_IN or "." not in text:
        return None
    return Flaw(
        "is not the ARN of an identity provider",
        "only Cognito, Google, Amazon and Facebook are trusted by their host, so no token is accepted",
        _ARN_HELP,
        nobody=False,
    )


def _service(value: Scalar, text: str) -> Flaw | None:
    del value
    name = text.lower()
    if _UNKNOWN in name:
        return None
    if not _SERVICE.fullmatch(name):
        return Flaw("is no AWS service", _REFUSED, _service_help(name))
    host = name.partition(".amazonaws.")[0]
    if host != _POD_IDENTITY and _LIKE_POD_IDENTITY.fullmatch(host):
        return Flaw(
            "is no AWS service",
            "EKS Pod Identity is pods.eks.amazonaws.com",
            "Write pods.eks.amazonaws.com.",
            pod_identity=True,
        )
    return None


def _service_help(name: str) -> str:
    if "*" in name or "?" in name:
        return "Name each service; wildcards are not read in a principal."
    first = re.match(r"[a-z0-9-]+", name)
    if first is not None and "arn:" not in name:
        return f"The name of a service ends in .amazonaws.com, such as {first[0]}.amazonaws.com."
    return "Name the service, such as ec2.amazonaws.com."


def _aws(value: Scalar, text: str) -> Flaw | None:
    del value
    if text.startswith("arn:"):
        return _arn(text)
    if text.lower().endswith((".amazonaws.com", ".amazonaws.com.cn")) and _UNKNOWN not in text and ":" not in text:
        return Flaw("is a service, not an AWS principal", _REFUSED, 'Write it under "Service".')
    if text.isdigit() and len(text) != 12:
        return Flaw("is no account id of 12 digits", _REFUSED, "Write all 12 digits, zeros included.")
    return None


def _arn(text: str) -> Flaw | None:
    if "*" in text or "?" in text:
        return Flaw(
            "has a wildcard in an ARN, where a principal has none",
            "of a principal IAM reads only a whole `*` as a wildcard, so nobody is meant",
            "Name the role, or trust the account and bound it by a condition ArnLike on aws:PrincipalArn.",
        )
    fields = text.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS or any(_UNKNOWN in field for field in fields[:4]):
        return None
    if not _ACCOUNT.fullmatch(fields[4]) and fields[4] not in _OF_AWS:
        what = f"`{fields[4]}`, not 12 digits," if fields[4] else "nothing"
        return Flaw(f"has {what} where the account id stands", _REFUSED, "Write the account's id of 12 digits.")
    kind = fields[5].partition("/")[0]
    if kind in _KIND_HELP:
        article = "an" if kind[0] in "aeiou" else "a"
        return Flaw(f"is the ARN of {article} {kind}, which is no principal", _REFUSED, _KIND_HELP[kind])
    return None


_KIND_HELP = {
    "policy": "Name the role.",
    "instance-profile": "Name the role in it.",
    "group": "Name the users or, better, a role that they assume.",
    "oidc-provider": 'Write it under "Federated".',
    "saml-provider": 'Write it under "Federated".',
}


__all__ = ["Flaw", "flaw_of", "is_nobody"]
