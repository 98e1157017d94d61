import collections
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import pathlib
import subprocess
import sys
import uuid
from typing import Annotated, Any, Literal, NamedTuple

import annotated_types
import msgspec
import pydantic
import pytest
from pydantic import dataclasses as pydantic_dataclasses

from .argument_checks import bound, rejection


class Rate(enum.Enum):
    LOW = 0.5


class Pair(NamedTuple):
    left: int
    right: int


@dataclasses.dataclass
class Plain:
    count: Annotated[int, pydantic.Field(gt=0)]


@pydantic_dataclasses.dataclass
class Checked:
    count: pydantic.PositiveInt
    path: pathlib.Path = pathlib.Path()
    total: int = dataclasses.field(init=False, default=0)


class Order(pydantic.BaseModel):
    path: pathlib.Path
    rate: Rate
    key: uuid.UUID
    day: datetime.date
    price: decimal.Decimal
    parts: tuple[int, str]
    names: set[str]
    pair: Pair
    plain: Plain
    checked: Checked
    address: ipaddress.IPv4Address
    queue: collections.deque[int]
    nested: "list[Order]" = []


class Aliased(pydantic.BaseModel):
    plain: int = pydantic.Field(alias="plainValue")
    both: int = pydantic.Field(1, validation_alias="in", serialization_alias="out")


class ByName(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True, extra="forbid")
    value: int = pydantic.Field(alias="theValue")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def doubled(self) -> int:
        return 2 * self.value


class Parsed(pydantic.BaseModel):
    words: list[str]
    count: Annotated[int, pydantic.AfterValidator(lambda value: value + 1)] = 0

    @pydantic.field_validator("words", mode="before")
    @classmethod
    def split(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value


class Names(pydantic.RootModel[list[pathlib.Path]]): ...


ORDER = {
    "path": "/x",
    "rate": 0.5,
    "key": uuid.UUID(int=1),
    "day": datetime.date(2024, 1, 2),
    "price": "1.50",
    "parts": [1, "a"],
    "names": ["a", "b"],
    "pair": {"left": 1, "right": 2},
    "plain": {"count": 1},
    "checked": {"count": 1, "path": "/y"},
    "address": "10.0.0.1",
    "queue": [1, 2],
}


def test_a_model_accepts_its_fields_in_the_form_in_which_they_are_sent() -> None:
    order = bound(Order, {**ORDER, "nested": [ORDER]})
    assert order.nested[0] == Order(
        path=pathlib.Path("/x"),
        rate=Rate.LOW,
        key=uuid.UUID(int=1),
        day=datetime.date(2024, 1, 2),
        price=decimal.Decimal("1.50"),
        parts=(1, "a"),
        names={"a", "b"},
        pair=Pair(1, 2),
        plain=Plain(1),
        checked=Checked(1, pathlib.Path("/y")),
        address=ipaddress.IPv4Address("10.0.0.1"),
        queue=collections.deque([1, 2]),
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rate": 9}, "value.rate"),
        ({"parts": ["1", "a"]}, "value.parts[0]"),
        ({"pair": {"left": "x", "right": 2}}, "value.pair.left"),
        ({"plain": {"count": 0}}, "value.plain.count"),
        ({"checked": {"count": 0}}, "value.checked.count"),
        ({"checked": {"count": "9"}}, "value.checked.count"),
        ({"address": "x"}, "value.address"),
        ({"queue": [1, "x"]}, "value.queue[1]"),
        ({"nested": [{**ORDER, "key": "x"}]}, "value.nested[0].key"),
    ],
)
def test_an_invalid_field_of_a_model_is_rejected_with_its_path(change: Any, place: str) -> None:
    assert rejection(Order, {**ORDER, **change}).endswith(f" at {place}")


def test_a_missing_field_is_named() -> None:
    assert rejection(Order, {key: each for key, each in ORDER.items() if key != "day"}).endswith("at value.day")


def test_a_model_does_not_convert_strings_to_numbers() -> None:
    assert rejection(Parsed, {"words": [], "count": "5"}).endswith("at value.count")


def test_validators_run_once_and_before_validators_receive_the_original_value() -> None:
    parsed = bound(Parsed, {"words": "a,b", "count": 1})
    assert (parsed.words, parsed.count) == (["a", "b"], 2)
    assert bound(list[Annotated[int, pydantic.AfterValidator(lambda value: value + 1)]], [1]) == [2]
    assert bound(Annotated[int, pydantic.BeforeValidator(int)], "7") == 7
    nested = Annotated[list[Annotated[int, pydantic.AfterValidator(lambda n: n + 1)]], pydantic.Field(min_length=1)]
    assert bound(nested, [1]) == [2]


def test_a_model_accepts_its_sent_form() -> None:
    assert bound(Aliased, {"plainValue": 3, "in": 4}) == Aliased(plainValue=3, **{"in": 4})
    sent = Aliased(plainValue=3, **{"in": 4}).model_dump(by_alias=True)
    assert sent == {"plainValue": 3, "out": 4}
    assert bound(Aliased, sent) == Aliased(plainValue=3, **{"in": 4})
    assert bound(ByName, ByName(theValue=2).model_dump(by_alias=True)) == ByName(theValue=2)
    assert bound(ByName, {"value": 2}) == ByName(theValue=2)
    assert "at value.plainValue" in rejection(Aliased, {"plain": 3})


def test_pydantic_dataclasses_root_models_and_types_are_checked() -> None:
    assert bound(Checked, {"count": 1, "path": "/x", "total": 9}) == Checked(1, pathlib.Path("/x"))
    assert bound(list[Checked], [{"count": 1}]) == [Checked(1)]
    assert rejection(list[Checked], [{"count": 1}, {"count": -1}]).endswith("at value[1].count")
    assert "Checked" in rejection(Checked, 5)
    assert bound(Names, ["/a"]) == Names([pathlib.Path("/a")])
    assert rejection(Names, ["/a", 5]).endswith("at value[1]")
    assert str(bound(pydantic.HttpUrl, "https://example.org")) == "https://example.org/"
    assert "valid URL" in rejection(pydantic.HttpUrl, "nonsense")
    assert bound(pydantic.SecretStr, "x").get_secret_value() == "x"
    assert bound(pydantic.IPvAnyAddress, "::1") == ipaddress.IPv6Address("::1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[int, pydantic.Field(gt=0)],
        Annotated[int, pydantic.Field(ge=1), annotated_types.Lt(100)],
        Annotated[int, annotated_types.Gt(0)],
        Annotated[int, annotated_types.Interval(gt=0, lt=100)],
        Annotated[int, msgspec.Meta(gt=0), annotated_types.Lt(100)],
        pydantic.PositiveInt,
        pydantic.conint(gt=0),
        Annotated[pydantic.PositiveInt, "positive"],
        Annotated[int, pydantic.Field(gt=0)] | None,
    ],
)
def test_constraints_hold_in_strict_mode(annotation: Any) -> None:
    assert bound(annotation, 9) == 9
    for wrong in (-1, 0, "9", True, 9.5):
        assert "argument 'value' must be" in rejection(annotation, wrong)
    assert rejection(dict[str, list[annotation]], {"a": [1, -1]}).endswith("at value.a[1]")


@pytest.mark.parametrize(
    ("annotation", "right", "wrong"),
    [
        (Annotated[list[int], annotated_types.Len(1, 2)], [1], [1, 2, 3]),
        (Annotated[list[Rate], pydantic.Field(min_length=1)], [0.5], []),
        (Annotated[str, annotated_types.MinLen(2)], "ab", "a"),
        (Annotated[int, annotated_types.MultipleOf(3)], 9, 10),
        (Annotated[float, annotated_types.MultipleOf(0.1)], 0.3, 0.35),
        (Annotated[str, annotated_types.Predicate(str.islower)], "a", "A"),
        (Annotated[datetime.datetime, annotated_types.Timezone(None)], datetime.datetime(2024, 1, 1), "2024-01-01T00Z"),
        (Annotated[str, pydantic.StringConstraints(pattern="^a")], "ab", "ba"),
        (Annotated[pathlib.Path, pydantic.Field(description="where")], "/x", 5),
        (Annotated[decimal.Decimal, pydantic.Field(max_digits=3)], "1.25", "1.2345"),
    ],
)
def test_constraints_of_lengths_and_patterns_are_checked(annotation: Any, right: Any, wrong: Any) -> None:
    bound(annotation, right)
    assert "argument 'value' must be" in rejection(annotation, wrong)
    assert "value[1]" in rejection(list[annotation], [right, wrong])


def test_a_discriminator_of_pydantic_chooses_the_model() -> None:
    class Card(pydantic.BaseModel):
        by: Literal["card"]
        number: str

    class Cash(pydantic.BaseModel):
        by: Literal["cash"]

    class Payment(pydantic.BaseModel):
        how: Annotated[Card | Cash, pydantic.Field(discriminator="by")]

    assert bound(Payment, {"how": {"by": "cash"}}).how == Cash(by="cash")
    assert rejection(Payment, {"how": {"by": "barter"}}).endswith("got 'barter' at value.how.by")
    assert rejection(Payment, {"how": {"by": "card", "number": 5}}).endswith("at value.how.number")


def test_pydantic_is_not_imported_for_tools_that_do_not_use_it() -> None:
    program = (
        "import sys, dataclasses, pathlib\n"
        "from snakepit_bridge._tools.arguments import ArgumentBinder\n"
        "from snakepit_bridge._tools.tool_signature import read_parameters\n"
        "@dataclasses.dataclass\n"
        "class A: a: pathlib.Path | str\n"
        "def f(a: A, b: list[int] | set[int]): ...\n"
        "print(ArgumentBinder('f', read_parameters(f, is_bound=False)).bind({'a': {'a': 'x'}, 'b': [1]}))\n"
        "assert not {'pydantic', 'attr', 'attrs', 'annotated_types', 'numpy', 'zoneinfo'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stderr == ""
    assert done.stdout == "((A(a='x'), [1]), {})\n"
