"""Tools with parameters of many types; each returns a representation of the received argument."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import ipaddress
import pathlib
from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

import annotated_types
import msgspec
import numpy as np
import pydantic
from snakepit_bridge import tool


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: pydantic.PositiveInt


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    name: str = pydantic.Field(alias="dogName")


class Rate(enum.Enum):
    LOW = 0.5
    HIGH = 1.5


class Pair(NamedTuple):
    left: int
    right: str


@dataclasses.dataclass
class Loan:
    rate: Rate
    months: int
    pet: Cat | Dog | None = None


class Engine: ...


@tool
def pet(value: Cat | Dog) -> str:
    return repr(value)


@tool
def loan(value: Loan) -> str:
    return repr(value)


@tool
def path(value: str | pathlib.Path) -> str:
    return repr(value)


@tool
def array(value: np.ndarray | list[float]) -> str:
    return type(value).__name__


@tool
def day(value: datetime.date | datetime.datetime) -> str:
    return type(value).__name__


@tool
def byte(value: np.uint8) -> str:
    return repr(value)


@tool
def positive(
    a: Annotated[int, pydantic.Field(gt=0)] = 1,
    b: Annotated[int, annotated_types.Gt(0)] = 1,
    c: Annotated[int, msgspec.Meta(gt=0)] = 1,
) -> list[int]:
    return [a, b, c]


@tool
def pair(value: Pair) -> str:
    return repr(value)


@tool
def make_pair() -> Pair:
    return Pair(1, "x")


@tool
def names(value: dict[int, str]) -> list[str]:
    return [repr(each) for each in value.items()]


@tool
def standard(
    address: ipaddress.IPv4Address, part: Fraction, queue: collections.deque[int], counts: collections.Counter[str]
) -> list[str]:
    return [repr(each) for each in (address, part, queue, counts)]


@tool
def date(value: datetime.date) -> str:
    return str(value)


@tool
def numbers(value: list[float]) -> list[float]:
    return value


@tool
def matrix(value: np.ndarray) -> list[float]:
    return value.tolist()


@tool
def tuples(value: dict[tuple[int, int], int]) -> list[int]:
    return [part for key in value for part in key]


@tool
def log_in(secret: pydantic.SecretStr) -> int:
    return len(secret.get_secret_value())


@tool
def engine(value: Engine) -> str:
    return repr(value)


@tool
def anything(value: Any) -> str:
    return repr(value)
