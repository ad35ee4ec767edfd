"""The known paths by which a role makes itself, or becomes, something with more permissions: one table.

Most are of pathfinding.cloud (https://github.com/DataDog/pathfinding.cloud, data/paths), which goes back to Rhino
Security Labs' list and is what cloudsplaining has. Of its paths those are left out that hold another one: what
`iam:AttachRolePolicy` with `sts:AssumeRole` (iam-014) reaches, `iam:AttachRolePolicy` reaches alone. Those of EKS are
our own, from EKS' documentation.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from rolecall.records import dataclass


class Reach(Enum):
    """On which resources a step has to be allowed.

    EVERYTHING: on all of a kind, for the path leads through what others own. ANY: on any at all, for whoever makes a
    thing chooses its name.
    """

    EVERYTHING = "everything"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Step:
    """One of these actions is needed. `passed_to`: what `iam:PassedToService` may be where it is `iam:PassRole`."""

    actions: tuple[str, ...]
    reach: Reach = Reach.EVERYTHING
    passed_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path: all steps are needed. `gives` completes "whoever has the role can …"; `source` says where it is from.

    `instead_of` names a shorter path that goes without saying where this one is open.
    """

    name: str
    steps: tuple[Step, ...]
    gives: str
    source: str
    instead_of: str = ""


def _pathfinding(number: str) -> str:
    return f"https://pathfinding.cloud/paths/{number}"


def _alone(action: str, number: str, gives: str) -> Path:
    return Path(_kebab(action), (Step((action,)),), gives, _pathfinding(number))


def _kebab(action: str) -> str:
    service, _, name = action.partition(":")
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
    return f"{service}{words}".replace("s-s-h", "ssh")


def _passing(name: str, number: str, services: str, gives: str, *steps: str) -> Path:
    """`iam:PassRole` of any role to a service, then steps with what the caller makes there: alternatives by `|`."""
    passed = Step(("iam:PassRole",), passed_to=tuple(f"{service}.amazonaws.com" for service in services.split("|")))
    others = (Step(tuple(step.split("|")), Reach.ANY) for step in steps)
    return Path(f"passrole-{name}", (passed, *others), gives, _pathfinding(number))


_TO_ROLES = "give any role any permission"
_RUN = "run code as any role that trusts the service"
_EKS: Final = "https://docs.aws.amazon.com/eks/latest/userguide"
_USERS = "become any IAM user"

PATHS: Final[tuple[Path, ...]] = (
    _alone("iam:CreatePolicyVersion", "iam-001", "change any customer-managed policy, its own among them"),
    Path(
        "iam-set-default-policy-version",
        (Step(("iam:SetDefaultPolicyVersion",)),),
        "bring back an older, wider version of any customer-managed policy",
        "https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation",
    ),
    _alone("iam:CreateAccessKey", "iam-002", "make access keys of any IAM user"),
    _alone("iam:CreateLoginProfile", "iam-004", "give any IAM user without a password one"),
    _alone("iam:PutRolePolicy", "iam-005", _TO_ROLES),
    _alone("iam:UpdateLoginProfile", "iam-006", "set the password of any IAM user"),
    _alone("iam:PutUserPolicy", "iam-007", "give any IAM user any permission"),
    _alone("iam:AttachUserPolicy", "iam-008", "give any IAM user any permission"),
    _alone("iam:AttachRolePolicy", "iam-009", _TO_ROLES),
    _alone("iam:AttachGroupPolicy", "iam-010", "give any group of IAM users any permission"),
    _alone("iam:PutGroupPolicy", "iam-011", "give any group of IAM users any permission"),
    _alone("iam:UpdateAssumeRolePolicy", "iam-012", "let itself into any role"),
    _alone("iam:AddUserToGroup", "iam-013", "put an IAM user into any group"),
    _alone("sts:AssumeRole", "sts-001", "assume any role that trusts the account"),
    _alone("lambda:UpdateFunctionCode", "lambda-003", "run code as the role of any Lambda function"),
    _alone("glue:UpdateDevEndpoint", "glue-002", "log in to any Glue development endpoint, which has a role"),
    _alone("ssm:StartSession", "ssm-001", "open a shell on any managed instance and use its role"),
    _alone("ssm:SendCommand", "ssm-002", "run commands on any managed instance and use its role"),
    _alone("codebuild:StartBuild", "codebuild-002", "run commands as the role of any CodeBuild project"),
    _alone("codebuild:StartBuildBatch", "codebuild-003", "run commands as the role of any CodeBuild project"),
    _alone("cloudformation:UpdateStack", "cloudformation-002", "act as the role of any CloudFormation stack"),
    _alone("apprunner:UpdateService", "apprunner-002", "run code as the role of any App Runner service"),
    _alone(
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker-004",
        "open any notebook and use the role that it has",
    ),
    Path(
        "ec2-instance-connect-send-ssh-public-key",
        (Step(("ec2-instance-connect:SendSSHPublicKey",)), Step(("ec2:DescribeInstances",))),
        "log in to any instance that it can reach and use its role",
        _pathfinding("ec2instanceconnect-003"),
    ),
    Path(
        "cloudformation-change-set",
        (Step(("cloudformation:CreateChangeSet",)), Step(("cloudformation:ExecuteChangeSet",))),
        "act as the role of any CloudFormation stack",
        _pathfinding("cloudformation-005"),
    ),
    Path(
        "ec2-modify-user-data",
        (
            Step(("ec2:ModifyInstanceAttribute",)),
            Step(("ec2:StopInstances",)),
            Step(("ec2:StartInstances",)),
        ),
        "run code on any instance and use its role",
        _pathfinding("ec2-002"),
    ),
    Path(
        "ec2-launch-template-version",
        (Step(("ec2:CreateLaunchTemplateVersion",)), Step(("ec2:ModifyLaunchTemplate",))),
        "run code on instances of any launch template and use their roles",
        _pathfinding("ec2-004"),
    ),
    Path(
        "ecs-execute-command",
        (Step(("ecs:ExecuteCommand",)), Step(("ecs:DescribeTasks",))),
        "open a shell in any ECS task and use its role",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
    ),
    Path(
        "bedrock-code-interpreter-session",
        (
            Step(("bedrock-agentcore:StartCodeInterpreterSession",)),
            Step(("bedrock-agentcore:InvokeCodeInterpreter",)),
        ),
        "run code as the role of any code interpreter",
        _pathfinding("bedrock-002"),
    ),
    Path(
        "sagemaker-notebook-lifecycle",
        (
            Step(("sagemaker:CreateNotebookInstanceLifecycleConfig",), Reach.ANY),
            Step(("sagemaker:StopNotebookInstance",)),
            Step(("sagemaker:UpdateNotebookInstance",)),
            Step(("sagemaker:StartNotebookInstance",)),
        ),
        "run code as the role of any notebook",
        _pathfinding("sagemaker-005"),
    ),
    _passing("ec2-run-instances", "ec2-001", "ec2", _RUN, "ec2:RunInstances"),
    _passing("ec2-request-spot-instances", "ec2-003", "ec2", _RUN, "ec2:RequestSpotInstances"),
    _passing(
        "lambda-create-function",
        "lambda-001",
        "lambda",
        _RUN,
        "lambda:CreateFunction",
        "lambda:InvokeFunction|lambda:CreateEventSourceMapping|lambda:AddPermission",
    ),
    _passing(
        "cloudformation-create-stack",
        "cloudformation-001",
        "cloudformation",
        "create anything as any role that trusts CloudFormation",
        "cloudformation:CreateStack",
    ),
    _passing(
        "cloudformation-create-stack-set",
        "cloudformation-003",
        "cloudformation",
        "create anything as any role that trusts CloudFormation",
        "cloudformation:CreateStackSet",
        "cloudformation:CreateStackInstances",
    ),
    _passing(
        "cloudformation-update-stack-set",
        "cloudformation-004",
        "cloudformation",
        "create anything as any role that trusts CloudFormation",
        "cloudformation:UpdateStackSet",
    ),
    _passing(
        "ecs-task",
        "ecs-004",
        "ecs-tasks",
        _RUN,
        "ecs:RegisterTaskDefinition",
        "ecs:RunTask|ecs:StartTask|ecs:CreateService",
    ),
    _passing("glue-create-dev-endpoint", "glue-001", "glue", _RUN, "glue:CreateDevEndpoint"),
    _passing(
        "glue-job", "glue-003", "glue", _RUN, "glue:CreateJob|glue:UpdateJob", "glue:StartJobRun|glue:CreateTrigger"
    ),
    _passing(
        "codebuild-create-project",
        "codebuild-001",
        "codebuild",
        _RUN,
        "codebuild:CreateProject",
        "codebuild:StartBuild|codebuild:StartBuildBatch",
    ),
    _passing(
        "datapipeline-create-pipeline",
        "datapipeline-001",
        "datapipeline|elasticmapreduce|ec2",
        _RUN,
        "datapipeline:CreatePipeline",
        "datapipeline:PutPipelineDefinition",
        "datapipeline:ActivatePipeline",
    ),
    _passing(
        "sagemaker-create-notebook-instance",
        "sagemaker-001",
        "sagemaker",
        _RUN,
        "sagemaker:CreateNotebookInstance",
    ),
    _passing("sagemaker-create-training-job", "sagemaker-002", "sagemaker", _RUN, "sagemaker:CreateTrainingJob"),
    _passing("sagemaker-create-processing-job", "sagemaker-003", "sagemaker", _RUN, "sagemaker:CreateProcessingJob"),
    _passing("apprunner-create-service", "apprunner-001", "tasks.apprunner|apprunner", _RUN, "apprunner:CreateService"),
    _passing(
        "bedrock-create-code-interpreter",
        "bedrock-001",
        "bedrock-agentcore",
        _RUN,
        "bedrock-agentcore:CreateCodeInterpreter",
        "bedrock-agentcore:StartCodeInterpreterSession",
        "bedrock-agentcore:InvokeCodeInterpreter",
    ),
    Path(
        "passrole-eks-pod-identity-association",
        (
            # https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdatePodIdentityAssociation.html
            Step(("iam:PassRole",), passed_to=("pods.eks.amazonaws.com",)),
            Step(("eks:CreatePodIdentityAssociation", "eks:UpdatePodIdentityAssociation"), Reach.ANY),
        ),
        "give the pods of a service account any role that trusts EKS Pod Identity",
        f"{_EKS}/pod-id-association.html",
    ),
    Path(
        "eks-access-entry",
        (Step(("eks:CreateAccessEntry",)), Step(("eks:AssociateAccessPolicy",))),
        "make itself an administrator of any EKS cluster, and with that become the role of every pod in it",
        f"{_EKS}/access-policies.html",
        instead_of="eks-associate-access-policy",
    ),
    Path(
        "eks-associate-access-policy",
        (Step(("eks:AssociateAccessPolicy",)),),
        "make any access entry, its own among them, an administrator of its EKS cluster",
        f"{_EKS}/access-policies.html",
    ),
)
"""Every path, the shortest first within a service."""
