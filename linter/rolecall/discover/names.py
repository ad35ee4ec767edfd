"""The names by which documents of a world are joined, in the texts of other formats and of images."""

from __future__ import annotations

from rolecall import regex
from rolecall.discover.words import holds

# Bounded, for the text is hostile; a name has at most 253 characters. Begun with a literal, which `re` looks for many
# times faster: `name`, `serviceAccountName`, `secretName`, …
VALUE = r"[\"']?\s*:(?=\s*(?:[&!]\S{0,99}\s{1,9}){0,3}[\"']?([A-Za-z0-9*>|][^\s\"',}\]]{0,253}))"
NAME = regex.compile(r"ame(?<!/name)" + VALUE)
NAMESPACE = regex.compile(r"namespace\"?\s*[=:]\s*[\"']?([a-z0-9-]{1,63})")
ASSOCIATION = "odIdentityAssociation"
_USER = regex.compile(r"\b(?:name|UserName)\"?\s*[=:]\s*[\"']?([a-z0-9.-]{1,63})")
IMAGE = regex.compile(r"\bimage:[ \t]*[\"']?([^\s\"'#]{1,512})")
# One after the other, for each has a beginning of its own.
_OUTSIDE = (
    regex.compile(r"service_account(?:_name)?\"?\s*[=:]\s*\"([^\"]+)\""),
    regex.compile(r"system:serviceaccount:[^:\"\s]{0,200}:([a-z0-9.-]+)"),
    regex.compile(r"\"[a-z0-9-]{1,63}:([a-z0-9.-]{1,253})\""),
)
_IN_TEMPLATE = regex.compile(r"\bServiceAccount[\"']?[ \t]{0,9}:[ \t]{0,9}[\"']?([a-z0-9.-]{1,253})")
# The CDK's and AWS' own types of resources that make objects in a cluster.
_MAKING = ("AWSCDK-EKS-Kubernetes", "AWSCDK-EKS-Helm", "AWSQS::Kubernetes::")
ANY = "*"
"""Among names: any may be meant."""

# Resources of Terraform that are, or refer to, the objects by which documents are joined.
_OBJECTS = regex.compile(
    r"\bkubernetes_(?:annotations|(?:cluster_)?role(?:_binding)?|config_?map|cron_?job|daemon_?set"
    r"|default_service_account|deployment|env|job|labels|pod|replication_controller|secret"
    r"|service_account|stateful_?set)(?:_v\w+)?\b"
)
_MANIFESTS = ("kubernetes_manifest", "kubectl_manifest")
_IN_MANIFESTS = (
    "ServiceAccount",
    "serviceAccount",
    "Secret",
    "ConfigMap",
    "Role",
    "containers",
    "templatefile",
    "yamldecode",
)
_QUOTED_NAME = regex.compile(r"\bname\"?\s*[=:]\s*\"([^\"]+)\"")
_QUOTED_VALUE = regex.compile(r"\bvalue\"?\s*[=:]\s*\"([^\"]+)\"")


def image_name(image: str) -> str:
    """An image among names: by the last part of its name, without tag and digest."""
    return "image:" + image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def names_in_skaffold(text: str) -> frozenset[str]:
    """The images that a configuration of Skaffold builds."""
    return frozenset(image_name(image) for image in IMAGE.findall(text))


def names_in(text: str) -> frozenset[str]:
    """The service accounts that a text of another format names: Terraform, a policy."""
    names = frozenset(name for pattern in _OUTSIDE for name in pattern.findall(text))
    if "pod_identity_association" in text or ASSOCIATION in text:
        names = names.union(NAMESPACE.findall(text))
    # A user for a workload has its name.
    return names.union(_USER.findall(text)) if "aws_iam_user" in text or "AWS::IAM::User" in text else names


def names_in_template(text: str) -> frozenset[str]:
    """The service accounts that a template of CloudFormation names; `ANY` where it declares objects itself."""
    names = names_in(text).union(_IN_TEMPLATE.findall(text))
    return names | {ANY} if holds(text, _MAKING) else names


def names_in_terraform(text: str) -> frozenset[str]:
    """The objects to join by that a Terraform file names; `ANY` where it declares such objects itself."""
    names = names_in(text)
    # The plain search is many times faster than that for the pattern, and nearly always says no.
    if ("kubernetes_" in text and _OBJECTS.search(text)) or (holds(text, _MANIFESTS) and holds(text, _IN_MANIFESTS)):
        return names | {ANY}
    if "helm_release" in text and "serviceAccount" in text:
        return names.union(_QUOTED_NAME.findall(text), _QUOTED_VALUE.findall(text), NAME.findall(text))
    return names


def names_in_values(text: str) -> frozenset[str]:
    """The objects that a chart's values may name."""
    return frozenset(NAME.findall(text)) if "serviceaccount" in text.lower() else frozenset()
