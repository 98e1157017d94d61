"""The records that a worker has not sent yet, in memory that outlives it."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from typing import Final

_SUFFIX: Final = ".unsent"
_AREA_BYTES: Final = 32 * 1024
_HEADER_BYTES: Final = 4096
_FILE_BYTES: Final = _HEADER_BYTES + 2 * _AREA_BYTES
_ENTRY_BYTES: Final = 16
_LENGTHS: Final = (2, 6)
"""The lengths of the areas, as indices of 32-bit integers."""


class UnsentRecords:
    """Records that are sent with a later one, in a mapped file that the host can read.

    One system call for several records costs a worker and its host less than one for each. But what a process keeps in
    its own memory is lost when it dies, and late when it does something else first. So the records are the next bytes
    of the connection, wherever the host takes them from: the socket, or this file, when nothing arrives for a while or
    the connection has ended.

    The file has a header with two entries and two areas. An entry is the position of the first byte of its area in the
    data of the connection (64 bits) and the number of its bytes (32 bits), both in the byte order of the machine. The
    records of one system call are in one area, and those of the next one in the other area, so the host can read an
    area while the worker fills the next one.

    Not thread-safe: the transport calls it under its lock.
    """

    __slots__ = ("_area", "_end", "_length_at", "_lengths", "_limit", "_map", "_path", "_positions", "_start", "name")

    def __init__(self, path: str, mapped: mmap.mmap) -> None:
        header = memoryview(mapped)[: 2 * _ENTRY_BYTES]
        self._map = mapped
        self._positions = header.cast("Q")
        self._lengths = header.cast("I")
        self._area = 0
        self._length_at = _LENGTHS[0]
        self._start = self._end = _HEADER_BYTES
        """The part of the area that is filled."""
        self._limit = _HEADER_BYTES + _AREA_BYTES
        self._path = path
        self.name = os.path.basename(path)  # noqa: PTH119 (pathlib would be imported at the start of every worker)
        """The name of the file in the directory of the socket."""

    @staticmethod
    def create(socket_path: str) -> UnsentRecords | None:
        """Creates the file next to the host's socket.

        Returns:
            ``None`` when that is not possible; each record is then sent at once.
        """
        path = os.path.join(os.path.dirname(socket_path), os.urandom(8).hex() + _SUFFIX)  # noqa: PTH118, PTH120
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            return None
        try:
            # Written, not truncated to this size: on a full disk, the first access to a hole would end the process.
            if os.write(descriptor, bytes(_FILE_BYTES)) == _FILE_BYTES:
                return UnsentRecords(path, mmap.mmap(descriptor, _FILE_BYTES))
        except OSError:
            pass
        finally:
            os.close(descriptor)
        _unlink(path)
        return None

    def discard(self) -> None:
        """Removes the file of a worker whose host does not read it."""
        _unlink(self._path)

    def add(self, record: bytes, position: int) -> bool:
        """Adds a record.

        Args:
            record: the record.
            position: the number of bytes that were sent on the connection.

        Returns:
            ``False`` when the area is full.
        """
        start = self._end
        end = start + len(record)
        if end > self._limit:
            return False
        if start == self._start:
            # In this order: an entry with the length of older records must not have the new position.
            self._lengths[self._length_at] = 0
            self._positions[2 * self._area] = position
        self._map[start:end] = record
        self._lengths[self._length_at] = end - self._start
        self._end = end
        return True

    def take(self) -> bytes:
        """Returns the records, which must be sent next. They stay in the file while the other area is filled."""
        if self._end == self._start:
            return b""
        records = self._map[self._start : self._end]
        self._area = 1 - self._area
        self._length_at = _LENGTHS[self._area]
        self._start = self._end = _HEADER_BYTES + self._area * _AREA_BYTES
        self._limit = self._start + _AREA_BYTES
        return records


def _unlink(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108
