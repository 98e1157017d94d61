"""Arguments that msgspec decodes and checks in one step: what it accepts must be what the two steps return."""

from __future__ import annotations

import datetime
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakepit_bridge._tools.checking.native import is_decodable
from snakepit_bridge._values import decode

from .test_descriptor import described

DECODABLE = [
    *(bool, int, float, str, None, int | None, float | None, int | str, int | float | str | bool | None),
    *(list[int], list[float], list[str], list[list[int]], tuple[int, ...], tuple[str, int]),
    *(dict[str, int], dict[str, float], dict[int, str], dict[str, list[float]], list[int] | None),
]

PLAIN = [Any, list, dict, list[Any], dict[str, Any], list[dict[str, Any]], dict[str, list[Any]] | None]

NOT_DECODABLE = [Any, object, list, dict, list[Any], dict[str, Any], Any | None, bytes, datetime.date, set[int]]


def sized(prefix: bytes, data: bytes) -> bytes:
    return prefix + bytes([len(data)]) + data


numbers = st.one_of(
    st.integers(0, 127).map(lambda value: bytes([value])),
    st.integers(0xE0, 0xFF).map(lambda value: bytes([value])),
    st.integers(0, 2**64 - 1).map(lambda value: struct.pack(">BQ", 0xCF, value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: struct.pack(">Bq", 0xD3, value)),
    st.integers(0, 255).map(lambda value: bytes([0xCC, value])),
    st.integers(-128, 127).map(lambda value: struct.pack(">Bb", 0xD0, value)),
    st.floats(width=32).map(lambda value: struct.pack(">Bf", 0xCA, value)),
    st.one_of(st.floats(), st.integers(-(2**70), 2**70).map(float)).map(lambda value: struct.pack(">Bd", 0xCB, value)),
)
strings = st.one_of(st.sampled_from([b"a", b"b", b"1", b"true", b"\xff", b"\xed\xa0\x80"]), st.binary(max_size=9)).map(
    lambda value: sized(b"\xd9", value)
)
scalars = st.one_of(
    st.sampled_from([b"\xc0", b"\xc2", b"\xc3"]),
    numbers,
    strings,
    st.binary(max_size=3).map(lambda value: sized(b"\xc4", value)),
    # Extension types, among them the timestamp of MessagePack, which msgspec knows.
    st.tuples(st.sampled_from([1, 5, 13, 255]), st.sampled_from([1, 4, 8, 12])).map(
        lambda parts: b"\xc7" + bytes([parts[1], parts[0]]) + b"\x01" * parts[1]
    ),
)
bodies = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: bytes([0x90 | len(items)]) + b"".join(items)),
        st.lists(st.tuples(st.one_of(strings, inner), inner), max_size=3).map(
            lambda entries: bytes([0x80 | len(entries)]) + b"".join(key + value for key, value in entries)
        ),
    ),
    max_leaves=6,
)
names = st.sampled_from([b"\xa1a", b"\xa1b", b"\xd9\x01a", b"\xc4\x01a"])
arguments = st.one_of(
    st.lists(st.tuples(names, bodies), min_size=1, max_size=3).map(
        lambda entries: bytes([0x80 | len(entries)]) + b"".join(name + value for name, value in entries)
    ),
    bodies,
    st.binary(max_size=12),
)


def typed(value: Any) -> Any:
    """Returns a form in which equal values of different types differ, and NaN equals itself."""
    if isinstance(value, (list, tuple)):
        return type(value), [typed(each) for each in value]
    if isinstance(value, dict):
        return dict, [(typed(key), typed(each)) for key, each in value.items()]
    return type(value), repr(value)


def structure_of(annotation: Any) -> Any:
    fields = [("p0", annotation, msgspec.field(name="a")), ("p1", int | None, msgspec.field(name="b", default=None))]
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True, gc=False)


STRUCTURES = [(each, msgspec.msgpack.Decoder(each)) for each in map(structure_of, DECODABLE)]


@given(arguments)
def test_what_is_accepted_is_what_the_two_steps_return(body: bytes) -> None:
    for structure, decoder in STRUCTURES:
        try:
            accepted = decoder.decode(body)
        except msgspec.DecodeError:
            continue
        expected = msgspec.convert(decode(body), structure)
        assert typed(msgspec.structs.astuple(accepted)) == typed(msgspec.structs.astuple(expected))


def tool_with(annotation: Any) -> Any:
    def tool(a: Any, b: Any = None) -> None: ...

    tool.__annotations__ = {"a": annotation, "b": int | None, "return": None}
    return tool


@given(arguments, st.sampled_from(PLAIN))
def test_what_a_tool_accepts_for_any_value_is_what_the_two_steps_return(body: bytes, annotation: Any) -> None:
    tool = described(tool_with(annotation))
    assert tool.bind_encoded is not None
    accepted = tool.bind_encoded(body)
    if accepted is not None:
        assert typed(list(accepted[0])) == typed(list(tool.bind(decode(body))[0]))


def test_a_tool_that_gets_an_extension_type_leaves_later_calls_to_the_two_steps() -> None:
    def keep(a: Any) -> None: ...

    bind = described(keep).bind_encoded
    assert bind is not None
    assert bind(bytes.fromhex("81a16107")) == ((7,), {})
    assert bind(bytes.fromhex("81a161d4010a")) is None
    assert bind(bytes.fromhex("81a16107")) is None


@pytest.mark.parametrize("head", ["d6ff", "d7ff", "c704ff", "c708ff", "c70cff", "c80004ff", "c900000008ff"])
def test_a_tool_does_not_accept_a_standard_timestamp_as_a_date(head: str) -> None:
    def keep(a: Any) -> None: ...

    bind = described(keep).bind_encoded
    assert bind is not None
    assert bind(bytes.fromhex("81a161" + head) + bytes(12)) is None


@pytest.mark.parametrize("annotation", DECODABLE, ids=str)
def test_an_annotation_of_numbers_and_strings_is_decodable(annotation: Any) -> None:
    assert is_decodable(annotation)


@pytest.mark.parametrize("annotation", NOT_DECODABLE, ids=str)
def test_an_annotation_that_allows_extension_types_is_not_decodable(annotation: Any) -> None:
    assert not is_decodable(annotation)


def test_a_tool_binds_encoded_arguments_of_decodable_types() -> None:
    def add(a: int, b: float = 2) -> None: ...

    bind = described(add).bind_encoded
    assert bind is not None
    assert bind(bytes.fromhex("81a16101")) == ((1, 2), {})
    assert typed(bind(bytes.fromhex("82a16101a16203"))) == typed(((1, 3.0), {}))


@pytest.mark.parametrize("body", ["80", "81a16101a0", "82a16101a17a01", "82a16101a162a178", "c0", "dfffffffff"])
def test_a_tool_leaves_rejections_to_the_two_steps(body: str) -> None:
    def add(a: int, b: float = 2) -> None: ...

    bind = described(add).bind_encoded
    assert bind is not None
    assert bind(bytes.fromhex(body)) is None


def test_a_tool_with_other_parameters_does_not_bind_encoded_arguments() -> None:
    def one(a: int, b: bytes) -> None: ...

    def two(a: int, *, b: int) -> None: ...

    def three(*a: int) -> None: ...

    assert [described(each).bind_encoded for each in (one, two, three)] == [None, None, None]
