"""The MessagePack extension types of Snakepit and the limits of values, as documented in ``docs/values.md``."""

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

MAX_DEPTH: Final = 255
"""The maximum nesting depth of containers: the limit of ormsgpack."""

MIN_OUT_OF_BAND_BYTES: Final = 16 * 1024
"""Binary data of at least this many bytes is sent next to the body, without a copy."""
