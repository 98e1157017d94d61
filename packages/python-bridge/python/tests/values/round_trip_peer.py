"""The Python side of the round trips between the two languages; the test that starts it is in ``bridge-proto``.

``echo``: decodes each value that arrives, encodes it again and sends it back.
``ask COUNT SEED``: sends generated values and compares what comes back with them, type for type.

A message is the length of the body (uint32), the number of buffers (uint32), the length of each (uint32), then all of
their bytes.
"""

from __future__ import annotations

import math
import random
import struct
import sys
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from snakepit_bridge._values import Encoded, Unsendable, decode, encode

INPUT, OUTPUT = sys.stdin.buffer, sys.stdout.buffer

DTYPES = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "longdouble",
    "clongdouble",
    "datetime64[ns]",
    "datetime64[D]",
    "datetime64[25s]",
    "timedelta64[us]",
    "timedelta64",
]
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def receive() -> tuple[bytearray, list[bytearray]] | None:
    head = INPUT.read(8)
    if not head:
        return None
    length, count = struct.unpack(">II", head)
    lengths = struct.unpack(f">{count}I", INPUT.read(4 * count))
    body, *buffers = (bytearray(INPUT.read(size)) for size in (length, *lengths))
    return body, buffers


def send(encoded: Encoded) -> None:
    lengths = [buffer.nbytes for buffer in encoded.buffers]
    OUTPUT.write(struct.pack(f">II{len(lengths)}I", len(encoded.body), len(lengths), *lengths) + encoded.body)
    for buffer in encoded.buffers:
        OUTPUT.write(buffer)
    OUTPUT.flush()


def echo() -> None:
    while (message := receive()) is not None:
        send(encode(decode(*message)))


def ask(count: int, seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    for number in range(count):
        value = any_value(source, 3)
        send(encode(value))
        message = receive()
        if message is None:
            sys.exit(f"no answer to value {number}")
        answer = decode(*message)
        if not same(value, answer):
            sys.exit(f"value {number} of seed {seed} came back as another:\n{value!r}\n{answer!r}")
    OUTPUT.close()


def same(sent: Any, received: Any) -> bool:
    if isinstance(sent, np.ndarray):
        return same_array(sent, received)
    if isinstance(sent, (list, tuple)):
        return len(sent) == len(received) and all(map(same, sent, received))
    if isinstance(sent, dict):
        # JavaScript puts the keys of an object that look like indices first.
        by_key = sorted(received.items(), key=lambda item: repr(item[0]))
        return same([x for item in sorted(sent.items(), key=lambda item: repr(item[0])) for x in item], flat(by_key))
    if isinstance(sent, datetime):
        return repr(sent) == repr(received)
    if isinstance(sent, float) and sent.is_integer() and str(sent) != "-0.0":
        return bool(sent == received)
    return type(sent) is type(received) and (repr(sent) == repr(received) or sent == received)


def flat(pairs: list[tuple[Any, Any]]) -> list[Any]:
    return [part for pair in pairs for part in pair]


def same_array(sent: np.ndarray[Any, Any], received: Any) -> bool:
    expected = sent.astype(sent.dtype.newbyteorder("<"))
    if received.dtype != expected.dtype or received.shape != sent.shape or not received.flags.writeable:
        return False
    # The padding of a longdouble is not part of its value.
    if sent.dtype.char in "gG":
        return np.array_equal(expected, received, equal_nan=True)
    return bool(received.tobytes() == expected.tobytes())


def any_value(source: random.Random, depth: int) -> Any:
    if depth > 0 and source.random() < 0.4:
        return source.choice(CONTAINERS)(source, depth - 1)
    return source.choice(LEAVES)(source)


def any_list(source: random.Random, depth: int) -> Any:
    return [any_value(source, depth) for _ in range(source.randrange(20))]


def any_record(source: random.Random, depth: int) -> Any:
    return {any_text(source): any_value(source, depth) for _ in range(source.randrange(20))}


def any_map(source: random.Random, depth: int) -> Any:
    return {any_key(source): any_value(source, depth) for _ in range(source.randrange(1, 6))}


def any_set(source: random.Random, depth: int) -> Any:
    return {any_key(source) for _ in range(source.randrange(5))}


def any_key(source: random.Random) -> Any:
    kinds = (any_text, any_integer, any_uuid, any_date, lambda s: (any_text(s), any_integer(s)), any_bytes)
    return source.choice(kinds)(source)


def any_integer(source: random.Random) -> int:
    return source.randrange(-(2**bits), 2**bits) if (bits := source.choice((3, 8, 31, 53, 63, 64, 200))) else 0


def any_float(source: random.Random) -> float:
    value: float = struct.unpack(">d", source.randbytes(8))[0]
    # A signalling NaN becomes a quiet one when a processor copies it.
    return math.nan if math.isnan(value) else value


def any_text(source: random.Random) -> str:
    alphabet = source.choice(("abc", "äöü\x00", "日本語", "🐍é1"))
    return "".join(source.choices(alphabet, k=source.choice((0, 1, 5, 12, 13, 31, 32, 300))))


def any_bytes(source: random.Random) -> bytes:
    return source.randbytes(source.choice((0, 1, 255, 256, 16_383, 16_384, 70_000)))


def any_uuid(source: random.Random) -> uuid.UUID:
    return uuid.UUID(bytes=source.randbytes(16))


def any_decimal(source: random.Random) -> Decimal:
    digits = tuple(source.choices(range(10), k=source.randrange(1, 50)))
    return Decimal((source.randrange(2), digits, source.randrange(-60, 60)))


def any_datetime(source: random.Random) -> datetime:
    naive = datetime(1, 1, 3) + timedelta(
        days=source.randrange(3_652_000), microseconds=source.randrange(86_400_000_000)
    )
    zones: tuple[Any, ...] = (
        None,
        timezone.utc,
        timezone(timedelta(seconds=source.randrange(-86_399, 86_400), microseconds=source.randrange(1_000_000))),
        ZoneInfo(source.choice(ZONES)),
    )
    return naive.replace(tzinfo=source.choice(zones))


def any_date(source: random.Random) -> date:
    return date.fromordinal(source.randrange(1, date.max.toordinal() + 1))


def any_time(source: random.Random) -> time:
    zone = source.choice(
        (None, timezone.utc, timezone(timedelta(minutes=source.randrange(-1439, 1440))), ZoneInfo(ZONES[0]))
    )
    return (datetime(2000, 1, 1) + timedelta(microseconds=source.randrange(86_400_000_000))).time().replace(tzinfo=zone)


def any_timedelta(source: random.Random) -> timedelta:
    return timedelta(source.randrange(-999_999_999, 999_999_999), source.randrange(86_400), source.randrange(1_000_000))


def any_array(source: random.Random) -> Any:
    dtype = np.dtype(source.choice(DTYPES))
    shape = tuple(source.choices((0, 1, 2, 3, 7, 40), k=source.randrange(4)))
    raw = source.randbytes(int(np.prod(shape)) * dtype.itemsize)
    if dtype.kind == "b":
        raw = bytes(byte & 1 for byte in raw)
    array = np.frombuffer(raw, dtype).reshape(shape)
    if dtype.char in "gG":
        array = np.frombuffer(source.randbytes(int(np.prod(shape))), np.uint8).astype(dtype).reshape(shape)
    return source.choice(LAYOUTS)(array)


LAYOUTS: tuple[Callable[[Any], Any], ...] = (
    lambda array: array,
    np.asfortranarray,
    lambda array: array.T,
    lambda array: array[::-1] if array.ndim else array,
    lambda array: array[..., ::2] if array.ndim else array,
    lambda array: array.astype(array.dtype.newbyteorder(">")),
)
LEAVES: tuple[Callable[[random.Random], Any], ...] = (
    any_integer,
    any_float,
    any_text,
    any_bytes,
    any_uuid,
    any_decimal,
    any_datetime,
    any_date,
    any_time,
    any_timedelta,
    any_array,
    any_array,
    lambda source: complex(any_float(source), any_float(source)),
    lambda source: source.choice((None, True, False)),
    lambda source: Unsendable(any_text(source)),
)
CONTAINERS: tuple[Callable[[random.Random, int], Any], ...] = (any_list, any_record, any_map, any_set)


if __name__ == "__main__":
    if sys.argv[1] == "echo":
        echo()
    else:
        ask(int(sys.argv[2]), int(sys.argv[3]))
