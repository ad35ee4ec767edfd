"""Questions as a user puts them, on the command line or in a line of a batch: which request is meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from rolecall import regex
from rolecall.answer import Answer
from rolecall.iam.issuers import Issuer, is_eks
from rolecall.iam.questions import EKS_AUDIENCE
from rolecall.iam.requests import Identity, Service, identity
from rolecall.iam.trust import Token
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.iam.questions import Asked
    from rolecall.model import TrustPolicy

ANY_ISSUER = "*"
_ISSUER = regex.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[^\s?#]*)?")
_SERVICE = regex.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class QuestionError(Exception):
    """The question cannot be put; the text says why and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Who asks: a web-identity token by issuer, subject and audience, an AWS principal by ARN, or a service."""

    issuer: str | None = None
    subject: str | None = None
    audience: str | None = None
    principal: str | None = None
    service: str | None = None


def asked(fields: Fields) -> Asked:
    """The request that is meant.

    Raises:
        QuestionError: it is none, or more than one.
    """
    token = (fields.issuer, fields.subject, fields.audience) != (None, None, None)
    if token + (fields.principal is not None) + (fields.service is not None) != 1:
        raise QuestionError("say who asks: an issuer and a subject, or a principal, or a service")
    if fields.principal is not None:
        return _identity(fields.principal)
    if fields.service is not None:
        return _service(fields.service)
    return _token(fields)


def of_role(request: Asked, trust: TrustPolicy) -> Asked:
    """The request as one to a role: a token's provider has to be in the account of the role."""
    account = trust.account.known if trust.account is not None else None
    return replace(request, account=account) if isinstance(request, Token) and account else request


def asker(request: Asked) -> str:
    """Who asks, as a message names them."""
    if isinstance(request, Identity):
        return request.arn
    if isinstance(request, Service):
        return request.name
    issuer = f"https://{request.issuer.display}" if request.issuer is not None else "any issuer that it trusts"
    audience = f" for audience {_plain(request.audience)}" if request.audience is not None else ""
    return f"{_plain(request.subject)} of {issuer}{audience}"


Text: TypeAlias = "tuple[object, ...] | None"


def _plain(text: Text) -> str:
    return "".join(map(str, text or ()))


def _token(fields: Fields) -> Token:
    if fields.issuer is None or fields.subject is None:
        raise QuestionError("a token has an issuer and a subject: say both")
    if not fields.subject or fields.audience == "":
        raise QuestionError("a subject or an audience that is empty")
    issuer = _issuer(fields.issuer)
    audience = fields.audience
    if audience is None and issuer is not None and is_eks(Issuer((issuer,))) is Answer.YES:
        audience = EKS_AUDIENCE
    return Token(
        Issuer((issuer,)) if issuer is not None else None,
        (fields.subject,),
        (audience,) if audience is not None else None,
    )


def _issuer(written: str) -> str | None:
    if written == ANY_ISSUER:
        return None
    issuer = written.removeprefix("https://")
    if not _ISSUER.fullmatch(issuer) or ("." not in issuer and ":" not in issuer):
        raise QuestionError(
            "the issuer is no https URL of an OIDC issuer, such as https://oidc.eks.eu-west-1.amazonaws.com/id/…"
        )
    return issuer


def _identity(written: str) -> Identity:
    found = identity(written)
    if found is not None:
        return found
    if ":oidc-provider/" in written:
        raise QuestionError("an OIDC provider is not who asks: ask for a token of it, by issuer and subject")
    if _SERVICE.fullmatch(written):
        raise QuestionError("that is no ARN; if it is a service, ask for it as one")
    raise QuestionError(
        "the principal is no ARN of a user, a role, a role's session or an account's root, and no account's id"
    )


def _service(written: str) -> Service:
    if not _SERVICE.fullmatch(written):
        raise QuestionError("the service is not written as a service principal, such as pods.eks.amazonaws.com")
    return Service(written)
