"""Arrays of numpy, and those of the module ``array`` without numpy."""

from __future__ import annotations

import array
import datetime as dt
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from snakepit_bridge._libraries import install_command
from snakepit_bridge._values import SerializationError, decode, encode

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
    "datetime64",
    "timedelta64[us]",
    "timedelta64",
]
LAYOUTS: dict[str, Any] = {
    "rows": lambda a: a,
    "columns": np.asfortranarray,
    "transposed": lambda a: a.T,
    "backwards": lambda a: a[::-1, ::-1],
    "every second": lambda a: a[:, ::2],
    "a part": lambda a: a[1:, 1:],
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "one value for all": lambda a: np.broadcast_to(a[0], (5, 4)),
    "no element": lambda a: a[:, :0],
    "no dimension": lambda a: np.array(a[0, 1]),
    "three dimensions": lambda a: a.reshape(3, 2, 2),
}


def run_python(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout  # noqa: S603


def round_trip(value: Any) -> Any:
    encoded = encode(value)
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("dtype", DTYPES)
def test_an_array_arrives_equal_with_shape_and_dtype(dtype: str, layout: Any) -> None:
    sent = layout(np.arange(12).astype(dtype).reshape(3, 4))
    sent.flags.writeable = False
    received = round_trip(sent)
    assert received.dtype == sent.dtype.newbyteorder("=")
    assert received.shape == sent.shape
    np.testing.assert_array_equal(received, sent)
    assert received.flags.writeable


def test_a_large_array_is_neither_copied_when_sent_nor_when_it_arrives() -> None:
    sent = np.arange(10_000.0)
    encoded = encode({"a": sent})
    assert np.shares_memory(np.frombuffer(encoded.buffers[0], np.uint8), sent)
    received = bytearray(encoded.buffers[0])
    (value,) = decode(encoded.body, [received]).values()
    assert np.shares_memory(np.frombuffer(received, np.uint8), value)
    value[0] = 7
    assert received[:8] == np.float64(7).tobytes()


def test_an_array_in_read_only_memory_is_copied() -> None:
    encoded = encode(np.arange(10_000.0))
    value = decode(encoded.body, [bytes(encoded.buffers[0])])
    value[0] = 7
    assert value.flags.writeable


@pytest.mark.parametrize(
    ("scalar", "plain"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.1), float(np.float32(0.1))),
        (np.float16(0.5), 0.5),
        (np.int8(-1), -1),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_(True), True),
        (np.complex64(1 + 2j), 1 + 2j),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
        (np.datetime64("2024-01-02"), dt.date(2024, 1, 2)),
        (np.datetime64("2024-01-02T03:04:05"), dt.datetime(2024, 1, 2, 3, 4, 5)),
        (np.timedelta64(5, "s"), dt.timedelta(seconds=5)),
    ],
    ids=repr,
)
def test_numpy_scalars_arrive_as_python_values(scalar: Any, plain: Any) -> None:
    received = round_trip([scalar])[0]
    assert (type(received), received) == (type(plain), plain)


@pytest.mark.parametrize(
    "scalar",
    [np.datetime64(1, "ns"), np.datetime64("NaT"), np.timedelta64(3, "Y"), np.longdouble(1) / 3],
    ids=repr,
)
def test_scalars_without_a_python_type_arrive_as_zero_dimensional_arrays(scalar: Any) -> None:
    received = round_trip(scalar)
    assert (received.shape, received.dtype) == ((), scalar.dtype)
    np.testing.assert_array_equal(received, scalar)


def test_an_array_as_a_key_is_rejected_by_the_decoder() -> None:
    # JavaScript has such keys; Python cannot hash them.
    body = bytes.fromhex("c70e04 92 c7070d 00 02 01 0000000000000000 01".replace(" ", ""))
    with pytest.raises(SerializationError):
        decode(body)


@pytest.mark.parametrize("typecode", "bBhHiIlLqQfd")
@pytest.mark.parametrize("length", [0, 3, 20_000])
def test_arrays_of_the_standard_library_are_sent_as_one_dimension(typecode: str, length: int) -> None:
    sent = array.array(typecode, range(3)) * (length // 3) if length else array.array(typecode)
    received = round_trip(sent)
    assert received.dtype == np.dtype(typecode)
    np.testing.assert_array_equal(received, np.array(sent))


WITHOUT_NUMPY = """
import array, sys
sys.modules["numpy"] = None
from snakepit_bridge._values import SerializationError, decode, encode
assert not encode({"a": [1.5, {1, 2}]}).buffers
for typecode in "bBhHiIqQfd":
    for length in (0, 3, 20_000):
        sent = array.array(typecode, bytes(length * array.array(typecode).itemsize))
        encoded = encode(sent)
        received = decode(encoded.body, encoded.buffers)
        assert type(received) is array.array and received == sent, (sent, received)
matrix = bytes.fromhex("c71b0d 00 0c 02 0000000000000001 0000000000000001 0000000000000000".replace(" ", ""))
try:
    decode(matrix)
except SerializationError as error:
    print(error)
"""


def test_without_numpy_arrays_arrive_as_arrays_of_the_standard_library() -> None:
    assert run_python(WITHOUT_NUMPY) == (
        "cannot decode a value: an array of float64 with the shape (1, 1) requires numpy; "
        f"install it: {install_command('numpy')}\n"
    )


def test_nothing_imports_numpy_until_an_array_arrives() -> None:
    program = (
        "import sys\n"
        "from snakepit_bridge._values import decode, encode\n"
        "assert decode(encode({'a': [1, b'x', {1, 2}]}).body) == {'a': [1, b'x', {1, 2}]}\n"
        "assert 'numpy' not in sys.modules\n"
    )
    run_python(program)
