"""A sent model is read by the same class as an equal value (V5)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import pathlib
import re
import uuid
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs
import msgspec
import numpy as np
import pydantic
import pytest
from pydantic import AliasChoices, AliasGenerator, AliasPath, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from snakepit_bridge._values import SerializationError, decode, encode


def round_trip(value: Any) -> Any:
    encoded = encode(value)
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])


class Alias(BaseModel):
    count: int = Field(0, alias="x")


class ValidationAlias(BaseModel):
    count: int = Field(0, validation_alias="v")


class SerializationAlias(BaseModel):
    count: int = Field(0, serialization_alias="s")


class BothAliases(BaseModel):
    count: int = Field(0, validation_alias="v", serialization_alias="s")


class Choices(BaseModel):
    count: int = Field(0, validation_alias=AliasChoices(AliasPath("deep", 0), "first", "second"))


class ChoicesWithSerialization(BaseModel):
    count: int = Field(0, validation_alias=AliasChoices("first", "second"), serialization_alias="second")


class Nested(BaseModel):
    count: int = Field(0, validation_alias=AliasPath("outer", "inner"))
    other: int = Field(0, validation_alias=AliasPath("outer", "other"))


class Generated(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    item_count: int = 0


class GeneratedForReading(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=str.upper))
    item_count: int = 0


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    count: int = Field(0, alias="x")


class SwappedByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    left: int = Field(0, alias="right")
    right: int = Field(0, alias="left")


class NameOnly(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)
    count: int = Field(0, alias="x")


class SerializeByAlias(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True)
    count: int = Field(0, alias="x")


class Root(pydantic.RootModel[list[Alias]]):
    pass


class Holder(BaseModel):
    one: Alias = Field(alias="the one")
    many: list[Alias] = []
    by_key: dict[str, list[Alias]] = {}
    root: Root = Root([])
    anything: Any = None


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    count: int = Field(0, alias="x")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.count * 2


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int = Field(0, alias="x")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.count * 2


class Computing(BaseModel):
    count: int = Field(0, alias="x")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.count * 2


class Excluding(BaseModel):
    count: int = Field(0, alias="x")
    hidden: str = Field("h", exclude=True)


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T] = Field(alias="rows")


@pydantic.dataclasses.dataclass
class Checked:
    count: int = Field(0, alias="x")


CASES: list[tuple[BaseModel, Any]] = [
    (Alias(x=5), {"x": 5}),
    (ValidationAlias(v=5), {"v": 5}),
    (SerializationAlias(count=5), {"count": 5}),
    (BothAliases(v=5), {"v": 5}),
    (Choices(first=5), {"first": 5}),
    (ChoicesWithSerialization(first=5), {"second": 5}),
    (Nested(outer={"inner": 5, "other": 6}), {"outer": {"inner": 5, "other": 6}}),
    (Generated(itemCount=5), {"itemCount": 5}),
    (GeneratedForReading(itemCount=5), {"itemCount": 5}),
    (ByName(count=5), {"count": 5}),
    (SwappedByName(left=5, right=6), {"right": 6, "left": 5}),
    (NameOnly(count=5), {"count": 5}),
    (SerializeByAlias(count=5), {"x": 5}),
    (Root([Alias(x=5)]), [{"x": 5}]),
    (
        Holder(**{"the one": Alias(x=1)}, many=[Alias(x=2)], by_key={"k": [Alias(x=3)]}, root=Root([Alias(x=5)])),
        {"the one": {"x": 1}, "many": [{"x": 2}], "by_key": {"k": [{"x": 3}]}, "root": [{"x": 5}], "anything": None},
    ),
    (Extra(x=5, more=Decimal("1.50")), {"x": 5, "more": Decimal("1.50")}),
    (Forbidding(x=5), {"x": 5}),
    (Computing(x=5), {"x": 5, "double": 10}),
    (Excluding(x=5), {"x": 5}),
    (Page[Alias](rows=[Alias(x=5)]), {"rows": [{"x": 5}]}),
]


@pytest.mark.parametrize(("model", "sent"), CASES, ids=lambda part: type(part).__name__)
def test_a_model_is_sent_under_names_that_its_class_reads(model: BaseModel, sent: Any) -> None:
    received = round_trip(model)
    assert received == sent
    assert type(model).model_validate(received, strict=True) == model


@dataclasses.dataclass
class Plain:
    model: Alias


def test_models_are_found_in_containers_and_in_the_fields_of_other_classes() -> None:
    value = {
        "list": [Alias(x=1)],
        "plain": Plain(Alias(x=2)),
        "deep": Holder(**{"the one": Alias(x=3)}, anything=Plain(Alias(x=4))),
    }
    received = round_trip(value)
    assert received["list"] == [{"x": 1}]
    assert received["plain"] == {"model": {"x": 2}}
    assert received["deep"]["anything"] == {"model": {"x": 4}}
    assert round_trip([Checked(x=5)]) == [{"x": 5}]


def test_an_alias_by_position_is_rejected_with_a_remedy_that_works() -> None:
    class Positioned(BaseModel):
        count: int = Field(0, validation_alias=AliasPath("list", 1))

    with pytest.raises(SerializationError, match=r"read by its position in a list; set validate_by_name=True in its"):
        encode(Positioned(list=[1, 2]))

    class Advised(Positioned):
        model_config = ConfigDict(validate_by_name=True)

    assert Advised.model_validate(round_trip(Advised(list=[1, 2]))) == Advised(list=[1, 2])


class Typed(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    url: pydantic.HttpUrl = pydantic.HttpUrl("https://example.org/a")
    path: pathlib.PurePosixPath = pathlib.PurePosixPath("/tmp/x")  # noqa: S108
    address: ipaddress.IPv4Address = ipaddress.IPv4Address("10.0.0.1")
    network: ipaddress.IPv6Network = ipaddress.IPv6Network("::/64")
    pattern: re.Pattern[str] = re.compile("a+")
    secret: pydantic.SecretStr = pydantic.SecretStr("hunter2")
    urls: list[pydantic.HttpUrl] = [pydantic.HttpUrl("https://example.org/b")]
    by_path: dict[pathlib.PurePosixPath, int] = {pathlib.PurePosixPath("/k"): 1}
    paths: set[pathlib.PurePosixPath] = {pathlib.PurePosixPath("/s")}


class Exact(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    price: Decimal = Decimal("1.50")
    when: dt.datetime = dt.datetime(2024, 1, 1, 0, 0, 0, 5)
    day: dt.date = dt.date(2024, 1, 1)
    took: dt.timedelta = dt.timedelta(microseconds=1)
    key: uuid.UUID = uuid.UUID(int=1)
    data: bytes = b"\x00\xff"
    tags: set[int] = {1, 2}
    by_number: dict[int, str] = {1: "a"}
    ratio: float = float("inf")
    z: complex = 1 + 2j
    array: np.ndarray[Any, Any] = Field(default_factory=lambda: np.arange(3))


def test_types_without_a_wire_form_are_sent_in_pydantics_json_form() -> None:
    expected = Typed().model_dump(mode="json")
    assert round_trip(Typed()) == {**expected, "paths": set(expected["paths"])}
    assert set(expected["secret"]) == {"*"}
    assert "hunter2" not in repr(round_trip({"deep": [Typed()]}))


def test_types_with_a_wire_form_are_not_converted() -> None:
    received = round_trip(Exact())
    assert received.pop("array").tolist() == [0, 1, 2]
    assert received == Exact().model_dump(exclude={"array"})


class Thing:
    pass


class Custom(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    upper: str = Field("a", alias="u")
    thing: Thing = Thing()
    rows: Any = None

    @pydantic.field_serializer("upper")
    def _upper(self, value: str) -> str:
        return value.upper()

    @pydantic.field_serializer("thing", when_used="json")
    def _thing(self, _: Thing) -> str:
        return "a thing"


class Whole(BaseModel):
    count: int = Field(0, alias="x")

    @pydantic.model_serializer
    def _dump(self) -> dict[str, Any]:
        return {"whole": self.count, "at": pathlib.PurePosixPath("/w")}


class Overriding(BaseModel):
    count: int = Field(0, alias="x")

    def model_dump(self, **options: Any) -> dict[str, Any]:
        return super().model_dump(**{"by_alias": True, "exclude_none": True, **options})


def test_custom_serializers_take_precedence() -> None:
    assert round_trip(Custom(u="b", rows=[1])) == {"u": "B", "thing": "a thing", "rows": [1]}
    assert round_trip(Whole(x=5)) == {"whole": 5, "at": "/w"}
    assert round_trip(Overriding(x=5)) == {"x": 5}


def test_values_that_pydantic_cannot_serialize_are_rejected_with_the_path() -> None:
    with pytest.raises(SerializationError) as failure:
        encode(Holder(**{"the one": Alias()}, anything=[Thing()]))
    assert failure.value.path == "result.anything[0]"


class Renamed(msgspec.Struct, rename="camel", omit_defaults=True):
    item_count: int
    note: str | msgspec.UnsetType = msgspec.UNSET


@attrs.define
class Private:
    _count: int
    other: int = attrs.field(alias="another")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Renamed(5), {"itemCount": 5}),
        (Renamed(5, "n"), {"itemCount": 5, "note": "n"}),
        (Private(count=5, another=6), {"_count": 5, "other": 6}),
    ],
    ids=repr,
)
def test_structs_and_attrs_classes_survive_a_round_trip(value: Any, sent: Any) -> None:
    assert round_trip(value) == sent
    assert msgspec.convert(round_trip(value), type(value)) == value
