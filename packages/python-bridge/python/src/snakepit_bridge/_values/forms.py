"""Intermediate forms of values that MessagePack does not support, before they are encoded."""

from __future__ import annotations

from typing import Any

from . import wire_format


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

    tag = wire_format.OUT_OF_BAND_BYTES

    def __init__(self, data: memoryview) -> None:
        self.data = data
