"""Whether two objects are in the same namespace: yes, no, or not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rolecall.answer import Answer
from rolecall.graph.namespaces import (
    ByName,
    Matches,
    Place,
    meant,
    one_of,
    place,
    same_namespace,
    same_place,
    same_text,
)
from rolecall.model import KubernetesObject, Origin
from rolecall.span import Span
from rolecall.tree import Hole, Kind, Reference, Scalar, known

SPAN = Span("a.yaml", 0, 1, 1, 1, 1, 2)
UNKNOWN = Hole("a variable without a default")
VARIABLE = Hole("a variable without a default", (Reference("infra", "var.namespace"),))
OTHER = Hole("a variable without a default", (Reference("infra", "var.other"),))


def text(*parts: str | Hole) -> Scalar:
    return Scalar(parts, Kind.STRING, SPAN)


def thing(namespace: str | None, group: str = "", template: str = "") -> KubernetesObject:
    scalar = known(namespace, SPAN) if namespace is not None else None
    origin = Origin("a.yaml", "x", SPAN, SPAN, group, template)
    return KubernetesObject("Pod", "v1", known("x", SPAN), scalar, (), (), origin)


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (thing("pay"), thing("pay"), Answer.YES),
        (thing("pay", "one"), thing("pay", "two"), Answer.YES),
        (thing("pay", "one"), thing("web", "one"), Answer.NO),
        (thing(None, "one"), thing(None, "one"), Answer.YES),
        (thing(None, "one"), thing(None, "two"), Answer.UNKNOWN),
        (thing(None), thing(None), Answer.UNKNOWN),
        (thing("", "one"), thing(None, "one"), Answer.YES),
        (thing("pay", "one"), thing(None, "one"), Answer.UNKNOWN),
        (thing("default", "one"), thing("default", "two"), Answer.YES),
        (thing("default", "one"), thing("pay", "one"), Answer.NO),
        (thing("default", "one", "c/t.yaml"), thing("default", "one", "c/u.yaml"), Answer.YES),
        (thing("default", "one", "c/t.yaml"), thing(None, "one", "c/u.yaml"), Answer.YES),
        (thing("default", "one", "c/t.yaml"), thing("default", "two"), Answer.UNKNOWN),
        (thing("default", "one", "c/t.yaml"), thing("pay", "one"), Answer.UNKNOWN),
        (thing("pay", "one", "c/t.yaml"), thing("web", "one"), Answer.NO),
    ],
)
def test_same_namespace(a: KubernetesObject, b: KubernetesObject, answer: Answer) -> None:
    assert same_namespace(a, b) is answer
    assert same_namespace(b, a) is answer


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (text(VARIABLE), text(VARIABLE), Answer.YES),
        (text("a-", VARIABLE), text("a-", VARIABLE), Answer.YES),
        (text(VARIABLE), text(OTHER), Answer.UNKNOWN),
        (text(UNKNOWN), text(UNKNOWN), Answer.UNKNOWN),
        (text("a-", UNKNOWN), text("a-b"), Answer.UNKNOWN),
        (text("a-", UNKNOWN), text("b-b"), Answer.NO),
        (text(UNKNOWN, "-a"), text("b-b"), Answer.NO),
        (text("a-", UNKNOWN), text("b-", VARIABLE), Answer.NO),
        (text("a"), text("a"), Answer.YES),
        (text("a"), text("b"), Answer.NO),
        (Scalar((), Kind.STRING, SPAN), text("b"), Answer.NO),
    ],
)
def test_same_text(a: Scalar, b: Scalar, answer: Answer) -> None:
    assert same_text(a, b) is answer
    assert same_text(b, a) is answer


PLACES = [
    Place(None, "one", open=True),
    Place(None, "two", open=True),
    Place(None, open=True),
    place(known("default", SPAN), Origin("u", "a", SPAN, SPAN, "one", "c/t.yaml")),
    Place(known("pay", SPAN), "one"),
    Place(known("web", SPAN), "two"),
    Place(text(VARIABLE), "one"),
    Place(text("p", UNKNOWN), "one"),
    Place(text("q", OTHER), "two"),
]


@pytest.mark.parametrize("where", PLACES)
def test_the_index_answers_as_the_comparison_does(where: Place) -> None:
    name = known("x", SPAN)
    index = ByName((there, name, there) for there in PLACES)
    for _ in range(2):
        found = index.find(name, where)
        assert set(found.certain) == {there for there in PLACES if same_place(where, there) is Answer.YES}
        possible = {there for there in PLACES if same_place(where, there) is Answer.UNKNOWN}
        assert set(found.possible) == (set() if where.open and found.certain else possible)


def test_another_name_is_not_found_and_an_unknown_one_is_possible() -> None:
    where = Place(known("pay", SPAN))
    index = ByName([("known", known("x", SPAN), where), ("part", text("y-", UNKNOWN), where)])
    assert index.find(known("z", SPAN), where).possible == ()
    assert index.unsure(known("y-z", SPAN), where) == ("part",)
    assert index.unsure(known("z", SPAN), where) == ()
    assert index.find(known("x", SPAN), where).certain == ("known",)
    assert index.find(text(UNKNOWN), where) == Matches()


def test_of_several_copies_the_nearest_is_meant_or_none() -> None:
    def at(unit: str, group: str) -> Origin:
        span = replace(SPAN, path=unit)
        return Origin(unit, unit, span, span, group)

    copies = (at("a/x", "a"), at("a/y", "a"), at("b/x", "b"))
    assert one_of(copies, lambda origin: origin, at("a/x", "a")) is copies[0]
    assert one_of(copies, lambda origin: origin, at("a/z", "a")) is None
    assert one_of(copies, lambda origin: origin, at("b/z", "b")) is copies[2]
    assert one_of(copies, lambda origin: origin, at("c/z", "c")) is None


def test_what_two_units_declare_at_one_place_is_one_thing() -> None:
    once = Origin("a.yaml", "x", SPAN, SPAN, "a")
    again = Origin("infra", "kubernetes_manifest.x", SPAN, SPAN, "infra")
    instance = replace(again, address='kubernetes_manifest.x["b"]')
    elsewhere = Origin("b.yaml", "z", SPAN, SPAN, "b")
    assert one_of((once, again), lambda origin: origin, elsewhere) is once
    assert one_of((once, again, instance), lambda origin: origin, elsewhere) is None


def test_what_is_applied_together_is_meant_where_nothing_else_has_the_name() -> None:
    origin = Origin("a/x", "x", SPAN, SPAN, "a")
    assert meant(Matches(possible=(origin,)), lambda thing: thing, origin) is origin
    assert meant(Matches(possible=(origin, origin)), lambda thing: thing, origin) is None
    apart = Origin("b/x", "x", SPAN, SPAN, "b")
    assert meant(Matches(possible=(origin,)), lambda thing: thing, apart) is None
