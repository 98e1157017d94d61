"""The notation in which the shared vectors describe values; ``docs/values.md`` explains it."""

from __future__ import annotations

import itertools
import struct
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from snakepit_bridge._values import Unsendable

Notation = Any


def from_notation(notation: Notation) -> Any:
    """Creates the value that a notation describes."""
    if notation is None or isinstance(notation, (bool, str)):
        return notation
    ((kind, content),) = notation.items()
    return _BUILDERS[kind](content)


def to_notation(value: Any) -> Notation:
    """Describes a decoded value."""
    if value is None or type(value) in {bool, str}:
        return value
    kind = type(value)
    if kind is np.ndarray:
        return {"ndarray": _describe_array(value)}
    name, describe = _DESCRIPTIONS[kind]
    return {name: describe(value)}


def from_hex(text: str) -> bytes:
    """Parses groups of hexadecimal digits, such as ``c53fff 07*16383``."""
    groups = (group.partition("*") for group in text.split())
    return b"".join(bytes.fromhex(digits) * int(times or 1) for digits, _, times in groups)


def to_hex(data: bytes) -> str:
    """Formats bytes as hexadecimal digits, runs of more than 63 equal ones as ``07*64``."""
    groups: list[str] = []
    rest = ""
    for value, run in itertools.groupby(data):
        length = len(list(run))
        if length < 64:
            rest += f"{value:02x}" * length
            continue
        groups += [rest] if rest else []
        groups.append(f"{value:02x}*{length}")
        rest = ""
    return " ".join([*groups, rest] if rest else groups)


def _build_ndarray(content: Any) -> np.ndarray[Any, Any]:
    dtype = np.dtype(content["dtype"]).newbyteorder("<")
    return np.frombuffer(from_hex(content["data"]), dtype).reshape(content["shape"])


def _describe_array(value: np.ndarray[Any, Any]) -> Notation:
    data = value.astype(value.dtype.newbyteorder("<")).tobytes()
    return {"dtype": value.dtype.name, "shape": list(value.shape), "data": to_hex(data)}


def _build_datetime(content: str) -> datetime:
    text, _, zone = content.rstrip("]").partition("[")
    value = datetime.fromisoformat(text)
    if not zone:
        return value
    for fold in (0, 1):
        zoned = value.replace(tzinfo=ZoneInfo(zone), fold=fold)
        if zoned.utcoffset() == value.utcoffset():
            return zoned
    return value.replace(tzinfo=timezone(value.utcoffset() or timedelta(), zone))


def _describe_datetime(value: datetime) -> str:
    zone = f"[{value.tzinfo.key}]" if isinstance(value.tzinfo, ZoneInfo) else ""
    return value.isoformat(timespec="microseconds") + zone


def _build_time(content: str) -> time:
    text, _, zone = content.rstrip("]").partition("[")
    return time.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) if zone else time.fromisoformat(text)


def _describe_time(value: time) -> str:
    zone = f"[{value.tzinfo.key}]" if isinstance(value.tzinfo, ZoneInfo) else ""
    return value.isoformat() + zone


def _double(content: str) -> float:
    number: float = struct.unpack(">d", bytes.fromhex(content))[0]
    return number


def _hex(number: float) -> str:
    return struct.pack(">d", number).hex()


_BUILDERS: dict[str, Any] = {
    "bytes": from_hex,
    "int": int,
    "float": _double,
    "array": lambda content: [from_notation(element) for element in content],
    "map": lambda content: {_frozen(from_notation(key)): from_notation(value) for key, value in content},
    "set": lambda content: {_frozen(from_notation(element)) for element in content},
    "uuid": uuid.UUID,
    "decimal": Decimal,
    "complex": lambda content: complex(_double(content[0]), _double(content[1])),
    "datetime": _build_datetime,
    "date": date.fromisoformat,
    "time": _build_time,
    "timedelta": lambda content: timedelta(*content),
    "ndarray": _build_ndarray,
    "unsendable": Unsendable,
}


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(element) for element in value)
    return frozenset(value) if isinstance(value, set) else value


_DESCRIPTIONS: dict[type, Any] = {
    int: ("int", str),
    float: ("float", _hex),
    bytes: ("bytes", to_hex),
    list: ("array", lambda value: [to_notation(element) for element in value]),
    tuple: ("array", lambda value: [to_notation(element) for element in value]),
    dict: ("map", lambda value: [[to_notation(key), to_notation(entry)] for key, entry in value.items()]),
    set: ("set", lambda value: [to_notation(element) for element in value]),
    frozenset: ("set", lambda value: [to_notation(element) for element in value]),
    uuid.UUID: ("uuid", str),
    Decimal: ("decimal", str),
    complex: ("complex", lambda value: [_hex(value.real), _hex(value.imag)]),
    datetime: ("datetime", _describe_datetime),
    date: ("date", date.isoformat),
    time: ("time", _describe_time),
    timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    Unsendable: ("unsendable", lambda value: value.what),
}
