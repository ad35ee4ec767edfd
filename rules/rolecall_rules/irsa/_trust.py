"""Whom an annotated role trusts, where that is not an OIDC provider."""

from rolecall.answer import Answer
from rolecall.graph.views import IrsaBinding
from rolecall.iam.trust import WEB_IDENTITY, allows_action, effect_of
from rolecall.model import Principal
from rolecall.problem import Unevaluated


def trusted_instead(binding: IrsaBinding) -> tuple[Principal, ...] | Unevaluated:
    """The principals that may assume a role which certainly admits no web identity token.

    Empty where it does, where other rules say why it does not (a federated principal, or the action for web identity,
    is there), and where there is no trust policy to look at. `Unevaluated` where more may be written than is seen.
    """
    document = binding.role.trust.document if binding.role is not None and binding.role.trust is not None else None
    if document is None:
        return ()
    found: list[Principal] = []
    holes = [document.rest]
    for statement in document.statements:
        effect = effect_of(statement)
        if effect == "Deny":
            continue
        if allows_action(statement, WEB_IDENTITY) is Answer.YES:
            return ()
        if effect != "Allow" or statement.not_principals or any(map(_may_be_federated, statement.principals)):
            return ()
        holes += [statement.actions_rest, statement.principals_rest]
        found += statement.principals
    hole = next((one for one in holes if one is not None), None)
    if hole is not None:
        what = f"whether the role of {binding.service_account.display} trusts an OIDC provider"
        return Unevaluated(what, hole.why, binding.annotation.value.span)
    return tuple(found)


def _may_be_federated(principal: Principal) -> bool:
    return principal.type.known in (None, "Federated", "*") or principal.value.known == "*"
