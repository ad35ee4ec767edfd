"""What an eksctl configuration says in the common model: eksctl's trusts, its defaults, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from rolecall.answer import Answer
from rolecall.graph.nodes import is_windows
from rolecall.graph.roles import role_of
from rolecall.graph.service_accounts import runs_as
from rolecall.graph.views import IrsaBinding
from rolecall.iam.managed import managed_name
from rolecall.iam.trust import Token, admits
from rolecall.model import (
    AccessEntry,
    Addon,
    Cluster,
    Entity,
    FargateProfile,
    InstanceProfile,
    NodeGroup,
    OidcProvider,
    PodIdentityAssociation,
    Role,
    RoleMapping,
    ServiceAccount,
    Workload,
)
from rolecall.tree import Scalar
from tests.worlds import read

if TYPE_CHECKING:
    from pathlib import Path

    from rolecall.engine import World

T = TypeVar("T", bound=Entity)
HEAD = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: shop, region: eu-central-1}\n"
CORE = {"AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryPullOnly"}
CNI = "AmazonEKS_CNI_Policy"


def world(tmp_path: Path, text: str, head: str = HEAD) -> World:
    (tmp_path / "cluster.yaml").write_text(head + text, encoding="utf-8")
    return read(tmp_path)


def all_of(kind: type[T], tmp_path: Path, text: str, head: str = HEAD) -> tuple[T, ...]:
    made = world(tmp_path, text, head)
    assert made.problems == ()
    return made.graph.all(kind)


def account(rest: str, tmp_path: Path) -> Role:
    text = f"iam:\n  withOIDC: true\n  serviceAccounts:\n  - metadata: {{name: api, namespace: pay}}\n{rest}"
    (role,) = all_of(Role, tmp_path, text)
    return role


def admitted(role: Role, namespace: str, name: str, audience: str = "sts.amazonaws.com") -> Answer:
    assert role.trust is not None
    subject = (f"system:serviceaccount:{namespace}:{name}",)
    return admits(role.trust.document, Token(None, subject, (audience,), willing=True)).answer


def policies(role: Role) -> set[str | None]:
    return {managed_name(arn) for arn in role.managed}


def test_a_role_admits_its_service_account_only(tmp_path: Path) -> None:
    role = account("    attachPolicyARNs: ['arn:aws:iam::111122223333:policy/api']\n", tmp_path)
    assert [arn.known for arn in role.managed] == ["arn:aws:iam::111122223333:policy/api"]
    assert admitted(role, "pay", "api") is not Answer.NO
    assert admitted(role, "pay", "web") is Answer.NO
    assert admitted(role, "shop", "api") is Answer.NO
    assert admitted(role, "pay", "api", "kubernetes.default.svc") is Answer.NO


def test_a_pattern_admits_what_it_matches(tmp_path: Path) -> None:
    role = account("    subjectPattern: api-*\n    permissionsBoundary: arn:aws:iam::111122223333:policy/b\n", tmp_path)
    assert admitted(role, "pay", "api-7") is not Answer.NO
    assert admitted(role, "pay", "api") is Answer.NO
    assert role.boundary is not None
    assert role.boundary.known == "arn:aws:iam::111122223333:policy/b"


def test_the_service_account_is_annotated_with_the_role(tmp_path: Path) -> None:
    text = "iam:\n  serviceAccounts:\n  - metadata: {name: api}\n    wellKnownPolicies: {autoScaler: true}\n"
    made = world(tmp_path, text).graph
    (binding,) = made.all(IrsaBinding)
    assert binding.role is made.all(Role)[0]
    assert binding.service_account.namespace is not None
    assert binding.service_account.namespace.known == "default"
    (document,) = binding.role.inline
    actions = {action.known for statement in document.statements for action in statement.actions}
    assert "autoscaling:SetDesiredCapacity" in actions


def test_a_pod_of_a_manifest_runs_as_what_eksctl_annotates(tmp_path: Path) -> None:
    objects = (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: pay}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: pay}\n"
        "spec: {serviceAccountName: api, containers: [{name: app, image: pay/api}]}\n"
    )
    (tmp_path / "pod.yaml").write_text(objects, encoding="utf-8")
    text = (
        "iam:\n  withOIDC: true\n  serviceAccounts:\n"
        "  - {metadata: {name: api, namespace: pay}, attachRoleARN: 'arn:aws:iam::111122223333:role/x'}\n"
    )
    graph = world(tmp_path, text).graph
    (workload,) = graph.all(Workload)
    found = runs_as(graph, workload, workload.pods[0])
    assert found.service_account is not None
    assert found.service_account.origin.unit == "pod.yaml"
    assert found.role_annotation is not None
    assert isinstance(found.role_annotation.value, Scalar)
    assert found.role_annotation.value.known == "arn:aws:iam::111122223333:role/x"


@pytest.mark.parametrize("only", ["true", "yes"])
def test_a_role_alone_annotates_nothing(only: str, tmp_path: Path) -> None:
    text = f"iam:\n  serviceAccounts:\n  - metadata: {{name: api, namespace: pay}}\n    roleOnly: {only}\n"
    assert all_of(ServiceAccount, tmp_path, text) == ()


def test_the_provider_is_that_of_the_cluster(tmp_path: Path) -> None:
    (provider,) = all_of(OidcProvider, tmp_path, "iam: {withOIDC: true}\n")
    assert provider.url is not None
    assert provider.url.display.startswith("https://oidc.eks.eu-central-1.amazonaws.com/id/$")
    assert [client.known for client in provider.client_ids] == ["sts.amazonaws.com"]
    assert provider.certain


@pytest.mark.parametrize(("value", "certain"), [("false", []), ("${OIDC}", [False]), ("true", [True])])
def test_a_provider_is_made_if_asked_for(value: str, certain: list[bool], tmp_path: Path) -> None:
    providers = all_of(OidcProvider, tmp_path, f"iam:\n  withOIDC: {value}\n")
    assert [provider.certain for provider in providers] == certain


def test_nothing_is_guessed_without_a_region(tmp_path: Path) -> None:
    head = HEAD.replace(", region: eu-central-1", "")
    (provider,) = all_of(OidcProvider, tmp_path, "iam: {withOIDC: true}\n", head)
    assert provider.url is not None
    assert provider.url.parts[0] == "https://"
    assert len(provider.url.parts) == 2


def test_associations_and_the_roles_made_for_them(tmp_path: Path) -> None:
    text = (
        "iam:\n  podIdentityAssociations:\n"
        "  - {namespace: pay, serviceAccountName: api, roleARN: 'arn:aws:iam::111122223333:role/x'}\n"
        "  - {namespace: pay, serviceAccountName: web, roleName: web, disableSessionTags: true,\n"
        "     targetRoleARN: 'arn:aws:iam::444455556666:role/far',\n"
        "     permissionPolicyARNs: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']}\n"
    )
    made = world(tmp_path, text).graph
    first, second = made.all(PodIdentityAssociation)
    assert first.role is not None
    assert first.role.known == "arn:aws:iam::111122223333:role/x"
    assert second.disable_session_tags is not None
    assert second.disable_session_tags.boolean
    assert second.target_role is not None
    assert second.target_role.known == "arn:aws:iam::444455556666:role/far"
    (role,) = made.all(Role)
    assert policies(role) == {"AmazonS3ReadOnlyAccess"}
    assert role.trust is not None
    (statement,) = role.trust.document.statements
    assert [action.known for action in statement.actions] == ["sts:AssumeRole", "sts:TagSession"]
    assert [principal.value.known for principal in statement.principals] == ["pods.eks.amazonaws.com"]


def test_addons(tmp_path: Path) -> None:
    text = (
        "iam: {withOIDC: true}\naddons:\n"
        "- {name: vpc-cni, attachPolicyARNs: ['arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy']}\n"
        "- {name: aws-ebs-csi-driver, serviceAccountRoleARN: 'arn:aws:iam::111122223333:role/ebs'}\n"
        "- {name: aws-efs-csi-driver, wellKnownPolicies: {efsCSIController: true}}\n"
        "- {name: coredns, useDefaultPodIdentityAssociations: true}\n"
    )
    made = world(tmp_path, text)
    cni, ebs, efs, dns = made.graph.all(Addon)
    assert ebs.role is not None
    assert ebs.role.known == "arn:aws:iam::111122223333:role/ebs"
    assert cni.role is not None
    assert cni.role.known is None
    assert efs.role is not None
    assert dns.role is None
    of_cni, of_efs = made.graph.all(Role)
    assert admitted(of_cni, "kube-system", "aws-node") is not Answer.NO
    assert admitted(of_cni, "kube-system", "coredns") is Answer.NO
    assert of_efs.trust is None
    said = [one.what for one in made.unevaluated]
    assert said == ["Pod Identity associations of add-on coredns of cluster shop"]


@pytest.mark.parametrize(
    ("key", "iam", "oidc", "expected"),
    [
        ("managedNodeGroups", "{}", "false", {*CORE, CNI}),
        ("managedNodeGroups", "{}", "true", CORE),
        ("nodeGroups", "{}", "true", CORE),
        ("managedNodeGroups", "{attachPolicyARNs: ['arn:aws:iam::aws:policy/X']}", "false", {"X"}),
        (
            "nodeGroups",
            "{attachPolicyARNs: ['arn:aws:iam::aws:policy/X']}",
            "false",
            {"X", "AmazonEC2ContainerRegistryPullOnly"},
        ),
        (
            "nodeGroups",
            "{withAddonPolicies: {imageBuilder: true}}",
            "true",
            {"AmazonEKSWorkerNodePolicy", "AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryPowerUser"},
        ),
        (
            "managedNodeGroups",
            "{withAddonPolicies: {ebs: true, cloudWatch: true}}",
            "true",
            {*CORE, "AmazonEBSCSIDriverPolicy", "CloudWatchAgentServerPolicy"},
        ),
    ],
)
def test_the_policies_of_nodes(key: str, iam: str, oidc: str, expected: set[str], tmp_path: Path) -> None:
    (role,) = all_of(Role, tmp_path, f"iam: {{withOIDC: {oidc}}}\n{key}:\n- name: ng\n  iam: {iam}\n")
    assert policies(role) == expected


@pytest.mark.parametrize(
    ("options", "tokens", "limit"),
    [
        ("", "required", 2),
        ("disableIMDSv1: false", "optional", 2),
        ("disablePodIMDS: true", "required", 1),
        ("disablePodIMDS: true, disableIMDSv1: false", "required", 1),
        ("disablePodIMDS: '${X}'", None, None),
        ("disableIMDSv1: '${X}'", None, 2),
    ],
)
def test_the_metadata_options_of_nodes(options: str, tokens: str | None, limit: int | None, tmp_path: Path) -> None:
    (group,) = all_of(NodeGroup, tmp_path, f"nodeGroups:\n- {{name: ng, {options}}}\n")
    assert group.metadata is not None
    assert group.metadata.tokens is not None
    assert group.metadata.hop_limit is not None
    assert (group.metadata.tokens.known, group.metadata.hop_limit.number) == (tokens, limit)


def test_a_group_with_a_role_of_its_own_gets_none(tmp_path: Path) -> None:
    text = (
        "managedNodeGroups:\n"
        "- {name: a, iam: {instanceRoleARN: 'arn:aws:iam::111122223333:role/n'}, launchTemplate: {id: lt-1}}\n"
        "nodeGroups:\n- {name: b, iam: {instanceProfileARN: 'arn:aws:iam::111122223333:instance-profile/p'}}\n"
    )
    made = world(tmp_path, text).graph
    assert made.all(Role) == ()
    by_name = {group.name.known: group for group in made.all(NodeGroup) if group.name is not None}
    first, second = by_name["a"], by_name["b"]
    assert first.role is not None
    assert first.metadata is None
    assert first.launch_template is not None
    assert second.role is None
    assert second.instance_profile is not None


def test_the_cluster_and_who_is_let_in(tmp_path: Path) -> None:
    text = (
        "autoModeConfig: {enabled: true, nodeRoleARN: 'arn:aws:iam::111122223333:role/auto'}\n"
        "accessConfig: {accessEntries: [{principalARN: 'arn:aws:iam::111122223333:role/a', type: EC2_LINUX}]}\n"
        "iamIdentityMappings: [{arn: 'arn:aws:iam::111122223333:role/n', groups: [system:nodes]}]\n"
        "fargateProfiles: [{name: fp, selectors: [{namespace: dev, labels: {env: dev}}]}]\n"
    )
    graph = world(tmp_path, text).graph
    (cluster,) = graph.all(Cluster)
    assert cluster.auto_mode_role is not None
    assert cluster.auto_mode_role.known == "arn:aws:iam::111122223333:role/auto"
    assert [entry.type.known for entry in graph.all(AccessEntry) if entry.type is not None] == ["EC2_LINUX"]
    assert [mapping.groups[0].known for mapping in graph.all(RoleMapping)] == ["system:nodes"]
    (profile,) = graph.all(FargateProfile)
    assert profile.selectors[0].labels[0].key.known == "env"


@pytest.mark.parametrize(
    "text",
    [
        "iam: []\n",
        "iam: {serviceAccounts: {a: b}, podIdentityAssociations: [[], x, {}]}\n",
        "iam: {serviceAccounts: [{metadata: []}, {metadata: {name: [a]}}, {}]}\n",
        "nodeGroups: [{}, {name: {}}, {iam: []}, {iam: {withAddonPolicies: [a], attachPolicyARNs: x}}]\n",
        "addons: [{}, {name: x, podIdentityAssociations: true}]\naccessConfig: x\nfargateProfiles: [{selectors: a}]\n",
    ],
)
def test_what_makes_no_sense_breaks_nothing(text: str, tmp_path: Path) -> None:
    assert world(tmp_path, text).problems == ()


def test_another_version_is_not_evaluated(tmp_path: Path) -> None:
    made = world(tmp_path, "iam: {withOIDC: true}\n", HEAD.replace("v1alpha5", "v1alpha4"))
    assert [one.what for one in made.unevaluated] == ["eksctl ClusterConfig"]
    assert made.graph.all(Cluster) == ()


def test_json_is_read_alike(tmp_path: Path) -> None:
    text = (
        '{"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig", "metadata": {"name": "shop"},'
        ' "managedNodeGroups": [{"name": "ng", "amiFamily": "WindowsServer2022CoreContainer"}]}'
    )
    (tmp_path / "cluster.json").write_text(text, encoding="utf-8")
    graph = read(tmp_path).graph
    (group,) = graph.all(NodeGroup)
    assert is_windows(group)
    assert [cluster.name.known for cluster in graph.all(Cluster) if cluster.name is not None] == ["shop"]


ASK = "  - {name: aws-ebs-csi-driver, useDefaultPodIdentityAssociations: true}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"addons:\n{ASK}", [("kube-system", "ebs-csi-controller-sa")]),
        ("addonsConfig: {autoApplyPodIdentityAssociations: true}\naddons: [{name: VPC-CNI}, {name: coredns}]\n", None),
        ("addonsConfig: {autoApplyPodIdentityAssociations: '${X}'}\naddons: [{name: vpc-cni}]\n", None),
        ("addonsConfig: {autoApplyPodIdentityAssociations: false}\naddons: [{name: vpc-cni}]\n", []),
        # What is written for an add-on is instead of what EKS recommends.
        (
            (
                "addonsConfig: {autoApplyPodIdentityAssociations: true}\n"
                "addons: [{name: vpc-cni, serviceAccountRoleARN: 'arn:aws:iam::111122223333:role/x'}]\n"
            ),
            [],
        ),
    ],
)
def test_associations_that_eks_recommends_may_be_there(
    text: str, expected: list[tuple[str, str]] | None, tmp_path: Path
) -> None:
    made = world(tmp_path, text)
    found = made.graph.all(PodIdentityAssociation)
    assert [
        (bound.namespace.known, bound.service_account.known)
        for bound in found
        if bound.namespace is not None and bound.service_account is not None
    ] == ([("kube-system", "aws-node")] if expected is None else expected)
    assert not any(bound.certain for bound in found)
    assert made.graph.all(Role) == ()
    said = [one.what for one in made.unevaluated]
    assert all(what.startswith("Pod Identity associations of add-on") for what in said)
    assert bool(said) is ("false" not in text)


@pytest.mark.parametrize(
    ("oidc", "name", "expected"),
    [
        ("true", "vpc-cni", {CNI}),
        ("true", "aws-ebs-csi-driver", {"AmazonEBSCSIDriverPolicy"}),
        ("true", "aws-efs-csi-driver", set()),
        ("'${X}'", "vpc-cni", set()),
        ("true", "coredns", None),
        ("false", "vpc-cni", None),
    ],
)
def test_the_roles_that_eksctl_makes_for_addons_by_itself(
    oidc: str, name: str, expected: set[str] | None, tmp_path: Path
) -> None:
    graph = world(tmp_path, f"iam: {{withOIDC: {oidc}}}\naddons: [{{name: {name}}}]\n").graph
    (addon,) = graph.all(Addon)
    if expected is None:
        assert graph.all(Role) == ()
        assert addon.role is None
        return
    (role,) = graph.all(Role)
    assert addon.role is not None
    assert policies(role) == expected
    assert (role.managed_rest is None) is (oidc == "true")
    assert bool(role.inline) is (name == "aws-efs-csi-driver")


def test_the_policy_of_the_cni_depends_on_the_network(tmp_path: Path) -> None:
    text = "iam: {withOIDC: true}\nkubernetesNetworkConfig: {ipFamily: IPv6}\naddons: [{name: vpc-cni}]\n"
    (role,) = all_of(Role, tmp_path, text)
    assert role.managed == ()
    assert role.managed_rest is not None


def test_the_session_policy_of_an_association(tmp_path: Path) -> None:
    text = (
        "iam:\n  podIdentityAssociations:\n"
        "  - {namespace: pay, serviceAccountName: api, roleARN: 'arn:aws:iam::111122223333:role/x', policy: '{}'}\n"
        "addons:\n- name: x\n  podIdentityAssociations:\n"
        "  - {namespace: x, serviceAccountName: x, roleARN: 'arn:aws:iam::111122223333:role/x', policy: '{}'}\n"
    )
    of_pay, of_addon = all_of(PodIdentityAssociation, tmp_path, text)
    assert of_pay.policy is not None
    assert of_pay.policy.known == "{}"
    # eksctl does not hand it on.
    assert of_addon.policy is None


NETWORK = "remoteNetworkConfig:\n  remoteNodeNetworks: [{cidrs: [10.80.0.0/16]}]\n  iam: "


@pytest.mark.parametrize(
    ("iam", "service", "actions"),
    [
        ("{}", "ssm.amazonaws.com", ["sts:AssumeRole"]),
        ("{provider: SSM}", "ssm.amazonaws.com", ["sts:AssumeRole"]),
        (
            "{provider: ira, caBundleCert: x}",
            "rolesanywhere.amazonaws.com",
            ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        ),
    ],
)
def test_the_role_of_hybrid_nodes(iam: str, service: str, actions: list[str], tmp_path: Path) -> None:
    graph = world(tmp_path, f"{NETWORK}{iam}\n").graph
    (role,) = graph.all(Role)
    (entry,) = graph.all(AccessEntry)
    assert entry.type is not None
    assert entry.type.known == "HYBRID_LINUX"
    assert role_of(graph, entry.principal) is role
    assert policies(role) == {"AmazonSSMManagedInstanceCore", "AmazonEC2ContainerRegistryPullOnly"}
    assert role.trust is not None
    (statement,) = role.trust.document.statements
    assert [principal.value.known for principal in statement.principals] == [service]
    assert [action.known for action in statement.actions] == actions
    assert bool(statement.conditions) is ("anywhere" in service)


def test_a_role_of_ones_own_for_hybrid_nodes(tmp_path: Path) -> None:
    graph = world(tmp_path, f"{NETWORK}{{roleARN: 'arn:aws:iam::111122223333:role/h'}}\n").graph
    assert graph.all(Role) == ()
    (entry,) = graph.all(AccessEntry)
    assert entry.principal is not None
    assert entry.principal.known == "arn:aws:iam::111122223333:role/h"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NETWORK + "{provider: '${X}'}\n", ["role of hybrid nodes of cluster shop"]),
        ("remoteNetworkConfig: {iam: {provider: ira}}\n", []),
        ("remoteNetworkConfig: {remoteNodeNetworks: [], iam: []}\n", []),
        ("remoteNetworkConfig: x\n", []),
    ],
)
def test_no_role_is_made_up_for_hybrid_nodes(text: str, said: list[str], tmp_path: Path) -> None:
    made = world(tmp_path, text)
    assert made.graph.all(Role) == ()
    assert made.graph.all(AccessEntry) == ()
    assert [one.what for one in made.unevaluated] == said
    assert made.problems == ()


@pytest.mark.parametrize(
    ("options", "profile", "queue"),
    [
        ("version: v1.5.0", "eksctl-KarpenterNodeInstanceProfile-shop", False),
        ("withSpotInterruptionQueue: true", "eksctl-KarpenterNodeInstanceProfile-shop", True),
        (
            "withSpotInterruptionQueue: '${X}', createServiceAccount: true",
            "eksctl-KarpenterNodeInstanceProfile-shop",
            None,
        ),
        ("defaultInstanceProfile: own, withSpotInterruptionQueue: false", "own", False),
    ],
)
def test_karpenter(options: str, profile: str, *, queue: bool | None, tmp_path: Path) -> None:
    text = f"iam: {{withOIDC: true, serviceRolePermissionsBoundary: b}}\nkarpenter: {{{options}}}\n"
    graph = world(tmp_path, text).graph
    nodes, controller = graph.all(Role)
    assert nodes.name is not None
    assert nodes.name.known == "eksctl-KarpenterNodeRole-shop"
    assert nodes.boundary is not None
    assert policies(nodes) == {*CORE, CNI}
    (made,) = graph.all(InstanceProfile)
    assert made.name is not None
    assert made.name.known == profile
    assert role_of(graph, made.role) is nodes
    assert [role_of(graph, mapping.role) for mapping in graph.all(RoleMapping)] == [nodes]
    assert controller.name is not None
    assert controller.name.known == "eksctl-shop-iamservice-role"
    assert admitted(controller, "karpenter", "karpenter") is not Answer.NO
    assert admitted(controller, "karpenter", "default") is Answer.NO
    (document,) = controller.inline
    assert len(document.statements) == (2 if queue else 1)
    assert (controller.inline_rest is not None) is (queue is None)
    (binding,) = graph.all(IrsaBinding)
    assert binding.role is controller


def test_the_names_of_an_unnamed_clusters_karpenter_are_not_known(tmp_path: Path) -> None:
    head = HEAD.replace("metadata: {name: shop, region: eu-central-1}\n", "")
    nodes, controller = all_of(Role, tmp_path, "karpenter: {version: v1.5.0}\n", head)
    assert nodes.name is not None
    assert nodes.name.parts[0] == "eksctl-KarpenterNodeRole-"
    assert controller.name is not None
    assert controller.name.known is None
    assert world(tmp_path, "karpenter: []\n").graph.all(Role) == ()
