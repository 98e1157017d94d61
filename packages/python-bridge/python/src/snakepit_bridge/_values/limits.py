"""Bounds of what is sent and received."""

from __future__ import annotations

from typing import Final

MAX_DEPTH: Final = 255
"""Containers that are nested at most: what ormsgpack allows."""

OUT_OF_BAND_BYTES: Final = 16 * 1024
"""Binary data of at least this many bytes travels beside the body, where it is not copied."""
