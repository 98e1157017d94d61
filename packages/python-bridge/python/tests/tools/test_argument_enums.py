import dataclasses
import datetime
import decimal
import enum
from typing import Any, Literal

import pytest

from .argument_checks import bound, rejection


class Rate(enum.Enum):
    LOW = 0.5
    HIGH = 1.5
    DOUBLE = 2.0


class Place(enum.Enum):
    HERE = (0, 0)
    THERE = (1, "x")


@dataclasses.dataclass(frozen=True)
class Size:
    width: int


class Format(enum.Enum):
    SMALL = Size(1)
    LARGE = Size(9)


class Mixed(enum.Enum):
    NOTHING = None
    TEXT = "text"
    YES = True
    TWO = 2


class Moment(enum.Enum):
    START = datetime.date(2024, 1, 1)
    PRICE = decimal.Decimal("9.99")


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Lenient(enum.Enum):
    ONE = 1.0

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.ONE if value == "one" else None


@dataclasses.dataclass
class Loan:
    rate: Rate
    months: int
    place: Place = Place.HERE


@pytest.mark.parametrize(
    ("kind", "value", "member"),
    [
        (Rate, 0.5, Rate.LOW),
        (Rate, 2, Rate.DOUBLE),
        (Place, [0, 0], Place.HERE),
        (Place, [1, "x"], Place.THERE),
        (Format, {"width": 9}, Format.LARGE),
        (Mixed, None, Mixed.NOTHING),
        (Mixed, True, Mixed.YES),
        (Mixed, 2, Mixed.TWO),
        (Moment, datetime.date(2024, 1, 1), Moment.START),
        (Moment, "2024-01-01", Moment.START),
        (Moment, decimal.Decimal("9.990"), Moment.PRICE),
        (Access, 3, Access.READ | Access.WRITE),
        (Lenient, "one", Lenient.ONE),
    ],
)
def test_a_member_is_found_by_its_value_of_any_type(kind: Any, value: Any, member: Any) -> None:
    assert bound(kind, value) is member or bound(kind, value) == member
    assert bound(kind | None, value) == (None if value is None else member)
    assert bound(list[kind], [value]) == [member]
    assert bound(dict[str, kind], {"a": value}) == {"a": member}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Rate, 99),
        (Rate, True),
        (Mixed, 1),
        (Rate, "LOW"),
        (Place, [0]),
        (Format, {"width": 2}),
        (Mixed, 1.5),
        (Mixed, False),
        (Moment, "2024-01-02"),
        (Access, 8),
        (Lenient, 2.5),
    ],
)
def test_a_value_that_matches_no_member_is_rejected(kind: Any, value: Any) -> None:
    assert "Invalid enum value" in rejection(kind, value)
    assert rejection(dict[str, kind], {"a": value}).endswith(" at value.a")


def test_a_field_becomes_the_member_and_the_other_fields_are_still_checked() -> None:
    assert bound(Loan, {"rate": 0.5, "months": 3, "place": [1, "x"]}) == Loan(Rate.LOW, 3, Place.THERE)
    assert rejection(Loan, {"rate": 99, "months": 3}).endswith("Invalid enum value 99 at value.rate")
    assert rejection(Loan, {"rate": 0.5, "months": "3"}).endswith("Expected int, got str at value.months")


def test_members_can_be_keys_and_elements() -> None:
    assert bound(dict[Rate, int], {0.5: 1}) == {Rate.LOW: 1}
    # In a JavaScript object the number is a string.
    assert bound(dict[Rate, int], {"0.5": 1, "2": 2}) == {Rate.LOW: 1, Rate.DOUBLE: 2}
    assert bound(set[Rate], {0.5, 2}) == {Rate.LOW, Rate.DOUBLE}
    assert bound(tuple[Rate, int], [1.5, 1]) == (Rate.HIGH, 1)
    assert "key '9' must be Rate" in rejection(dict[Rate, int], {"9": 1})


def test_literals_match_values_of_their_type_only() -> None:
    assert bound(Literal[1, "a", None], 1) == 1
    assert bound(Literal[Rate.LOW], 0.5) is Rate.LOW
    assert bound(Literal[b"ab"], b"ab") == b"ab"
    assert bound(Literal[True], True) is True
    for annotation, value in ((Literal[1], True), (Literal[True], 1), (Literal[Rate.LOW], 1.5), (Literal[b"a"], b"b")):
        assert "argument 'value' must be Literal" in rejection(annotation, value)
