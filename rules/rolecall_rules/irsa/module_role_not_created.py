"""The rule `module-role-not-created`."""

from collections.abc import Iterator

from rolecall.model import UnmadeRole
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule


@rule(
    "module-role-not-created",
    summary="a module's outputs are used, and it creates no role because it was not told to",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    formats=(Platform.TERRAFORM,),
    references=(
        "https://github.com/terraform-aws-modules/terraform-aws-iam/blob/v5.60.0/modules/iam-assumable-role-with-oidc/variables.tf",
    ),
    tags=("irsa", "terraform"),
)
def module_role_not_created(unmade: UnmadeRole) -> Iterator[Finding]:
    """Finds calls of modules that create a role only if `create_role` says so, where outputs of them are used.

    Modules of terraform-aws-modules/iam before version 6 have `create_role = false` by default. Where the value comes
    from a variable, nothing is said.

    ## Why it matters
    Terraform applies it without a word. There is no role, and the outputs that should name it are empty: the service
    account's annotation is empty too, and its pods go on with the node's role, or with none.

    ## How to fix it
    Set `create_role = true`, or remove the call and what uses it.
    """
    first = unmade.uses[0]
    yield Finding(
        f"{unmade.origin.address} creates no role, for its {unmade.switch.display} is false, and so"
        f" {first.display} is an empty string where it is used",
        at=Label(
            unmade.at, f"{unmade.switch.display} is false" + ("" if unmade.at != unmade.origin.span else " by default")
        ),
        related=tuple(Label(use.span, "empty") for use in unmade.uses),
        help=f"Set {unmade.switch.display} = true, or remove the call and what uses it.",
        subject=unmade.origin.address,
    )
