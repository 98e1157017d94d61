"""Dates, times and durations.

On the wire they consist of spans: int32 days, uint32 seconds, uint32 microseconds, normalized like ``timedelta``.
"""

from __future__ import annotations

import struct
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final

import ormsgpack

from . import wire_format
from .unsendable import UnsendableError

_SPAN: Final = struct.Struct(">iII")
_DATE: Final = struct.Struct(">HBB")

_EPOCH: Final = datetime(1970, 1, 1)
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NOTHING: Final = timedelta(0)
_MIDNIGHT: Final = time()


def convert_timedelta(value: timedelta) -> ormsgpack.Ext:
    """Encodes a duration as a span."""
    return ormsgpack.Ext(wire_format.TIME_DELTA, _pack_span(value))


def convert_date(value: date) -> ormsgpack.Ext:
    """Encodes year, month and day."""
    return ormsgpack.Ext(wire_format.DATE, _DATE.pack(value.year, value.month, value.day))


def convert_datetime(value: datetime) -> ormsgpack.Ext:
    """Encodes the span since 1970 and the time zone, unless it is UTC."""
    if type(value) is not datetime:
        _check_subclass(value)
    offset = value.utcoffset()
    if offset is None:
        return ormsgpack.Ext(wire_format.NAIVE_DATETIME, _pack_span(value.replace(tzinfo=None) - _EPOCH))
    moment = _pack_span(value - _UTC_EPOCH)
    name = _zone_name(value.tzinfo)
    if not offset and name in {"", "UTC"}:
        return ormsgpack.Ext(wire_format.AWARE_DATETIME, moment)
    return ormsgpack.Ext(wire_format.AWARE_DATETIME, moment + _pack_span(offset) + name.encode())


def convert_time(value: time) -> ormsgpack.Ext:
    """Encodes the span since midnight and the time zone, if there is one."""
    span = _SPAN.pack(0, value.hour * 3600 + value.minute * 60 + value.second, value.microsecond)
    if value.tzinfo is None:
        return ormsgpack.Ext(wire_format.TIME, span)
    offset = value.utcoffset()
    if offset is not None:
        return ormsgpack.Ext(wire_format.TIME, span + _pack_span(offset))
    name = _zone_name(value.tzinfo)
    return ormsgpack.Ext(wire_format.TIME, span + _pack_span(_NOTHING) + name.encode() if name else span)


def read_timedelta(data: bytes) -> timedelta:
    """Decodes a duration from a span."""
    if len(data) != _SPAN.size:
        raise ValueError("a duration has another size")
    return _read_span(data)


def read_date(data: bytes) -> date:
    """Decodes year, month and day."""
    return date(*_DATE.unpack(data))


def read_aware_datetime(data: bytes) -> datetime:
    """Decodes the span since 1970 and the time zone."""
    moment = _read_span(data)
    if len(data) == _SPAN.size:
        return _UTC_EPOCH + moment
    offset = _read_span(data, _SPAN.size)
    wall = _EPOCH + (moment + offset)
    name = data[2 * _SPAN.size :].decode()
    zone = _zone(name)
    if zone is not None:
        # fold selects one of two moments with the same wall-clock time, or the interpretation of a time in a gap.
        for fold in (0, 1):
            aware = wall.replace(tzinfo=zone, fold=fold)
            if aware.utcoffset() == offset:
                return aware
    return wall.replace(tzinfo=timezone(offset, name) if name else timezone(offset))


def read_naive_datetime(data: bytes) -> datetime:
    """Decodes the wall-clock span since 1970."""
    if len(data) != _SPAN.size:
        raise ValueError("a naive datetime has another size")
    return _EPOCH + _read_span(data)


def read_time(data: bytes) -> time:
    """Decodes the span since midnight and the time zone."""
    span = _read_span(data)
    if span.days:
        raise ValueError("a time is beyond its day")
    value = (_EPOCH + span).time()
    if len(data) == _SPAN.size:
        return value
    offset = _read_span(data, _SPAN.size)
    name = data[2 * _SPAN.size :].decode()
    return value.replace(tzinfo=_zone(name) if name else timezone(offset))


def _pack_span(value: timedelta) -> bytes:
    return _SPAN.pack(value.days, value.seconds, value.microseconds)


def _read_span(data: bytes, offset: int = 0) -> timedelta:
    days, seconds, microseconds = _SPAN.unpack_from(data, offset)
    if seconds >= 86_400 or microseconds >= 1_000_000:
        raise ValueError("a duration is not normalized")
    return timedelta(days, seconds, microseconds)


def _zone_name(zone: tzinfo | None) -> str:
    """Returns the IANA name of a time zone of ``zoneinfo`` or ``pytz``; empty for other zones."""
    for attribute in ("key", "zone"):
        name = getattr(zone, attribute, None)
        if isinstance(name, str):
            return name
    return ""


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # This machine does not have the zone; the offset still determines the moment and the wall-clock time.
        return None


def _check_subclass(value: Any) -> None:
    if value != value:  # noqa: PLR0124 - only pandas.NaT differs from itself
        raise UnsendableError("NaT", "send None")
    # A pandas.Timestamp has 64 bits for the count of its unit.
    if not MINYEAR <= value.year <= MAXYEAR:
        raise UnsendableError("a timestamp outside the years 1 to 9999", "send value.isoformat()")
    if getattr(value, "nanosecond", 0):
        raise UnsendableError(
            "a timestamp with nanoseconds", 'send value.isoformat(), which keeps them, or value.round("us")'
        )
