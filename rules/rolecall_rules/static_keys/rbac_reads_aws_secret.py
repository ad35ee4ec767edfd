"""The rule `rbac-reads-aws-secret`."""

from collections.abc import Iterator

from rolecall.answer import Answer
from rolecall.graph import Graph
from rolecall.graph.access import Access, accesses, allows, is_everybody, resource
from rolecall.model import AccessBinding, AccessSubject, ConfigObject, Datum
from rolecall.problem import Unevaluated
from rolecall.rule import Confidence, Finding, Label, Platform, Severity, rule
from rolecall_rules.static_keys._shared import aws_key

# Operators that read Secrets for a living.
_OPERATORS = ("external-secrets", "velero", "argocd", "argo-cd", "sealed-secrets", "vault", "flux", "cert-manager")


@rule(
    "rbac-reads-aws-secret",
    summary="a subject may read the Secret that holds static AWS keys",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    formats=(Platform.KUBERNETES,),
    references=("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege",),
    tags=("static-keys", "rbac"),
)
def rbac_reads_aws_secret(binding: AccessBinding, graph: Graph) -> Iterator[Finding | Unevaluated]:
    """Finds bindings that let a subject get, list or watch a Secret of these files with static AWS keys in it.

    Kubernetes' own `edit` and `admin` read Secrets; `view` does where a cluster role among these files is aggregated to
    it that does. Not reported are subjects of Kubernetes itself and of kube-system, operators whose work it is to read
    Secrets, administrators (every verb on every resource, as `cluster-admin` has it) unless that is everybody, and
    other roles that are not among these files.

    ## Why it matters
    Whoever may read the Secret is the IAM user behind the key, from anywhere and until somebody rotates it. `list` and
    `watch` show the contents as `get` does.

    ## How to fix it
    Give the workload a role by Pod Identity or IRSA, and delete the key. Until then, limit the rule with
    `resourceNames` to the Secrets that are needed.
    """
    held = graph.keep(_keys)
    for one in accesses(binding, graph) if held else ():
        at = resource(one.rule, "secrets", "*")
        reads = at is not None and allows(one.rule, "get", "list", "watch")
        if at is None or not reads:
            if one.rule.rest is not None and one.people:
                yield Unevaluated(f"what {one.role.display} allows", one.rule.rest.why, one.role.name.span)
            continue
        subject = next((person for person in one.people if _is_told(one, person)), None)
        reached = [(one.reaches(thing), thing, datum) for thing, datum in held]
        if subject is None:
            continue
        found = next(((thing, datum) for answer, thing, datum in reached if answer is Answer.YES), None)
        possible = next((thing for answer, thing, _ in reached if answer is Answer.UNKNOWN), None)
        if found is not None:
            thing, datum = found
            yield Finding(
                f"{subject.display} may read {thing.display}, by {one.role.display}: with the static AWS keys in it the"
                " subject is the IAM user behind them, from anywhere",
                at=Label(at.span, "lets it read Secrets"),
                related=(Label(subject.name.span, "who may"), Label(datum.key.span, "holds a static key")),
                help="Give the workload a role and delete the key; until then, limit the rule with resourceNames.",
                subject=f"{binding.display} {subject.display}",
            )
        elif possible is not None:
            what = f"whether {binding.display} reaches {possible.display}"
            yield Unevaluated(what, "a namespace or a name is not known", at.span)


def _is_told(one: Access, subject: AccessSubject) -> bool:
    return is_everybody(subject) or not (one.is_everything or _is_operator(subject))


def _is_operator(subject: AccessSubject) -> bool:
    name = subject.name.known
    return subject.kind == "ServiceAccount" and (name is None or name.startswith(_OPERATORS))


def _keys(graph: Graph) -> tuple[tuple[ConfigObject, Datum], ...]:
    """The Secrets with keys, written or sealed, each with the first of them."""
    found = []
    for thing in graph.all(ConfigObject):
        datum = aws_key(thing) if thing.is_secret else None
        if datum is not None:
            found.append((thing, datum))
    return tuple(found)
