"""Reads the file of unsent records as frames.proto documents it, for tests."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

HEADER_BYTES = 4096
AREA_BYTES = 32_768
FILE_BYTES = HEADER_BYTES + 2 * AREA_BYTES


@dataclass(frozen=True)
class Area:
    """Bytes of the connection, and the position of the first of them."""

    position: int
    data: bytes


def read_areas(path: Path) -> tuple[Area, Area]:
    """Returns the content of both areas."""
    content = path.read_bytes()
    assert len(content) == FILE_BYTES

    def area(index: int) -> Area:
        position, length, unused = struct.unpack_from("=QII", content, 16 * index)
        assert length <= AREA_BYTES
        assert unused == 0
        start = HEADER_BYTES + AREA_BYTES * index
        return Area(position, content[start : start + length])

    return area(0), area(1)


def bytes_from(path: Path, position: int) -> bytes:
    """Returns the bytes of the connection from a position on that are in the file."""
    for area in read_areas(path):
        if area.position <= position < area.position + len(area.data):
            return area.data[position - area.position :]
    return b""
