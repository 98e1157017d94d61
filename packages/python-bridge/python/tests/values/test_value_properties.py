"""Round trips of arbitrary values, and decoding of arbitrary bytes."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakepit_bridge._values import SerializationError, decode, encode

needs_safe_ormsgpack = pytest.mark.skipif(
    ormsgpack.__version__.startswith("1.12"),
    reason="the last ormsgpack for Python 3.10 allocates memory for the declared length of an array",
)

ZONES = st.sampled_from(
    [None, dt.timezone.utc, ZoneInfo("Europe/Berlin"), ZoneInfo("America/St_Johns")]
) | st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(dt.timezone)

KEYS = st.recursive(
    st.text()
    | st.integers()
    | st.none()
    | st.uuids()
    | st.dates()
    | st.binary(max_size=20)
    | st.floats(allow_nan=False)
    | st.timedeltas()
    | st.decimals(allow_nan=False),
    lambda keys: st.tuples(keys, keys) | st.frozensets(keys, max_size=3),
    max_leaves=4,
)
VALUES = st.recursive(
    KEYS
    | st.booleans()
    | st.floats()
    | st.complex_numbers()
    | st.datetimes(timezones=ZONES)
    | st.times(timezones=st.sampled_from([None, dt.timezone.utc, ZoneInfo("Europe/Berlin")]))
    | st.decimals()
    | st.integers(0, 30_000).map(bytes),
    lambda values: (
        st.lists(values, max_size=8)
        | st.dictionaries(st.text(), values, max_size=8)
        | st.dictionaries(KEYS, values, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=20,
)


def same(sent: Any, received: Any) -> bool:
    """Equal, of equal type, with NaN equal to itself; tuples arrive as lists, and frozensets as sets, but for keys."""
    if isinstance(sent, (list, tuple)):
        return len(sent) == len(received) and all(map(same, sent, received))
    if isinstance(sent, dict):
        # Keys that are equal in Python find each other; 0.0 and -0.0 are.
        return list(sent) == list(received) and all(same(sent[key], received[key]) for key in sent)
    if isinstance(sent, (set, frozenset)):
        return set(sent) == received
    if isinstance(sent, float) and not math.isnan(sent):
        return type(received) is float and sent == received and math.copysign(1, sent) == math.copysign(1, received)
    return type(sent) is type(received) and repr(settled(sent)) == repr(settled(received))


def settled(value: Any) -> Any:
    """Returns a date or a time without its fold if the fold has no effect; it is sent only if it has one."""
    if (
        isinstance(value, (dt.datetime, dt.time))
        and value.replace(fold=0).utcoffset() == value.replace(fold=1).utcoffset()
    ):
        return value.replace(fold=0)
    return value


@given(VALUES)
def test_a_value_survives_a_round_trip(value: Any) -> None:
    encoded = encode(value)
    received = decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])
    assert same(value, received), received


@given(VALUES)
def test_the_rewriter_encodes_the_same_value(value: Any) -> None:
    # A key of 1 sends the whole value the slow way; marking does so too.
    slowly = encode({1: value})
    assert same(value, decode(slowly.body, slowly.buffers)[1])
    marked = encode(value, unsendable="mark")
    assert same(value, decode(marked.body, marked.buffers))


@needs_safe_ormsgpack
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_value_or_an_error(body: bytes) -> None:
    decode_hostile(body, [])


@needs_safe_ormsgpack
@given(VALUES | st.just(np.zeros((2, 3))), st.data())
def test_corrupted_bytes_are_a_value_or_an_error(value: Any, data: st.DataObject) -> None:
    encoded = encode(value)
    corrupted = bytearray(encoded.body)
    for _ in range(data.draw(st.integers(1, 3))):
        corrupted[data.draw(st.integers(0, len(corrupted) - 1))] = data.draw(st.integers(0, 255))
    decode_hostile(bytes(corrupted), encoded.buffers)
    decode_hostile(bytes(corrupted[: data.draw(st.integers(0, len(corrupted)))]), encoded.buffers)


def decode_hostile(body: bytes, buffers: Any) -> None:
    try:
        decode(body, buffers)
    except SerializationError as error:
        assert error.code == "SERIALIZATION"
