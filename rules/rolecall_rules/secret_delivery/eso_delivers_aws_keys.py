"""The rule `eso-delivers-aws-keys`."""

import re
from collections.abc import Iterator

from rolecall import regex
from rolecall.model import ConfigObject
from rolecall.model.secrets import KEY_ID_NAMES, SECRET_KEY_NAMES, TOKEN_NAMES
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import named

_STORE = regex.compile(r"endpoint|minio|ceph|r2|spaces|wasabi|backblaze", re.IGNORECASE)


@rule(
    "eso-delivers-aws-keys",
    summary="an ExternalSecret delivers AWS keys to the cluster",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES, Platform.TERRAFORM),
    references=(
        "https://external-secrets.io/latest/api/externalsecret/",
        "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    ),
    tags=("secret-delivery", "static-keys"),
)
def eso_delivers_aws_keys(subject: ConfigObject) -> Iterator[Finding]:
    """Finds ExternalSecrets that make a Secret with both parts of an AWS access key.

    Silent where a session token comes with them, as from a generator of short-lived credentials, and where a key of the
    Secret or its name says that it is for a store that is not AWS.

    ## Why it matters
    The key is out of the repository and still a long-lived key: whoever reads the Secret can use it from anywhere, and
    the workload that takes it does not use its service account's role.

    ## How to fix it
    Give the workload's service account a role, and delete the key.
    """
    if subject.made_by != "ExternalSecret":
        return
    key_id = next((one for one in subject.data if named(one, KEY_ID_NAMES)), None)
    secret = next((one for one in subject.data if named(one, SECRET_KEY_NAMES)), None)
    if key_id is None or secret is None or any(named(one, TOKEN_NAMES) for one in subject.data):
        return
    names = [subject.name.display, *(one.key.display for one in subject.data)]
    if any(map(_STORE.search, names)):
        return
    yield Finding(
        f"the ExternalSecret of {subject.display} delivers an AWS access key: it is as long-lived as one in the"
        " repository, for whoever can read the Secret",
        at=Label(key_id.span, "an access key id"),
        related=(Label(secret.span, "and its secret"),),
        help="Give the workload's service account a role, and delete the key.",
        subject=subject.display,
    )
