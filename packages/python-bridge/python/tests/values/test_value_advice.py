"""Each remedy is evaluated: its result can be sent and has the content of the value."""

from __future__ import annotations

import collections
import configparser
import email.message
import fractions
import io
import ipaddress
import pathlib
import re
import time
import types
import zoneinfo
from typing import Any

import msgspec
import numpy as np
import pydantic
import pytest

from snakepit_bridge._values import SerializationError, decode, encode

_EXPRESSION = re.compile(r"; send (?P<expression>.*?)(?:, (?:or|which) .*| if .*|; .*)?$")


class Point(msgspec.Struct):
    x: int


def sections() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read_string("[server]\nport = 80")
    return parser


def follow(value: Any) -> Any:
    """Returns the received value after following the remedy of the error for ``value``."""
    with pytest.raises(SerializationError) as failure:
        encode({"items": [1, value]})
    error = failure.value
    assert (error.code, error.path) == ("SERIALIZATION", "result.items[1]")
    found = _EXPRESSION.search(str(error))
    assert found is not None, str(error)
    encoded = encode(eval(found["expression"], {"value": value, "numpy": np}))  # noqa: S307
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])


STRUCTURED = np.array([(1, "a", 2.5)], [("n", "i4"), ('a "name"', "U3"), ("x", "f8")])


@pytest.mark.parametrize(
    ("value", "received"),
    [
        ((number for number in range(3)), [0, 1, 2]),
        (range(3), [0, 1, 2]),
        ({"a": 1}.keys(), ["a"]),
        (map(abs, [-1]), [1]),
        (ValueError("wrong"), "wrong"),
        (dict, "dict"),
        (re, "re"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (fractions.Fraction(1, 3), "1/3"),
        (ipaddress.IPv4Address("10.0.0.1"), "10.0.0.1"),
        (ipaddress.IPv6Network("::/64"), "::/64"),
        (ipaddress.IPv4Interface("10.0.0.1/8"), "10.0.0.1/8"),
        (zoneinfo.ZoneInfo("Europe/Berlin"), "Europe/Berlin"),
        (re.compile("a+"), "a+"),
        (re.match("a(.)", "ab"), {"match": "ab", "span": [0, 2], "groups": ["b"]}),
        (io.BytesIO(b"x"), b"x"),
        (io.StringIO("x"), "x"),
        (slice(1, None, 2), [1, None, 2]),
        (types.SimpleNamespace(a=1), {"a": 1}),
        (list[int], "list[int]"),
        (collections.UserString("abc"), "abc"),
        (sections(), {"DEFAULT": {}, "server": {"port": "80"}}),
        (sections()["server"], {"port": "80"}),
        (Point, "Point"),
        (..., None),
        (np.dtype("i4"), "int32"),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([None, 1], object), [None, 1]),
        (np.array([b"a"]), [b"a"]),
        (np.zeros(2, "V2"), bytes(4)),
        (STRUCTURED[0], [1, "a", 2.5]),
        (np.ma.array(["a", "b"], mask=[0, 1]), None),
        (pydantic.HttpUrl("https://example.org/"), "https://example.org/"),
        (pydantic.SecretStr("hunter2"), "**********"),
        ("a\ud800b", "a\ud800b".encode("utf-8", "surrogatepass")),
        ("\udcff", "\udcff".encode("utf-8", "surrogatepass")),
        ("\ud83d\ude00 in halves", "\ud83d\ude00 in halves".encode("utf-8", "surrogatepass")),
        (time.gmtime(0), list(time.gmtime(0))),
        (pathlib.Path("/").stat(), None),
    ],
    ids=lambda part: type(part).__name__,
)
def test_each_remedy_sends_the_content(value: Any, received: Any) -> None:
    """E1."""
    followed = follow(value)
    if received is not None or value is ...:
        assert followed == received


class RaisingAttributes:
    """Raises another exception than AttributeError for missing attributes."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


@pytest.mark.parametrize("kind", [email.message.EmailMessage, RaisingAttributes])
def test_an_object_with_misleading_attributes_is_rejected_with_a_remedy(kind: Any) -> None:
    """E1: the search for a remedy must not raise."""
    with pytest.raises(SerializationError, match=r"^result: cannot send .*; send "):
        encode(kind())


def test_a_lone_surrogate_survives_the_remedy() -> None:
    """E1: surrogateescape would raise for most of them."""
    assert follow("a\ud800b").decode("utf-8", "surrogatepass") == "a\ud800b"
    key = "a\ud800"
    with pytest.raises(SerializationError, match="cannot send a key with a lone surrogate; ") as failure:
        encode({key: 1})
    _, remedy = str(failure.value).split("; send ")
    sent = eval(remedy, {"key": key})  # noqa: S307
    assert decode(encode({sent: 1}).body) == {key.encode("utf-8", "surrogatepass"): 1}


def test_the_remedies_of_structured_and_masked_arrays_send_their_parts() -> None:
    """E1."""
    columns = follow(STRUCTURED)
    assert columns["n"].tolist() == [1]
    assert columns['a "name"'] == ["a"]
    assert columns["x"].tolist() == [2.5]
    assert follow(np.zeros(2, [("inner", [("x", "f4")])])) == {"inner": [[0.0], [0.0]]}
    masked = follow(np.ma.array([1, 2], mask=[False, True]))
    assert masked["data"].tolist() == [1, 2]
    assert masked["mask"].tolist() == [False, True]


class ArrayLike:
    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.arange(3)


class ListOnly:
    """Looks like an array of another library that numpy cannot read."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("on another device")

    def tolist(self) -> list[int]:
        return [1, 2]


def test_arrays_of_other_libraries_get_a_remedy_that_works() -> None:
    """E1."""
    assert follow(ArrayLike()).tolist() == [0, 1, 2]
    assert follow(ListOnly()) == [1, 2]


def test_no_message_contains_a_secret() -> None:
    with pytest.raises(SerializationError) as failure:
        encode({"secret": [pydantic.SecretStr("hunter2")]})
    assert "hunter2" not in str(failure.value)
