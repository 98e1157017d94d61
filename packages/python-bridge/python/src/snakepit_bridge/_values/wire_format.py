"""The MessagePack extension types of Snakepit and the limits of values, as documented in ``docs/values.md``.

Also the intermediate forms of values that MessagePack does not support, before they are encoded.
"""

from __future__ import annotations

from typing import Any, Final

OUT_OF_BAND_BYTES: Final = 1
BIG_INTEGER: Final = 2
SET: Final = 3
MAP: Final = 4
UUID: Final = 5
DECIMAL: Final = 6
COMPLEX: Final = 7
AWARE_DATETIME: Final = 8
NAIVE_DATETIME: Final = 9
DATE: Final = 10
TIME: Final = 11
TIME_DELTA: Final = 12
NDARRAY: Final = 13
UNSENDABLE: Final = 14

MAX_DEPTH: Final = 255
"""The maximum nesting depth of containers: the limit of ormsgpack."""

MIN_OUT_OF_BAND_BYTES: Final = 16 * 1024
"""Binary data of at least this many bytes is sent next to the body, without a copy."""


class Nested:
    """An extension that contains other values."""

    __slots__ = ("items", "tag")

    def __init__(self, tag: int, items: list[Any]) -> None:
        self.tag = tag
        self.items = items


class Block:
    """An array: its header and its elements, which are sent in the body or out of band."""

    __slots__ = ("data", "header")

    def __init__(self, header: bytes, data: memoryview) -> None:
        self.header = header
        self.data = data


class LargeBytes:
    """Bytes that are sent out of band."""

    __slots__ = ("data",)

    tag = OUT_OF_BAND_BYTES

    def __init__(self, data: memoryview) -> None:
        self.data = data
