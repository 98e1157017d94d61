"""The MessagePack extension types of Snakepit; ``docs/values.md`` has the layout of each."""

from __future__ import annotations

from typing import Final

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
