import dataclasses
from typing import Annotated, Any

import pydantic
import pytest

from snakepit_bridge._errors.exception_report import report_exception
from snakepit_bridge._tools.arguments import ArgumentBinder, ToolArgumentError
from snakepit_bridge._tools.tool_signature import read_parameters

from .argument_checks import rejection

SECRET = "hunter2"  # noqa: S105 (what must not be shown)


class Account(pydantic.BaseModel):
    user: str
    secret: pydantic.SecretStr = pydantic.Field(min_length=20)


class Careless(pydantic.BaseModel):
    api_key: str

    @pydantic.field_validator("api_key")
    @classmethod
    def check(cls, value: str) -> str:
        raise ValueError(f"{value} is too short")


@dataclasses.dataclass
class Login:
    user: str
    password: str

    def __post_init__(self) -> None:
        raise ValueError(f"{self.password} is wrong")


@dataclasses.dataclass
class Pin:
    token: Annotated[str, pydantic.Field(pattern="^[0-9]+$")]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (pydantic.SecretStr, [SECRET]),
        (pydantic.SecretBytes, 5),
        (Annotated[pydantic.SecretStr, pydantic.Field(min_length=20)], SECRET),
        (pydantic.SecretStr | int, {"x": SECRET}),
        (pydantic.SecretStr | None, {"x": SECRET}),
        (list[pydantic.SecretStr], SECRET),
        (dict[str, pydantic.SecretStr], SECRET),
        (Account, SECRET),
        (Account, {"user": "x", "secret": SECRET}),
        (Account, {"user": 5, "secret": SECRET}),
        (Careless, {"api_key": SECRET}),
        (Login, {"user": "x", "password": SECRET}),
        (Login, SECRET),
        (list[Login], [{"user": "x", "password": SECRET}]),
        (Pin, {"token": SECRET}),
        (Account | Login, {"user": "x", "secret": SECRET}),
    ],
)
def test_a_rejection_message_never_shows_the_secret(annotation: Any, value: Any) -> None:
    assert SECRET not in rejection(annotation, value)


def test_values_next_to_a_secret_are_shown() -> None:
    assert rejection(Account, {"user": "x"}).endswith("Field required at value.secret")
    assert rejection(Account, {"user": 5, "secret": "x" * 20}).endswith("Expected str, got int at value.user")
    assert rejection(Login, {"user": "x"}).endswith("Object missing required field password")


@pytest.mark.parametrize("name", ["password", "api_key", "apiKey", "access_token", "client_secret"])
def test_neither_message_nor_traceback_shows_a_parameter_named_like_a_secret(name: str) -> None:
    source: dict[str, Any] = {}
    exec(f"def take({name}: int) -> None: ...", source)  # noqa: S102 (a function with a parameter of that name)
    binder = ArgumentBinder("take", read_parameters(source["take"], is_bound=False))
    with pytest.raises(ToolArgumentError) as caught:
        binder.bind({name: SECRET})
    report = report_exception(caught.value)
    assert report.message == f"take(): argument '{name}' must be int; got str"
    assert SECRET not in report.traceback
    assert report.cause is None
