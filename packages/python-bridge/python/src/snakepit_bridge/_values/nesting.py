"""The nesting of encoded values, which is limited before they are decoded.

ormsgpack decodes recursively, on the C stack, up to 1,024 containers deep. The content of a set or map is decoded by a
nested call, which starts to count again: without a limit of all calls together, a body of 20 KB exhausts the stack and
ends the process.
"""

from __future__ import annotations

from typing import Final

_FREE_LEVELS: Final = 4
"""Sets and maps that may be nested without a check. A container takes 600 bytes of the stack, so all that may be nested
takes at most 3 of the usual 8 megabytes.
"""

_MAX_CHECKED_BYTES: Final = 1 << 24
"""The number of bytes that are checked in one value, since each level is checked with all levels in it."""

_MAX_DEPTH: Final = 1_000
"""The maximum nesting of containers below the free levels. Senders nest at most 255."""

_SIZES: Final = {
    **dict.fromkeys((0xCC, 0xD0), 1),
    **dict.fromkeys((0xCD, 0xD1), 2),
    **dict.fromkeys((0xCA, 0xCE, 0xD2), 4),
    **dict.fromkeys((0xCB, 0xCF, 0xD3), 8),
    **{0xD4 + power: 1 + (1 << power) for power in range(5)},
}
"""The number of bytes after the marker of values with a fixed size."""

_LENGTH_BYTES: Final = {
    **dict.fromkeys((0xC4, 0xD9), (1, 0)),
    **dict.fromkeys((0xC5, 0xDA), (2, 0)),
    **dict.fromkeys((0xC6, 0xDB), (4, 0)),
    0xC7: (1, 1),
    0xC8: (2, 1),
    0xC9: (4, 1),
}
"""The number of bytes of the length of binary data, strings and extensions, and of the type that follows it."""

_CONTAINERS: Final = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
"""The number of bytes of the length of arrays and maps, and of values for each element."""


class NestingLimit:
    """Limits the nesting of the sets and maps of one value, with all that they contain."""

    __slots__ = ("_checked_bytes", "_depths")

    def __init__(self) -> None:
        """Creates the limit, outside of all sets and maps."""
        self._depths: list[int] = []
        self._checked_bytes = 0

    def enter(self, data: bytes) -> None:
        """Enters a set or map.

        Args:
            data: its encoded content.

        Raises:
            ValueError: it is nested too deeply.
        """
        depth = 0
        if len(self._depths) >= _FREE_LEVELS:
            self._checked_bytes += len(data)
            if self._checked_bytes > _MAX_CHECKED_BYTES:
                raise ValueError(f"sets and maps that are nested deeper than {_FREE_LEVELS} levels are too large")
            depth = container_depth(data)
            if depth + sum(self._depths) > _MAX_DEPTH:
                raise ValueError(f"containers are nested deeper than {_MAX_DEPTH}")
        self._depths.append(depth)

    def leave(self) -> None:
        """Leaves the set or map that was entered last."""
        self._depths.pop()


def container_depth(data: bytes) -> int:
    """Returns the nesting of the arrays and maps in encoded data, without those in extensions.

    Reads malformed data up to the point where its decoder stops too.
    """
    open_values: list[int] = []
    """The number of values that each open container still has."""
    depth = at = 0
    end = len(data)
    while at < end:
        marker = data[at]
        at += 1
        values = 0
        if 0x80 <= marker < 0xA0:
            values = (marker & 0x0F) * (1 if marker >= 0x90 else 2)
        elif 0xA0 <= marker < 0xC0:
            at += marker & 0x1F
        elif marker in _SIZES:
            at += _SIZES[marker]
        elif marker in _LENGTH_BYTES:
            size, kind_bytes = _LENGTH_BYTES[marker]
            at += size + kind_bytes + int.from_bytes(data[at : at + size], "big")
        elif marker in _CONTAINERS:
            size, factor = _CONTAINERS[marker]
            values = factor * int.from_bytes(data[at : at + size], "big")
            at += size
        if open_values:
            open_values[-1] -= 1
        if values:
            open_values.append(values)
            depth = max(depth, len(open_values))
        while open_values and not open_values[-1]:
            open_values.pop()
    return depth
