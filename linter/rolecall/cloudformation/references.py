"""`Ref` and `Fn::GetAtt`: parameters, pseudo parameters, and what resources say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.cloudformation.texts import dynamic
from rolecall.tree import Hole, Kind, Mapping, Reference, Scalar, Sequence, known, unknown

if TYPE_CHECKING:
    from rolecall.cloudformation.evaluate import Evaluator
    from rolecall.span import Span
    from rolecall.tree import Node

NO_VALUE = "AWS::NoValue"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_PSEUDO = {
    "AWS::AccountId": "the account that the stack is in",
    "AWS::NotificationARNs": "the topics that are told of the stack",
    "AWS::Partition": "the partition that the stack is in",
    "AWS::Region": "the region that the stack is in",
    "AWS::StackId": "the id of the stack",
    "AWS::StackName": "the name of the stack",
    "AWS::URLSuffix": "the domain of the region that the stack is in",
}
NAMES = {
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
    "AWS::AutoScaling::LaunchConfiguration": "LaunchConfigurationName",
    "AWS::EKS::Cluster": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
"""Types whose `Ref` is the name that this property gives."""

_NO_NAME = Hole("a reference without a name")


def reference(evaluator: Evaluator, argument: Node, span: Span) -> Node | None:
    """What `Ref` gives; None for `AWS::NoValue`."""
    name = argument.known if isinstance(argument, Scalar) else None
    if name is None:
        # With language extensions the name may be a function's.
        value = evaluator.value(argument)
        name = value.known if isinstance(value, Scalar) else None
        if name is None:
            return unknown(value.hole if isinstance(value, Scalar) and value.holes else _NO_NAME, span)
    return named(evaluator, name, span)


def named(evaluator: Evaluator, name: str, span: Span) -> Node | None:
    """What a parameter, a pseudo parameter or a resource is called by."""
    if name == NO_VALUE:
        return None
    declared = evaluator.sections.parameters.get(name)
    if declared is not None:
        return _parameter(evaluator, name, declared, span)
    pseudo = _PSEUDO.get(name)
    if pseudo is not None:
        return Scalar((Hole(pseudo, (Reference(evaluator.unit, name, type=name),)),), Kind.STRING, span)
    return of_resource(evaluator, name, "", span)


def attribute(evaluator: Evaluator, argument: Node, span: Span) -> Node:
    """What `Fn::GetAtt` gives: written `a.b` or as a list."""
    if isinstance(argument, Sequence):
        parts = [evaluator.value(item) for item in argument.items]
        texts = [part.known if isinstance(part, Scalar) else None for part in parts]
        first = texts[0] if texts else None
        if first is None:
            return unknown(_NO_NAME, span)
        rest = [text for text in texts[1:] if text is not None]
        if len(rest) + 1 != len(texts):
            return unknown(Hole("an attribute that is not known", (Reference(evaluator.unit, first),)), span)
        return of_resource(evaluator, first, ".".join(rest), span)
    written = argument.known if isinstance(argument, Scalar) else None
    if written is None:
        return unknown(_NO_NAME, span)
    name, _, path = written.partition(".")
    return of_resource(evaluator, name, path, span)


def of_resource(evaluator: Evaluator, name: str, path: str, span: Span) -> Node:
    """The name (with an empty path) or an attribute of a resource: what it is given where that is it, else a hole."""
    declared = evaluator.sections.resources.get(name)
    if declared is None:
        hole = Hole("neither a parameter nor a resource of the template", (Reference(evaluator.unit, name, path),))
        return unknown(hole, span)
    _, body = declared
    kind = body.text("Type") or ""
    if not path and kind in NAMES:
        properties = body.mapping("Properties")
        written = properties.get(NAMES[kind]) if properties is not None else None
        value = evaluator.once(f"resource {name}", written, span) if written is not None else None
        if isinstance(value, Scalar) and value.known:
            return value.passed(span)
    hole = Hole("CloudFormation decides it when it makes the resource", (Reference(evaluator.unit, name, path, kind),))
    return Scalar((hole,), Kind.STRING, span)


def _parameter(evaluator: Evaluator, name: str, declared: Mapping, span: Span) -> Node:
    reference = (Reference(evaluator.unit, name),)
    kind = declared.text("Type") or "String"
    is_list = kind == "CommaDelimitedList" or "List<" in kind
    if _is_true(declared.scalar("NoEcho")):
        return _unknown("a parameter whose value is not shown", reference, span, is_list=is_list)
    if kind.startswith("AWS::SSM::Parameter::Value"):
        return _unknown("a value of the parameter store", reference, span, is_list=is_list)
    default = declared.scalar("Default")
    if default is None:
        return _unknown("a parameter without a default", reference, span, is_list=is_list)
    value = dynamic(evaluator, default)
    text = value.known
    if not is_list:
        return value.passed(span)
    if text is None:
        return unknown(value.hole, span)
    items = [item.strip() for item in text.split(",")] if text else []
    return Sequence(tuple(known(item, default.span).passed(span) for item in items), span)


def _unknown(reason: str, references: tuple[Reference, ...], span: Span, *, is_list: bool) -> Scalar:
    return Scalar((Hole(reason, references),), Kind.UNKNOWN if is_list else Kind.STRING, span)


def _is_true(value: Scalar | None) -> bool:
    return value is not None and value.boolean is not False
