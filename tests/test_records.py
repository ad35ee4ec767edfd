"""Classes of `rolecall.records` behave as those of the standard library do."""

import copy
import pickle
from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from rolecall.records import dataclass
from rolecall.span import Span


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Aged(Named):
    age: int = 0


def test_arguments_may_be_given_by_place_and_by_name() -> None:
    assert (Named("a", ["b"]).tags, Named(name="a", note="c").note) == (["b"], "c")


@pytest.mark.parametrize(("arguments", "named"), [((), {}), (("a", [], "", 1), {}), (("a",), {"other": 1})])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Named(*arguments, **named)  # type: ignore[arg-type]


def test_a_default_is_made_for_each_object() -> None:
    one, other = Named("a"), Named("a")
    one.tags.append("b")
    assert other.tags == []


def test_neither_fields_nor_others_can_be_set_or_deleted() -> None:
    named = Named("a")
    for attribute in ("name", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(named, attribute, "b")
    with pytest.raises(FrozenInstanceError):
        del named.name
    assert named == Named("a")
    assert not hasattr(named, "__dict__")


def test_equality_and_hash_are_those_of_the_compared_fields() -> None:
    span = Span("a", 0, 1, 1, 1, 1, 2)
    assert Named("a", note="b") == Named("a", note="c") != Named("b")
    assert hash(span) == hash(replace(span, line=1)) != hash(replace(span, line=2))


def test_an_object_is_no_equal_of_another_class() -> None:
    assert Named("a") != Aged("a")
    values: object = ("a", 0, 1, 1, 1, 1, 2)
    assert Span("a", 0, 1, 1, 1, 1, 2) != values


def test_order_is_that_of_the_fields() -> None:
    first, second, third = Span("a", 0, 9, 1, 1, 1, 9), Span("a", 2, 3, 1, 3, 1, 4), Span("b", 0, 1, 1, 1, 1, 2)
    assert sorted([third, second, first]) == [first, second, third]
    assert first <= second
    assert second >= first
    assert max(first, third) > second


def test_fields_of_the_base_come_first_and_copies_are_equal() -> None:
    aged = Aged("a", ["b"], "c", 4)
    assert [one.name for one in fields(Aged)] == ["name", "tags", "note", "age"]
    assert replace(aged, age=5) == Aged("a", ["b"], "c", 5)
    assert copy.deepcopy(aged) == aged
    assert pickle.loads(pickle.dumps(aged)) == aged  # noqa: S301 - made here
    assert repr(aged) == "Aged(name='a', tags=['b'], note='c', age=4)"


def test_a_class_that_changes_is_refused() -> None:
    with pytest.raises(TypeError, match="standard"):
        dataclass(frozen=False, slots=True)
