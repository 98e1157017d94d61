"""The part of MessagePack that a client without a library needs.

See https://github.com/msgpack/msgpack/blob/master/spec.md.
"""

from __future__ import annotations

import struct


def pack(value: object) -> bytes:
    """Encodes a value of booleans, small integers, floats, strings, lists and maps, each in its longest form."""
    match value:
        case None:
            packed = b"\xc0"
        case bool():
            packed = b"\xc3" if value else b"\xc2"
        case int():
            packed = struct.pack(">Bq", 0xD3, value)
        case float():
            packed = struct.pack(">Bd", 0xCB, value)
        case str():
            packed = struct.pack(">BI", 0xDB, len(value.encode())) + value.encode()
        case list():
            packed = struct.pack(">BI", 0xDD, len(value)) + b"".join(map(pack, value))
        case dict():
            parts = (part for entry in value.items() for part in entry)
            packed = struct.pack(">BI", 0xDF, len(value)) + b"".join(map(pack, parts))
        case _:
            raise TypeError(type(value))
    return packed


def unpack(data: bytes) -> object:
    """Decodes a value."""
    value, end = _read(data, 0)
    assert end == len(data)
    return value


_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_NUMBERS = {
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_STRINGS = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
_LISTS = {0xDC: ">H", 0xDD: ">I"}
_MAPS = {0xDE: ">H", 0xDF: ">I"}


def _read(data: bytes, at: int) -> tuple[object, int]:
    kind = data[at]
    at += 1
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], at
    if kind < 0x80 or kind >= 0xE0:
        return (kind if kind < 0x80 else kind - 0x100), at
    if kind in _NUMBERS:
        return _unpacked(_NUMBERS[kind], data, at)
    if kind in _STRINGS or 0xA0 <= kind < 0xC0:
        length, at = _unpacked(_STRINGS[kind], data, at) if kind in _STRINGS else (kind & 0x1F, at)
        return data[at : at + length].decode(), at + length
    if kind in _LISTS or 0x90 <= kind < 0xA0:
        length, at = _unpacked(_LISTS[kind], data, at) if kind in _LISTS else (kind & 0x0F, at)
        return _read_several(data, at, length)
    length, at = _unpacked(_MAPS[kind], data, at) if kind in _MAPS else (kind & 0x0F, at)
    parts, at = _read_several(data, at, 2 * length)
    return dict(zip(parts[::2], parts[1::2], strict=True)), at


def _read_several(data: bytes, at: int, count: int) -> tuple[list[object], int]:
    parts = []
    for _ in range(count):
        part, at = _read(data, at)
        parts.append(part)
    return parts, at


def _unpacked(form: str, data: bytes, at: int) -> tuple[int, int]:
    (value,) = struct.unpack_from(form, data, at)
    return value, at + struct.calcsize(form)
