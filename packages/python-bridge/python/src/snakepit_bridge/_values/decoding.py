"""Decodes values."""

from __future__ import annotations

import decimal
import struct
import uuid
from typing import TYPE_CHECKING, Any, Final

import ormsgpack

from . import wire_format
from .arrays import read_array
from .errors import SerializationError
from .nesting import NestingLimit
from .temporal import read_aware_datetime, read_date, read_naive_datetime, read_time, read_timedelta
from .unsendable import Unsendable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Buffer = bytes | bytearray | memoryview

_COMPLEX: Final = struct.Struct(">dd")


def decode(body: Buffer, buffers: Sequence[Buffer] = ()) -> Any:
    """Decodes a value that :func:`encode` or the host encoded.

    Arrays are views of writable ``buffers``, so the caller must not use the buffers afterwards.

    Args:
        body: the encoded value.
        buffers: all its out-of-band buffers, in order.

    Raises:
        SerializationError: the data is not a value.
    """
    decoder = _Decoder()
    if buffers:
        decoder.buffers = buffers
    try:
        value = ormsgpack.unpackb(body, ext_hook=decoder.hook, option=ormsgpack.OPT_NON_STR_KEYS)
    except ormsgpack.MsgpackDecodeError as error:
        failure = decoder.failure
        if failure is not None and not isinstance(failure, Exception):
            raise failure from None
        cause = failure or error
        raise SerializationError("SERIALIZATION", "", f"cannot decode a value: {cause}") from cause
    if decoder.used != len(buffers):
        problem = f"cannot decode a value: it has {len(buffers)} buffers and uses {decoder.used}"
        raise SerializationError("SERIALIZATION", "", problem)
    return value


class _Decoder:
    """The state of decoding one value. Most values need no hook, so its initial values belong to the class."""

    buffers: Sequence[Buffer] = ()
    used = 0
    """The number of buffers used so far."""
    nesting: NestingLimit | None = None
    """Created for the first set or map."""
    failure: BaseException | None = None
    """The exception of the hook."""

    def hook(self, tag: int, data: bytes) -> Any:
        """Decodes an extension. ormsgpack hides exceptions of the hook, so they are stored."""
        try:
            read = _READERS.get(tag)
            if read is None:
                raise ValueError(f"unknown extension type {tag}")  # noqa: TRY301 - kept below like the others
            return read(self, data)
        except BaseException as error:
            if self.failure is None:
                self.failure = error
            raise

    def take_buffer(self, index: int) -> Buffer:
        """Returns a buffer. Each is used once, in order, so that a short body cannot expand to a large value."""
        if index != self.used or index >= len(self.buffers):
            raise ValueError(f"it refers to buffer {index} where {self.used} of {len(self.buffers)} were used")
        self.used += 1
        return self.buffers[index]

    def unpack_items(self, data: bytes) -> list[Any]:
        if self.nesting is None:
            self.nesting = NestingLimit()
        self.nesting.enter(data)
        items = ormsgpack.unpackb(data, ext_hook=self.hook, option=ormsgpack.OPT_NON_STR_KEYS)
        self.nesting.leave()
        if type(items) is not list:
            raise ValueError("an array was expected")
        return items


def _read_out_of_band_bytes(decoder: _Decoder, data: bytes) -> bytes:
    return bytes(decoder.take_buffer(int.from_bytes(data, "big")))


def _read_set(decoder: _Decoder, data: bytes) -> set[Any]:
    items = decoder.unpack_items(data)
    elements = {_hashable(item) for item in items}
    if len(elements) != len(items):
        raise ValueError("a set has two elements that are equal in Python, such as 1 and True")
    return elements


def _read_map(decoder: _Decoder, data: bytes) -> dict[Any, Any]:
    parts = decoder.unpack_items(data)
    keys = [_hashable(key) for key in parts[::2]]
    entries = dict(zip(keys, parts[1::2], strict=True))
    if len(entries) != len(keys):
        raise ValueError("a map has two keys that are equal in Python, such as 1 and True")
    return entries


def _hashable(item: Any) -> Any:
    """Returns a key or an element of a set in hashable form: arrays as tuples, sets as frozensets."""
    if type(item) is list:
        return tuple(_hashable(element) for element in item)
    if type(item) is set:
        return frozenset(item)
    return item


def _read_big_integer(_: _Decoder, data: bytes) -> int:
    if not data or data[0] > 1:
        raise ValueError("a big integer has an unknown sign")
    magnitude = int.from_bytes(data[1:], "big")
    return -magnitude if data[0] else magnitude


def _read_decimal(_: _Decoder, data: bytes) -> decimal.Decimal:
    return decimal.Decimal(data.decode("ascii"))


_READERS: Final[dict[int, Callable[[_Decoder, bytes], Any]]] = {
    wire_format.OUT_OF_BAND_BYTES: _read_out_of_band_bytes,
    wire_format.BIG_INTEGER: _read_big_integer,
    wire_format.SET: _read_set,
    wire_format.MAP: _read_map,
    wire_format.UUID: lambda _, data: uuid.UUID(bytes=data),
    wire_format.DECIMAL: _read_decimal,
    wire_format.COMPLEX: lambda _, data: complex(*_COMPLEX.unpack(data)),
    wire_format.AWARE_DATETIME: lambda _, data: read_aware_datetime(data),
    wire_format.NAIVE_DATETIME: lambda _, data: read_naive_datetime(data),
    wire_format.DATE: lambda _, data: read_date(data),
    wire_format.TIME: lambda _, data: read_time(data),
    wire_format.TIME_DELTA: lambda _, data: read_timedelta(data),
    wire_format.NDARRAY: lambda decoder, data: read_array(data, decoder.take_buffer),
    wire_format.UNSENDABLE: lambda _, data: Unsendable(data.decode()),
}
