import dataclasses
import datetime
import enum
import pathlib
from typing import Annotated, Any, Literal, Union

import msgspec
import numpy as np
import pydantic
import pytest

from .argument_checks import bound, rejection


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    legs: int = 4


@dataclasses.dataclass
class Disk:
    radius: float
    label: str = ""


@dataclasses.dataclass
class Square:
    side: float
    label: str = ""


@dataclasses.dataclass
class Named:
    name: str


@dataclasses.dataclass
class Tagged:
    name: str
    tags: list[str] = dataclasses.field(default_factory=list)


class Colour(enum.Enum):
    RED = "red"


class Deposit(msgspec.Struct, tag=True):
    amount: float
    to: pathlib.PurePosixPath | None = None


class Withdrawal(msgspec.Struct, tag=True):
    amount: float
    via: Colour | None = None


@dataclasses.dataclass
class Owner:
    pet: Cat | Dog
    shapes: list[Disk | Square] = dataclasses.field(default_factory=list)
    count: int = 0


@dataclasses.dataclass
class Tree:
    value: "int | Colour"
    children: "list[Tree | Named]" = dataclasses.field(default_factory=list)


def test_the_member_with_the_tag_is_created_at_any_depth() -> None:
    cat, dog = {"kind": "cat", "lives": 7}, {"kind": "dog"}
    assert bound(Cat | Dog, cat) == Cat(kind="cat", lives=7)
    assert bound(Cat | Dog | None, None) is None
    assert bound(list[Cat | Dog], [dog, cat]) == [Dog(kind="dog"), Cat(kind="cat", lives=7)]
    assert bound(dict[str, Cat | Dog], {"x": dog}) == {"x": Dog(kind="dog")}
    assert bound(Owner, {"pet": dog, "shapes": [{"side": 2}]}) == Owner(Dog(kind="dog"), [Square(2.0)])
    assert bound(Annotated[Cat | Dog, pydantic.Field(discriminator="kind")], dog) == Dog(kind="dog")


@pytest.mark.parametrize("annotation", [Cat | Dog, Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]])
def test_an_unknown_tag_is_rejected_with_a_list_of_the_known_tags(annotation: Any) -> None:
    assert rejection(annotation, {"kind": "fish"}).endswith("must be one of 'cat', 'dog'; got 'fish' at value.kind")
    assert rejection(annotation, {"kind": "dog", "legs": "x"}).endswith("Expected int, got str at value.legs")
    message = rejection(annotation, 5)
    assert "Cat" in message
    assert "Dog" in message


def test_a_union_does_not_disable_the_checks_of_other_fields() -> None:
    owner = {"pet": {"kind": "dog"}, "count": "many"}
    assert rejection(Owner, owner) == (
        f"argument 'value' must be {__name__}.Owner; got dict: Expected int, got str at value.count"
    )


def test_without_a_tag_the_class_with_matching_keys_is_created() -> None:
    assert bound(Disk | Square, {"radius": 2}) == Disk(2.0)
    assert bound(Disk | Square, {"side": 2, "label": "s"}) == Square(2.0, "s")
    assert bound(Named | Tagged, {"name": "x"}) == Named("x")
    assert bound(Named | Tagged, {"name": "x", "tags": ["a"]}) == Tagged("x", ["a"])


def test_an_invalid_value_of_a_key_is_not_ignored_by_a_class_without_the_key() -> None:
    assert rejection(Named | Tagged, {"name": "x", "tags": [5]}).endswith("Expected str, got int at value.tags[0]")


def test_classes_that_match_equally_well_are_rejected() -> None:
    one: Any = dataclasses.make_dataclass("One", [("name", str)])
    two: Any = dataclasses.make_dataclass("Two", [("name", str)])
    assert "matches One and Two equally well; give each a field with a different Literal" in rejection(
        Union[one, two],  # noqa: UP007 (of objects)
        {"name": "x"},
    )
    # The remedy works.
    tagged_one: Any = dataclasses.make_dataclass("One", [("name", str), ("kind", Literal["one"], "one")])
    tagged_two: Any = dataclasses.make_dataclass("Two", [("name", str), ("kind", Literal["two"], "two")])
    annotation = Union[tagged_one, tagged_two]  # noqa: UP007
    assert bound(annotation, {"name": "x", "kind": "two"}) == tagged_two("x")


def test_a_value_that_matches_no_class_is_rejected_with_a_reason_per_class() -> None:
    message = rejection(Disk | Square, {"radius": "x", "side": "y"})
    assert "Disk: Expected float, got str at value.radius" in message
    assert "Square: Expected float, got str at value.side" in message


def test_msgspec_structs_with_unsupported_fields_are_distinguished_by_their_tag() -> None:
    annotation = Deposit | Withdrawal
    assert bound(annotation, {"type": "Deposit", "amount": 1, "to": "/x"}) == Deposit(1.0, pathlib.PurePosixPath("/x"))
    assert bound(annotation, {"type": "Withdrawal", "amount": 1}) == Withdrawal(1.0)
    assert "got 'Gift' at value.type" in rejection(annotation, {"type": "Gift", "amount": 1})


def test_a_class_that_contains_itself_in_a_union_is_checked_at_every_depth() -> None:
    value = {"value": 1, "children": [{"value": "red", "children": [{"name": "leaf"}]}]}
    assert bound(Tree, value) == Tree(1, [Tree(Colour.RED, [Named("leaf")])])
    assert "value.children[0].children[0]" in rejection(Tree, {"value": 1, "children": [{"value": 2, "children": [5]}]})


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (str | pathlib.Path, "x", "x"),
        (pathlib.Path | None, "x", pathlib.Path("x")),
        (set | list, {1}, {1}),
        (set | list, [1], [1]),
        (tuple[int, ...] | set[int], [1], (1,)),
        (set[int] | frozenset[int], [1, 1], {1}),
        (datetime.date | datetime.datetime, datetime.date(2024, 1, 2), datetime.date(2024, 1, 2)),
        (datetime.date | datetime.datetime, datetime.datetime(2024, 1, 2), datetime.datetime(2024, 1, 2)),
        (datetime.date | datetime.datetime, "2024-01-02", datetime.date(2024, 1, 2)),
        (datetime.date | datetime.datetime, "2024-01-02T03:00:00", datetime.datetime(2024, 1, 2, 3)),
        (datetime.date | pathlib.Path, "2024-01-02", datetime.date(2024, 1, 2)),
        (datetime.date | pathlib.Path, "elsewhere", pathlib.Path("elsewhere")),
        (int | float, 1, 1),
        (float | str, 1, 1.0),
        (int | Colour, "red", Colour.RED),
        (str | bytes, b"x", b"x"),
        (dict[str, int] | Named, {"name": "x"}, Named("x")),
        (dict[str, int] | Named, {"a": 1}, {"a": 1}),
        (Literal["a"] | Colour, "red", Colour.RED),
    ],
)
def test_the_member_with_the_least_conversion_is_chosen(annotation: Any, value: Any, expected: Any) -> None:
    got = bound(annotation, value)
    assert got == expected
    assert type(got) is type(expected)


def test_an_array_or_a_list_is_not_converted() -> None:
    array = np.arange(3)
    assert bound(np.ndarray | list[float], array) is array
    assert bound(np.ndarray | list[float], [1, 2]) == [1.0, 2.0]
    assert "ndarray | list" in rejection(np.ndarray | list[float], "x")


@pytest.mark.parametrize("annotation", [str | pathlib.Path, set | list, datetime.date | datetime.datetime])
def test_a_value_that_matches_no_member_is_rejected(annotation: Any) -> None:
    assert rejection(annotation, 5).endswith("; got int (5)")
    assert rejection(list[annotation], [5]).endswith(" at value[0]")
