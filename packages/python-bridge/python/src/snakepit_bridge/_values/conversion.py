"""Converts values that MessagePack does not support."""

from __future__ import annotations

import array
import decimal
import enum
import struct
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import ormsgpack

from . import wire_format
from .arrays import convert_array, find_numpy_conversion
from .records import find_record_conversion
from .remedies import is_foreign_container, reject
from .subclasses import combine_conversions, guard_conversion, has_content
from .temporal import convert_date, convert_datetime, convert_time, convert_timedelta
from .unsendable import Unsendable
from .wire_format import Block, LargeBytes, Nested

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPLEX: Final = struct.Struct(">dd")

_MOST_CLASSES: Final = 1000
"""The maximum number of cached conversions, so that a program that keeps creating classes does not fill the memory."""


def convert(value: Any) -> Any:
    """Returns a simpler value: an ``ormsgpack.Ext``, a form, or a value that MessagePack supports.

    Raises:
        UnsendableError: the value has no form on the wire.
        Exception: the value's own code raised it.
    """
    kind = type(value)
    conversion = _conversions.get(kind)
    if conversion is None:
        conversion = _find_conversion(kind)
        if len(_conversions) >= _MOST_CLASSES:
            _conversions.clear()
            _conversions.update(_OF_TYPE)
        _conversions[kind] = conversion
    return conversion(value)


def _same(value: Any) -> Any:
    return value


def _convert_int(value: int) -> Any:
    plain = int(value)
    if -(2**63) <= plain < 2**64:
        return plain
    magnitude = abs(plain)
    sign = b"\x01" if plain < 0 else b"\x00"
    return ormsgpack.Ext(wire_format.BIG_INTEGER, sign + magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big"))


def _convert_set(value: set[Any] | frozenset[Any]) -> Nested:
    return Nested(wire_format.SET, list(value))


def _convert_complex(value: complex) -> ormsgpack.Ext:
    return ormsgpack.Ext(wire_format.COMPLEX, _COMPLEX.pack(value.real, value.imag))


def _convert_uuid(value: uuid.UUID) -> ormsgpack.Ext:
    return ormsgpack.Ext(wire_format.UUID, value.bytes)


def _convert_decimal(value: decimal.Decimal) -> ormsgpack.Ext:
    return ormsgpack.Ext(wire_format.DECIMAL, str(value).encode("ascii"))


def _convert_mark(value: Unsendable) -> ormsgpack.Ext:
    return ormsgpack.Ext(wire_format.UNSENDABLE, value.what.encode("utf-8", "replace"))


def _convert_enum(value: enum.Enum) -> Any:
    return value.value


def _convert_memoryview(value: memoryview) -> bytes:
    return value.tobytes()


def _convert_tuple(value: tuple[Any, ...]) -> list[Any]:
    return list(value)


_OF_TYPE: Final[dict[type, Callable[[Any], Any]]] = {
    Block: _same,
    LargeBytes: _same,
    Nested: _same,
    ormsgpack.Ext: _same,
    Unsendable: _convert_mark,
    array.array: convert_array,
    complex: _convert_complex,
    date: convert_date,
    datetime: convert_datetime,
    decimal.Decimal: _convert_decimal,
    deque: list,
    frozenset: _convert_set,
    int: _convert_int,
    memoryview: _convert_memoryview,
    set: _convert_set,
    time: convert_time,
    timedelta: convert_timedelta,
    uuid.UUID: _convert_uuid,
}

# The order matters: datetime is a subclass of date, and enums and records take precedence over their base classes.
_OF_BASE: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (int, _convert_int),
    (float, float.__float__),
    (complex, _convert_complex),
    (str, str.__str__),
    (bytes, bytes),
    (bytearray, bytes),
    (datetime, convert_datetime),
    (date, convert_date),
    (time, convert_time),
    (timedelta, convert_timedelta),
    (uuid.UUID, _convert_uuid),
    (decimal.Decimal, _convert_decimal),
    (tuple, _convert_tuple),
    (list, list),
    (deque, list),
    (set, _convert_set),
    (frozenset, _convert_set),
    (Mapping, dict),
    (array.array, convert_array),
)

_WRITTEN_BY_ORMSGPACK: Final = frozenset({type(None), bool, int, float, str, bytes, bytearray, list, tuple, dict})

_conversions: dict[type, Callable[[Any], Any]] = dict(_OF_TYPE)


def _find_conversion(kind: type) -> Callable[[Any], Any]:  # noqa: PLR0911 - one answer for each kind of class
    if issubclass(kind, type):
        # A class: attributes defined by a metaclass, such as the fields of a struct, are not its content.
        return reject
    if issubclass(kind, enum.Enum):
        return _convert_enum
    if is_foreign_container(kind):
        return reject
    numpy_conversion = find_numpy_conversion(kind)
    if numpy_conversion is not None:
        return numpy_conversion
    record = find_record_conversion(kind, is_sendable)
    if record is not None:
        is_named_tuple = issubclass(kind, tuple) and hasattr(kind, "_fields")
        if is_named_tuple:
            return guard_conversion(kind, record)
        return combine_conversions(kind, record) if has_content(kind) else record
    for base, conversion in _OF_BASE:
        if issubclass(kind, base):
            return guard_conversion(kind, conversion)
    return reject


def is_sendable(kind: type) -> bool:
    """Whether instances of a class have a form on the wire, apart from their contents."""
    return (
        kind in _WRITTEN_BY_ORMSGPACK
        or _conversions.get(kind) not in {None, reject}
        or _find_conversion(kind) is not reject
    )
